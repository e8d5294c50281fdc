"""Finds mentions of goals in turns: opened, done or dropped (English rules)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.vocabulary import GoalStatus, Role
from app.memory.extraction.guard import has_secret
from app.memory.extraction.labelled_examples import find_labelled_examples
from app.memory.extraction.offline.grammar.third_person import expand_contractions, is_past_tense
from app.memory.text.analysis import analyze_text
from app.memory.types import Fact, Turn

MAX_GOAL_CHARS = 200
MAX_TURN_CHARS, MAX_GOAL_SENTENCE_CHARS = 2_000, 300
MIN_GOAL_STEMS = 2

_SENTENCE = re.compile(r"[^.!?\n;]+(?:\.(?=\w)[^.!?\n;]+)*[.!?;]?")
_QUOTED_SPEECH = re.compile(r"[\"“«][^\"“”«»\n]*[\"”»]")
_FIRM_GOAL_PATTERNS = (
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
_WISH_PATTERNS = (
    re.compile(r"\bhelp (?:me|us) (?:to |with )?(?P<goal>.+)", re.IGNORECASE),
    re.compile(
        r"\b(?:I|we) (?:really |also |still )?(?:want to|would (?:like|love) to|hope to) (?P<goal>.+)",
        re.IGNORECASE,
    ),
)
_ALLOWED_IN_QUESTIONS = (_FIRM_GOAL_PATTERNS[2], _WISH_PATTERNS[0])  # these may occur in a question
_TRAILING_CLAUSE = re.compile(
    r",? (?:because|since|so that|but|please|though|if|and then)\b.*$", re.IGNORECASE
)
_UNFINISHED_MARKER = re.compile(
    r"\b(?:not|never|almost|nearly|yet|try|trying|tried|will|would|going to|want|need|hope|if|should"
    r"|might|could|plan|planning)\b",
    re.IGNORECASE,
)
_DROPPED_PHRASE = re.compile(
    r"\b(?:never ?mind|forget about|no longer (?:need|want)|not (?:need|want) .*\bany more"
    r"|cancel(?:l?ed)?|changed (?:my|our) mind|gave up|given up|called off)\b",
    re.IGNORECASE,
)
_DONE_WORD = re.compile(r"\b(?:done|finished|completed|sorted|ready)\b", re.IGNORECASE)
_AGENT_VERB = re.compile(
    r"\b(?:I|we|you) (?:(?:have|has|just|already|also|\w+ly) ){0,8}(?P<verb>[a-z]+)\b", re.I
)
_PASSIVE_VERB = re.compile(
    r"\b(?:is|are|was|were|been) (?:\w+ly |now |all )?(?P<verb>[a-z]+)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class GoalMention:
    """A turn that opens a goal, or says that one is done or dropped; `firm` is False for a tentative wish."""

    text: str
    status: GoalStatus
    firm: bool
    turn_id: UUID
    said_at: datetime


def goals_from_facts(facts: Sequence[Fact], turns: Sequence[Turn]) -> list[GoalMention]:
    """The goal mentions that a model marked among its facts, in the order of the facts."""
    observed_at = {turn.id: turn.observed_at for turn in turns}
    return [
        GoalMention(fact.content[:MAX_GOAL_CHARS], fact.goal, True, fact.turn_id, observed_at[fact.turn_id])
        for fact in facts
        if fact.goal is not None and fact.turn_id in observed_at
    ]


def find_goal_mentions(turns: Sequence[Turn]) -> list[GoalMention]:
    """The goal mentions that rules find. Users open and drop goals; an assistant may report one as done."""
    mentions: list[GoalMention] = []
    for turn in turns:
        if turn.role not in {Role.USER, Role.ASSISTANT} or len(turn.content) > MAX_TURN_CHARS:
            continue
        if any(find_labelled_examples(turn)):
            continue
        for sentence in _split_sentences(turn.content):
            mention = _match_opened_goal(sentence, turn) if turn.role is Role.USER else None
            mention = mention or _match_closed_goal(sentence, turn)
            if mention is not None and not has_secret(sentence):
                mentions.append(mention)
    return mentions


def _split_sentences(content: str) -> Iterator[str]:
    text = _QUOTED_SPEECH.sub(" ", content.replace("\u2019", "'"))
    for match in _SENTENCE.finditer(text):
        if len(match[0]) <= MAX_GOAL_SENTENCE_CHARS:
            yield expand_contractions(match[0].strip())


def _match_opened_goal(sentence: str, turn: Turn) -> GoalMention | None:
    for patterns, firm in ((_FIRM_GOAL_PATTERNS, True), (_WISH_PATTERNS, False)):
        for pattern in patterns:
            match = pattern.search(sentence)
            if match is None or (sentence.endswith("?") and pattern not in _ALLOWED_IN_QUESTIONS):
                continue
            goal = _TRAILING_CLAUSE.sub("", match["goal"]).strip(" .!?,;:")[:MAX_GOAL_CHARS]
            if len(analyze_text(goal)) >= MIN_GOAL_STEMS:
                return GoalMention(
                    goal[0].upper() + goal[1:], GoalStatus.OPEN, firm, turn.id, turn.observed_at
                )
    return None


def _match_closed_goal(sentence: str, turn: Turn) -> GoalMention | None:
    if sentence.endswith("?"):
        return None
    status = None
    if _DROPPED_PHRASE.search(sentence):
        status = GoalStatus.DROPPED if turn.role is Role.USER else None
    elif not _UNFINISHED_MARKER.search(sentence):
        verbs = [m["verb"].lower() for p in (_AGENT_VERB, _PASSIVE_VERB) for m in p.finditer(sentence)]
        if _DONE_WORD.search(sentence) or any(is_past_tense(verb) for verb in verbs):
            status = GoalStatus.DONE
    return GoalMention(sentence, status, True, turn.id, turn.observed_at) if status is not None else None
