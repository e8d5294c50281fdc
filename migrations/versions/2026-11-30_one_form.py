# ruff: noqa: S608 -- names of our own tables; what was stored is bound
"""Ids in their one form (trimmed, NFC), Idempotency-Keys of a user, and whose ids have another form still."""

import unicodedata
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0070"
branch_labels = None
depends_on = None

ROLE = "memcubed_service"
SIGNATURE = "memcubed_unusual_users(int)"
# Wider than the rules of the service, which looks at each: those rules are not for SQL.
UNUSUAL = f"""
CREATE FUNCTION {SIGNATURE.replace("int", "p_limit int")} RETURNS TABLE (tenant_id text, user_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.tenant_id, u.user_id FROM users u
  WHERE u.user_id !~ '^[!-~]([ -~]*[!-~])?$' OR u.user_id ~ '(^|/)[.][.]?(/|$)'
  ORDER BY 1, 2 LIMIT p_limit
$$"""
# Where a user is named; what hangs on the user's row moves after it.
OF_USER = (
    ("sessions", "user_id"),
    ("turns", "user_id"),
    ("embeddings", "user_id"),
    ("segments", "user_id"),
    ("jobs", "user_id"),
    ("memories", "user_id"),
    ("assertions", "user_id"),
    ("assertions", "owner_user_id"),
    ("memory_versions", "user_id"),
    ("links", "user_id"),
    ("derivations", "user_id"),
    ("feedback", "user_id"),
    ("snapshots", "user_id"),
    ("session_states", "user_id"),
    ("grants", "owner_user_id"),
    ("grants", "grantee_user_id"),
    ("api_keys", "user_id"),
    ("idempotency_keys", "user_id"),
)
OF_SESSION = ("sessions", "session_states", "turns", "segments", "jobs", "assertions")


def upgrade() -> None:
    op.drop_constraint("pk_idempotency_keys", "idempotency_keys")
    op.create_primary_key("pk_idempotency_keys", "idempotency_keys", ["tenant_id", "user_id", "key"])
    op.execute(UNUSUAL)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {ROLE}")
    _move_users()
    touched = _move_sessions() | _move_paths() | _mend("turns", "ref") | _mend("turns", "agent_id")
    for tenant, user in sorted(touched | _mend("memories", "agent_id")):
        # Every reader has the rows under their former names: it is to load them anew.
        _run("UPDATE users SET epoch = epoch + 1 WHERE tenant_id = :t AND user_id = :u", t=tenant, u=user)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    # The key is the tenant's again, so only one answer under it can stay: the oldest.
    op.execute(
        "DELETE FROM idempotency_keys k USING idempotency_keys o WHERE o.tenant_id = k.tenant_id"
        " AND o.key = k.key AND (o.created_at, o.user_id) < (k.created_at, k.user_id)"
    )
    op.drop_constraint("pk_idempotency_keys", "idempotency_keys")
    op.create_primary_key("pk_idempotency_keys", "idempotency_keys", ["tenant_id", "key"])


def _run(sql, **values):
    return op.get_bind().execute(sa.text(sql), values)


def _moves(columns, tables):
    """(columns …, the last one's one form) of the rows whose last column has another, but for collisions.

    Where two would have one form, or another row has it already, all stay as they are: whose rows are whose
    can't be told any more, and nobody's may become another's.
    """
    *within, name = columns.split(", ")
    rows = " UNION ".join(f"SELECT {columns} FROM {table}" for table in tables)
    sql = f"SELECT {columns} FROM ({rows}) r WHERE {name} IS NOT NFC NORMALIZED OR {name} ~ '^\\s|\\s$'"
    forms = defaultdict(list)
    for row in _run(sql).all():
        forms[(*row[:-1], unicodedata.normalize("NFC", row[-1].strip()))].append(row[-1])
    there = " AND ".join(f"{column} = :{column}" for column in (*within, name))
    for (*of, form), found in forms.items():
        if len(found) == 1 and form:
            values = dict(zip((*within, name), (*of, form), strict=True))
            if not _run(f"SELECT 1 FROM ({rows}) r WHERE {there} LIMIT 1", **values).first():
                yield (*of, found[0], form)


