"""Utterances: what stands between two full stops or line ends, with its clauses."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from app.memory.extraction.offline.frames.words import (
    BELIEF_VERBS,
    FINITE_TAGS,
    HEARSAY_VERBS,
    SAY_VERBS,
    SUBJECTS,
    VERB_TAGS,
)
from app.memory.text.parsed_text import ParsedSentence, Token

_SPLICE_MARKS = frozenset({",", ":", ";", "-", "--", "–", "—", "...", "…", "."})
_COMPLEMENT_VERBS = SAY_VERBS | BELIEF_VERBS | HEARSAY_VERBS
_JOINED = re.compile(r" (n't|'(?:s|m|re|ll|d|ve)|[.,!?:;…])(?= |$)")
# "My favourite book is Are You My Mother?" states something; its last words are a title.
_TITLE_THAT_ASKS = re.compile(
    r"\b(?:is|was|called|titled|love|adore|like|enjoyed?|read|reading|watch(?:ing|ed)?|saw|seen"
    r"|finished) [\"“]?"
    r"(?:[A-Z][\w'’]*,? ){2,}[A-Z][\w'’]*\?\W*$"
)
_MAX_TITLE_CHARS = 100
_FINAL_QUESTION_MARK = re.compile(r"\?[^\w]*$")


@dataclass(frozen=True, slots=True)
class Clause:
    """A main clause with what depends on it: tokens[i] for i in `indexes`; `head` is its verb."""

    head: int
    indexes: tuple[int, ...]

    @property
    def start(self) -> int:
        """The index of its first token."""
        return self.indexes[0]


@dataclass(frozen=True)
class Utterance:
    """Parsed sentences of a turn that belong together: a parser cuts at "and I" where no speaker would.

    `tokens` have indexes within the utterance; `paragraph` and `line` count from the start of the turn. One
    with `is_code` has no tokens.
    """

    text: str
    start: int
    end: int
    paragraph: int
    line: int
    sentences: tuple[ParsedSentence, ...]
    is_code: bool = False
    tokens: tuple[Token, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(_join_tokens(self.sentences)))

    @cached_property
    def children(self) -> list[list[int]]:
        """The indexes of the words that depend on each token."""
        children: list[list[int]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.index:
                children[token.head].append(token.index)
        return children

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """Its main clauses in order; every token is in one."""
        return tuple(_find_clauses(self))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The tokens in lower case, with straight apostrophes."""
        return tuple(token.text.lower().replace("’", "'") for token in self.tokens)

    @cached_property
    def lower(self) -> str:
        """The text in lower case, with straight apostrophes and single spaces."""
        return " ".join(self.text.lower().replace("’", "'").replace("‘", "'").split())

    @property
    def is_question(self) -> bool:
        """Whether it ends with a question mark, whatever follows it."""
        is_marked = _FINAL_QUESTION_MARK.search(self.text[-12:]) is not None
        return is_marked and _TITLE_THAT_ASKS.search(self.text[-_MAX_TITLE_CHARS:]) is None

    def subject(self, head: int) -> Token | None:
        """The subject of a verb; of the first of coordinated verbs if it has none of its own."""
        seen = 0
        while seen <= len(self.tokens):
            for child in self.children[head]:
                if self.tokens[child].relation in SUBJECTS:
                    return self.tokens[child]
            if self.tokens[head].relation != "conj":
                return None
            head, seen = self.tokens[head].head, seen + 1
        return None

    def own_subject(self, head: int) -> Token | None:
        """The subject that a verb has itself."""
        return next(
            (self.tokens[i] for i in self.children[head] if self.tokens[i].relation in SUBJECTS), None
        )

    def auxiliaries(self, head: int) -> list[Token]:
        """The auxiliaries of a verb, in order."""
        return [self.tokens[i] for i in self.children[head] if self.tokens[i].relation in ("aux", "auxpass")]

    def is_negated(self, head: int) -> bool:
        """Whether a verb is negated by a word of its own."""
        return any(self.tokens[i].relation == "neg" for i in self.children[head])

    def subtree(self, index: int) -> list[int]:
        """The indexes of a word and all that depends on it, in order."""
        found, pending = [], [index]
        while pending:
            current = pending.pop()
            found.append(current)
            pending.extend(self.children[current])
        return sorted(found)

    def phrase(self, index: int) -> str:
        """The words of a noun phrase, without a clause that follows it."""
        stop = {"relcl", "acl", "appos", "cc", "conj", "punct", "prep"}
        found, pending = [], [index]
        while pending:
            current = pending.pop()
            found.append(current)
            pending.extend(i for i in self.children[current] if self.tokens[i].relation not in stop)
        tokens = [self.tokens[i] for i in sorted(found)]
        return " ".join(self.text[tokens[0].start - self.start : tokens[-1].end - self.start].split())


