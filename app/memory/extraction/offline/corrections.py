"""Corrections that lean on what they correct: "Sorry, I meant the 24th", "it's Kuhn, not Kahn".

What was said before is read anew with the right value in the place of the wrong one, so that the memory is
whole and the wrong statement is none. What a correction says in full loses only the words that call it one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import chain
from uuid import UUID

from app.memory.text.dates.periods import NUMBER_WORDS
from app.memory.types import Turn

CORRECTION = "Correction: "  # before the content of what puts something right
MAX_BACK = 4  # sentences before a correction among which the one that it corrects is looked for
_MAX_VALUE_WORDS = 6
_NO_WORD = "\u200b"  # rules read a text without it
_SENTENCE = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|St|Prof)\.|[^.!?\n]|\.(?=\d))+[.!?]*")
_CALLS = (
    r"(?:(?:oops|whoops|sorry|no|nope|wait|argh|ah|oh|hang on|hold on|hmm|um|well|but|and|so|okay|ok"
    r"|actually|ugh|damn"
    r"|apologies|pardon)\b[ ,.!:;\u2014\u2013-]*)"
)
_MARK = (
    r"(?:i (?:meant(?: to (?:say|write|type))?|mean|misspoke|mistyped|misremembered|misread \w+ \w+"
    r"|should have (?:said|written))"
    r"|make (?:that|it)|correction|scratch that|strike that|typo(?: (?:earlier|last \w+|in \w+ \w+ \w+))?"
    r"|my (?:mistake|bad)|slip of the (?:tongue|pen)|i said [\w' :.]{1,30}(?=[,;]| but))"
)
# They say all by themselves: what goes on without a mark is no value ("I got it wrong and felt a fool").
_COMPLETE_MARK = (
    r"(?:i (?:got|had) [\w' ]{2,40}? wrong|i (?:told|gave) you (?:the|a) wrong \w+"
    r"|(?:that|it|the \w+) was (?:wrong|a typo|a mistake)|i (?:mixed|muddled) [\w' ]{2,40}(?=[,.!:;]))"
    r"(?: (?:last time|earlier|before|yesterday|above|the other day|last week))?"
    r"(?= ?(?:[,.!:;\u2014\u2013-]|$))"
)
# Where the right value is from: "I read his badge and it's Alun".
_SOURCE = (
    r"(?:(?:i(?:'ve| have)?|she|he|they|my \w+) (?:just |only |now )?(?:checked|looked|read|asked|saw|seen"
    r"|heard|found|wrote|told|spelt|spelled|said|noticed|double-checked)\b[\w' ]{0,30}?"
    r"(?: and|,|:|;| that| -| \u2014| \u2013)? |(?:it )?turns out (?:that )?)"
)
_LEAD = re.compile(
    rf"^\W*{_CALLS}*(?:{_MARK}|{_COMPLETE_MARK})(?:[ ,.!:;\u2014\u2013-]+(?:but )?|$)"
    r"(?:(?:that )?it(?:'s| is| was|'ll be) )?",
    re.IGNORECASE,
)
_WITH_SOURCE = re.compile(rf"^{_SOURCE}(?:it|that)(?:'s| is| was) ", re.IGNORECASE)
_CALLED = re.compile(rf"^\W*{_CALLS}+{_SOURCE}?(?:it|that)(?:'s| is| was) ", re.IGNORECASE)
_CONTRAST = re.compile(r"^\W*(?:it|that)(?:'s| is| was) (?=[^,]{1,40},? (?:and )?not )", re.IGNORECASE)
_STARRED = re.compile(r"^\s*\*(?=\S{1,30}[.!]?\s*$)")
_SPELT = re.compile(
    r",? (?:spelt |spelled )?with (?:an? )?(?:single |double |capital )?['\"]?\w['\"]?(?=[.!]*$)",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[,; ]+(?:sorry|of course|that is|i (?:meant|mean|should have said|wanted to say)|my (?:mistake|bad)"
    r"|instead)[.! ]*$",
    re.IGNORECASE,
)
_OLD = re.compile(r",? (?:and )?not (?:on |in |at )?(?P<old>[^,;]{1,40}?)[.! ]*$", re.IGNORECASE)
_STATES = re.compile(
    r"^(?:i|we|he|she|they) [a-z]+ |\b(?!it\b|that\b)[\w']+ (?:\w+ ){0,3}?(?:is|are|was|were|has|have|had"
    r"|am|\w+(?:s|ed)) (?:\w|\d)",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
# With the preposition of each, for where it takes the place of another: "at the weekend", "on Friday".
_DATES = {
    re.compile(pattern, re.IGNORECASE): preposition
    for pattern, preposition in (
        (
            rf"\b(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?: \d{{4}})?"
            rf"|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b",
            "on ",
        ),
        (r"\b(?:the )?\d{1,2}(?:st|nd|rd|th)\b", "on "),
        (r"\b(?:(?:last|next) )?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", "on "),
        (rf"\b{_MONTH}\b", "in "),
        (r"\b(?:1[5-9]|20)\d\d\b", "in "),
        (r"\b(?:the day after tomorrow|tomorrow|today|tonight|yesterday)\b", ""),
        (r"\b(?:this|next|last) (?:weekend|week|month|year|spring|summer|autumn|fall|winter)\b", ""),
        (r"\bthe weekend\b", "at "),
    )
}
_WITH_PREPOSITION = r"(?:\b(?:on|at|in) )?"
_TIME = re.compile(
    r"\b\d{1,2}[:.]\d\d(?: ?[ap]m)?\b|\b\d{1,2} ?[ap]m\b|\b(?:noon|midnight)\b|\b(?:half|quarter) (?:past"
    r"|to) \w+",
    re.IGNORECASE,
)
_NUMBER = re.compile(rf"\b\d[\d,.]*\d\b|\b\d\b|\b(?:{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
# "No wait, tomorrow", "sorry, half past ten": a bare value behind a word that takes something back.
_BARE = re.compile(
    rf"^\W*{_CALLS}*(?:oops|whoops|sorry|no|nope|wait|argh|hang on|hold on|actually|apologies|pardon)"
    rf"\b[ ,.!:;\u2014\u2013-]*{_CALLS}*(?:(?:on|at|in) )?"
    rf"(?=(?:{'|'.join(f'(?:{one.pattern})' for one in (*_DATES, _TIME, _NUMBER))})[.! ]*$)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b(?:(?:Dr|Mr|Mrs|Ms|Prof|St)\.? )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*")
_TITLE = re.compile(r"(?:Dr|Mr|Mrs|Ms|Prof|St)\.? ")
_IN_TITLE = re.compile(r"^(?:(?:Dr|Mr|Mrs|Ms|Prof|St)\.? )?[A-Z][\w'-]*(?: [A-Z][\w'-]*){0,3}$")


@dataclass(frozen=True, slots=True)
class CorrectedTurn:
    """What a correction comes to: the turn as it should have been said, and the words that correct.

    `wrong_turn_ids` is the turn of what is corrected, if it is another one: the rest is said there.
    """

    turn: Turn
    quote: str
    wrong_turn_ids: tuple[UUID, ...] = ()


def apply_corrections(turns: Sequence[Turn]) -> tuple[list[Turn], list[CorrectedTurn]]:
    """The turns without what is corrected and what corrects it, and the statements in its place, in order."""
    texts = [turn.content for turn in turns]
    found: list[CorrectedTurn] = []
    for number, turn in enumerate(turns):
        sentences = [match.span() for match in _SENTENCE.finditer(turn.content)]
        skipped = -1
        for at, (start, end) in enumerate(sentences):
            said = turn.content[start:end]
            value = _read_correction(said) if at > skipped else None
            if value is None:
                continue
            last = end
            if not value.strip(" .!") and at + 1 < len(sentences):
                skipped, last = at + 1, sentences[at + 1][1]
                value = turn.content[sentences[at + 1][0] : last].lstrip()
            places = list(_before(turns, texts, number, sentences[:at]))
            source = _WITH_SOURCE.match(value)
            corrected = _correct(value[source.end() :], texts, places) if source is not None else None
            corrected = corrected or _correct(value, texts, places) or _corrects_earlier(value)
            if corrected is None:
                continue
            right, place = corrected
            if place is not None and place[0] == number:
                _blank(texts, *place)
            _blank(texts, number, start, last)
            quote = turn.content[start:last].strip()
            others = (turns[place[0]].id,) if place is not None and place[0] != number else ()
            found.append(CorrectedTurn(replace(turn, content=right), quote, others))
    return [
        turn if turn.content == text else replace(turn, content=text)
        for turn, text in zip(turns, texts, strict=True)
    ], found


def _read_correction(said: str) -> str | None:
    """What is said to be right, after the words that call it a correction; None if nothing does."""
    if said.rstrip().endswith("?"):
        return None
    for pattern in (_LEAD, _CALLED, _CONTRAST, _STARRED, _BARE):
        match = pattern.match(said)
        if match is not None:
            value = said[match.end() :]
            # "Ugh, it's so annoying that ..." says how something is, and corrects nothing.
            is_description = pattern is _CALLED and _DESCRIBES.match(value) is not None
            return None if is_description else value
    tail = _TAIL.search(said)
    is_called = tail is not None and _MEANT.search(tail[0]) is not None
    return _CALLS_ONLY.sub("", said[: tail.start()]) if tail is not None and is_called else None


_DESCRIBES = re.compile(
    r"(?:so|such|very|too|really|just|a|an|not)\b|\w+ing\b|[\w']+ (?:that|to|when|how)\b", re.IGNORECASE
)
_MEANT = re.compile(r"\b(?:meant|mean|should|wanted|mistake|bad)\b", re.IGNORECASE)
_CALLS_ONLY = re.compile(rf"^\W*{_CALLS}*", re.IGNORECASE)


def _before(
    turns: Sequence[Turn], texts: Sequence[str], number: int, sentences: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Yield (turn, start, end) of the sentences before a correction, the last first."""
    own = ((number, *span) for span in reversed(sentences))
    previous = next((i for i in range(number - 1, -1, -1) if turns[i].name == turns[number].name), None)
    of_previous = [] if previous is None else [m.span() for m in _SENTENCE.finditer(texts[previous])]
    earlier = ((previous or 0, *span) for span in reversed(of_previous))
    for count, place in enumerate(chain(own, earlier)):
        if count >= MAX_BACK:
            return
        text = texts[place[0]][place[1] : place[2]]
        if text.replace(_NO_WORD, "").strip() and not text.rstrip().endswith("?"):
            yield place[0], place[1], place[2]


