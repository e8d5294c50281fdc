"""The form of a text that rules read, with a map back to the original for quotes.

Composed characters, plain quotation marks and spaces, no invisible characters, no markdown marks, no emoji. A
line break that is left is the end of a sentence.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.memory.text.markdown import find_inline_edits, find_line_edits
from app.memory.text.text_edits import MappedText, TextEdit

MAX_COMBINING_MARKS = (
    8  # marks of one character that are composed; ordering more of them takes quadratic time
)

_QUOTES = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc\u02bb", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u301d\u301e", '"'),
}
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe58\ufe63", "-")
_LONG_DASHES = "\u2014\u2015\u2e3a\u2e3b"
_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
# Compatibility forms that people type as a matter of style: full and half width, mathematical letters,
# ligatures.
_STYLED = re.compile("[\u2460-\u24ff\uff00-\uffef\U0001d400-\U0001d7ff\ufb00-\ufb06]")
# A run of characters that may need work: composed ones may consist of an ASCII letter and marks.
_SPECIAL_RUN = re.compile(r"\r\n?|[\x00-\x09\x0b-\x1f\x7f]|[ -~]?[^\x00-\x7f]+")
_EMOJI = "\u231a\u231b\u23e9-\u23fa\u2600-\u27bf\u2b00-\u2bff\u3030\u303d\U0001f000-\U0001fbff"
_SMILEY = r"(?<![^\s.,!?])(?:[:;=]'?-?[)(DPp|/*]+|<3+|</3|[xX]D+|\^_?\^)(?=$|[\s.,!?])"
_PICTURES = re.compile(rf" ?(?:(?:[{_EMOJI}]|{_SMILEY}) ?)+")
# Most sentences need no work, which one search tells: only plain letters, single spaces and common marks.
_MAY_NEED_WORK = re.compile(
    r"[^\w ,.!?'\"%$&@/]|[^\x00-\x7f]|_|^ | $|  |^[\da-h][.)]|[xX]D|:|;", re.IGNORECASE
)
_SPACES = re.compile(r"[ \t]*\n[ \t]*(?:\n[ \t]*)*|(?<=[ \t])[ \t]+|\t|^[ \t]+|[ \t]+$")
_FUNCTION_WORD_AT_END = re.compile(
    r"\b(?:an?|the|my|our|your|his|her|their|its|this|that|of|in|on|at|to|for|from|with|by|into|as|and|or|but"
    r"|i|we|is|are|was|were|am|be|been|has|have|had|will|would|can|could|do|does|did|not|than|if|when)$",
    re.IGNORECASE,
)
# With small letters a sentence is told by the words that subjects begin with, if no verb before wants them.
_SUBJECT_BEHIND = re.compile(
    r"(?:i|we|he|she|they|it|there|the|my|our)\b(?! (?:and|or)\b)"
    r"|(?:what|how|where|when|why|who)(?:'?s|'?re)?"
    r" (?:do|does|did|can|could|should|would|will|is|are|am|a|the)\b"
    r"|(?:can|could|would|will) (?:you|u|i)\b|(?:any (?:ideas?|tips?|advice)|pls|please)\b"
)
_WANTS_OBJECT = re.compile(
    r"\b(?:love|like|hate|want|need|miss|see|eat|watch|make|get|got|use|enjoy|prefer|adore|heart|thank|say"
    r"|said|think|know|hope|guess)$",
    re.IGNORECASE,
)
_MAX_WORD_BEFORE = 12  # characters looked at for a function word, each of which is shorter
_MIN_WRAPPED_LINE_CHARS = 45  # a line that was broken by its width is at least so long (chosen)


@dataclass(frozen=True, slots=True)
class AnalysisText:
    """A text as rules read it: `offsets[i]` is where character i of `text` stands in `original`.

    `offsets` has one entry more than `text`. `ends[i]` is where the original's part for character i ends, as
    one character may stand for several (a letter and its marks) and marks between two stand for none.
    """

    original: str
    text: str
    offsets: Sequence[int]
    ends: Sequence[int]

    def quote(self, start: int, end: int) -> str:
        """The part of the original that text[start:end] stands for; it never cuts a letter from its marks."""
        first, last = self.original_span(start, end)
        return self.original[first:last]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Where the part of the original that text[start:end] stands for begins and ends."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.ends[end - 1]


def analyse_original(original: str) -> AnalysisText:
    """Normalise a text for rules, in time that is linear in its length."""
    if not _MAY_NEED_WORK.search(original):
        return AnalysisText(original, original, range(len(original) + 1), range(1, len(original) + 1))
    mapped = MappedText.of_original(original)
    mapped = mapped.edited(_find_character_edits(mapped.text))
    mapped = mapped.edited(find_line_edits(mapped.text))
    mapped = mapped.edited(find_inline_edits(mapped.text))
    mapped = mapped.edited(_find_space_edits(mapped.text))
    mapped = mapped.edited(_find_picture_edits(mapped.text))
    mapped = mapped.edited(_find_space_edits(mapped.text))
    offsets = (
        range(len(original) + 1) if mapped.text is original else [*mapped.starts, *mapped.ends[-1:]] or [0]
    )
    return AnalysisText(original, mapped.text, offsets, mapped.ends)


def _find_character_edits(text: str) -> Iterator[TextEdit]:
    """Plain line ends, spaces, quotation marks and dashes; letters composed; what is invisible removed."""
    for run in _SPECIAL_RUN.finditer(text):
        start, end = run.span()
        while start < end:
            stop = _find_cluster_end(text, start, end)
            cluster = text[start:stop]
            plain = _plain_form(cluster, text, start, stop)
            if plain != cluster or len(cluster) > 1:  # so that each part of it stands for the whole
                yield TextEdit(start, stop, plain)
            start = stop


def _find_cluster_end(text: str, start: int, end: int) -> int:
    """The end of the character at `start` with its combining marks; a line end of two characters is one."""
    stop = start + 1
    if text[start] == "\r":
        return stop + 1 if text[stop : stop + 1] == "\n" else stop
    while stop < end and _continues_character(text[stop]):
        stop += 1
    return stop


def _continues_character(char: str) -> bool:
    return (
        unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff" or char in "\u200d\uff9e\uff9f"
    )


def _plain_form(cluster: str, text: str, start: int, stop: int) -> str:
    base = cluster[0]
    if base in _LONG_DASHES:
        return _space_dash(text, start, stop)
    plain = _QUOTES.get(base) or _DASHES.get(base) or _plain_space(base)
    if plain is not None:
        return plain
    if base == "\u2026":
        return "..."
    cluster = cluster[: MAX_COMBINING_MARKS + 1]
    composed = unicodedata.normalize("NFKC" if _STYLED.search(cluster) else "NFC", cluster)
    return "".join(char for char in composed if not _is_invisible(char))


def _plain_space(char: str) -> str | None:
    """What a space or control character becomes; None for any other character."""
    if char == "\r" or char in _LINE_ENDS:
        return "\n"
    category = unicodedata.category(char)
    return " " if category == "Zs" or (category == "Cc" and char != "\n") else None


def _space_dash(text: str, start: int, stop: int) -> str:
    """A long dash parts clauses, so that it must not join two words to one."""
    before = "" if not start or text[start - 1].isspace() else " "
    after = "" if text[stop : stop + 1].isspace() or stop == len(text) else " "
    return f"{before}-{after}"


def _is_invisible(char: str) -> bool:
    """Soft hyphens, zero-width characters, controls of direction, and selectors of a variant."""
    return (
        unicodedata.category(char) == "Cf"
        or "\ufe00" <= char <= "\ufe0f"
        or char in "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u20e3\u3164\uffa0"
    )


def _find_picture_edits(text: str) -> Iterator[TextEdit]:
    """Emoji and smileys: the end of a sentence if another begins behind them, else a space."""
    for match in _PICTURES.finditer(text):
        start, end = match.span()
        before, following = text[max(0, start - _MAX_WORD_BEFORE) : start], text[end : end + 1]
        if not start or end == len(text) or "\n" in (before[-1], following):
            yield TextEdit(start, end, "")
        elif _begins_sentence(text, end, before):
            # A long line is taken for a wrapped one if it goes on with a small letter.
            yield TextEdit(start, end, "\n" if following.isupper() else "\n\n")
        else:
            yield TextEdit(start, end, " ")


def _begins_sentence(text: str, start: int, before: str) -> bool:
    """Whether another sentence begins at text[start], behind a picture that follows the words `before`."""
    if before[-1] in ",-:(" or _FUNCTION_WORD_AT_END.search(before):
        return False
    if text[start].isupper():
        return True
    return _SUBJECT_BEHIND.match(text, start) is not None and not _WANTS_OBJECT.search(before)


def _find_space_edits(text: str) -> Iterator[TextEdit]:
    """Runs of spaces to one, and a line break only where a sentence ends."""
    for match in _SPACES.finditer(text):
        start, end = match.span()
        breaks = match[0].count("\n")
        if not breaks:
            words = " " if match[0] == "\t" and not _touches_space(text, start, end) else ""
        elif not start or end == len(text):
            words = ""
        elif breaks > 1:
            words = "\n\n"
        else:
            words = " " if _is_wrapped(text, start, end) else "\n"
        if words != match[0]:
            yield TextEdit(start, end, words)


def _touches_space(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isspace() or text[end : end + 1].isspace()


def _is_wrapped(text: str, start: int, end: int) -> bool:
    """Whether a line was broken for its width, within a sentence."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if len(line) < _MIN_WRAPPED_LINE_CHARS:
        return False
    following = text[end : end + 1]
    return line[-1:] not in ".!?:;" and (
        following.islower() or _FUNCTION_WORD_AT_END.search(line[-_MAX_WORD_BEFORE:]) is not None
    )