def _copied(table, column):
    """SQL that makes the row of :new like that of :old; `column` is the one that differs."""
    names = [
        row[0]
        for row in _run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = :table ORDER BY ordinal_position",
            table=table,
        )
    ]
    chosen = ", ".join(f"CAST(:new AS text) AS {name}" if name == column else name for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} FROM {table}"


def _move_users():
    """Give users their one form, in every table that names them."""
    for tenant, old, new in list(_moves("tenant_id, user_id", ["users"])):
        values = {"t": tenant, "old": old, "new": new}
        where = "WHERE tenant_id = :t AND user_id = :old"
        # The copies of vectors are filed under the former name, where nobody would find them any more.
        _run(
            "SELECT set_config('memcubed.tenant', :t, true), memcubed_clear_far(:t, :old)", t=tenant, old=old
        )
        _run(f"{_copied('users', 'user_id')} {where}", **values)
        for table, column in OF_USER:
            if (table, column) == ("assertions", "owner_user_id"):
                touched = f"SELECT DISTINCT user_id FROM {table} WHERE tenant_id = :t AND {column} = :old"
                for user in _run(touched, **values).scalars().all():
                    _run(
                        "UPDATE users SET epoch = epoch + 1 WHERE tenant_id = :t AND user_id = :u",
                        t=tenant,
                        u=user,
                    )
            _run(f"UPDATE {table} SET {column} = :new WHERE tenant_id = :t AND {column} = :old", **values)
        _run(f"{_copied('artifacts', 'user_id')} {where}", **values)
        _run(f"UPDATE artifact_versions SET user_id = :new {where}", **values)
        _run(f"DELETE FROM users {where}", **values)
    op.execute("SELECT set_config('memcubed.tenant', '', true)")


def _move_sessions():
    """Give sessions their one form; whose they are."""
    touched = set()
    for tenant, user, old, new in list(_moves("tenant_id, user_id, session_id", OF_SESSION[:2])):
        values = {"t": tenant, "u": user, "old": old, "new": new}
        where = "WHERE tenant_id = :t AND user_id = :u"
        for table in OF_SESSION:
            _run(f"UPDATE {table} SET session_id = :new {where} AND session_id = :old", **values)
        _run(f"UPDATE derivations SET key = :new {where} AND basis = 'session' AND key = :old", **values)
        touched.add((tenant, user))
    return touched


def _move_paths():
    """Give the paths of artifacts their one form; whose they are."""
    touched = set()
    for tenant, user, old, new in list(_moves("tenant_id, user_id, path", ["artifacts"])):
        values = {"t": tenant, "u": user, "old": old, "new": new}
        where = "WHERE tenant_id = :t AND user_id = :u AND path = :old"
        _run(f"{_copied('artifacts', 'path')} {where}", **values)
        _run(f"UPDATE artifact_versions SET path = :new {where}", **values)
        _run(f"DELETE FROM artifacts {where}", **values)
        _run(
            "UPDATE session_states SET state = jsonb_set(state, '{procedure,artifact}', to_jsonb(CAST(:new AS text)))"
            " WHERE tenant_id = :t AND user_id = :u AND state #>> '{procedure,artifact}' = :old",
            **values,
        )
        touched.add((tenant, user))
    return touched


def _mend(table, column):
    """Give a column of the rows themselves its one form; whose they are."""
    names = "tenant_id, user_id, session_id, ref" if column == "ref" else f"tenant_id, user_id, {column}"
    touched = set()
    if column == "ref":
        moves = list(_moves(names, [table]))
    else:
        # Many rows have one agent, and two forms of it may become one: an agent is no key.
        found = _run(
            f"SELECT DISTINCT {names} FROM {table} WHERE {column} IS NOT NFC NORMALIZED OR {column} ~ '^\\s|\\s$'"
        )
        moves = [(*row, unicodedata.normalize("NFC", row[-1].strip())) for row in found.all()]
    columns = names.split(", ")
    for move in moves:
        where = " AND ".join(f"{name} = :{name}" for name in columns)
        values = dict(zip(columns, move, strict=False))
        _run(f"UPDATE {table} SET {column} = :new WHERE {where}", **values, new=move[-1] or None)
        touched.add(move[:2])
    return touched