def _correct(
    value: str, texts: Sequence[str], places: Sequence[tuple[int, int, int]]
) -> tuple[str, tuple[int, int, int] | None] | None:
    """(the right statement, where the wrong one stands) of what is said to be right; None for neither."""
    tail = _TAIL.search(value)
    plain = _SPELT.sub("", value[: tail.start()] if tail is not None else value.strip())
    old = _OLD.search(plain)
    bare = (plain[: old.start()] if old is not None else plain).strip(" .!,;:")
    bare = re.sub(r"^(?:on|at|in|for|it's|it is|it was|rather|to)\s+", "", bare, flags=re.IGNORECASE)
    first, _, more = bare.partition(", ")
    rest = f" {more[:1].upper()}{more[1:]}." if more and _STATES.search(more) else ""
    bare = first if rest and not _STATES.search(first) else bare
    if _STATES.search(bare):
        wrong = next((place for place in places[:1] if _is_like(bare, _text(texts, place))), None)
        return value[:1].upper() + value[1:], wrong
    if not bare or len(bare.split()) > _MAX_VALUE_WORDS:
        return None
    for place in places:
        sentence = _text(texts, place)
        right = _put_right(sentence, bare, old["old"].strip() if old is not None else None)
        if right is not None and right != sentence:
            return right + rest, place
    return None


