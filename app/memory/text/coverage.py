"""Does a text say what another one says? Words, numbers and names of a turn that no memory of it repeats."""

import re
from collections.abc import Iterable

from app.memory.text.analysis import analyze_detecting_language, analyze_text
from app.memory.text.limits import MAX_CHARS_READ
from app.memory.text.stop_words import FILLER_WORDS, LOW_CONTENT_WORDS, SMALL_TALK_WORDS
from app.memory.text.word_lists import TIME_WORDS

MIN_COVERED_SHARE = 0.5  # chosen: a sentence is said again if so much of its content words is
MIN_NEW_WORDS = 3  # chosen: fewer words without a number or a name tell nothing of their own
_SENTENCE = re.compile(r"[^.!?;\n。！？]+(?:[.!?。！？](?!\s|$)[^.!?;\n。！？]*)*[.!?。！？]*")
_DIGITS = re.compile(r"\d+")
_NAME = re.compile(r"(?<=[^\W_] )(?<!\. )[A-Z][\w'&-]+|(?<=, )[A-Z][\w'&-]+")
_OPENER = re.compile(r"^\W*[A-Z]\w*,\s")  # "Mel, ..." or "Well, ...": an address, or a filler
_UNTELLING = {
    term
    for words in (SMALL_TALK_WORDS, FILLER_WORDS, LOW_CONTENT_WORDS.split(), TIME_WORDS)
    for word in words
    for term in analyze_text(word)
}


def find_uncovered_terms(text: str, shown: Iterable[str], ignored: Iterable[str] = ()) -> set[str]:
    """The terms of the sentences of `text` that the texts in `shown` do not say; empty if they say it all.

    A sentence counts if it has a number or a name that is not shown, or if at least `MIN_NEW_WORDS` of its
    content words, and more than half of them, are not shown. Questions, small talk, dates (a memory has them
    resolved) and the words in `ignored`, such as the names of the speakers, tell nothing.
    """
    text = text[:MAX_CHARS_READ]
    _, language = analyze_detecting_language(text)
    passed = {term for word in ignored for term in analyze_text(word, language)}
    covered, shown_digits = set(passed), set[str]()
    for other in shown:
        covered.update(analyze_text(other, language))
        shown_digits.update(_DIGITS.findall(other))
    uncovered: set[str] = set()
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        if sentence.endswith(("?", "？")):
            continue
        terms = set(analyze_text(sentence, language)) - _UNTELLING - passed
        new = terms - covered
        if not new:
            continue
        has_number = not shown_digits.issuperset(_DIGITS.findall(sentence))
        names = _NAME.findall(_OPENER.sub("", sentence))
        has_name = any(new.intersection(analyze_text(name, language)) for name in names)
        is_new = len(new) >= MIN_NEW_WORDS and len(new) > MIN_COVERED_SHARE * len(terms)
        if has_number or has_name or is_new:
            uncovered |= new
    return uncovered
