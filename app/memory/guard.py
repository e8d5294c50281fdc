"""What may become a memory: a fact that its turn really says, and that isn't a memory coming back."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import Role
from app.memory.reconciliation import differ
from app.memory.types import Fact, Turn

LONGEST = 1_000
OVERLAP = 0.85
FEWEST_OWN_WORDS = 3
BLANK = "\x00"
# What /v1/context writes before a memory or a turn: the date, the id, the speaker.
_LEAD = re.compile(
    rf"(?:-\s*)?\d{{4}}-\d\d-\d\d\s+(?:\[[\w-]+\]\s*)?(?:[^\s:{BLANK}][^:{BLANK}]{{0,60}}:\s*)?(?={BLANK})"
)

_SAME_CHARACTER = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013—―\u2212", "-"),
        "\u00ad": None,
    }
)
_WORD = re.compile(r"\w+(?:'\w+)?")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|me|my|mine|we|our|us|io|mio|mia|ich|mein|meine|je|mon|ma|yo|mi)\b")
_SECRETS = (
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
_DIGITS = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A fact that was refused, and why: one of the words that `admit` names."""

    fact: Fact
    reason: str


def admit(
    facts: Sequence[Fact], turns: Sequence[Turn], shown: Mapping[UUID, str]
) -> tuple[list[Fact], list[Rejected]]:
    """The facts that may go on to reconciliation, and the refused ones.

    `shown` has the text, by id, of the memories that the speakers saw (`shown_memory_ids`), and of source
    turns that were shown with them. Without this check a memory shown to a model comes back as its words,
    or as a pasted prompt, and confirms itself.
    Reasons: turn, system, empty, long, slot, quote, secret, echo.
    """
    by_id = {turn.id: turn for turn in turns}
    plain = {_plain(text) for text in shown.values()}
    texts = sorted((text for text in plain if len(_words(text)) > 1), key=lambda text: (-len(text), text))
    admitted: list[Fact] = []
    rejected: list[Rejected] = []
    for fact in facts:
        turn = by_id.get(fact.turn_id)
        reason = "turn" if turn is None else _fault(fact, turn) or _echo(fact, turn, texts)
        if turn is None or reason:
            rejected.append(Rejected(fact, reason or "turn"))
        else:
            admitted.append(_in_order(fact, turn))
    return admitted, rejected


def _fault(fact: Fact, turn: Turn) -> str | None:
    """What is wrong with the fact, whatever was shown."""
    content, quote = fact.content.strip(), _plain(fact.quote)
    checks = (
        ("system", turn.role is Role.SYSTEM),
        ("empty", not content),
        ("long", len(content) > LONGEST),
        ("slot", fact.slot is not None and not (fact.slot.value.strip() and fact.slot.attribute.strip())),
        ("quote", not quote or quote not in _plain(turn.content)),
        (
            "secret",
            any(has_secret(text) for text in (content, fact.quote, fact.slot.value if fact.slot else "")),
        ),
    )
    return next((reason for reason, failed in checks if failed), None)


def _echo(fact: Fact, turn: Turn, shown: Sequence[str]) -> str | None:
    """ "echo" if the fact only says again what a shown memory says, and not in the user's own words."""
    quote, content = _plain(fact.quote), _plain(fact.content)
    if turn.role is not Role.USER:
        return (
            "echo" if any(_restates(text, memory) for memory in shown for text in (quote, content)) else None
        )
    said = _own_part(quote, _plain(turn.content), shown)
    if said != quote:
        restated = any(_restates(content, memory) for memory in shown)
        return "echo" if restated or len(_words(said)) < FEWEST_OWN_WORDS else None
    own_words = _FIRST_PERSON.search(quote) is not None
    return "echo" if not own_words and any(_restates(quote, memory) for memory in shown) else None


def _restates(text: str, memory: str) -> bool:
    """Whether `text` is part of `memory` or shares nearly all its words, numbers and negations included."""
    text, memory = text.strip(" .!,;:-"), memory.strip(" .!,;:-")
    if f" {text} " in f" {memory} ":
        return True
    words, known = _words(text), _words(memory)
    return bool(words) and len(words & known) / len(words) >= OVERLAP and not differ(text, memory)


def _own_part(quote: str, text: str, shown: Sequence[str]) -> str:
    """What of `quote` is left when the shown memories that `text` holds word by word are blanked out.

    Of several places where the text has the quote, the one with most left.
    """
    own = text
    for memory in shown:
        core = memory.strip(" .!,;:-")
        if core in own:
            own = re.sub(rf"(?<!\w){re.escape(core)}(?!\w)", lambda m: BLANK * len(m[0]), own)
    own = _LEAD.sub(lambda m: BLANK * len(m[0]), own)
    places = (match.start() for match in re.finditer(f"(?={re.escape(quote)})", text))
    return max((own[place : place + len(quote)] for place in places), key=lambda part: -part.count(BLANK))


def _in_order(fact: Fact, turn: Turn) -> Fact:
    """The fact with its event dates in the turn's zone if they had none, and the earlier one first."""
    start, end = _zoned(fact.event_from, turn), _zoned(fact.event_to, turn)
    if start is not None and end is not None and start > end:
        start, end = end, start
    if (start, end) == (fact.event_from, fact.event_to):
        return fact
    return replace(fact, event_from=start, event_to=end)


def _zoned(when: datetime | None, turn: Turn) -> datetime | None:
    if when is None or when.tzinfo is not None:
        return when
    return when.replace(tzinfo=turn.observed_at.tzinfo)


def has_secret(text: str) -> bool:
    """Whether the text holds a key, a password or the number of a payment card."""
    if any(pattern.search(text) for pattern in _SECRETS):
        return True
    return any(_is_card(re.sub(r"\D", "", match[0])) for match in _DIGITS.finditer(text))


def _is_card(digits: str) -> bool:
    """The Luhn check; a run of one digit passes it and is no card."""
    if len(set(digits)) == 1:
        return False
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _plain(text: str) -> str:
    """Width, case, quotation marks, dashes and white space made alike."""
    folded = unicodedata.normalize("NFKC", text.translate(_SAME_CHARACTER)).translate(_SAME_CHARACTER)
    return " ".join(folded.casefold().split())


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))
