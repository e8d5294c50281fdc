"""Writes a clause in the third person, by its grammar: "I live here" -> "Ann lives here"."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.memory.extraction.offline.grammar.sentence_tree import (
    AUXILIARIES,
    SUBJECTS,
    SentenceTree,
    is_finite_form,
    is_verb,
)
from app.memory.extraction.offline.grammar.splitting import ClauseSpan
from app.memory.extraction.offline.grammar.third_person import conjugate_third_person, possessive_form
from app.memory.extraction.offline.repairs.elided_subjects import is_base_form, lacks_subject, supply_verb
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_SINGULAR = {"i": "{0}", "me": "{0}", "my": "{1}", "mine": "{1}", "myself": "themselves"}
_PLURAL = {"we": "they", "us": "them", "our": "their", "ours": "theirs", "ourselves": "themselves"}
_LISTENER = {"you": "{0}", "your": "{1}", "yours": "{1}", "yourself": "themselves"}
_CLITICS = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will", "im": "am", "m": "am", "ve": "have"}
_NEGATIONS = {"n't": "not", "nt": "not", "not": "not"}
_STEMS = {"ca": "can", "wo": "will", "sha": "shall"}
_SPLIT_WORDS = {"gon": "going", "wan": "want", "got": "have"}
_BEFORE_DATE = re.compile(
    r"\b(?:until|till|by|from|of|for|before|after|around|during|to|spent|spend|spending|entire|whole)\s*$",
    re.IGNORECASE,
)


_DATE_LEAD = re.compile(r"(?:during|in|on|at|for|over|since|from|by|of|after|before) ", re.IGNORECASE)


@dataclass(slots=True)
class Voices:
    """The names by which a text tells of its speaker and, if that is one person, of who is spoken to."""

    speaker: str
    listener: str | None = None

    @property
    def others(self) -> str:
        """The name of "we"."""
        return f"{self.speaker} and others"


@dataclass(slots=True)
class _Edits:
    """What is written instead of text[start:end], by start."""

    by_start: dict[int, tuple[int, str]] = field(default_factory=dict[int, tuple[int, str]])

    def put(self, start: int, end: int, words: str) -> None:
        if not any(start < other_end and other < end for other, (other_end, _) in self.by_start.items()):
            self.by_start[start] = (end, words)

    def apply(self, text: str, start: int, end: int) -> str:
        parts: list[str] = []
        at = start
        for begin in sorted(self.by_start):
            stop, words = self.by_start[begin]
            if begin < at or stop > end:
                continue
            parts += [text[at:begin], words]
            at = stop
        return "".join([*parts, text[at:end]])


class ClauseWriter:
    """Writes the clauses of one sentence; `titles` are its words that stay as they are.

    `references` has the words that stand for a pronoun elsewhere, by the pronoun's index.
    """

    def __init__(
        self,
        tree: SentenceTree,
        voices: Voices,
        dates: Sequence[DateSpan],
        titles: frozenset[int],
        references: Mapping[int, str],
    ) -> None:
        self._tree = tree
        self._voices = voices
        self._titles = titles
        self._edits = _Edits()
        self._we_is_told = False
        self.generic: set[int] = set()  # the indices of "you" that mean anybody
        self._told_as_they: list[Token] = []
        for span in dates:
            before, after = tree.text[: span.start_char], tree.text[span.end_char :]
            words = span.absolute_text
            bare = re.sub(r"^(?:on|in) ", "", words)
            if after.startswith("'s") and self._edit_dated_noun(span, bare):
                continue
            if _BEFORE_DATE.search(before[-30:]) or after.startswith("'s") or self._is_subject(span):
                words = bare
            self._edits.put(span.start_char, span.end_char, words)
        for index, words in references.items():
            token = tree.tokens[index]
            self._edits.put(token.start, token.end, words)
        for token in tree.tokens:
            if token.index not in titles:
                self._edit_token(token)

    def write(self, clause: ClauseSpan, first: int, last: int, *, goes_on: bool = False) -> str:
        """The clause tokens[first:last + 1] in the third person, as a sentence without its full stop.

        `goes_on`: it follows another clause in one sentence, so that it begins with a small letter.
        """
        tokens = self._tree.tokens
        start, end = tokens[first].start, tokens[last].end
        edits = self._edits if goes_on else self._naming_us(first, last)
        text = edits.apply(self._tree.text, start, end)
        if clause.subject is not None and not first <= clause.subject[0] <= last:
            subject = tokens[clause.subject[0]].start, tokens[clause.subject[1]].end
            text = f"{self._edits.apply(self._tree.text, *subject)} {text}"
        elif self.lacks_subject(clause, first):
            text = f"{self._voices.speaker} {supply_verb(tokens[first : last + 1], text)}"
        text = " ".join(text.split())
        if not goes_on:
            return text[:1].upper() + text[1:]
        begin = tokens[first]
        if clause.subject is not None and tokens[clause.subject[0]].tag == "PRP":
            begin = tokens[clause.subject[0]]
        is_own = not begin.tag.startswith("NNP") and begin.index not in self._titles
        is_same = text[: len(begin.text)] == begin.text
        return text[:1].lower() + text[1:] if is_own and is_same and begin.text != "I" else text

    def _is_subject(self, span: DateSpan) -> bool:
        """Whether something is told of the date itself ("Yesterday was wild")."""
        return any(
            token.relation in ("nsubj", "nsubjpass")
            for token in self._tree.tokens
            if span.start_char <= token.start < span.end_char
        )

    def _edit_dated_noun(self, span: DateSpan, words: str) -> bool:
        """Write "last week's match" as "the match of the week of ..."; false if no noun follows."""
        tokens = self._tree.tokens
        mark = next((token for token in tokens if token.start == span.end_char), None)
        if mark is None or mark.tag != "POS":
            return False
        noun = tokens[tokens[mark.head].head]
        if not noun.tag.startswith("NN") or noun.index <= mark.index or noun.index in self._titles:
            return False
        begin = tokens[self._tree.subtree(tokens[mark.head])[0]]
        if begin.start < span.start_char:
            return False
        lead = _DATE_LEAD.match(span.text)
        self._edits.put(span.start_char, mark.end, f"{lead[0] if lead else ''}the")
        self._edits.put(noun.end, noun.end, f" of {words}")
        return True

    def _naming_us(self, first: int, last: int) -> _Edits:
        """The edits for tokens that stand alone: the first "we" among them is named, and is no "they"."""
        named_before = any(
            token.index not in self._titles
            and (self._is_joint(token) or token.text.lower() in _PLURAL)
            and token not in self._told_as_they
            for token in self._tree.tokens[first : last + 1]
        )
        alone = next((token for token in self._told_as_they if first <= token.index <= last), None)
        word = alone.text.lower() if alone is not None else ""
        if alone is None or named_before or word not in ("we", "us", "our"):
            return self._edits
        others = self._voices.others
        edits = _Edits(dict(self._edits.by_start))
        edits.by_start[alone.start] = (alone.end, possessive_form(others) if word == "our" else others)
        return edits

    def lacks_subject(self, clause: ClauseSpan, first: int) -> bool:
        """Whether the speaker left out "I" ("Went hiking with the kids")."""
        return lacks_subject(self._tree, clause.head, first)

    def _edit_token(self, token: Token) -> None:
        word = token.text.lower().replace("’", "'")
        if word in ("i", "me", "my", "mine", "myself") and self._is_pronoun(token):
            self._put_name(token, _SINGULAR[word], self._voices.speaker)
            self._we_is_told = self._we_is_told or self._is_joint(token)
        elif word in _PLURAL and self._is_pronoun(token):
            self._edit_plural(token, word)
        elif word in _LISTENER and self._voices.listener is not None and token.tag.startswith("PRP"):
            if self._is_generic(token):
                self.generic.add(token.index)
            elif self._names_several(token):
                following = self._tree.tokens[token.index + 1]
                self._edits.put(token.start, following.end, f"{self._voices.listener} and others")
            else:
                self._put_name(token, _LISTENER[word], self._voices.listener)
        elif word == "anymore":
            self._put(token, "any more")
        elif is_verb(token) or token.tag in ("TO", "NN", "POS") or word in _NEGATIONS:
            self._edit_verb(token, word)

    def _is_pronoun(self, token: Token) -> bool:
        # A model takes "i" for many things, "mine" for a pit, and "US" for "us".
        if token.text == "US":
            return False
        is_mine = token.text.lower() == "mine" and token.relation in ("attr", "dobj", "pobj")
        return (
            token.tag.startswith("PRP")
            or token.text in ("I", "i")
            or (is_mine and not self._tree.children[token.index])
        )

    def _is_joint(self, token: Token) -> bool:
        """Whether "I" or "me" is told of together with others, who are "we" from then on ("Bo and I")."""
        return token.text.lower() in ("i", "me") and (
            token.relation == "conj" or self._tree.child(token, "conj") is not None
        )

    def _names_several(self, token: Token) -> bool:
        """Whether "you" means the listener and somebody else ("you two")."""
        following = self._tree.tokens[token.index + 1 : token.index + 2]
        several = [word for word in following if word.text.lower() in ("two", "both", "guys", "all", "three")]
        return token.text.lower() == "you" and any(
            word.head == token.index or word.tag == "CD" for word in several
        )

    def _is_generic(self, token: Token) -> bool:
        """Whether "you" means anybody: "it makes you think", "chasing your dreams", "faith in yourself"."""
        tree = self._tree
        if token.relation == "pobj" and tree.tokens[token.head].text.lower() in ("to", "with", "from"):
            return False  # "talking to you" is to the listener
        for verb in tree.ancestors(token):
            if verb.tag == "VBG" and not tree.auxiliaries(verb) and tree.child(verb, *SUBJECTS) is None:
                return True
            if not is_verb(verb):
                continue
            subject = tree.subject(verb)
            is_own = subject is not None and subject.tag.startswith("PRP") and subject.text.lower() != "it"
            if verb.lemma.lower() in _MOVES_ANYBODY and verb.tag in ("VBZ", "VBP", "VB") and not is_own:
                return True
            if verb.relation in ("relcl", "ROOT", "conj") or subject is not token:
                return False
        return False

    def _put_name(self, token: Token, template: str, name: str) -> None:
        self._put(token, template.format(name, possessive_form(name)) if "{" in template else template)

    def _edit_plural(self, token: Token, word: str) -> None:
        if not self._we_is_told and word in ("we", "us", "our"):
            others = self._voices.others
            self._put(token, possessive_form(others) if word == "our" else others)
        else:
            self._put(token, _PLURAL[word])
            self._told_as_they.append(token)
        self._we_is_told = True

    def _put(self, token: Token, words: str) -> None:
        self._edits.put(token.start, token.end, words)

    def _edit_verb(self, token: Token, word: str) -> None:
        words = self._expand(token, word)
        is_mistaken_noun = (
            token.tag == "NN" and token.relation == "conj" and is_verb(self._tree.tokens[token.head])
        )
        if (
            words in ("am", "have", "do", "are", "were")
            or token.tag in ("VBP", "VB", "VBD")
            or is_mistaken_noun
        ):
            words = self._agree(token, words)
        if words != word:
            glue = " " if self._tree.gap_before(token) == "" and token.index and _is_clitic(word) else ""
            if words == "not" and self._tree.tokens[token.index - 1].text.lower() == "ca":
                glue = ""
            self._put(token, f"{glue}{words}")

    def _expand(self, token: Token, word: str) -> str:
        """The full form of a contracted word."""
        following = self._tree.tokens[token.index + 1] if token.index + 1 < len(self._tree.tokens) else None
        after = following.text.lower().replace("’", "'") if following else ""
        if word in _NEGATIONS:
            return "not"
        if word in _STEMS and after in ("n't", "nt"):
            return _STEMS[word]
        if word in _SPLIT_WORDS and after in ("na", "ta") and self._tree.gap_before(following or token) == "":
            return _SPLIT_WORDS[word]
        if word in ("na", "ta") and self._tree.gap_before(token) == "":
            return "to"
        return self._expand_verb(token, word, after) if is_verb(token) else _expand_possessive(word, after)

    def _expand_verb(self, token: Token, word: str, after: str) -> str:
        if word in _CLITICS and (
            word.startswith("'") or token.start == self._tree.tokens[token.index - 1].end
        ):
            return _CLITICS[word]
        if word == "'d":
            return "would" if token.tag == "MD" else "had"
        if word == "'s":
            head = self._tree.tokens[token.head]
            is_perfect = token.relation == "aux" and (
                head.tag == "VBN" or head.text.lower() in ("got", "had")
            )
            has_been = token.relation in AUXILIARIES and any(
                other.text.lower() == "been" for other in self._tree.auxiliaries(head)
            )
            is_perfect = (
                is_perfect
                or has_been
                or token.lemma == "have"
                or (token.relation in AUXILIARIES and _has_object(self._tree, head))
            )
            if after in _NAMING:
                return "has" if _acts_on_somebody(self._tree, token.index + 2) else "is"
            return "has" if is_perfect or after in ("been", "got") else "is"
        return word

    def _agree(self, token: Token, words: str) -> str:
        """The form of a finite verb whose subject is told by a name instead of "I" or "you"."""
        tree = self._tree
        verb = token
        while verb.relation in AUXILIARIES and verb.head != verb.index:
            verb = tree.tokens[verb.head]
        auxiliaries = tree.auxiliaries(verb)
        is_finite = token is auxiliaries[0] if auxiliaries else is_finite_form(tree, token)
        subject = tree.subject(verb)
        if subject is None or not is_finite or not self._is_named(subject):
            return words
        if words == "were":
            return "was" if subject.text.lower() == "you" else words
        if (token.tag == "VBD" and words != "have") or words == "be":  # "gotta", "asked him to come and be"
            return words
        return conjugate_third_person(words) if words != token.text.lower() or is_base_form(token) else words

    def _is_named(self, subject: Token) -> bool:
        word = subject.text.lower()
        if subject.index in self._titles or self._tree.child(subject, "conj") is not None:
            return False
        return (word == "i" and self._is_pronoun(subject)) or (
            word == "you" and self._voices.listener is not None and not self._names_several(subject)
        )


def _has_object(tree: SentenceTree, head: Token) -> bool:
    """Whether a participle acts on something: "Art's given me hope" is "has given"."""
    thing = tree.child(head, "dobj")
    if thing is None and (told := tree.child(head, "ccomp")) is not None:
        thing = tree.child(told, "nsubj")
    return head.tag == "VBN" and thing is not None and head.index < thing.index <= head.index + _NEAR


def _acts_on_somebody(tree: SentenceTree, index: int) -> bool:
    """Whether "she's called" has an object behind it ("her mother"), and no name ("Ida")."""
    return any(token.tag in ("DT", "PRP", "PRP$") for token in tree.tokens[index : index + 1])


_NAMING = frozenset(["called", "named"])
_NEAR = 4  # words
_MOVES_ANYBODY = word_set("make help let give keep remind teach show take bring get allow")


def _expand_possessive(word: str, after: str) -> str:
    """The tagger takes the verb of "My sister's been ..." for a possessive."""
    return "has" if word == "'s" and after in {"been", *_NAMING} else word


def _is_clitic(word: str) -> bool:
    return word.startswith("'") or word in _NEGATIONS or word in ("na", "ta", "m", "ve")
