"""A state that a sentence tells."""

from dataclasses import dataclass

from app.memory.reconciliation.states.holders import Holder
from app.memory.reconciliation.states.state_frames import Hold


@dataclass(frozen=True, slots=True)
class State:
    """That a holder has a value of a topic, by stems; `names` are those of the stems that are names.

    `old` are stems of the value before, where the sentence names it. `is_secondary` says that it is a state
    beside
    the main one, or one for a time. A described thing ("the vet") has its own `owner`, None if the sentence
    names none. Of a civil state the value is the name of the state, and `is_told` says that the sentence
    is about it, so that it can end.
    """

    topic: str
    hold: Hold
    holder: Holder
    value: frozenset[str]
    names: frozenset[str] = frozenset()
    old: frozenset[str] = frozenset()
    is_secondary: bool = False
    is_described: bool = False
    link: str = ""
    modifiers: frozenset[str] = frozenset()
    organisation: frozenset[str] = frozenset()
    head: str = ""
