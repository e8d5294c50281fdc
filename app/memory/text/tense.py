"""The tense in which a sentence speaks of a date: it decides whether "3 December" is the last one or the next.

A text is read word by word into verb groups ("has been moved", "are flying"), each of which speaks of the past
or of what lies ahead. A date belongs to the group before it in its sentence, else to the first one after it.
"""

import re
from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum, StrEnum

from app.memory.text import verb_forms as forms

_WORD = re.compile(
    r"[^\W\d_]+?(?=n['\u2019]t\b)|n['\u2019]t\b|['\u2019](?:m|re|s|ve|ll|d)\b|[^\W\d_]+(?:-[^\W\d_]+)*|\d+|[,;:]"
)
_SENTENCE_END = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bSt)(?<!\bMrs)(?<!\bProf)[.!?](?=\s)|\n")
_WEEKDAY_IN = re.compile(r"day\b", re.IGNORECASE)
_CLOCK_IN = re.compile(r"\b(?:at \d|\d{1,2}(?::\d\d)? ?[ap]\.?m\b|\d{1,2}:\d\d)", re.IGNORECASE)
_PREPOSITION_BEFORE = re.compile(r"([^\W\d_]+)\W*$")
_PREPOSITIONS = frozenset(
    [
        "on",
        "in",
        "at",
        "for",
        "to",
        "until",
        "till",
        "by",
        "from",
        "before",
        "after",
        "since",
        "during",
        "over",
    ]
)
# "Was going to" says of what lay ahead, not whether it came.
_OPEN_AFTER_WAS = frozenset(["going", "supposed", "meant", "due", "planning", "hoping", "to"])
_AIMS = frozenset(["for", "to", "until", "till", "from", "by", "before"])
_CONJUNCTIONS = frozenset([",", ";", ":", "and", "but", "because", "so", "then", "while", "although"])


class Tense(StrEnum):
    """Of what a sentence speaks: the past, what lies ahead, a present or timetable, or what happens always."""

    PAST = "past"
    FUTURE = "future"
    PRESENT = "present"
    HABIT = "habit"


class _Kind(Enum):
    PLAIN = 0
    ARRANGED = 1  # "booked", which a date after "for" or "to" lies ahead of
    IS_ARRANGED = 2  # "is booked", "have booked"
    REARRANGED = 3  # "moved", "cancelled", which say nothing of a date before them
    COMMITTED = 4  # "decided", whose infinitive lies ahead
    UNSURE = 5  # "was going to"


@dataclass(frozen=True, slots=True)
class _VerbGroup:
    start: int
    end: int
    tense: Tense | None
    kind: _Kind = _Kind.PLAIN


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    words: tuple[str, ...]
    groups: tuple[_VerbGroup, ...]


