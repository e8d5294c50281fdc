"""A large user's vectors get an HNSW index of their own, which follows every write and goes with its rows."""

from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.core.ids import new_id
from app.core.security import Principal
from app.db.memory_rows import NewEmbedding
from app.db.repositories.memories import memories
from app.db.repositories.platform import users
from app.db.repositories.search import ann_indexes as index
from app.db.user_session import UserSession
from app.resources import Resources
from app.services.portability import erasure as erasing
from app.services.search import ann_indexes
from tests.conftest import principal_of

COUNT = 300


class Vectors:
    """Users' random unit vectors in `embeddings`."""

    def __init__(self, resources: Resources, tenant: str) -> None:
        self.resources, self.tenant = resources, tenant
        self.model = resources.active_embedder
        self.chance = np.random.default_rng(3)
        self.held: dict[str, dict[UUID, tuple[bool, np.ndarray]]] = {}

    def unit(self) -> np.ndarray:
        vector = self.chance.standard_normal(self.model.dimensions)
        return (vector / np.linalg.norm(vector)).astype(np.float16).astype(np.float32)

    def write(self, user: str, *ids: UUID) -> None:
        """New vectors for these rows, every third of them a memory."""
        with self.resources.open_transaction(Principal(self.tenant)) as session:
            users.ensure_tenant(session, self.tenant)
            revision = users.next_revision(UserSession(session, self.tenant, user))
            held = self.held.setdefault(user, {})
            held |= {row_id: (number % 3 != 0, self.unit()) for number, row_id in enumerate(ids)}
            rows = [NewEmbedding(self.tenant, i, self.model.model_id, user, *held[i], revision) for i in ids]
            memories.insert_embeddings(session, rows)

    def delete(self, user: str, *ids: UUID) -> None:
        with self.resources.open_transaction(Principal(self.tenant)) as session:
            memories.delete_embeddings(session, self.tenant, ids)
        for row_id in ids:
            del self.held[user][row_id]

    def exact(self, user: str, query: np.ndarray, of_turn: bool, count: int) -> list[UUID]:
        found = [(float(v @ query), i) for i, (turn, v) in self.held[user].items() if turn is of_turn]
        return [row_id for _, row_id in sorted(found, reverse=True)[:count]]

    def nearest(self, user: str, query: np.ndarray, of_turn: bool, count: int) -> list[UUID]:
        with self.resources.open_transaction(Principal(self.tenant)) as session:
            of_user = UserSession(session, self.tenant, user)
            found = index.find_nearest_ids(of_user, self.model.model_id, query, of_turn=of_turn, count=count)
        return [UUID(bytes=row_id) for row_id in found]

    def scanned(self, user: str, query: np.ndarray, turns: int, memories: int) -> list[list[UUID]]:
        with self.resources.open_transaction(Principal(self.tenant)) as session:
            of_user = UserSession(session, self.tenant, user)
            with index.scan_nearest_ids(of_user, self.model.model_id, query, turns, memories) as ids:
                found = ids()
            assert session.execute(text("SELECT 1")).scalar_one() == 1
        return [[UUID(bytes=part[at : at + 16]) for at in range(0, len(part), 16)] for part in found]

    def check(self, user: str = "ann") -> None:
        """What the index finds is what there is."""
        for of_turn in (True, False):
            query = self.unit()
            everything = self.exact(user, query, of_turn, COUNT)
            assert set(self.nearest(user, query, of_turn, COUNT)) == set(everything)
            assert self.nearest(user, query, of_turn, 10) == everything[:10]
        both = [self.exact(user, query, True, 7), self.exact(user, query, False, 5)]
        assert self.scanned(user, query, 7, 5) == both


@pytest.fixture
def vectors(resources: Resources, tenant: str) -> Vectors:
    made = Vectors(resources, tenant)
    made.write("ann", *(new_id() for _ in range(COUNT)))
    made.write("bob", *(new_id() for _ in range(5)))
    return made


@pytest.fixture
def built(vectors: Vectors) -> Vectors:
    assert ann_indexes.build_ann_index_if_large(vectors.resources, vectors.tenant, "ann", above=COUNT - 1)
    return vectors


def partitions(owner: Engine, tenant: str) -> int:
    sql = (
        "SELECT count(DISTINCT e.user_id) FROM embeddings e JOIN pg_inherits ON inhrelid = to_regclass("
        "'memcubed_far.far_' || memcubed_far_scope(e.tenant_id, e.user_id, e.model_id))"
        " WHERE e.tenant_id = :t"
    )
    with owner.connect() as connection:
        return connection.execute(text(sql), {"t": tenant}).scalar_one()


