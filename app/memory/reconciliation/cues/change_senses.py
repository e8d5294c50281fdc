"""What a sign of change means: what it does, in which frame, and what must hold of what it changes."""

from dataclasses import dataclass

from app.core.vocabulary import ChangeKind

ANY_BEING, PETS_ONLY = "being", "pet"


@dataclass(frozen=True, slots=True)
class Sense:
    """What a sign of change means.

    Where `is_passive` the thing stands before the sign, else it follows. `topics` are attributes that the
    sign
    speaks of by itself ("laid off": employer); with `needs_object` it says nothing without a thing ("sold").
    `is_death` ends all that is told of who died; with `needs_living` only if the other statement tells that
    it is about a being of that kind. `needs_plan` and `needs_activity` say what else it can end.
    """

    kind: ChangeKind = ChangeKind.END
    topics: frozenset[str] = frozenset()
    is_passive: bool = False
    needs_object: bool = True
    is_death: bool = False
    is_plan: bool = False
    is_habit: bool = False
    is_possession: bool = False
    is_return: bool = False
    is_work: bool = False
    needs_living: str = ""
    needs_plan: bool = False
    needs_activity: bool = False
