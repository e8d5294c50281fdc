"""Validates extracted facts.

It rejects statements that their turn does not prove, secrets, and echoes of memories that were shown to the
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
from app.memory.extraction.context_marks import MASK, mask_context_marks, remove_added_words
from app.memory.extraction.evidence import NO_BACKGROUND, Background, SegmentEvidence
from app.memory.reconciliation.decisions import extract_details
from app.memory.text.limits import LONG_TEXT_CHARS
from app.memory.text.sentences import split_sentences
from app.memory.types import Fact, Turn

MAX_MEMORY_CHARS = 1_000
MIN_ECHO_OVERLAP = 0.85
MIN_OWN_WORDS = 3
MAX_OCCURRENCES = 50  # occurrences of one text that are examined in another; a repetitive text has thousands

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
    """A memory that was shown to the speakers, normalised once instead of for each fact."""

    def __init__(self, plain: str) -> None:
        self.core_text = plain.strip(" .!,;:-")

    @cached_property
    def unique_words(self) -> frozenset[str]:
        """The distinct words of the memory."""
        return _word_set(self.core_text)

    @cached_property
    def text_details(self) -> tuple[object, ...]:
        """The details (such as numbers and negations) in which similar texts may differ."""
        return extract_details(self.core_text)

    def is_restated_in(self, text: str) -> bool:
        """Whether `text` is part of the memory or shares nearly all its words with it, details included."""
        text = text.strip(" .!,;:-")
        if f" {text} " in f" {self.core_text} ":
            return True
        words = _word_set(text)
        overlaps = bool(words) and len(words & self.unique_words) / len(words) >= MIN_ECHO_OVERLAP
        return overlaps and extract_details(text) == self.text_details


@dataclass(frozen=True, slots=True)
class RejectedFact:
    """A rejected fact and the reason: one of the words listed at `filter_facts`."""

    fact: Fact
    reason: str


def filter_facts(
    facts: Sequence[Fact],
    turns: Sequence[Turn],
    shown: Mapping[UUID, str],
    background: Background = NO_BACKGROUND,
) -> tuple[list[Fact], list[RejectedFact]]:
    """Split facts into those that may go on to reconciliation and the rejected ones.

    `shown` maps ids to the texts of the memories that the speakers saw (`shown_memory_ids`) and of source
    turns that were shown with them. Without this check a memory shown to a model would return in its answer,
    or in a pasted prompt, and confirm itself. `background` is what else a model read. The quote of an
    admitted fact is a part of its turn, word for word.
    Reasons: turn, system, empty, long, slot, quote, secret, echo, evidence.
    """
    by_id = {turn.id: turn for turn in turns}
    shown_texts = {_normalise_punctuation(part) for text in shown.values() for part in _shown_parts(text)}
    turn_texts = {
        turn_id: _normalise_punctuation(by_id[turn_id].content)
        for turn_id in {f.turn_id for f in facts} & by_id.keys()
    }
    texts = [
        _ShownMemory(text)
        for text in sorted(shown_texts, key=lambda text: (-len(text), text))
        if len(_word_set(text)) > 1
    ]
    own_texts: dict[UUID, str] = {}
    evidence = SegmentEvidence(turns, background)
    admitted: list[Fact] = []
    rejected: list[RejectedFact] = []
    for given in facts:
        turn = by_id.get(given.turn_id)
        if turn is None:
            rejected.append(RejectedFact(given, "turn"))
            continue
        fact, proof = given, None
        reason = _find_fault(fact, turn)
        if not reason:
            fact, proof = evidence.check(given, turn)
            reason = "quote" if proof == "quote" else None
        if not reason and texts:
            if turn.id not in own_texts:
                own_texts[turn.id] = _mask_shown_text(turn_texts[turn.id], texts)
            reason = _find_echo(fact, turn, texts, turn_texts[turn.id], own_texts[turn.id])
        reason = reason or proof
        if reason:
            rejected.append(RejectedFact(given, reason))
        else:
            admitted.append(_normalise_dates(fact, turn))
    return admitted, rejected


def _shown_parts(text: str) -> list[str]:
    """A text, and its sentences if it is so long that a context shows an excerpt of it."""
    if len(text) <= LONG_TEXT_CHARS:
        return [text]
    return [text, *(text[start:end] for start, end in split_sentences(text))]


def _find_fault(fact: Fact, turn: Turn) -> str | None:
    """The reason to reject a fact that depends on neither its evidence nor shown memories, or None."""
    content = fact.content.strip()
    checks = (
        ("system", turn.role.is_instruction),
        ("empty", not content),
        ("long", len(content) > MAX_MEMORY_CHARS),
        ("slot", fact.slot is not None and not (fact.slot.value.strip() and fact.slot.attribute.strip())),
        (
            "secret",
            any(has_secret(text) for text in (content, fact.quote, fact.slot.value if fact.slot else "")),
        ),
    )
    return next((reason for reason, failed in checks if failed), None)


def _find_echo(
    fact: Fact, turn: Turn, shown: Sequence[_ShownMemory], turn_text: str, own_text: str
) -> str | None:
    """The reason "echo" if the fact only restates a shown memory, and not in the user's own words."""
    quote, content = _normalise_punctuation(fact.quote), _normalise_punctuation(fact.content)
    if turn.role is not Role.USER:
        return (
            "echo"
            if any(memory.is_restated_in(text) for memory in shown for text in (quote, content))
            else None
        )
    own_quote = _unmasked_quote(quote, turn_text, own_text)
    if own_quote != quote:
        restated = any(memory.is_restated_in(content) for memory in shown)
        return "echo" if restated or len(_word_set(own_quote)) < MIN_OWN_WORDS else None
    own_words = _FIRST_PERSON.search(quote) is not None
    return "echo" if not own_words and any(memory.is_restated_in(quote) for memory in shown) else None


