"""Labelled examples in a turn: samples to follow, kept word for word, as a summary would lose the label."""

import re
from collections.abc import Iterator

from app.core.vocabulary import Form, Kind
from app.memory.tags import LABEL
from app.memory.types import Fact, Turn

FEWEST_INLINE = 2  # one line such as "I joined the class: yoga" is talk
_WORD = r"(?:label|intent|category|class)"
_INLINE = re.compile(
    rf"^[ \t]*(?P<text>\S.*?)[ \t,;|]+{_WORD}\s*[:=][ \t]*(?P<label>\S{{1,80}})[ \t]*$", re.I | re.M
)
_BELOW = re.compile(
    rf"^[ \t]*(?P<text>\S[^\n]*)\n[ \t]*{_WORD}\s*[:=][ \t]*(?P<label>\S[^\n]{{0,79}}?)[ \t]*$", re.I | re.M
)


def labelled(turn: Turn) -> Iterator[Fact]:
    """A fact of the kind `example` for each labelled text, with the tag `label:<label>`."""
    inline = list(_INLINE.finditer(turn.content))
    found = inline if len(inline) >= FEWEST_INLINE else list(_BELOW.finditer(turn.content))
    for match in found:
        words = match[0].strip()
        yield Fact(
            turn_id=turn.id,
            content=words,
            quote=words,
            kind=Kind.EXAMPLE,
            form=Form.EVENT,
            tags=(f"{LABEL}{match['label']}",),
            importance=0.5,
        )
