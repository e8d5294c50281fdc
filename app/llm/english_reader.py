"""Reads English: its grammar, what is worth knowing of it, and what it changes of what was said before."""

from collections.abc import Sequence

from app.llm.english_parser import EnglishParser
from app.llm.sentence_judge import SentenceJudge
from app.memory.numeric import FloatArray
from app.memory.text.parsed_text import ParsedSentence


class EnglishReader:
    """A parser and a judge of sentences, which load their models at first use; shared by all threads."""

    def __init__(self) -> None:
        self._parser = EnglishParser()
        self._judge = SentenceJudge()

    def parse_texts(self, texts: Sequence[str]) -> list[list[ParsedSentence]]:
        """Return the sentences of each text, in order."""
        return self._parser.parse_texts(texts)

    def estimate_worth(self, before: str, clause: str) -> float:
        """The chance that a clause is worth knowing later; `before` is the sentence said before it."""
        return self._judge.estimate_worth(before, clause)

    def estimate_changes(self, pairs: Sequence[tuple[str, str]]) -> FloatArray:
        """(n,) the chance that the later of each pair (earlier, later) makes the earlier untrue."""
        return self._judge.estimate_changes(pairs)
