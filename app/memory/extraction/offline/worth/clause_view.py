"""A clause as rules of worth look at it: its content words, names, numbers and other anchors."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree, is_name
from app.memory.extraction.offline.grammar.splitting import ClauseSpan
from app.memory.text.parsed_text import Token
from app.memory.text.stop_words import KEYWORD_STOP_WORDS
from app.memory.text.word_lists import MONTHS_AND_DAYS
from app.memory.text.word_sets import word_set

# They judge without saying what is so.
EVALUATIONS = word_set(
    """
    amazing awesome awful bad beautiful best better big bit brilliant cool crazy cute delicious different
    difficult easy enjoyable epic exciting excited fab fabulous fantastic fine fun funny glad good
    gorgeous great happy hard helpful huge incredible inspiring interesting important key kind lovely
    lucky magical meaningful memorable neat nice okay perfect pleasant powerful precious pretty proud rad
    real rewarding sad scary special stunning super sure sweet terrible thankful grateful tough true
    unique unreal useful weird wild wonderful worth worthwhile worst wow yummy impressive intense
    impressed hilarious vibrant rough insane unforgettable breathtaking adorable
    """
)
# Verbs and nouns of talk and thought, too general to say anything.
_GENERAL = word_set(
    """
    be have do get go come make take give see look know think mean say tell talk ask want let try keep
    feel seem sound guess hope wish wonder believe agree understand hear help need like love check happen
    start put show find thing things stuff something anything everything nothing someone anyone everyone
    way lot lots kind sort bit time times day days moment moments idea ideas feeling feelings reason point
    part place people person word words matter thank thanks support luck news deal fact life world heart
    mind today tomorrow now later soon right okay yeah oh hey remember forget wait share enjoy appreciate
    imagine stay bring work well
    """
)
FIRST_PERSON = word_set("i me my mine myself we us our ours")
SAFETY_WORDS = re.compile(
    r"\b(?:allerg\w+|intoleran\w+|epipen|insulin|medicat\w+|medicine|prescri\w+|diabet\w+|asthma\w*"
    r"|epilep\w+|coeliac|celiac|vegan|vegetarian|pescatarian"
    r"|halal|kosher|pregnan\w+|diagnos\w+|surgery|\d+ ?mg|tablets?|pills?|hives|anaphyla\w+|pacemaker"
    r"|disab\w+|deaf|blind|wheelchair)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ClauseView:
    """The clause tokens[first:last + 1] as rules of worth look at it.

    `speaking` has the names of those who talk, in lower case; `is_dialogue`: they are two named people.
    `heard` has the words of the turn before, in lower case, if another speaker said it.
    """

    tree: SentenceTree
    clause: ClauseSpan
    first: int
    last: int
    has_date: bool
    titles: frozenset[int]
    speaking: frozenset[str]
    lacks_subject: bool
    is_dialogue: bool
    heard: frozenset[str] = frozenset()

    @property
    def tokens(self) -> Sequence[Token]:
        """The words of the clause."""
        return self.tree.tokens[self.first : self.last + 1]

    @property
    def text(self) -> str:
        """The clause as it was said."""
        return self.tree.text[self.tokens[0].start : self.tokens[-1].end]


def content_words(view: ClauseView) -> list[str]:
    """The lemmas of a clause that say what it is about."""
    found: list[str] = []
    for token in view.tokens:
        lemma = token.lemma.lower()
        if token.index in view.titles or is_number(token):
            found.append(lemma)
        elif token.tag[:2] in ("NN", "VB", "JJ", "RB", "FW", "AD") and token.text[:1].isalpha():
            general = lemma in _GENERAL or lemma in EVALUATIONS or lemma in KEYWORD_STOP_WORDS
            if (
                not general
                and token.tag[:2] != "RB"
                and token.text.lower() not in view.speaking
                and len(lemma) > 1
            ):
                found.append(lemma)
    return found


def has_anchor(view: ClauseView) -> bool:
    """Whether the clause names a time, a number, a name or a person by relation."""
    return (
        view.has_date
        or bool(find_names(view))
        or has_relation(view)
        or any(is_number(token) for token in view.tokens)
    )


def has_relation(view: ClauseView) -> bool:
    """Whether the clause names a person or an animal by relation ("my sister", "our cat")."""
    return any(token.text.lower() in RELATION_NOUNS for token in view.tokens)


def find_names(view: ClauseView) -> list[Token]:
    """The proper nouns of a clause, but for those who talk, months and days."""
    return [
        token
        for token in view.tokens
        if is_name(token)
        and token.text.lower() not in view.speaking | MONTHS_AND_DAYS
        and (token.index > 0 or token.relation in ("nsubj", "nsubjpass", "compound"))
        and len(token.text) > 1
    ]


def is_number(token: Token) -> bool:
    """Whether the word is a number."""
    return (token.tag == "CD" and token.text.lower() != "one") or token.text[:1].isdigit()
