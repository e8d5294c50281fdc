"""Finds the part of a turn that a quote stands for, also if the quote is not quite the turn's wording."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise

from app.memory.text.analysis import stem_english
from app.memory.text.analysis_text import AnalysisText, analyse_original
from app.memory.text.stop_words import STOP_WORDS

MAX_ALIGNED_WORDS = 150  # words of a quote that are aligned; the alignment is quadratic (chosen)
MAX_OCCURRENCES = 5  # occurrences of one quote that are looked at (chosen)
MAX_LOSS = 0.2  # share of the quote's weight that the turn may lack (chosen)
STOP_WORD_WEIGHT = 0.3  # of a word that says little; any other weighs 1 (chosen)
MAX_GAP_WORDS = 40  # words of the turn that an ellipsis may stand for (chosen)
_MIN_TYPO_CHARS = 5  # a shorter word with another letter is another word

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(
    rf"\d+(?:[.,:/']\d+)*|[{_UNSPACED}]|n't\b|[^\W\d_{_UNSPACED}]+?(?=n't\b)|[^\W\d_{_UNSPACED}]+",
    re.IGNORECASE,
)
_EXPANSIONS = {"n't": "not", "m": "am", "re": "are", "ve": "have", "ll": "will", "ca": "can", "wo": "will",
               "cannot": "not", "dont": "not", "gonna": "going", "wanna": "want"}  # fmt: skip
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|\[\.{2,}\]|\(\.{2,}\))\s*")
_SENTENCE_END = re.compile(r"[.!?\u3002\uff01\uff1f\u061f]+[\"')\]]*(?=\s|$)|[\u3002\uff01\uff1f]|\n")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|Dr|Mr|Mrs|Ms|St|Prof|vs|etc|approx|ca|no|Nr|Jr|Sr|Ave|Rd|e\.g|i\.e|[ap]\.m)$"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an analysed text: its form for comparison, and where it stands."""

    key: str
    stem: str
    start: int
    end: int

    @property
    def is_telling(self) -> bool:
        """Whether it says something of the topic: no function word, no single letter."""
        return self.key not in STOP_WORDS and (
            len(self.key) > 1 or not self.key.isascii() or self.key.isdigit()
        )


class WordedText:
    """A text with its words, found once however many quotes are looked up in it."""

    def __init__(self, original: str) -> None:
        self.analysis: AnalysisText = analyse_original(original)
        self.text = self.analysis.text

    @cached_property
    def words(self) -> list[Word]:
        """The words in order."""
        return list(_find_words(self.text))

    @cached_property
    def stems(self) -> frozenset[str]:
        """The distinct stems of the telling words."""
        return frozenset(word.stem for word in self.words if word.is_telling)

    @cached_property
    def sentence_ends(self) -> list[int]:
        """Where sentences end, in order; the last one is the end of the text."""
        ends = [
            match.end()
            for match in _SENTENCE_END.finditer(self.text)
            if match[0] != "."
            or not _ABBREVIATION.search(self.text[max(0, match.start() - 8) : match.start()])
        ]
        return [*ends, len(self.text)]

    @cached_property
    def joined(self) -> tuple[str, list[int]]:
        """The words parted by spaces, and where in it each of them begins."""
        starts = list(accumulate((len(word.key) + 1 for word in self.words), initial=1))
        return f" {' '.join(word.key for word in self.words)} ", starts[:-1]


