"""Reads the verb groups of an English sentence, word by word, with the tense that each speaks in."""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum

from app.memory.text.dates import verb_forms as forms

WORD = re.compile(
    r"[^\W\d_]+?(?=n['\u2019]t\b)|n['\u2019]t\b|['\u2019](?:m|re|s|ve|ll|d)\b"
    r"|[^\W\d_]+(?:-[^\W\d_]+)*|\d+|[,;:]"
)
PREPOSITIONS = frozenset(
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
CONJUNCTIONS = frozenset([",", ";", ":", "and", "but", "because", "so", "then", "while", "although"])
_PARTICLES = forms.DETERMINERS | PREPOSITIONS | CONJUNCTIONS
# "Was going to" says of what lay ahead, not whether it came.
_OPEN_AFTER_WAS = frozenset(["going", "supposed", "meant", "due", "planning", "hoping", "to"])
_AHEAD_AFTER_IS = frozenset(["due", "about", "supposed", "set", "to"])
_AFTER_CONTRACTED_IS = PREPOSITIONS | {
    "going",
    "due",
    "now",
    "this",
    "next",
    "not",
    "tomorrow",
    "today",
    "tonight",
}
_MIN_PARTICIPLE = 5  # characters of a word in "-ing" that is a verb ("king" is none)


class Tense(StrEnum):
    """Of what a sentence speaks: the past, what lies ahead, a present or timetable, or what is always so."""

    PAST = "past"
    FUTURE = "future"
    PRESENT = "present"
    HABIT = "habit"


class GroupKind(Enum):
    """What a verb group says of a date beyond its own tense."""

    PLAIN = 0
    ARRANGED = 1  # "booked", which a date after "for" or "to" lies ahead of
    IS_ARRANGED = 2  # "is booked", "have booked"
    REARRANGED = 3  # "moved", "cancelled", which say nothing of a date before them
    COMMITTED = 4  # "decided", whose infinitive lies ahead
    UNSURE = 5  # "was going to", "I meant"


@dataclass(frozen=True, slots=True)
class VerbGroup:
    """A verb with its auxiliaries: text[start:end]."""

    start: int
    end: int
    tense: Tense
    kind: GroupKind = GroupKind.PLAIN


_Reading = tuple[Tense, GroupKind, int]  # and the index of the word after the group


def is_past_form(word: str) -> bool:
    """Whether a lower-case word looks like a past form or a participle."""
    if word in forms.PAST_FORMS:
        return True
    return len(word) > 3 and word.endswith("ed") and word[-3] != "e" and word not in forms.NOT_PAST


class SentenceReader:
    """The words of the sentence text[start:end], in lower case, and its verb groups."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._matches = list(WORD.finditer(text, start, end))
        self.words = tuple(match[0].lower().replace("\u2019", "'") for match in self._matches)
        self.groups: list[VerbGroup] = []
        at = 0
        while at < len(self.words):
            reading = self._read_auxiliary(at) or self._read_verb(at)
            if reading is not None:
                tense, kind, after = reading
                span = self._matches[at].start(), self._matches[after - 1].end()
                self.groups.append(VerbGroup(*span, tense, kind))
            at = reading[2] if reading is not None else at + 1

    def _word(self, at: int) -> str:
        return self.words[at] if 0 <= at < len(self.words) else ""

    def _skip_adverbs(self, at: int, step: int = 1) -> int:
        while self._word(at) in forms.ADVERBS:
            at += step
        return at

    def _read_auxiliary(self, at: int) -> _Reading | None:
        word, next_word = self._word(at), self._word(self._skip_adverbs(at + 1))
        if word == "'s":
            word = self._expand_contracted_s(self._word(at - 1), next_word)
        elif word == "'d":
            word = "had" if is_past_form(next_word) else "would"
        elif word == "may" and (self._matches[at][0] != "may" or self._word(at - 1) in {"in", "of"}):
            return None
        if word in forms.MODALS:
            return self._read_modal(at)
        if word in forms.BE_PRESENT:
            return self._read_present_be(at, next_word)
        if word in forms.BE_PAST:
            end = self._end_of_group(at + 1)
            is_open = next_word in _OPEN_AFTER_WAS
            return Tense.PAST, GroupKind.UNSURE if is_open else _kind_of(self.words[at:end]), end
        if word in forms.HAVE_PRESENT:
            return self._read_have(at)
        return self._read_had_or_do(at, word, next_word)

    @staticmethod
    def _expand_contracted_s(previous: str, next_word: str) -> str:
        """ "is", "has", or "'s" of a possessive."""
        if next_word in {"been", "got", "gone"}:
            return "has"
        if previous in forms.SUBJECTS | {"let", "here", "where", "when"}:
            return "is"
        is_progressive = next_word.endswith("ing") and len(next_word) > _MIN_PARTICIPLE
        return "is" if is_progressive or next_word in _AFTER_CONTRACTED_IS else "'s"

    def _read_modal(self, at: int) -> _Reading:
        speaks_back = self.words[at] not in forms.PURE_FUTURE and self._word(self._skip_adverbs(at + 1)) in {
            "have",
            "'ve",
        }
        end = self._end_of_group(at + 1, takes_base=True)
        if speaks_back:  # "should have left on Friday"
            return Tense.PAST, GroupKind.UNSURE, end
        return Tense.FUTURE, GroupKind.PLAIN, end

    def _read_present_be(self, at: int, next_word: str) -> _Reading:
        end = self._end_of_group(at + 1)
        if next_word.endswith("ing") or next_word in _AHEAD_AFTER_IS:
            return Tense.FUTURE, GroupKind.PLAIN, end
        is_arranged = next_word in forms.ARRANGING_VERBS | forms.REARRANGING_VERBS
        return Tense.PRESENT, GroupKind.IS_ARRANGED if is_arranged else GroupKind.PLAIN, end

    def _read_have(self, at: int) -> _Reading:
        following = self._skip_adverbs(at + 1)
        next_word, after_next = self._word(following), self._word(following + 1)
        if next_word == "to" or (next_word == "got" and after_next == "to"):
            return Tense.FUTURE, GroupKind.PLAIN, self._end_of_group(at + 1, takes_base=True)
        if next_word == "got" and not is_past_form(after_next):
            return Tense.PRESENT, GroupKind.PLAIN, following + 1
        if next_word != "been" and not is_past_form(next_word):
            return Tense.PRESENT, GroupKind.PLAIN, at + 1
        end = self._end_of_group(at + 1)
        kind = _kind_of(self.words[at:end])
        return Tense.PAST, GroupKind.IS_ARRANGED if kind is GroupKind.ARRANGED else kind, end

    def _read_had_or_do(self, at: int, word: str, next_word: str) -> _Reading | None:
        if word == "had" and next_word == "better":
            return Tense.FUTURE, GroupKind.PLAIN, self._skip_adverbs(at + 1) + 1
        if word in {"had", "did"}:
            return Tense.PAST, GroupKind.PLAIN, self._end_of_group(at + 1, takes_base=word == "did")
        if word in forms.DO_PRESENT:
            return Tense.PRESENT, GroupKind.PLAIN, self._end_of_group(at + 1, takes_base=True)
        return None

    def _read_verb(self, at: int) -> _Reading | None:
        word, previous = self.words[at], self._word(at - 1)
        if word == "to":
            return self._read_infinitive(at)
        is_name = at > 0 and self._matches[at][0][0].isupper()
        if is_name or previous in forms.DETERMINERS:
            return None
        # "Said" tells of words, and their day may lie ahead; "said goodbye" tells of what happened.
        is_past = is_past_form(word) or (word == "said" and self._word(at + 1) in forms.SAID_AS_DEED)
        return self._read_past(at) if is_past else self._read_present(at)

    def _read_present(self, at: int) -> _Reading | None:
        word, previous = self.words[at], self._word(at - 1)
        opens = at == 0 or (previous in CONJUNCTIONS and not self.groups)
        if opens and word.endswith("ing") and len(word) >= _MIN_PARTICIPLE:
            return Tense.FUTURE, GroupKind.PLAIN, self._end_of_group(at + 1)
        if word in forms.AHEAD_WORDS:
            return Tense.FUTURE, GroupKind.PLAIN, at + 1
        if self._is_present(at):
            tense = Tense.FUTURE if word in forms.PLANNING_VERBS else Tense.PRESENT
            return tense, _kind_of((word,)), at + 1
        return None

    def _is_present(self, at: int) -> bool:
        word, previous = self.words[at], self._word(at - 1)
        subject = self._word(self._skip_adverbs(at - 1, -1))
        if subject in forms.SINGULAR_SUBJECTS:
            return word.endswith("s") and word not in forms.ADVERBS
        if subject in forms.SUBJECTS:
            return word not in forms.ADVERBS | _PARTICLES
        if not previous or previous in PREPOSITIONS:
            return False
        is_plural = word in forms.TIMETABLE_PLURALS and previous.endswith("s")
        return is_plural or word in forms.TIMETABLE_VERBS

    def _read_infinitive(self, at: int) -> _Reading | None:
        """An infinitive that lies ahead: after a present, nothing, or a promise ("decided to leave")."""
        following = self._word(at + 1)
        is_verb = following.isalpha() and self._matches[at + 1][0][0].islower()
        if not is_verb or following in forms.DETERMINERS | forms.SUBJECTS:
            return None
        last = self.groups[-1] if self.groups else None
        if last is not None and last.tense is Tense.PAST and last.kind in {GroupKind.PLAIN, GroupKind.UNSURE}:
            return None
        return Tense.FUTURE, GroupKind.PLAIN, self._end_of_group(at + 1, takes_base=True)

    def _read_past(self, at: int) -> _Reading:
        word, previous = self.words[at], self._word(at - 1)
        end = self._end_of_group(at + 1) if word in {"got", "kept"} else at + 1
        kind = _kind_of(self.words[at:end])
        rest = self.words[end : end + 6]
        if word in forms.OBTAINING_VERBS and not forms.ARRANGEMENTS.isdisjoint(rest):
            kind = GroupKind.IS_ARRANGED if word in forms.HOLDING_VERBS else GroupKind.ARRANGED
        elif word in forms.COMMITTING_VERBS and "to" in rest[: 1 if word in forms.ARRANGING_VERBS else 3]:
            kind = GroupKind.COMMITTED
        elif kind is GroupKind.ARRANGED:
            # Without a subject or an object it is passive: "surgery scheduled on Monday".
            subject = self._word(self._skip_adverbs(at - 1, -1))
            is_active = not subject or subject in forms.SUBJECTS or previous in CONJUNCTIONS or word == "got"
            is_active = is_active or self._is_object(at + 1)
            kind = GroupKind.ARRANGED if is_active else GroupKind.IS_ARRANGED
        return Tense.PAST, kind, end

    def _is_object(self, at: int) -> bool:
        """Whether whom or what a verb is done to may follow it at once: "signed me off", "booked Anna in"."""
        word = self._word(at)
        if word in forms.OBJECTS:
            return True
        if word in forms.ARTICLES:
            return self._word(at + 1).isalpha()  # "scheduled the 5th" has none
        is_capital = word.isalpha() and self._matches[at][0][0].isupper()
        return is_capital and word not in forms.DATE_WORDS

    def _end_of_group(self, at: int, *, takes_base: bool = False) -> int:
        """The index after the words that continue a verb group from `at` on."""
        while at < len(self.words):
            word = self.words[at]
            is_participle = is_past_form(word) or (word.endswith("ing") and len(word) >= _MIN_PARTICIPLE)
            if word in forms.ADVERBS or word in forms.AUXILIARIES or is_participle:
                at += 1
            elif takes_base and word in forms.QUESTIONED:
                at += 1  # "will you", "did she"
            elif takes_base and word not in _PARTICLES and word.isalpha():
                at, takes_base = at + 1, False
            else:
                break
        return at


def _kind_of(group: tuple[str, ...]) -> GroupKind:
    if not forms.CORRECTING_VERBS.isdisjoint(group):
        return GroupKind.UNSURE
    if not forms.REARRANGING_VERBS.isdisjoint(group):
        return GroupKind.REARRANGED
    return GroupKind.PLAIN if forms.ARRANGING_VERBS.isdisjoint(group) else GroupKind.ARRANGED
