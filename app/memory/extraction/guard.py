"""Validates extracted facts: rejects what its turn does not say, secrets, and echoes of memories shown to the
speaker.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from app.core.instants import none_if_out_of_range
from app.core.vocabulary import Role
from app.memory.reconciliation.decisions import extract_details
from app.memory.types import Fact, Turn

MAX_MEMORY_CHARS = 1_000
MIN_ECHO_OVERLAP = 0.85
MIN_OWN_WORDS = 3
MAX_OCCURRENCES = 50  # at which a text is looked for in another one; a text that repeats itself has thousands
MASK = "\x00"
# What /v1/context writes before a memory or a turn: the date, the id, the speaker.
_CONTEXT_LINE_PREFIX = re.compile(
    rf"(?:-\s*)?\d{{4}}-\d\d-\d\d\s+(?:\[[\w-]+\]\s*)?(?:[^\s:{MASK}][^:{MASK}]{{0,60}}:\s*)?(?={MASK})"
)

_CHARACTER_FOLDING = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013—―\u2212", "-"),
        "\u00ad": None,
    }
)
_WORD = re.compile(r"\w+(?:'\w+)?")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|me|my|mine|we|our|us|io|mio|mia|ich|mein|meine|je|mon|ma|yo|mi)\b")
_SECRET_PATTERNS = (
    re.compile(r"\b(?:sk|pk|rk)[-_][\w-]{16,}"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}"),
    re.compile(
        r"\bxox[abeoprs]-[\w-]{10,}|\bglpat-[\w-]{16,}|\bhf_\w{20,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"
    ),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    re.compile(
        r"\b(?:pass(?:word|code|phrase)|passwort|contraseña|mot de passe|pin(?: code| number)?|cvv"
        r"|cvc)\b[^.\n]{0,30}?"
        r"(?:\bis\b|\bist\b|\best\b|\bes\b|\bè|:|=)\s*[\"']?\S{3,}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:api|access|secret|private|auth|bearer)[ _-]?(?:key|token"
        r"|secret)?\b[^.\n]{0,30}?(?:\bis\b|:|=|\bbearer\b)\s*[\"']?"
        r"(?=\S*\d)[\w+/=.-]{12,}",
        re.IGNORECASE,
    ),
    re.compile(r"\bbearer\s+(?=\S*\d)[\w+/=.-]{12,}", re.IGNORECASE),
    re.compile(r"\b[a-z][a-z+]{0,30}://[^\s:/@]{1,200}:[^\s@]{1,200}@", re.IGNORECASE),
)
_CARD_NUMBER = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)")


class _ShownMemory:
    """A memory that the speakers saw, made comparable once and not for each fact."""

    def __init__(self, plain: str) -> None:
        self.core_text = plain.strip(" .!,;:-")

    @cached_property
    def unique_words(self) -> frozenset[str]:
        """Its words."""
        return _word_set(self.core_text)

    @cached_property
    def text_details(self) -> tuple[object, ...]:
        """What makes two like texts differ."""
        return extract_details(self.core_text)

    def is_restated_in(self, text: str) -> bool:
        """Whether `text` is part of it or shares nearly all its words, numbers and negations included."""
        text = text.strip(" .!,;:-")
        if f" {text} " in f" {self.core_text} ":
            return True
        words = _word_set(text)
        alike = bool(words) and len(words & self.unique_words) / len(words) >= MIN_ECHO_OVERLAP
        return alike and extract_details(text) == self.text_details


@dataclass(frozen=True, slots=True)
class RejectedFact:
    """A fact that was refused, and why: one of the words that `admit` names."""

    fact: Fact
    reason: str


def filter_facts(
    facts: Sequence[Fact], turns: Sequence[Turn], shown: Mapping[UUID, str]
) -> tuple[list[Fact], list[RejectedFact]]:
    """The facts that may go on to reconciliation, and the refused ones.

    `shown` has the text, by id, of the memories that the speakers saw (`shown_memory_ids`), and of source
    turns that were shown with them. Without this check a memory shown to a model comes back as its words,
    or as a pasted prompt, and confirms itself.
    Reasons: turn, system, empty, long, slot, quote, secret, echo.
    """
    by_id = {turn.id: turn for turn in turns}
    plain = {_normalise_punctuation(text) for text in shown.values()}
    told = {
        turn_id: _normalise_punctuation(by_id[turn_id].content)
        for turn_id in {f.turn_id for f in facts} & by_id.keys()
    }
    texts = [
        _ShownMemory(text)
        for text in sorted(plain, key=lambda text: (-len(text), text))
        if len(_word_set(text)) > 1
    ]
    own: dict[UUID, str] = {}
    admitted: list[Fact] = []
    rejected: list[RejectedFact] = []
    for fact in facts:
        turn = by_id.get(fact.turn_id)
        reason = "turn" if turn is None else _find_fault(fact, turn, told[turn.id])
        if turn is not None and not reason and texts:
            if turn.id not in own:
                own[turn.id] = _mask_shown_text(told[turn.id], texts)
            reason = _find_echo(fact, turn, texts, told[turn.id], own[turn.id])
        if turn is None or reason:
            rejected.append(RejectedFact(fact, reason or "turn"))
        else:
            admitted.append(_normalise_dates(fact, turn))
    return admitted, rejected


def _find_fault(fact: Fact, turn: Turn, turn_text: str) -> str | None:
    """What is wrong with the fact, whatever was shown."""
    content, quote = fact.content.strip(), _normalise_punctuation(fact.quote)
    checks = (
        ("system", turn.role is Role.SYSTEM),
        ("empty", not content),
        ("long", len(content) > MAX_MEMORY_CHARS),
        ("slot", fact.slot is not None and not (fact.slot.value.strip() and fact.slot.attribute.strip())),
        ("quote", not quote or quote not in turn_text),
        (
            "secret",
            any(has_secret(text) for text in (content, fact.quote, fact.slot.value if fact.slot else "")),
        ),
    )
    return next((reason for reason, failed in checks if failed), None)


def _find_echo(
    fact: Fact, turn: Turn, shown: Sequence[_ShownMemory], turn_text: str, own_text: str
) -> str | None:
    """ "echo" if the fact only says again what a shown memory says, and not in the user's own words."""
    quote, content = _normalise_punctuation(fact.quote), _normalise_punctuation(fact.content)
    if turn.role is not Role.USER:
        return (
            "echo"
            if any(memory.is_restated_in(text) for memory in shown for text in (quote, content))
            else None
        )
    said = _unmasked_quote(quote, turn_text, own_text)
    if said != quote:
        restated = any(memory.is_restated_in(content) for memory in shown)
        return "echo" if restated or len(_word_set(said)) < MIN_OWN_WORDS else None
    own_words = _FIRST_PERSON.search(quote) is not None
    return "echo" if not own_words and any(memory.is_restated_in(quote) for memory in shown) else None