class TenseFinder:
    """Finds the tense of the dates of a text; each of its sentences is read once, however many dates it has."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends: list[re.Match[str]] | None = None
        self._sentences: dict[int, _Sentence] = {}

    def tense_of(self, start: int, end: int) -> Tense | None:
        """The tense in which the text speaks of the date text[start:end]; None if it can't be told."""
        sentence = self._sentence_at(start)
        lead = _PREPOSITION_BEFORE.search(self._text, max(sentence.start, start - 12), start)
        inside = re.match(r"[^\W\d_]+", self._text[start:end])
        preposition = next(
            (m[0].strip().lower() for m in (inside, lead) if m and m[0].strip().lower() in _PREPOSITIONS), ""
        )
        if preposition == "since":
            return Tense.PAST
        group = self._group_of(sentence, start, end)
        if group is None:
            return self._verbless_tense(sentence)
        if group.tense is Tense.PRESENT and not forms.HABIT_WORDS.isdisjoint(sentence.words):
            return Tense.HABIT
        if group.kind is _Kind.UNSURE or (group.start >= end and group.kind is _Kind.REARRANGED):
            return None
        if group.kind in {_Kind.ARRANGED, _Kind.REARRANGED, _Kind.IS_ARRANGED}:
            return self._arranged_tense(group, preposition, self._text[start:end])
        return group.tense

    @staticmethod
    def _arranged_tense(group: _VerbGroup, preposition: str, date: str) -> Tense | None:
        if preposition in _AIMS:
            return Tense.FUTURE
        if group.kind is _Kind.IS_ARRANGED:
            return Tense.FUTURE
        # "I booked it on Monday" tells when it was booked; with "on 3 May" either may be meant.
        return Tense.PAST if group.kind is _Kind.REARRANGED or _WEEKDAY_IN.search(date) else None

    def _group_of(self, sentence: _Sentence, start: int, end: int) -> _VerbGroup | None:
        before = [group for group in sentence.groups if group.start < start]
        after = [group for group in sentence.groups if group.start >= end]
        if before and after and self._opens_clause(sentence, start, end):
            return after[0]
        return before[-1] if before else after[0] if after else None

    def _opens_clause(self, sentence: _Sentence, start: int, end: int) -> bool:
        """Whether the date stands before the subject of its clause: "…, but on Friday we …"."""
        lead = _WORD.findall(self._text[max(sentence.start, start - 24) : start])
        while lead and lead[-1].lower() in _PREPOSITIONS:
            lead.pop()
        rest = _WORD.search(self._text, end, sentence.end)
        if not lead or rest is None or lead[-1].lower() not in _CONJUNCTIONS:
            return False
        following = rest[0].lower() if rest[0] != "," else ""
        return not following or following in forms.SUBJECTS | forms.DETERMINERS

    def _verbless_tense(self, sentence: _Sentence) -> Tense | None:
        is_plan = not forms.PLAN_NOUNS.isdisjoint(sentence.words)
        return Tense.FUTURE if is_plan or _CLOCK_IN.search(self._text, sentence.start, sentence.end) else None

    def _sentence_at(self, position: int) -> _Sentence:
        if self._ends is None:
            self._ends = list(_SENTENCE_END.finditer(self._text))
        # A sentence end is one character long.
        number = bisect_left(self._ends, position, key=lambda end: end.start())
        if number not in self._sentences:
            start = self._ends[number - 1].end() if number else 0
            end = self._ends[number].start() if number < len(self._ends) else len(self._text)
            self._sentences[number] = _read_sentence(self._text, start, end)
        return self._sentences[number]


def _read_sentence(text: str, start: int, end: int) -> _Sentence:
    words = list(_WORD.finditer(text, start, end))
    lower = tuple(word[0].lower().replace("\u2019", "'") for word in words)
    groups: list[_VerbGroup] = []
    at = 0
    while at < len(words):
        found = _read_group(words, lower, at, groups)
        if found is None:
            at += 1
            continue
        tense, kind, past_end = found
        groups.append(_VerbGroup(words[at].start(), words[past_end - 1].end(), tense, kind))
        at = past_end
    return _Sentence(start, end, lower, tuple(groups))


_Group = tuple[Tense | None, _Kind, int]  # tense, kind, and the index of the word after the group


def _read_group(
    words: list[re.Match[str]], lower: tuple[str, ...], at: int, before: list[_VerbGroup]
) -> _Group | None:
    """Read the verb group that begins at a word; None if none does."""
    word, previous = lower[at], lower[at - 1] if at else ""
    following = _skip_adverbs(lower, at + 1)
    next_word = lower[following] if following < len(lower) else ""
    if word == "may" and words[at][0] == "may" and previous not in {"in", "of"}:
        return _read_modal(lower, at)
    if word in forms.MODALS or (word == "'d" and not is_past_form(next_word)):
        return _read_modal(lower, at)
    if word == "'s":
        word = _read_contracted_s(previous, next_word)
    if word in forms.BE_PRESENT:
        return _read_present_be(lower, at, following)
    if word in forms.BE_PAST:
        end = _end_of_group(lower, at + 1)
        is_open = next_word in _OPEN_AFTER_WAS
        return Tense.PAST, _Kind.UNSURE if is_open else _kind_of_participles(lower[at:end]), end
    if word in forms.HAVE_PRESENT or (word == "has"):
        return _read_have(lower, at, following)
    if word in {"had", "'d", "did"}:
        if word == "had" and next_word == "better":
            return Tense.FUTURE, _Kind.PLAIN, following + 1
        return Tense.PAST, _Kind.PLAIN, _end_of_group(lower, at + 1, takes_base=word == "did")
    if word in forms.DO_PRESENT:
        return Tense.PRESENT, _Kind.PLAIN, _end_of_group(lower, at + 1, takes_base=True)
    if word == "to":
        return _read_infinitive(words, lower, at, before)
    return _read_full_verb(words, lower, at, before)


