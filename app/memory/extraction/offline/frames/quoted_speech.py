"""Whether a quotation is somebody's words or only a name or a title."""

import re
from collections.abc import Sequence

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.quotations import Quotation
from app.memory.extraction.offline.frames.reports import NO_LOOSE, find_speech_verb, is_own_speech
from app.memory.extraction.offline.frames.utterances import Utterance, is_verb_of
from app.memory.extraction.offline.frames.words import FINITE_TAGS, SAY_VERBS
from app.memory.text.word_sets import word_set

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SMALL_WORDS = word_set("a an the of and or in on at to for by with from as but is be")
_NAMING = word_set("call name title dub nickname label entitle bill rename term")
_SENTENCE_END = re.compile(r"[.!?,…][\"”»’'“]?$")
_MIN_SPOKEN_WORDS = 4  # with the marks; beside a verb of speech that many words are no name
_MAX_WORDS_TO_SPEAKER = 5


def judge_quotation(
    utterances: Sequence[Utterance], number: int, quotation: Quotation
) -> tuple[Frame, str | None] | None:
    """The frame of a quotation in utterances[number], and whose words it has; None if it is a name."""
    utterance = utterances[number]
    inside = [t.index for t in utterance.tokens if quotation.start <= t.start and t.end <= quotation.end]
    text = utterance.text[max(0, quotation.start - utterance.start) : quotation.end - utterance.start]
    first = inside[0] if inside else 0
    last = inside[-1] + 1 if inside else 0
    if is_own_speech(utterance, max(0, first - 12), first):
        return None
    speech = find_speech_verb(utterance, 0, first) or _find_speaker_after(utterances, number, quotation, last)
    is_clause = any(utterance.tokens[i].tag in FINITE_TAGS for i in inside) or len(inside) > 8
    is_long_speech = speech is not None and len(inside) > _MIN_SPOKEN_WORDS
    if _is_title(text) or not (
        is_long_speech or is_clause or _SENTENCE_END.search(text) or (speech and not quotation.is_closed)
    ):
        return None
    if any(utterance.tokens[i].lemma.lower() in _NAMING for i in range(max(0, first - 5), first)):
        return None
    if speech is not None:
        return Frame.REPORTED, speech[1]
    return Frame.MATERIAL, None


def _find_speaker_after(
    utterances: Sequence[Utterance], number: int, quotation: Quotation, last: int
) -> tuple[int, str | None] | None:
    """The verb of speech right after a quotation: "…," said the stranger."""
    utterance = utterances[number]
    if quotation.end >= utterance.end or last >= len(utterance.tokens):
        following = next((u for u in utterances[number:] if u.start >= quotation.end - 1), None)
        if following is None or following is utterance:
            return None
        utterance, last = following, 0
    end = min(len(utterance.tokens), last + _MAX_WORDS_TO_SPEAKER)
    for index in range(last, end):
        if is_verb_of(utterance.tokens[index], SAY_VERBS):
            return find_speech_verb(utterance, index, index + 1, loose=NO_LOOSE)
    return None


def _is_title(text: str) -> bool:
    """Whether its words are capitalised as a title's are."""
    words = _WORD.findall(text)
    large = [word for word in words if word.lower() not in _SMALL_WORDS]
    return len(large) > 1 and all(word[0].isupper() for word in large)