def _corrects_earlier(value: str) -> tuple[str, None] | None:
    """A correction in full sentences of what was said in an earlier segment: "it seats 60"."""
    bare = value.strip()
    return (bare[:1].upper() + bare[1:], None) if _TELLS_OF_IT.match(bare) else None


_TELLS_OF_IT = re.compile(
    r"(?:it|they|he|she|there)(?:'s|'re|\u2019s)? (?!was a |is a |was my |is my )(?:[\w'-]+ ){0,4}?[\w'-]*\d",
    re.IGNORECASE,
)


def _text(texts: Sequence[str], place: tuple[int, int, int]) -> str:
    return texts[place[0]][place[1] : place[2]]


def _is_like(one: str, other: str) -> bool:
    """Whether two sentences share a word of some length: they are about one thing."""
    words = [frozenset(re.findall(r"[a-z]{4,}", text.casefold())) for text in (one, other)]
    return bool(words[0] & words[1])


def _put_right(sentence: str, value: str, old: str | None) -> str | None:
    """The sentence with the value in the place of the wrong one, which is named or of its type."""
    if old is not None:
        found = re.search(rf"(?<![\w]){re.escape(old)}(?![\w])", sentence, re.IGNORECASE)
        return None if found is None else sentence[: found.start()] + value + sentence[found.end() :]
    for pattern in (*_DATES, _TIME, _NUMBER):
        new = pattern.search(value)
        if new is None:
            continue
        held = list(pattern.finditer(sentence))
        if not held and pattern in _DATES:
            return _exchange_date(sentence, _DATES[pattern] + new[0])
        return _replace(sentence, held, new[0])
    if _IN_TITLE.match(value) is None:
        return None
    return _replace(sentence, list(_NAME.finditer(sentence)), value)


def _exchange_date(sentence: str, date: str) -> str | None:
    """The sentence with another sort of date, preposition included, in the place of the one it names."""
    for pattern in _DATES:
        found = re.search(f"{_WITH_PREPOSITION}(?:{pattern.pattern})", sentence, re.IGNORECASE)
        if found is not None:
            return sentence[: found.start()] + date + sentence[found.end() :]
    return None


def _replace(sentence: str, held: Sequence[re.Match[str]], value: str) -> str | None:
    """The sentence with the value in the place of what is most like it among what it holds."""
    if not held:
        return None
    wrong = max(held, key=lambda match: (_likeness(match[0], value), match.start()))
    title = _TITLE.match(wrong[0])
    if title is not None and _TITLE.match(value) is None:
        value = title[0] + value
    return sentence[: wrong.start()] + value + sentence[wrong.end() :]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def _blank(texts: list[str], number: int, start: int, end: int) -> None:
    """Put invisible characters in the place of words: what follows keeps its offsets, and is not indented."""
    text = texts[number]
    texts[number] = text[:start] + re.sub(r"[^\n]", _NO_WORD, text[start:end]) + text[end:]