def _read_modal(lower: tuple[str, ...], at: int) -> _Group:
    following = _skip_adverbs(lower, at + 1)
    speaks_back = lower[at] not in {"will", "'ll", "wo"} and lower[following : following + 1] in (
        ("have",),
        ("'ve",),
    )
    tense = Tense.PAST if speaks_back else Tense.FUTURE
    return tense, _Kind.UNSURE if speaks_back else _Kind.PLAIN, _end_of_group(lower, at + 1, takes_base=True)


def _read_contracted_s(previous: str, next_word: str) -> str:
    """ "is", "has", or "'s" of a possessive."""
    if next_word in {"been", "got", "gone"} or (
        previous in forms.SINGULAR_SUBJECTS and next_word in {"had", "done"}
    ):
        return "has"
    if previous in forms.SUBJECTS or previous in {"let", "here", "where", "when"}:
        return "is"
    follows_be = next_word in _PREPOSITIONS | {
        "going",
        "due",
        "now",
        "this",
        "next",
        "not",
        "tomorrow",
        "today",
        "tonight",
        "been",
    }
    return "is" if follows_be or (next_word.endswith("ing") and len(next_word) > 5) else "'s"


def _read_present_be(lower: tuple[str, ...], at: int, following: int) -> _Group:
    next_word = lower[following] if following < len(lower) else ""
    end = _end_of_group(lower, at + 1)
    if next_word.endswith("ing") or next_word in {"due", "about", "supposed", "set", "to"}:
        return Tense.FUTURE, _Kind.PLAIN, end
    arranged = next_word in forms.ARRANGING_VERBS | forms.REARRANGING_VERBS
    return Tense.PRESENT, _Kind.IS_ARRANGED if arranged else _Kind.PLAIN, end


def _read_have(lower: tuple[str, ...], at: int, following: int) -> _Group:
    next_word = lower[following] if following < len(lower) else ""
    after_next = lower[following + 1] if following + 1 < len(lower) else ""
    if next_word == "to" or (next_word == "got" and after_next == "to"):
        return Tense.FUTURE, _Kind.PLAIN, _end_of_group(lower, at + 1, takes_base=True)
    if next_word == "got" and not is_past_form(after_next):
        return Tense.PRESENT, _Kind.PLAIN, following + 1
    if next_word != "been" and not is_past_form(next_word):
        return Tense.PRESENT, _Kind.PLAIN, at + 1
    end = _end_of_group(lower, at + 1)
    group = lower[at:end]
    if not forms.REARRANGING_VERBS.isdisjoint(group):
        return Tense.PAST, _Kind.REARRANGED, end
    arranged = not forms.ARRANGING_VERBS.isdisjoint(group)
    return Tense.PAST, _Kind.IS_ARRANGED if arranged else _Kind.PLAIN, end


def _read_infinitive(
    words: list[re.Match[str]], lower: tuple[str, ...], at: int, before: list[_VerbGroup]
) -> _Group | None:
    following = lower[at + 1] if at + 1 < len(lower) else ""
    is_verb = following and words[at + 1][0].islower() and following not in forms.DETERMINERS | forms.SUBJECTS
    if not is_verb or (before and before[-1].tense is Tense.PAST and before[-1].kind is _Kind.PLAIN):
        return None
    if before and before[-1].kind is _Kind.UNSURE:
        return None
    # After a present or nothing ("ready to start"), or after a word that binds ("decided to leave").
    return Tense.FUTURE, _Kind.PLAIN, _end_of_group(lower, at + 1, takes_base=True)


