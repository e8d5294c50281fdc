"""What turns say about goals: what is to be reached, and what is done or dropped (English rules)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import GoalStatus, Role
from app.memory.extraction.guard import has_secret
from app.memory.extraction.labelled_examples import labelled
from app.memory.extraction.offline.third_person import expand, is_past
from app.memory.text.analysis import analyze
from app.memory.types import Fact, Turn

LONGEST_GOAL = 200
LONGEST_TURN, LONGEST_SENTENCE = 2_000, 300
FEWEST_STEMS = 2

_SENTENCE = re.compile(r"[^.!?\n;]+(?:\.(?=\w)[^.!?\n;]+)*[.!?;]?")
_SPEECH = re.compile(r"[\"“«][^\"“”«»\n]*[\"”»]")
_FIRM = (
    re.compile(
        r"\b(?:my|our) (?:\w+ )?(?:goal|aim|task|mission|objective)(?: for [\w ]+?)? is:? (?:to )?"
        r"(?P<goal>.+)",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:my )?(?:goal|task|to-?do)\s*:\s*(?:to )?(?P<goal>.+)", re.IGNORECASE),
    re.compile(r"\bremind (?:me|us) (?:to|about) (?P<goal>.+)", re.IGNORECASE),
    re.compile(
        r"\b(?:I|we) (?:really |also |still )?(?:have to|must|need to|plan to|intend to"
        r"|(?:am|are) (?:trying|planning) to) (?P<goal>.+)",
        re.IGNORECASE,
    ),
)
_WISHES = (
    re.compile(r"\bhelp (?:me|us) (?:to |with )?(?P<goal>.+)", re.IGNORECASE),
    re.compile(
        r"\b(?:I|we) (?:really |also |still )?(?:want to|would (?:like|love) to|hope to) (?P<goal>.+)",
        re.IGNORECASE,
    ),
)
_ASKED = (_FIRM[2], _WISHES[0])  # these may stand in a question
_REST = re.compile(r",? (?:because|since|so that|but|please|though|if|and then)\b.*$", re.IGNORECASE)
_OPEN_END = re.compile(
    r"\b(?:not|never|almost|nearly|yet|try|trying|tried|will|would|going to|want|need|hope|if|should"
    r"|might|could|plan|planning)\b",
    re.IGNORECASE,
)
_DROPPED = re.compile(
    r"\b(?:never ?mind|forget about|no longer (?:need|want)|not (?:need|want) .*\bany more"
    r"|cancel(?:l?ed)?|changed (?:my|our) mind|gave up|given up|called off)\b",
    re.IGNORECASE,
)
_DONE = re.compile(r"\b(?:done|finished|completed|sorted|ready)\b", re.IGNORECASE)
_DOER = re.compile(r"\b(?:I|we|you) (?:(?:have|has|just|already|also|\w+ly) ){0,8}(?P<verb>[a-z]+)\b", re.I)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|been) (?:\w+ly |now |all )?(?P<verb>[a-z]+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A turn that opens a goal, or says that one is done or dropped. `firm` = more than a wish in passing."""

    text: str
    status: GoalStatus
    firm: bool
    turn_id: UUID
    at: datetime


def told(facts: Sequence[Fact], turns: Sequence[Turn]) -> list[Mention]:
    """The mentions that a model marked among its facts, in the order of their turns."""
    at = {turn.id: turn.observed_at for turn in turns}
    return [
        Mention(fact.content[:LONGEST_GOAL], fact.goal, True, fact.turn_id, at[fact.turn_id])
        for fact in facts
        if fact.goal is not None and fact.turn_id in at
    ]


def found(turns: Sequence[Turn]) -> list[Mention]:
    """The mentions that rules find. Users open and drop goals; an assistant may say that one is done."""
    mentions: list[Mention] = []
    for turn in turns:
        if turn.role not in {Role.USER, Role.ASSISTANT} or len(turn.content) > LONGEST_TURN:
            continue
        if any(labelled(turn)):
            continue
        for sentence in _sentences(turn.content):
            mention = _opened(sentence, turn) if turn.role is Role.USER else None
            mention = mention or _closed(sentence, turn)
            if mention is not None and not has_secret(sentence):
                mentions.append(mention)
    return mentions


def _sentences(content: str) -> Iterator[str]:
    text = _SPEECH.sub(" ", content.replace("\u2019", "'"))
    for match in _SENTENCE.finditer(text):
        if len(match[0]) <= LONGEST_SENTENCE:
            yield expand(match[0].strip())


def _opened(sentence: str, turn: Turn) -> Mention | None:
    for patterns, firm in ((_FIRM, True), (_WISHES, False)):
        for pattern in patterns:
            match = pattern.search(sentence)
            if match is None or (sentence.endswith("?") and pattern not in _ASKED):
                continue
            goal = _REST.sub("", match["goal"]).strip(" .!?,;:")[:LONGEST_GOAL]
            if len(analyze(goal)) >= FEWEST_STEMS:
                return Mention(goal[0].upper() + goal[1:], GoalStatus.OPEN, firm, turn.id, turn.observed_at)
    return None


def _closed(sentence: str, turn: Turn) -> Mention | None:
    if sentence.endswith("?"):
        return None
    status = None
    if _DROPPED.search(sentence):
        status = GoalStatus.DROPPED if turn.role is Role.USER else None
    elif not _OPEN_END.search(sentence):
        verbs = [m["verb"].lower() for p in (_DOER, _PASSIVE) for m in p.finditer(sentence)]
        if _DONE.search(sentence) or any(is_past(verb) for verb in verbs):
            status = GoalStatus.DONE
    return Mention(sentence, status, True, turn.id, turn.observed_at) if status is not None else None
