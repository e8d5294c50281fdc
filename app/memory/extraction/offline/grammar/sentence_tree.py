"""A parsed sentence as a tree: which words belong to which, and what the subject of a verb is."""

from collections.abc import Iterator
from functools import cached_property

from app.memory.text.parsed_text import ParsedSentence, Token

SUBJECTS = frozenset(["nsubj", "nsubjpass", "csubj", "csubjpass", "expl"])
AUXILIARIES = frozenset(["aux", "auxpass"])
FINITE_TAGS = frozenset(["VBD", "VBP", "VBZ", "MD"])
_PASSED = frozenset(["conj", "xcomp", "dobj", "attr", "acomp"])
_MAX_DEPTH = 200  # a chain of heads is followed so far; a parse of ordinary text is much flatter


class SentenceTree:
    """The tokens of a sentence with their children; `text` is the text that was parsed."""

    def __init__(self, sentence: ParsedSentence, text: str) -> None:
        self.text = text
        self.tokens = sentence.tokens
        self.start, self.end = sentence.start, sentence.end
        self.children: list[list[Token]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.index:
                self.children[token.head].append(token)

    @cached_property
    def root(self) -> Token:
        """The word on which all others depend."""
        return next((token for token in self.tokens if token.head == token.index), self.tokens[0])

    def ancestors(self, token: Token) -> Iterator[Token]:
        """Yield the words on which a word depends, the nearest first."""
        for _ in range(_MAX_DEPTH):
            if token.head == token.index:
                return
            token = self.tokens[token.head]
            yield token

    def subtree(self, token: Token, without: frozenset[int] = frozenset()) -> list[int]:
        """The indices of a word and of all that depends on it, in order, without the branches `without`."""
        found: list[int] = []
        waiting = [token.index]
        while waiting:
            index = waiting.pop()
            found.append(index)
            waiting += [child.index for child in self.children[index] if child.index not in without]
        return sorted(found)

    def child(self, token: Token, *relations: str) -> Token | None:
        """The first word that depends on `token` in one of these relations."""
        return next((child for child in self.children[token.index] if child.relation in relations), None)

    def subject(self, verb: Token) -> Token | None:
        """The verb's own subject, or the one that it shares with the verb that it is coordinated with.

        A second verb may hang on the object of the first ("I love hiking and hate crowds").
        """
        passed = frozenset(["conj"])
        for _ in range(_MAX_DEPTH):
            own = self.child(verb, *SUBJECTS) or self._subject_of_auxiliary(verb)
            if own is not None or verb.relation not in passed or verb.head == verb.index:
                return own
            passed = _PASSED
            verb = self.tokens[verb.head]
        return None

    def _subject_of_auxiliary(self, verb: Token) -> Token | None:
        """The subject where the parser hangs it on an auxiliary ("My son has type 1 diabetes")."""
        found = (self.child(auxiliary, *SUBJECTS) for auxiliary in self.auxiliaries(verb))
        return next((subject for subject in found if subject is not None), None)

    def auxiliaries(self, verb: Token) -> list[Token]:
        """The auxiliary verbs of a verb, in order; one may hang on another ("am getting married")."""
        own = [child for child in self.children[verb.index] if child.relation in AUXILIARIES]
        nested = [
            child for token in own for child in self.children[token.index] if child.relation in AUXILIARIES
        ]
        return sorted([*own, *nested], key=_index) if nested else own

    def is_negated(self, verb: Token) -> bool:
        """Whether the verb has a negation of its own."""
        return any(
            child.relation == "neg" or child.text.lower() == "never" for child in self.children[verb.index]
        )

    def gap_before(self, token: Token) -> str:
        """The white space between the word before and this word."""
        return self.text[self.tokens[token.index - 1].end : token.start] if token.index else ""


def _index(token: Token) -> int:
    return token.index


def is_verb(token: Token) -> bool:
    """Whether the word is a verb by its tag."""
    return token.tag.startswith("VB") or token.tag == "MD"


def is_name(token: Token) -> bool:
    """Whether the word is a proper noun by its tag and its letters."""
    return token.tag in ("NNP", "NNPS") and token.text[:1].isupper()


def is_finite(tree: SentenceTree, verb: Token) -> bool:
    """Whether the verb or one of its auxiliaries has a tense, by their tags."""
    return any(token.tag in FINITE_TAGS for token in (verb, *tree.auxiliaries(verb)))


def is_finite_form(tree: SentenceTree, verb: Token) -> bool:
    """Whether a verb without an auxiliary stands in a tense of its own, whatever the tagger takes it for."""
    if verb.tag in ("VBP", "VBD", "VBZ", "NN") or verb.relation == "ROOT":
        return True
    first = tree.tokens[verb.head]
    return (
        verb.tag == "VB"
        and verb.relation == "conj"
        and first.tag == "VBP"
        and not tree.auxiliaries(first)
        # "I'm glad to come and help": the infinitive before it is what it is joined to.
        and not any(token.tag == "TO" for token in tree.tokens[first.index : verb.index])
    )


def has_finite_verb(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether tokens[first:last + 1] have a verb in a tense."""
    return any(is_verb(token) and is_finite(tree, token) for token in tree.tokens[first : last + 1])


def is_statement(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether tokens[first:last + 1] have a finite verb with a subject of its own."""
    own = tree.tokens[first : last + 1]
    verbs = {token.head for token in own if token.relation in SUBJECTS}
    return any(token.index in verbs and is_finite(tree, token) for token in own)