def _read_full_verb(
    words: list[re.Match[str]], lower: tuple[str, ...], at: int, before: list[_VerbGroup]
) -> _Group | None:
    word, previous = lower[at], lower[at - 1] if at else ""
    subject = _skip_adverbs_back(lower, at - 1)
    subject_word = lower[subject] if subject >= 0 else ""
    is_name = words[at][0][0].isupper() and at > 0
    if is_past_form(word) and not is_name:
        return _read_past(lower, at, previous, subject_word)
    if is_name or previous in forms.DETERMINERS:
        return None
    opens = at == 0 or (previous in _CONJUNCTIONS and not before)
    if word.endswith("ing") and len(word) > 4 and opens:
        return Tense.FUTURE, _Kind.PLAIN, _end_of_group(lower, at + 1)
    if word in {"upcoming", "due", "remind", "remember"}:
        return Tense.FUTURE, _Kind.PLAIN, at + 1
    if subject_word in forms.SINGULAR_SUBJECTS:
        is_present = word.endswith("s") and word not in forms.ADVERBS
    else:
        is_present = (
            subject_word in forms.SUBJECTS and word not in forms.ADVERBS | _PREPOSITIONS | _CONJUNCTIONS
        )
    if is_present or _is_timetable_verb(lower, at):
        tense = Tense.FUTURE if word in forms.PLANNING_VERBS else Tense.PRESENT
        return tense, _Kind.PLAIN, at + 1
    return None


def _is_timetable_verb(lower: tuple[str, ...], at: int) -> bool:
    if at == 0 or lower[at - 1] in forms.DETERMINERS | _PREPOSITIONS:
        return False
    plural = lower[at] in forms.TIMETABLE_PLURALS and lower[at - 1].endswith("s")
    return plural or lower[at] in forms.TIMETABLE_VERBS


def _read_past(lower: tuple[str, ...], at: int, previous: str, subject: str) -> _Group | None:
    word = lower[at]
    if previous in forms.DETERMINERS:
        return None
    end = at + 1
    if word in {"got", "kept"}:
        end = _end_of_group(lower, at + 1)
        kind = _kind_of_participles(lower[at:end])
        if kind is not _Kind.PLAIN:
            return Tense.PAST, kind, end
    rest = lower[end : end + 6]
    if word in forms.OBTAINING_VERBS and not forms.ARRANGEMENTS.isdisjoint(rest):
        is_held = word in {"got", "gotten", "won", "landed"}
        return Tense.PAST, _Kind.IS_ARRANGED if is_held else _Kind.ARRANGED, end
    if word in forms.REARRANGING_VERBS:
        return Tense.PAST, _Kind.REARRANGED, end
    if word in forms.ARRANGING_VERBS:
        if rest[:1] == ("to",):
            return Tense.PAST, _Kind.COMMITTED, end
        # Without a subject it is passive: "surgery scheduled on Monday".
        is_active = subject in forms.SUBJECTS or subject == "" or previous in _CONJUNCTIONS
        return Tense.PAST, _Kind.ARRANGED if is_active else _Kind.IS_ARRANGED, end
    if word in forms.COMMITTING_VERBS and "to" in rest[:3]:
        return Tense.PAST, _Kind.COMMITTED, end
    return Tense.PAST, _Kind.PLAIN, end


def _kind_of_participles(group: tuple[str, ...]) -> _Kind:
    if not forms.REARRANGING_VERBS.isdisjoint(group):
        return _Kind.REARRANGED
    return _Kind.PLAIN if forms.ARRANGING_VERBS.isdisjoint(group) else _Kind.ARRANGED


def is_past_form(word: str) -> bool:
    """Whether a lower-case word looks like a past form or a participle."""
    if word in forms.PAST_FORMS:
        return True
    return len(word) > 3 and word.endswith("ed") and word[-3] != "e" and word not in forms.NOT_PAST


def _skip_adverbs(lower: tuple[str, ...], at: int) -> int:
    while at < len(lower) and lower[at] in forms.ADVERBS:
        at += 1
    return at


def _skip_adverbs_back(lower: tuple[str, ...], at: int) -> int:
    while at >= 0 and lower[at] in forms.ADVERBS:
        at -= 1
    return at


def _end_of_group(lower: tuple[str, ...], at: int, *, takes_base: bool = False) -> int:
    """The index after the words that continue a verb group from `at` on."""
    while at < len(lower):
        word = lower[at]
        if (
            word in forms.ADVERBS
            or word in forms.AUXILIARIES
            or is_past_form(word)
            or (word.endswith("ing") and len(word) > 4 and lower[at - 1] not in forms.DETERMINERS)
        ):
            at += 1
        elif takes_base and word not in forms.DETERMINERS | _PREPOSITIONS | _CONJUNCTIONS and word.isalpha():
            at, takes_base = at + 1, False
        elif takes_base and word in forms.SUBJECTS and word not in {"that", "this", "there"}:
            at += 1  # a question: "will you", "did she"
        else:
            break
    return at
