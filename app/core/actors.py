"""The author of a version of a memory, as a value and in its stored form."""

from dataclasses import dataclass
from uuid import UUID

from app.core.vocabulary import ActorKind

_NAMED_KINDS = frozenset({ActorKind.KEY, ActorKind.OTHER})


@dataclass(frozen=True, slots=True)
class Actor:
    """A stage of the pipeline, named by its kind alone, or a key or another program, by kind and name.

    The stored form is the kind, or "kind:name"; the check constraint `ck_memory_versions_actor` allows the
    same forms. Raises `ValueError` when a name is missing or not allowed.
    """

    kind: ActorKind
    name: str | None = None

    def __post_init__(self) -> None:
        if (self.name is not None) != (self.kind in _NAMED_KINDS) or self.name == "":
            raise ValueError("a key and another program have a name, a stage of the pipeline has none")

    def __str__(self) -> str:
        return self.kind.value if self.name is None else f"{self.kind}:{self.name}"

    @classmethod
    def of_key(cls, key_id: UUID | None) -> "Actor":
        """Return the actor of the key that a client calls with."""
        return cls(ActorKind.KEY, str(key_id))

    @classmethod
    def parse(cls, stored: str) -> "Actor":
        """Parse a stored form. Raises `ValueError` when it is not valid."""
        kind, colon, name = stored.partition(":")
        if kind not in set(ActorKind):
            kinds = ", ".join(f"{one}:…" if one in _NAMED_KINDS else one for one in ActorKind)
            raise ValueError(f"an actor is one of {kinds}")
        return cls(ActorKind(kind), name if colon else None)
