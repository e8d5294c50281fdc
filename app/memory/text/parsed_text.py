"""The grammar of a text: its sentences, their words, and which word depends on which."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark of a sentence: text[start:end] of what was parsed.

    `tag` is a Penn Treebank tag ("VBD"), `relation` a label of ClearNLP's dependencies ("nsubj", "neg"), and
    `head` the index within the sentence of the word that it depends on; the root is its own head.
    """

    index: int
    text: str
    lemma: str
    tag: str
    relation: str
    head: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParsedSentence:
    """A sentence: text[start:end] of what was parsed, with its tokens in order."""

    start: int
    end: int
    tokens: tuple[Token, ...]


class SentenceParser(Protocol):
    """Finds sentences and their grammar; it knows one language and answers for texts of any."""

    def parse_texts(self, texts: Sequence[str]) -> list[list[ParsedSentence]]:
        """Return the sentences of each text, in order."""
        ...


class SentenceReader(SentenceParser, Protocol):
    """Parses sentences and judges their clauses."""

    def estimate_worth(self, before: str, clause: str) -> float:
        """Return the chance that a clause is worth knowing later; `before` is the sentence said before."""
        ...
