"""The database knows the operations and actors of versions; links of types that nothing made are no more."""

from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

OPS = (
    "'add','assert','deny','refine','enrich','contradict','supersede','fold','merge','edit','delete','erase',"
    "'freeze','unfreeze','pin','unpin','archive','restore','keep','resolve','dismiss','derive','stale',"
    "'settle','retag','rollback','other'"
)
KNOWN_ACTOR = (
    "actor IN ('extractor','consolidator','forgetting') OR actor LIKE 'key:_%' OR actor LIKE 'other:_%'"
)
LINKS = "'supersedes','contradicts','merged_into','derived_from','relates'"
UNUSED_LINKS = "'part_of','follows'"
CHECKS = (
    ("memory_versions", "ck_memory_versions_op", f"op IN ({OPS})"),
    ("memory_versions", "ck_memory_versions_actor", KNOWN_ACTOR),
    ("links", "ck_links_type", f"type IN ({LINKS})"),
)


def upgrade() -> None:
    # Each step by itself, so that no lock is held while a large table is read: a check that is not valid yet
    # holds for what is written from now on, and is then validated beside readers and writers. Any step may be
    # done twice, as when the process ended between two of them.
    with op.get_context().autocommit_block():
        for table, name, check in CHECKS:
            if table == "memory_versions":
                op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
                op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({check}) NOT VALID")
        # Only a bundle that the service did not write can have brought these.
        op.execute(
            f"UPDATE memory_versions SET op = CASE WHEN op IN ({OPS}) THEN op ELSE 'other' END,"  # noqa: S608
            f" actor = CASE WHEN {KNOWN_ACTOR} THEN actor ELSE 'other:' || coalesce(nullif(actor, ''), 'unnamed') END"
            f" WHERE op NOT IN ({OPS}) OR NOT ({KNOWN_ACTOR})"
        )
        op.execute(
            "INSERT INTO links (tenant_id, source_id, target_id, type, user_id, weight, created_by, at)"  # noqa: S608
            " SELECT tenant_id, source_id, target_id, 'relates', user_id, weight, created_by, at FROM links"
            f" WHERE type IN ({UNUSED_LINKS}) ON CONFLICT DO NOTHING"
        )
        op.execute(f"DELETE FROM links WHERE type IN ({UNUSED_LINKS})")  # noqa: S608
        op.execute("ALTER TABLE links DROP CONSTRAINT IF EXISTS ck_links_type")
        op.execute(f"ALTER TABLE links ADD CONSTRAINT ck_links_type CHECK (type IN ({LINKS})) NOT VALID")
        for table, name, _ in CHECKS:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    op.execute("ALTER TABLE memory_versions DROP CONSTRAINT ck_memory_versions_op")
    op.execute("ALTER TABLE memory_versions DROP CONSTRAINT ck_memory_versions_actor")
    op.execute("ALTER TABLE links DROP CONSTRAINT ck_links_type")
    op.execute(f"ALTER TABLE links ADD CONSTRAINT ck_links_type CHECK (type IN ({LINKS},{UNUSED_LINKS}))")
