"""The value of a slot when a client rewrites a memory's text and, as mem0's clients do, knows of no slots."""

from app.memory.reconciliation.decisions import YES_NO_VALUES, normalise_text
from app.schemas.memories.memories import MemoryOut

_MAX_VALUE = 200


def derive_value(memory: MemoryOut, text: str) -> str | None:
    """The value that goes with a new text; None if the memory has no slot, or the text says its value still.

    Where the text is the old one with other words in place of the value ("lives in Oslo", "lives in Bergen"),
    these are the value. Else all that it says is: so the slot still has one value at a time, and what it held
    before does not come back.
    """
    value = memory.value
    if memory.attribute is None or value is None or value in YES_NO_VALUES:
        return None
    new = normalise_text(text)
    if value in new:
        return None
    before, found, after = normalise_text(memory.content).partition(value)
    middle = new.removeprefix(before).removesuffix(after) if found else new
    is_same_sentence = found and new.startswith(before) and new.endswith(after)
    if is_same_sentence and len(before) + len(after) < len(new) and middle.strip():
        new = middle.strip()
    return new[:_MAX_VALUE].strip()