def stored(owner: Engine, tenant: str) -> int:
    sql = text("SELECT count(*) FROM far_vectors WHERE tenant_id = :t")
    with owner.connect() as connection:
        return connection.execute(sql, {"t": tenant}).scalar_one()


class TestBuild:
    def test_is_for_users_above_the_limit_and_once(self, built: Vectors, owner, tenant):
        assert ann_indexes.build_ann_index_if_large(built.resources, tenant, "ann", above=COUNT - 1)
        assert not ann_indexes.build_ann_index_if_large(built.resources, tenant, "bob", above=COUNT - 1)
        assert partitions(owner, tenant) == 1
        assert stored(owner, tenant) == COUNT

    def test_finds_the_nearest(self, built: Vectors):
        built.check()

    @pytest.mark.parametrize("of_turn", [True, False])
    def test_the_planner_takes_the_index(self, built: Vectors, of_turn: bool):
        # Sorting so few rows would be cheaper, so that way is closed; no other index can give their order.
        values = {"tenant": built.tenant, "user": "ann", "model": built.model.model_id, "count": 10}
        values["vector"] = str(built.unit().tolist())
        with built.resources.open_transaction(Principal(built.tenant)) as session:
            session.execute(text("SET LOCAL enable_sort = off"))
            sql = f"EXPLAIN {index.nearest_sql(built.model.dimensions, of_turn)}"
            plan = "\n".join(session.execute(text(sql), values).scalars())
        assert "Index Scan using far_" in plan
        assert "Order By: ((vector)::halfvec(384) <=>" in plan
        assert plan.count("Scan") == 1  # one partition, and nothing sorted

    def test_is_not_for_another_tenant(self, vectors: Vectors):
        with (
            pytest.raises(DBAPIError, match="another tenant"),
            vectors.resources.open_transaction(principal_of("t-other")) as session,
        ):
            index.build_ann_index(
                UserSession(session, vectors.tenant, "ann"), vectors.model.model_id, vectors.model.dimensions
            )

    def test_another_tenant_finds_nothing(self, built: Vectors):
        with built.resources.open_transaction(principal_of("t-other")) as session:
            ann, model_id = UserSession(session, built.tenant, "ann"), built.model.model_id
            assert not index.find_nearest_ids(ann, model_id, built.unit(), of_turn=True, count=10)


class TestAfterwards:
    def test_follows_what_is_written_and_deleted(self, built: Vectors, owner, tenant):
        held = list(built.held["ann"])
        built.write("ann", *held[:20], *(new_id() for _ in range(30)))
        built.delete("ann", *held[10:40])
        built.write("bob", new_id())
        built.check()
        assert stored(owner, tenant) == COUNT

    def test_goes_with_its_user(self, built: Vectors, owner, tenant):
        receipt = erasing.erase_user(built.resources, principal_of(tenant), "ann")
        assert (receipt.rows["far_vectors"], receipt.remaining) == (COUNT, 0)
        ann_indexes.prune_ann_indexes(built.resources, least=1)
        with owner.connect() as connection:
            sql = "SELECT memcubed_has_far(:t, 'ann', :m)"
            held = connection.execute(text(sql), {"t": tenant, "m": built.model.model_id}).scalar_one()
        assert not held

    def test_erasure_leaves_no_vector_even_by_the_cascade_alone(self, built: Vectors, owner, tenant):
        with built.resources.open_transaction(principal_of(tenant)) as session:
            users.delete_user(UserSession(session, tenant, "ann"))
        assert stored(owner, tenant) == 0

    def test_is_dropped_when_the_user_shrinks(self, built: Vectors, owner, tenant):
        ann_indexes.prune_ann_indexes(built.resources, least=COUNT)
        assert partitions(owner, tenant) == 1
        built.delete("ann", next(iter(built.held["ann"])))
        ann_indexes.prune_ann_indexes(built.resources, least=COUNT)
        assert partitions(owner, tenant) == 0

    def test_the_partition_can_not_be_read_past_the_policy(self, built: Vectors):
        with built.resources.open_transaction(principal_of(built.tenant)) as session:
            sql = "SELECT 'memcubed_far.far_' || memcubed_far_scope(:t, 'ann', :m)"
            name = session.execute(text(sql), {"t": built.tenant, "m": built.model.model_id}).scalar_one()
            with pytest.raises(DBAPIError, match="permission denied for schema memcubed_far"):
                session.execute(text(f"SELECT count(*) FROM {name}"))
            session.rollback()
