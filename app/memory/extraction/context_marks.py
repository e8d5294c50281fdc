"""What `/v1/context` writes around the memories and turns that it shows: no words of who posts it back.

Everything here reads normalised text: folded case, single spaces, "..." for an ellipsis.
"""

import re

MASK = "\x00"
# Before a line: its day ("sun 7 may 2023") and the end of an id, or the same in JSON or XML; the speaker.
_LINE_PREFIX = re.compile(
    r"(?:(?:-\s*)?\b[a-z]{3}\s+\d{1,2}\s+[a-z]{3,9}\s+\d{4}\s+(?:\[[\w-]{1,40}\]\s*)?"
    r'|\{"id": ?"[\w-]{1,40}", ?"at": ?"[\w:.+-]{0,40}", ?"text": ?"'
    r"|<(?:fact|turn) id=['\"][\w-]{1,40}['\"] at=['\"][\w:.+-]{0,40}['\"]>)"
    rf"(?:[^\s:{MASK}][^:{MASK}]{{0,60}}:\s*)?"
)
_BETWEEN = re.compile(r"[\s.\[\]\-]*")  # the elisions of an excerpt, the mark of the next line, a list
_FRAME = re.compile(r"\bwhat is known:|\bthe conversation so far:|</?memory>|</(?:fact|turn)>")
# The date of a relative time (`add_absolute_dates`), what a context knows of an item.
_ADDED_WORDS = re.compile(
    r" ?\((?:(?:the [a-z]{3,9} of )?(?:\d{1,2} )?(?:[a-z]{3,9} )?\d{4}(?: at \d\d:\d\d)?"
    r"|also said on [\d, -]{10,80}|until \d{1,2} [a-z]{3,9} \d{4}|in part no longer true"
    r"|shared by [^()]{1,200})\)"
)
# An escape of JSON or XML, also one that was escaped again.
_ESCAPE = re.compile(r"\\+([\"\\/nt])|&(?:amp;)*(?:(quot)|(lt)|(gt)|amp);")


def remove_added_words(text: str) -> str:
    """The text without what a context adds to the words of an item, and without the escapes of its format."""
    return _ADDED_WORDS.sub("", " ".join(_ESCAPE.sub(_unescape_mark, text).split()))


def _unescape_mark(found: re.Match[str]) -> str:
    escaped, quote, less, greater = found.groups()
    if escaped:
        return " " if escaped in "nt" else escaped
    return '"' if quote else "<" if less else ">" if greater else "&"


def mask_context_marks(text: str) -> str:
    """The text with titles, frames and the prefixes of masked lines masked too, at its old length.

    A prefix before words that are not masked stays: somebody may write so. The time is linear in the text.
    """
    text = _FRAME.sub(lambda found: MASK * len(found[0]), text)
    masked = list(text)
    for found in reversed(list(_LINE_PREFIX.finditer(text))):
        start, end = found.start(), found.end()
        if after := _BETWEEN.match(text, end):
            end = after.end()
        if end < len(text) and masked[end] == MASK:
            masked[start:end] = MASK * (end - start)
    return "".join(masked)