def shift_sentence(sentence: ParsedSentence, offset: int) -> ParsedSentence:
    """The sentence of a part of a text, as a sentence of the whole."""
    if not offset:
        return sentence
    tokens = tuple(
        replace(token, start=token.start + offset, end=token.end + offset) for token in sentence.tokens
    )
    return ParsedSentence(sentence.start + offset, sentence.end + offset, tokens)


def is_verb_of(token: Token, lemmas: frozenset[str]) -> bool:
    """Whether a token is a form of one of these verbs, also where the lemmatiser fails ("texted")."""
    if token.lemma.lower() in lemmas:
        return True
    word = token.text.lower()
    for ending in ("ed", "d", "s", "es", "ing"):
        stem = word.removesuffix(ending)
        if stem != word and (stem in lemmas or (ending == "ing" and f"{stem}e" in lemmas)):
            return True
    return False


def text_from(utterance: Utterance, first: int, last: int | None = None) -> str:
    """The words of tokens[first:last] in lower case, contractions and marks joined to the word before."""
    return join_words(utterance.words[first:last])


def join_words(words: Iterable[str]) -> str:
    """Words as a text, with contractions and marks joined to the word before."""
    return _JOINED.sub(r"\1", " ".join(words))


def _join_tokens(sentences: Sequence[ParsedSentence]) -> Iterator[Token]:
    base = 0
    for sentence in sentences:
        for token in sentence.tokens:
            yield replace(token, index=token.index + base, head=token.head + base) if base else token
        base += len(sentence.tokens)


def _find_clauses(utterance: Utterance) -> Iterator[Clause]:
    heads = _find_heads(utterance)
    owner = [-1] * len(utterance.tokens)
    for token in utterance.tokens:
        path, current = [], token.index
        while owner[current] < 0 and current not in heads:
            path.append(current)
            current = utterance.tokens[current].head
        found = owner[current] if owner[current] >= 0 else current
        for index in (*path, current):
            owner[index] = found
    indexes: dict[int, list[int]] = {}
    for index, head in enumerate(owner):
        indexes.setdefault(head, []).append(index)
    for head in sorted(indexes):
        yield Clause(head, tuple(indexes[head]))


def _find_heads(utterance: Utterance) -> set[int]:
    heads = {token.index for token in utterance.tokens if token.head == token.index}
    pending = list(heads)
    while pending:
        head = pending.pop()
        for child in utterance.children[head]:
            if _is_main_verb(utterance, child, head):
                heads.add(child)
                pending.append(child)
    return heads


def _is_main_verb(utterance: Utterance, child: int, head: int) -> bool:
    """Whether a verb that depends on another one has a main clause of its own."""
    token, governor = utterance.tokens[child], utterance.tokens[head]
    if token.tag not in VERB_TAGS:
        return False
    if token.relation == "conj":
        return governor.tag in VERB_TAGS
    is_marked = any(utterance.tokens[i].relation == "mark" for i in utterance.children[child])
    if token.relation not in ("ccomp", "parataxis") or is_marked or not _is_finite(utterance, child):
        return False
    if child < head:  # "I live in Oslo, can you …": the parser makes the first a complement of the second
        return not is_verb_of(governor, SAY_VERBS) or not _is_quoting(utterance, child, head)
    between = {utterance.tokens[i].text for i in range(head + 1, child)}
    takes_clause = is_verb_of(governor, _COMPLEMENT_VERBS) and not has_said_thing(utterance, head, child)
    return (bool(between & _SPLICE_MARKS) and not takes_clause) or ";" in between


def _is_finite(utterance: Utterance, head: int) -> bool:
    token = utterance.tokens[head]
    has_subject = utterance.own_subject(head) is not None
    return has_subject and (token.tag in FINITE_TAGS or bool(utterance.auxiliaries(head)))


def _is_quoting(utterance: Utterance, child: int, head: int) -> bool:
    """Whether the clause before a verb of speech is what was said: "I have a twin, said the stranger"."""
    subject = utterance.own_subject(head)
    if subject is None or utterance.tokens[head].tag not in FINITE_TAGS or subject.index < child:
        return False
    return not says_more(utterance, head)


def has_said_thing(utterance: Utterance, head: int, child: int) -> bool:
    """Whether what was said stands before a clause that follows: "they said 44, we shook hands on 46"."""
    objects = [i for i in utterance.children[head] if utterance.tokens[i].relation == "dobj"]
    return utterance.tokens[head].lemma.lower() == "say" and any(head < i < child for i in objects)


def says_more(utterance: Utterance, head: int) -> bool:
    """Whether something said follows the verb, so that what stands before it is none of that.

    "The vet looked at Rex, she said it's a sprain" and "the holiday did no harm, the scales say 91".
    """
    pending = [i for i in utterance.children[head] if i > head]
    while pending:
        current = pending.pop()
        token = utterance.tokens[current]
        if token.relation in ("relcl", "acl"):
            continue
        if token.tag in FINITE_TAGS or token.tag == "MD" or (token.relation == "dobj" and token.head == head):
            return True
        pending.extend(utterance.children[current])
    return False