def _mask_shown_text(turn_text: str, shown: Sequence[_ShownMemory]) -> str:
    """The turn's text with shown memories that it contains word for word masked, at its old length."""
    own_text = turn_text
    for memory in shown:
        own_text = _mask_occurrences(own_text, memory.core_text)
    return mask_context_marks(own_text)


def _mask_occurrences(text: str, core: str) -> str:
    """`text` with `core` masked where it stands as whole words."""
    start, blank = 0, MASK * len(core)
    for _ in range(MAX_OCCURRENCES):
        index = text.find(core, start) if core else -1
        if index < 0:
            return text
        end = index + len(core)
        inside_word = _is_word(text[index - 1 : index]) or _is_word(text[end : end + 1])
        text, start = (text, index + 1) if inside_word else (text[:index] + blank + text[end:], end)
    return text[:start] + text[start:].replace(core, blank)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _unmasked_quote(quote: str, turn_text: str, own_text: str) -> str:
    """The part of `quote` that is the speaker's own; `own_text` is the masked text of the turn.

    If the turn contains the quote several times, the occurrence with the least masking counts.
    """
    best, index = MASK * len(quote), -1
    for _ in range(MAX_OCCURRENCES):
        index = turn_text.find(quote, index + 1)
        if index < 0:
            break
        best = min(best, own_text[index : index + len(quote)], key=lambda part: part.count(MASK))
    return best


def _normalise_dates(fact: Fact, turn: Turn) -> Fact:
    """The fact with naive dates in the turn's time zone and the event's dates in order.

    A date outside the supported range is removed; the fact stays.
    """
    dates = (fact.asserted_at, fact.event_from, fact.event_to)
    asserted, start, end = (_localise_date(date, turn) for date in dates)
    if start is None:
        end = None
    elif end is not None and start > end:
        start, end = end, start
    if (asserted, start, end) == dates:
        return fact
    return replace(fact, asserted_at=asserted, event_from=start, event_to=end)


def _localise_date(when: datetime | None, turn: Turn) -> datetime | None:
    if when is not None and when.tzinfo is None:
        when = when.replace(tzinfo=turn.observed_at.tzinfo)
    return none_if_out_of_range(when)


def has_secret(text: str) -> bool:
    """Whether the text contains a key, a password or a payment card number."""
    if any(pattern.search(text) for pattern in _SECRET_PATTERNS):
        return True
    return any(_is_card(re.sub(r"\D", "", match[0])) for match in _CARD_NUMBER.finditer(text))


def _is_card(digits: str) -> bool:
    """Luhn check; a run of a single digit passes it but is not a card number."""
    if len(set(digits)) == 1:
        return False
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _normalise_punctuation(text: str) -> str:
    """Normalise width, case, quotation marks, dashes and white space; drop what a context adds."""
    folded = unicodedata.normalize("NFKC", text.translate(_CHARACTER_FOLDING)).translate(_CHARACTER_FOLDING)
    return remove_added_words(" ".join(folded.casefold().split()))


def _word_set(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