def fold_letters(text: str) -> str:
    """Lower case without accents, so that "Krakow" and "Kraków" are one name."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in decomposed if unicodedata.category(char) != "Mn")


def _find_words(text: str) -> Iterator[Word]:
    for match in _WORD.finditer(text):
        folded = fold_letters(match[0])
        key = _EXPANSIONS.get(folded, folded)
        yield Word(key, stem_english(key), *match.span())


def find_quote(quote: str, turn: WordedText) -> list[tuple[int, int]]:
    """The parts of the analysed turn that a quote may stand for, the likeliest first; empty if there is none.

    Punctuation, case, spaces, marks and left-out words do not matter; words that the turn does not have do.
    """
    wanted = WordedText(quote)
    if not wanted.words or not turn.words:
        return []
    found = _find_verbatim(wanted.words, turn)
    if not found:
        parts = [WordedText(part).words for part in _ELLIPSIS.split(wanted.text)]
        found = _find_parts([part for part in parts if part], turn)
    if not found and len(wanted.words) <= MAX_ALIGNED_WORDS:
        found = _align(wanted.words, turn)
    return [(turn.words[first].start, turn.words[last].end) for first, last in found]


def _find_verbatim(wanted: Sequence[Word], turn: WordedText, start: int = 0) -> list[tuple[int, int]]:
    """The (first, last) words of the turn that are the wanted ones, from word `start` on."""
    joined, starts = turn.joined
    phrase = f" {' '.join(word.key for word in wanted)} "
    at = starts[start] - 1
    found: list[tuple[int, int]] = []
    while len(found) < MAX_OCCURRENCES and (at := joined.find(phrase, at)) >= 0:
        first = bisect_left(starts, at + 1)
        found.append((first, first + len(wanted) - 1))
        at += 1
    return found


def _find_parts(parts: Sequence[Sequence[Word]], turn: WordedText) -> list[tuple[int, int]]:
    """What stands from the first to the last of the parts between ellipses; the longest if they are far
    apart.
    """
    if len(parts) < 2:
        return []
    spans: list[tuple[int, int]] = []
    for part in parts:
        after = spans[-1][1] + 1 if spans else 0
        found = _find_verbatim(part, turn, after) if after < len(turn.words) else []
        if not found:
            return []
        spans.append(found[0])
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(spans)]
    if max(gaps) > MAX_GAP_WORDS:
        return [max(spans, key=lambda span: span[1] - span[0])]
    return [(spans[0][0], spans[-1][1])]


def _align(wanted: Sequence[Word], turn: WordedText) -> list[tuple[int, int]]:
    """The stretch of the turn that has nearly all of the wanted words in their order."""
    stems = {word.stem for word in wanted}
    size = len(wanted) + max(3, len(wanted) // 2)
    hits = [_weight(word) if word.stem in stems else 0.0 for word in turn.words]
    sums = [0.0, *accumulate(hits)]
    last_start = max(0, len(hits) - size)
    first = max(range(last_start + 1), key=lambda at: sums[min(at + size, len(hits))] - sums[at])
    window = turn.words[first : first + size]
    total = sum(map(_weight, wanted))
    if not window or sums[min(first + size, len(hits))] - sums[first] < (1 - 2 * MAX_LOSS) * total:
        return []
    matched = _longest_common_words(wanted, window)
    kept = sum(_weight(wanted[at]) for at, _ in matched)
    if not matched or kept < (1 - MAX_LOSS) * total:
        return []
    return [(first + matched[0][1], first + matched[-1][1])]


def _weight(word: Word) -> float:
    return 1.0 if word.is_telling or word.key == "not" else STOP_WORD_WEIGHT


def _longest_common_words(left: Sequence[Word], right: Sequence[Word]) -> list[tuple[int, int]]:
    """Pairs of places whose words are the same, in order, with the greatest weight together."""
    width = len(right) + 1
    best = [[0.0] * width for _ in range(len(left) + 1)]
    for i, word in enumerate(left):
        row, above, weight = best[i + 1], best[i], _weight(word)
        for j, other in enumerate(right):
            value = max(above[j + 1], row[j])
            row[j + 1] = max(value, above[j] + weight) if _is_same_word(word, other) else value
    pairs: list[tuple[int, int]] = []
    i, j = len(left), len(right)
    while i and j:
        if best[i][j] == best[i - 1][j]:
            i -= 1
        elif best[i][j] == best[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


def _is_same_word(one: Word, other: Word) -> bool:
    return one.stem == other.stem or _is_typo(one.key, other.key)


def _is_typo(one: str, other: str) -> bool:
    """Whether two long words differ by one letter; a digit is never mistyped for another."""
    longest = max(len(one), len(other))
    if min(len(one), len(other)) < _MIN_TYPO_CHARS or longest - min(len(one), len(other)) > 1:
        return False
    if one[0] != other[0] or one[0].isdigit():
        return False
    prefix = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), longest - 1)
    a, b = one[prefix:][::-1], other[prefix:][::-1]
    suffix = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return prefix + suffix >= longest - 1
