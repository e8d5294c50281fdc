"""Sentences that introduce a text of somebody else, or one to be worked on."""

from dataclasses import dataclass

from app.memory.extraction.offline.frames.reports import (
    ANY_LOOSE,
    NO_LOOSE,
    find_label,
    find_speech_verb,
    is_own_speech,
)
from app.memory.extraction.offline.frames.text_work import (
    find_text_noun,
    has_object_task,
    is_shown,
    reworks_this,
    works_on_text,
)
from app.memory.extraction.offline.frames.utterances import Utterance
from app.memory.extraction.offline.frames.words import (
    FIRST_PERSON,
    OWN_LABELS,
    OWN_TEXTS,
    SPOKEN_NOUNS,
    VERB_TAGS,
)
from app.memory.text.word_sets import word_set

_DEMONSTRATIVES = frozenset({"this", "these", "following", "below", "that", "it", "those", "above"})
_DASHES = frozenset({"-", "--", "–", "—"})
_MAX_NAMING_WORDS = 8
# Ways to turn to somebody, after which one speaks.
_APPROACHES = word_set(
    "come turn approach call ring phone look nod lean step walk run stop pull take interrupt greet face wave "
    "corner catch buttonhole text ping"
)
_THINGS = frozenset({"it", "this", "that", "there", "which"})
# Before "this:", these announce the speaker's own words: "Remember this: …", "My day looks like this: …".
_OWN_PRESENTATION = word_set(
    "remember note know mind like consider picture imagine suppose is 's think thing"
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What follows tokens[content - 1] of an utterance is not the speaker's own.

    `is_task` says that work on the text is asked for. `reporter` is set for the words of a known person.
    """

    content: int
    is_report: bool
    reporter: str | None = None
    is_task: bool = False


def find_introduction(utterance: Utterance, author: str | None) -> Introduction | None:
    """What an utterance introduces after a colon or a dash; `author` is the name of the turn's speaker."""
    for index in _find_separators(utterance):
        introduction = _judge_separator(utterance, index, author)
        if introduction is not None:
            return introduction
    return None


def announces_words(utterance: Utterance) -> tuple[bool, str | None]:
    """Whether an utterance announces somebody's words ("My pupil wrote the following."), and whose."""
    words = [word for word in utterance.words if any(c.isalnum() for c in word)]
    if not words or words[-1] not in ("this", "following", "these") or utterance.is_question:
        return False, None
    found = find_speech_verb(utterance, 0, len(utterance.words), loose=NO_LOOSE)
    return found is not None, found[1] if found is not None else None


def _find_separators(utterance: Utterance) -> list[int]:
    found: list[int] = []
    for token in utterance.tokens:
        if (
            token.text == ":"
            or (token.text in _DASHES and token.index and _is_spaced(utterance, token.index))
            or (token.text.endswith(":") and len(token.text) > 1 and token.text[0].isalpha())
        ):
            found.append(token.index)
    return found[:6]


def _is_spaced(utterance: Utterance, index: int) -> bool:
    token, before = utterance.tokens[index], utterance.tokens[index - 1]
    return before.end < token.start or token.text != "-"


def _judge_separator(utterance: Utterance, index: int, author: str | None) -> Introduction | None:
    is_dash = utterance.tokens[index].text in _DASHES
    first = _start_of_clause(utterance, index)
    label = None if is_dash else find_label(utterance, index)
    if label is not None and _speaks_in_person(utterance, index) and not _is_author(label, author):
        return Introduction(index + 1, is_report=True, reporter=label)
    if is_own_speech(utterance, first, index) and find_text_noun(utterance, first, index) is None:
        return None
    if works_on_text(utterance, first, index) if not is_dash else reworks_this(utterance, first, index):
        return Introduction(index + 1, is_report=False, is_task=True)
    if is_dash and not _may_introduce(utterance, first, index):
        return None
    return _judge_announcement(utterance, first, index, is_dash)


def _judge_announcement(utterance: Utterance, first: int, index: int, is_dash: bool) -> Introduction | None:
    """Whose words, or which text, a clause announces before a separator."""
    speech = find_speech_verb(utterance, first, index, loose=NO_LOOSE if is_dash else ANY_LOOSE)
    noun = find_text_noun(utterance, first, index)
    if speech is not None and not _has_clause_between(utterance, speech[0], index):
        is_task = has_object_task(utterance, index, first)
        return Introduction(index + 1, is_report=True, reporter=speech[1], is_task=is_task)
    if _quotes_somebody(utterance, first, index) or (
        not is_dash and _addresses_speaker(utterance, first, index)
    ):
        return Introduction(index + 1, is_report=True)
    if noun is not None and not _is_own_text(utterance, noun, first, index):
        return Introduction(
            index + 1, is_report=False, is_task=not is_dash and has_object_task(utterance, index, first)
        )
    if not is_dash and (is_shown(utterance, first, index) or _presents(utterance, first, index)):
        return Introduction(index + 1, is_report=False, is_task=True)
    return None


def _may_introduce(utterance: Utterance, first: int, dash: int) -> bool:
    """Whether what stands before a dash introduces what follows: a dash mostly only goes on.

    It must have no verb ("From the applicant's CV - …") or name a sender ("a text from Joe - …"), and what
    follows must be in the first person.
    """
    words = utterance.words[first:dash]
    noun = find_text_noun(utterance, first, dash)
    is_message = noun is not None and ("from" in words[noun - first :] or words[-1] == utterance.words[noun])
    has_verb = any(utterance.tokens[i].tag in VERB_TAGS for i in range(first, dash))
    is_speech = find_speech_verb(utterance, first, dash, loose=NO_LOOSE) is not None
    speaks = bool(set(utterance.words[dash + 1 : dash + 4]) & {"i", "my", "we", "our", '"', "“", "dear"})
    return speaks and (not has_verb or is_message or is_speech)


def _quotes_somebody(utterance: Utterance, first: int, last: int) -> bool:
    """Whether somebody else's words are announced by a noun: "His exact words were:"."""
    words = utterance.words[first:last]
    if not set(words) & SPOKEN_NOUNS or set(words) & {"my", "our", "i"}:
        return False
    return bool(set(words) & {"his", "her", "their", "the", "'s", "'"}) and len(words) <= _MAX_NAMING_WORDS


def _addresses_speaker(utterance: Utterance, first: int, colon: int) -> bool:
    """Whether somebody comes up to the speaker before a colon, and speaks in person after it."""
    if not _speaks_in_person(utterance, colon) or not set(utterance.words[first:colon]) & {"me", "us"}:
        return False
    subjects = [t for t in utterance.tokens[first:colon] if t.relation == "nsubj"]
    verbs = [t for t in utterance.tokens[first:colon] if t.lemma.lower() in _APPROACHES]
    others = [t for t in subjects if t.text.lower() not in FIRST_PERSON | _THINGS]
    return bool(verbs) and len(others) == len(subjects) > 0


def _presents(utterance: Utterance, first: int, last: int) -> bool:
    """Whether something is presented after a colon: "My colleague sent this:", "Look at this:"."""
    words = utterance.words[first:last]
    if not words or words[-1] not in ("this", "these", "following", "lines", "words"):
        return False
    return not set(words) & _OWN_PRESENTATION


def _start_of_clause(utterance: Utterance, index: int) -> int:
    """Where the sentence before a separator begins, as far as marks show."""
    for position in range(index - 1, -1, -1):
        if utterance.words[position] in (";", "?", "!", ".") and position < index - 1:
            return position + 1
    return 0


def _speaks_in_person(utterance: Utterance, index: int) -> bool:
    return bool(set(utterance.words[index + 1 : index + 30]) & {"i", "i'm", "my", "we", "our", "im"})


def _is_author(label: str, author: str | None) -> bool:
    return author is not None and label.lower().split()[0] in author.lower().split()


def _has_clause_between(utterance: Utterance, verb: int, separator: int) -> bool:
    """Whether what was said stands before the separator already: "Ann said she is ill - I live in Rome"."""
    return any(
        verb < child < separator and utterance.tokens[child].relation == "ccomp"
        for child in utterance.children[verb]
    )


def _is_own_text(utterance: Utterance, noun: int, first: int, last: int) -> bool:
    """Whether a text before a colon is the speaker's own ("My bio: …") or only a manner of speaking."""
    words = set(utterance.words[first:last])
    if (
        words & OWN_LABELS - {"question", "short", "me", "my", "fact"}
        and len(words) <= _MAX_NAMING_WORDS // 2
        and not words & (_DEMONSTRATIVES | {"the"})
    ):
        return True
    if _is_told_by_speaker(utterance, noun, first, last):
        return True
    lemma = utterance.tokens[noun].lemma.lower()
    if lemma in ("story", "line", "post", "message", "report", "site", "page", "statement") and words & {
        "long",
        "my",
        "bottom",
        "short",
        "work",
    }:
        return not has_object_task(utterance, last, first)
    return lemma in OWN_TEXTS and "my" in words and not has_object_task(utterance, last, first)


def _is_told_by_speaker(utterance: Utterance, noun: int, first: int, last: int) -> bool:
    """Whether the speaker tells what they did with a text: "I finished my book yesterday: 300 pages"."""
    is_shown = noun == last - 1 or bool(set(utterance.words[first:last]) & (_DEMONSTRATIVES | {"here"}))
    if is_shown:
        return False
    tokens = utterance.tokens[first:last]
    is_own = any(
        t.relation == "nsubj"
        and t.text.lower() in ("i", "we")
        and utterance.tokens[t.head].tag in ("VBD", "VBP", "VBZ", "VBN")
        for t in tokens
    )
    return is_own and not any(t.tag in ("VBD", "VBP", "VBZ", "MD") for t in utterance.tokens[last:])
