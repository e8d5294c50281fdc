"""SQL and the evaluator agree on which rows fulfil a condition, on what is found by chance."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.core.vocabulary import LinkType
from app.db import models
from app.db.repositories.search import metadata_filters
from app.db.user_session import UserSession
from app.memory.metadata_filters import AllOf, AnyOf, Comparison, Condition, Not, Operator, matches
from app.resources import Resources
from tests.conftest import make_key, principal_of

KEYS = ["a", "b", "ключ", "a.b", "0", "$", "e\u0301", "\u00e9", "'; --", "%s", ":x", "\\"]
TEXTS = [*"aAb'%\\", "", "ab", "10", "9", "é", "e\u0301", "北京", "𝒳", "\uffff", "null", "true"]

NUMBERS = [0, 1, -1, 1.0, 0.1, 1.5, 10, 9, 2**53, 2**53 + 1, 2**64 - 1, -(2**63), 1e300, 5e-324, -1e-9, 1e23]
SCALARS = [None, True, False, *TEXTS, *NUMBERS]

_AT = datetime(2026, 3, 2, tzinfo=UTC)
_TURN = {"observed_at": _AT, "job_id": UUID(int=1)}
_MEMORY = {"kind": "fact", "form": "event", "status": "activated", "content": "x", "origin": "user"}


class Chance:
    """Values and conditions by chance from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, depth: int = 2) -> Any:
        pick = self.random.random()
        if depth and pick < 0.15:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 3))]
        if depth and pick < 0.35:
            return self.metadata(depth - 1)
        return self.random.choice(SCALARS)

    def metadata(self, depth: int = 2) -> dict[str, Any]:
        return {key: self.value(depth) for key in self.random.sample(KEYS, self.random.randint(0, 4))}

    def comparison(self) -> Comparison:
        operator = self.random.choice(list(Operator))
        path = tuple(self.random.choices(KEYS, k=self.random.choice([1, 1, 1, 2, 3])))
        match operator:
            case Operator.EXISTS:
                return Comparison(path, operator)
            case Operator.EQ:
                return Comparison(path, operator, self.value())
            case Operator.IN:
                return Comparison(path, operator, [self.value() for _ in range(self.random.randint(1, 4))])
            case Operator.CONTAINS:
                return Comparison(path, operator, self.random.choice(SCALARS))
            case _:
                return Comparison(path, operator, self.random.choice([*TEXTS, *NUMBERS]))

    def condition(self, depth: int = 3) -> Condition:
        pick = self.random.random() if depth else 1
        if pick < 0.2:
            return Not(self.condition(depth - 1))
        if pick < 0.5:
            parts = tuple(self.condition(depth - 1) for _ in range(self.random.randint(1, 3)))
            return AllOf(parts) if pick < 0.35 else AnyOf(parts)
        return self.comparison()


class Rows:
    """Turns and memories of one user; some memories are stated by turns, some derived from others."""

    def __init__(self, user: UserSession, chance: Chance) -> None:
        self.user = user
        of_user = {"tenant_id": user.tenant_id, "user_id": user.user_id}
        add = user.session.add
        add(models.User(**of_user))
        user.session.flush()
        self.turns = {new_id(): chance.metadata() for _ in range(60)}
        self.memories = {new_id(): chance.metadata() for _ in range(60)}
        for place, (turn_id, metadata) in enumerate(self.turns.items()):
            text = {"role": "user", "content": "x", "content_hash": b"", "session_id": "s", "position": place}
            add(models.Turn(**of_user, **text, id=turn_id, metadata_=metadata, **_TURN, revision=1))
        for place, (memory_id, metadata) in enumerate(self.memories.items()):
            values = _MEMORY | {"content_hash": memory_id.bytes, "revision": 1}
            values |= {"kind": "insight"} if place >= 45 else {}
            add(models.Memory(**of_user, id=memory_id, metadata_=metadata, **values))
        user.session.flush()
        self.inherited: dict[UUID, list[dict[str, Any]]] = {one: [] for one in self.memories}
        ids, turn_ids = list(self.memories), list(self.turns)
        for memory_id in ids[:45]:
            for turn_id in chance.random.sample(turn_ids, chance.random.randint(0, 2)):
                polarity = chance.random.choice([1, 1, -1])
                row = {"id": new_id(), "memory_id": memory_id, "turn_id": turn_id, "polarity": polarity}
                add(models.Assertion(**of_user, **row, origin="user", asserted_at=_AT))
                if polarity > 0:
                    self.inherited[memory_id].append(self.turns[turn_id])
        for place in range(45, 60):  # each from earlier ones, so that some are two or more steps away
            for source in chance.random.sample(ids[max(0, place - 8) : place], 2):
                link = {"source_id": ids[place], "target_id": source, "type": LinkType.DERIVED_FROM}
                add(models.Link(**of_user, **link, created_by="test", weight=1.0))
                self.inherited[ids[place]] += [self.memories[source], *self.inherited[source]]
        user.session.flush()


@contextmanager
def rows_of(resources: Resources, seed: int) -> Iterator[tuple[Rows, Chance]]:
    """Rows by chance in a tenant of their own."""
    tenant, chance = f"t-{uuid4().hex[:12]}", Chance(seed)
    make_key(resources, tenant)  # makes the tenant
    session: Session
    with resources.open_transaction(principal_of(tenant)) as session:
        yield Rows(UserSession(session, tenant, "ann"), chance), chance
        session.rollback()


@pytest.mark.parametrize("seed", range(4))
def test_sql_and_the_evaluator_agree(resources: Resources, seed: int):
    with rows_of(resources, seed) as (rows, chance):
        session, found = rows.user.session, [0, 0]
        for _ in range(100):
            condition = chance.condition()
            turns = set(
                session.execute(
                    select(models.Turn.id).where(
                        models.Turn.tenant_id == rows.user.tenant_id, metadata_filters.turn_matches(condition)
                    )
                ).scalars()
            )
            assert turns == {i for i, own in rows.turns.items() if matches(condition, own)}, condition
            expected = {i for i, own in rows.memories.items() if matches(condition, own, rows.inherited[i])}
            loaded = metadata_filters.load_matching_rows(rows.user, condition)
            assert _split(loaded.turn_ids) == turns, condition
            assert _split(loaded.memory_ids) == expected, condition
            found[0] += 0 < len(turns) < len(rows.turns)
            found[1] += 0 < len(expected) < len(rows.memories)
        assert min(found) > 20, found  # conditions that tell rows apart, and do not pass all or none
        inherited = metadata_filters.load_inherited_metadata(rows.user, None, None)
        for memory_id, records in rows.inherited.items():
            assert _distinct(records) == _distinct(inherited.get(memory_id, ())), memory_id


def _split(ids: bytes) -> set[UUID]:
    return {UUID(bytes=ids[at : at + 16]) for at in range(0, len(ids), 16)}


def _distinct(records: Any) -> set[str]:
    return {json.dumps(one, sort_keys=True) for one in records if one}
