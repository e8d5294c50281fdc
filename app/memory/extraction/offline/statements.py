"""Statements: the sentences of a segment, each in the frame in which its speaker puts it forward."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.vocabulary import Frame, Role
from app.memory.text.analysis_text import AnalysisText, analyse_original
from app.memory.text.parsed_text import ParsedSentence, SentenceParser
from app.memory.types import Turn


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a turn and its frame; token offsets refer to `analysis.text`.

    `reporter` is who is said to have said a reported one ("my boss", "Anna"), in the words of the turn.
    """

    turn: Turn
    analysis: AnalysisText
    sentence: ParsedSentence
    frame: Frame
    reporter: str | None = None


def find_statements(turns: Sequence[Turn], parser: SentenceParser) -> Iterator[Statement]:
    """Yield the statements of the users' turns of a segment, in order."""
    spoken = [turn for turn in turns if turn.role is Role.USER]
    analyses = [analyse_original(turn.content) for turn in spoken]
    parsed = parser.parse_texts([analysis.text for analysis in analyses])
    for turn, analysis, sentences in zip(spoken, analyses, parsed, strict=True):
        for sentence in sentences:
            is_question = analysis.text[sentence.start : sentence.end].rstrip().endswith("?")
            yield Statement(turn, analysis, sentence, Frame.QUESTION if is_question else Frame.ASSERTED)