def _mask_shown_text(turn_text: str, shown: Sequence[_ShownMemory]) -> str:
    """What a turn tells with the shown memories that it holds word by word blanked out, at its old length."""
    own = turn_text
    for memory in shown:
        own = _mask_occurrences(own, memory.core_text)
    return _CONTEXT_LINE_PREFIX.sub(lambda m: MASK * len(m[0]), own)


def _mask_occurrences(text: str, core: str) -> str:
    """`text` with `core` blanked out where it is not within words."""
    start, blank = 0, MASK * len(core)
    for _ in range(MAX_OCCURRENCES):
        at = text.find(core, start) if core else -1
        if at < 0:
            return text
        end = at + len(core)
        within = _is_word(text[at - 1 : at]) or _is_word(text[end : end + 1])
        text, start = (text, at + 1) if within else (text[:at] + blank + text[end:], end)
    return text[:start] + text[start:].replace(core, blank)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _unmasked_quote(quote: str, turn_text: str, own_text: str) -> str:
    """What of `quote` is the speaker's own, `own` being what is of the turn.

    Of several places where the turn has the quote, the one with most left.
    """
    best, place = MASK * len(quote), -1
    for _ in range(MAX_OCCURRENCES):
        place = turn_text.find(quote, place + 1)
        if place < 0:
            break
        best = min(best, own_text[place : place + len(quote)], key=lambda part: part.count(MASK))
    return best


def _normalise_dates(fact: Fact, turn: Turn) -> Fact:
    """The fact with its dates in the turn's zone if they had none, and the earlier one of an event first.

    A date that the service does not work with is left out; the fact stays.
    """
    dates = (fact.asserted_at, fact.event_from, fact.event_to)
    said, start, end = (_localise_date(when, turn) for when in dates)
    if start is None:
        end = None
    elif end is not None and start > end:
        start, end = end, start
    if (said, start, end) == dates:
        return fact
    return replace(fact, asserted_at=said, event_from=start, event_to=end)


def _localise_date(when: datetime | None, turn: Turn) -> datetime | None:
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=turn.observed_at.tzinfo)
    return none_if_out_of_range(when)


def has_secret(text: str) -> bool:
    """Whether the text holds a key, a password or the number of a payment card."""
    if any(pattern.search(text) for pattern in _SECRET_PATTERNS):
        return True
    return any(_is_card(re.sub(r"\D", "", match[0])) for match in _CARD_NUMBER.finditer(text))


def _is_card(digits: str) -> bool:
    """The Luhn check; a run of one digit passes it and is no card."""
    if len(set(digits)) == 1:
        return False
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _normalise_punctuation(text: str) -> str:
    """Width, case, quotation marks, dashes and white space made alike."""
    folded = unicodedata.normalize("NFKC", text.translate(_CHARACTER_FOLDING)).translate(_CHARACTER_FOLDING)
    return " ".join(folded.casefold().split())


def _word_set(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
