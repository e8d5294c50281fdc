"""The actors of versions in their stored form."""

from uuid import UUID

import pytest

from app.core.actors import Actor
from app.core.vocabulary import ActorKind

KEY = UUID(int=7)


@pytest.mark.parametrize(
    ("actor", "stored"),
    [
        (Actor.of_key(KEY), f"key:{KEY}"),
        (Actor.of_key(None), "key:None"),
        (Actor(ActorKind.EXTRACTOR), "extractor"),
        (Actor(ActorKind.CONSOLIDATOR), "consolidator"),
        (Actor(ActorKind.FORGETTING), "forgetting"),
        (Actor(ActorKind.OTHER, "a: b"), "other:a: b"),
    ],
)
def test_an_actor_is_read_as_it_was_stored(actor: Actor, stored: str):
    assert str(actor) == stored
    assert Actor.parse(stored) == actor


NO_ACTORS = (
    "",
    ":",
    ":x",
    "key",
    "key:",
    "other",
    "other:",
    "Key:1",
    "KEY:1",
    " key:1",
    "key :1",
    "keys:1",
    "extractor:",
    "extractor:1",
    "Extractor",
    "extractor ",
    "consolidators",
    "forgetting\n",
    "root",
    "user",
    "system:1",
    "\u212aey:1",
)


@pytest.mark.parametrize("stored", NO_ACTORS)
def test_what_is_no_actor_is_refused(stored: str):
    with pytest.raises(ValueError, match=r"actor|name"):
        Actor.parse(stored)
