"""The value of a slot after an edit of its memory's text by somebody who gives no value."""

import re

from app.memory.reconciliation.decisions import YES_NO_VALUES, normalise_text

MAX_VALUE_CHARS = 200


def derive_edited_value(content: str, value: str | None, edited: str) -> str | None:
    """The value that goes with the edited text; None if there was none, or the text says it still.

    Where the text is the old one with other words in place of the value ("lives in Oslo", "lives in Bergen"),
    these are the value. Else all that it says is: so the slot still has one value at a time, and what it held
    before does not come back.
    """
    if value is None or value in YES_NO_VALUES:
        return None
    new, old = normalise_text(edited), normalise_text(content)
    whole_value = re.compile(rf"(?<![^\W_]){re.escape(value)}(?![^\W_])")  # not 900 of 1900
    if whole_value.search(new):
        return None
    found = whole_value.search(old) or re.search(re.escape(value), old)  # scripts without spaces
    if found is not None:
        before, after = old[: found.start()], old[found.end() :]
        if new.startswith(before) and new.endswith(after) and len(before) + len(after) < len(new):
            new = new[len(before) : len(new) - len(after)].strip() or new
    return new[:MAX_VALUE_CHARS].strip()
