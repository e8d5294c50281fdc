"""The sentences of an analysed text. A line break ends a sentence there, which the grammar alone does not
know.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from app.memory.text.analysis_text import AnalysisText
from app.memory.text.parsed_text import ParsedSentence, SentenceParser

_LINE = re.compile(r"[^\n]*[^\s][^\n]*")


def parse_analyses(analyses: Sequence[AnalysisText], parser: SentenceParser) -> list[list[ParsedSentence]]:
    """The sentences of each text, parsed line by line; their offsets are those of the analysed text.

    Bounding how much is parsed is the caller's: a line is as long as its writer made it.
    """
    lines = [
        (number, match.start(), match[0])
        for number, analysis in enumerate(analyses)
        for match in _LINE.finditer(analysis.text)
    ]
    sentences: list[list[ParsedSentence]] = [[] for _ in analyses]
    parsed = parser.parse_texts([line for _, _, line in lines])
    for (number, start, _), found in zip(lines, parsed, strict=True):
        sentences[number] += (shift_sentence(sentence, start) for sentence in found)
    return sentences


def shift_sentence(sentence: ParsedSentence, by: int) -> ParsedSentence:
    """The sentence with its offsets, and those of its tokens, moved by a number of characters."""
    if not by:
        return sentence
    tokens = tuple(replace(token, start=token.start + by, end=token.end + by) for token in sentence.tokens)
    return ParsedSentence(sentence.start + by, sentence.end + by, tokens)
