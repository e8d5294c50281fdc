"""Is a word the name of a thing? For what rules alone derive: names of topics, values of lists.

English has no capitals for its nouns, but it says them differently from other words: after an article, a
possessive or a preposition. A word of another language is a name if it is written with a capital.
"""

import re
from collections.abc import Iterable

from app.memory.text.analysis import analyze_text
from app.memory.text.limits import MAX_CHARS_READ
from app.memory.text.stop_words import (
    FILLER_WORDS,
    GENERAL_NOUNS,
    KEYWORD_STOP_WORDS,
    LOW_CONTENT_WORDS,
    SMALL_TALK_WORDS,
    STOP_WORDS,
    WORDS_BEFORE_NOUNS,
)
from app.memory.text.word_lists import TIME_WORDS

MAX_VALUE_WORDS = 6  # chosen: more is a sentence, and no value
_WORD = re.compile(r"[^\W\d_][\w'’&-]*")
_NO_LABELS = (
    STOP_WORDS
    | KEYWORD_STOP_WORDS
    | SMALL_TALK_WORDS
    | FILLER_WORDS
    | TIME_WORDS
    | frozenset(LOW_CONTENT_WORDS.split())
    | GENERAL_NOUNS
)
_NO_LABEL_STEMS = {stem for word in _NO_LABELS for stem in analyze_text(word)}


def is_label(word: str, contents: Iterable[str], min_count: int) -> bool:
    """Whether a word is said as a noun or a name in at least `min_count` of these texts."""
    stems = set(analyze_text(word))
    if not stems or word.casefold() in _NO_LABELS or not stems.isdisjoint(_NO_LABEL_STEMS):
        return False
    # "acceptance" is a noun and "accepted" is none, though they have one stem.
    singular = word.casefold().removesuffix("s")
    forms = {singular, f"{singular}s", f"{singular}es"}
    return sum(_is_noun_in(forms, content) for content in contents) >= min_count


def _is_noun_in(forms: set[str], content: str) -> bool:
    """Whether a text has one of these words where a noun or a name stands."""
    words = _WORD.findall(content[:MAX_CHARS_READ])
    for place, word in enumerate(words):
        form = word.casefold()
        if form not in forms and form.removesuffix("'s").removesuffix("’s") not in forms:
            continue
        if place and word[0].isupper():
            return True
        # "a new pottery class": an adjective or a noun may stand between the article and the word.
        before = [other.lower() for other in words[max(0, place - 2) : place]]
        if before and (_marks_noun(before[-1]) or (_marks_noun(before[0]) and before[-1] not in _NO_LABELS)):
            return True
    return False


def _marks_noun(word: str) -> bool:
    return word in WORDS_BEFORE_NOUNS or word.endswith(("'s", "’s", "s'", "s’"))


def is_clean_value(value: str) -> bool:
    """Whether the value of a slot tells something by itself: a few words, one of which has content."""
    words = _WORD.findall(value)
    if not words or len(value.split()) > MAX_VALUE_WORDS:
        return False
    ends_open = words[-1].lower() in STOP_WORDS  # "to", "playing with": the rest of it was cut off
    return not ends_open and any(word.lower() not in _NO_LABELS for word in words)
