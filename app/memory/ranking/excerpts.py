"""The sentences of a long text that answer a query best: its excerpt.

A sentence counts by the words of the query that it has, the rarer ones more, and a little by those of the
sentences beside it, since what follows a question or a heading answers it.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.memory.text.analysis import analyze_text, is_unspaced
from app.memory.text.content_words import detect_text_language
from app.memory.text.limits import LONG_TEXT_CHARS
from app.memory.text.sentences import find_cut, split_sentences, strip_span

MAX_EXCERPT_CHARS = 480  # chosen: about 120 tokens, so that a context of 500 has room for several
MAX_UNSPACED_CHARS = 240  # the same in scripts without spaces, of which a character says more
NEIGHBOUR_SHARE = 0.3  # chosen: what a word of the sentence beside counts
CUT = " … "

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Parts of a text in their order: `spans` are their [start, end), in characters (code points).

    `text` has the parts with "…" wherever something was left out.
    """

    text: str
    spans: tuple[Span, ...]


def choose_excerpt(text: str, term_weights: Mapping[str, float]) -> Excerpt | None:
    """The best sentences of a text for a query, of which `term_weights` are the terms; None of a short one.

    Without any word of the query in it, it is the start of the text. The time is linear in its length.
    """
    if len(text) <= LONG_TEXT_CHARS:
        return None
    limit = MAX_UNSPACED_CHARS if is_unspaced(text) else MAX_EXCERPT_CHARS
    sentences = split_sentences(text)
    scores = _score_sentences(text, sentences, term_weights)
    by_score = sorted((-score, place) for place, score in enumerate(scores) if score > 0)
    order = [place for _, place in by_score] or list(range(len(sentences)))
    chosen: list[int] = []
    room = limit
    for place in order:
        start, end = sentences[place]
        if end - start <= room:
            chosen.append(place)
            room -= end - start
        elif not by_score:
            break  # the start of a text goes on without a gap
    return build_excerpt(text, [sentences[place] for place in sorted(chosen)])


def cut_middle(text: str, max_chars: int) -> str:
    """The start and the end of a text, so that it has about `max_chars`; a shorter one as it is."""
    if len(text) <= max_chars:
        return text
    half = max(1, max_chars // 2)
    head = find_cut(text, half // 2, half)
    tail = find_cut(text, len(text) - half, len(text) - half // 2)
    return build_excerpt(text, [(0, head), (tail, len(text))]).text


def build_excerpt(text: str, spans: Sequence[Span]) -> Excerpt:
    """The excerpt of these parts, which are in order; parts with nothing but spaces between are one."""
    merged: list[Span] = []
    for part in spans:
        start, end = strip_span(text, *part)
        if start == end:
            continue
        if merged and not text[merged[-1][1] : start].strip():
            start = merged.pop()[0]
        merged.append((start, end))
    joined = CUT.join(text[start:end] for start, end in merged)
    if merged and text[: merged[0][0]].strip():
        joined = CUT.lstrip() + joined
    if merged and text[merged[-1][1] :].strip():
        joined += CUT.rstrip()
    return Excerpt(joined, tuple(merged))


def _score_sentences(text: str, sentences: Sequence[Span], term_weights: Mapping[str, float]) -> list[float]:
    """The score of each sentence: a term that many sentences of the text have tells them apart less."""
    if not term_weights:
        return [0.0] * len(sentences)
    language = detect_text_language(text)
    found = [term_weights.keys() & analyze_text(text[start:end], language) for start, end in sentences]
    counts = Counter(term for terms in found for term in terms)
    weights = {
        term: term_weights[term] * math.log(1 + len(sentences) / count) for term, count in counts.items()
    }
    scores: list[float] = []
    nothing: set[str] = set()
    for place, terms in enumerate(found):
        before = found[place - 1] if place else nothing
        after = found[place + 1] if place + 1 < len(found) else nothing
        near = (before | after) - terms
        own = sum(weights[term] for term in terms)
        scores.append(own + NEIGHBOUR_SHARE * sum(weights[term] for term in near))
    return scores
