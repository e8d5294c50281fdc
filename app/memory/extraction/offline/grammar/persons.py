"""Persons that sentences mention, and which of them a later "he" or "she" means."""

from collections import deque
from dataclasses import dataclass

from app.memory.extraction.offline.grammar.sentence_tree import SUBJECTS, SentenceTree, is_name
from app.memory.text.kinship import nearest_relation
from app.memory.text.parsed_text import Token
from app.memory.text.word_lists import MONTHS_AND_DAYS, PETS, RELATIVES
from app.memory.text.word_sets import word_set

_WOMEN = word_set(
    """
    wife sister mother mom mum mama daughter niece aunt grandma grandmother granny nana girlfriend fiancée
    fiancee stepmother stepsister stepdaughter granddaughter woman girl lady widow
    """
)
_MEN = word_set(
    """
    husband brother father dad papa son nephew uncle grandpa grandfather grandad boyfriend fiancé
    stepfather stepbrother stepson grandson man boy guy widower
    """
)
_MORE_RELATIVES = word_set(
    """
    flatmate housemate landlord landlady doctor dentist vet manager client classmate bestie fiancé fiancée
    stepmother stepfather stepsister stepbrother stepdaughter stepson stepmum stepdad half-brother
    half-sister godson goddaughter godfather godmother bro sis nana granny grandad gran mama papa
    babysitter nanny girl boy girls boys twins twin baby toddler teammate bandmate trainer professor tutor
    nurse assistant supervisor buddy pal budgie budgies greyhound terrier labrador retriever poodle
    kittens puppies hen hens gecko iguana guinea-pig
    """
)
RELATION_NOUNS = RELATIVES | PETS | _WOMEN | _MEN | _MORE_RELATIVES
_SHE, _HE = frozenset(["she", "her", "hers", "herself"]), frozenset(["he", "him", "his", "himself"])
_NOT_PERSONS = MONTHS_AND_DAYS | {"i", "god"}
_REMEMBERED = 3  # statements


@dataclass(frozen=True, slots=True)
class Person:
    """A person or an animal as a sentence tells of it; `gender` is "f", "m" or None if it is not known.

    `relation` is who that is to the speaker, in the speaker's words ("my best friend").
    """

    token: int
    words: str
    name: str | None
    gender: str | None
    relation: str | None = None


def find_persons(tree: SentenceTree, speaker: str, speaking: frozenset[str]) -> list[Person]:
    """The persons of a sentence that are named, or told by their relation to somebody; not those who talk."""
    found: list[Person] = []
    taken: set[int] = set()
    for token in tree.tokens:
        noun = token.text.lower()
        owner = tree.child(token, "poss")
        if nearest_relation(noun) in RELATION_NOUNS and owner is not None and owner.tag in ("PRP$", "NNP"):
            name_token = tree.child(token, "appos")
            name = _full_name(tree, name_token) if name_token is not None and is_name(name_token) else None
            taken |= {name_token.index} if name_token is not None else set()
            words = name or _relation_words(tree, token, owner, speaker)
            best = (
                "best " if any(child.text.lower() == "best" for child in tree.children[token.index]) else ""
            )
            relation = f"my {best}{noun}" if owner.text.lower() in ("my", "our") else None
            found.append(Person(token.index, words, name, _gender(noun), relation))
        elif (
            is_name(token)
            and token.index not in taken
            and token.relation in SUBJECTS
            and noun not in _NOT_PERSONS | speaking
            and not tree.child(token, "det", "conj")
        ):
            found.append(Person(token.index, _full_name(tree, token), _full_name(tree, token), None))
    return found


def _full_name(tree: SentenceTree, token: Token) -> str:
    first = token.index
    while first > 0 and is_name(tree.tokens[first - 1]) and tree.tokens[first - 1].head == token.index:
        first -= 1
    return tree.text[tree.tokens[first].start : token.end]


def _relation_words(tree: SentenceTree, token: Token, owner: Token, speaker: str) -> str:
    if owner.text.lower() not in ("my", "our"):
        return tree.text[owner.start : token.end]
    return f"{speaker}'s {token.text}"


def _gender(noun: str) -> str | None:
    nearest = nearest_relation(noun)
    return "f" if nearest in _WOMEN else "m" if nearest in _MEN else None


class PersonMemory:
    """The persons of the last statements of a conversation."""

    def __init__(self) -> None:
        self._recent: deque[list[Person]] = deque(maxlen=_REMEMBERED)

    def remember(self, persons: list[Person]) -> None:
        """Add the persons of a statement."""
        self._recent.append(persons)

    def resolve(
        self, tree: SentenceTree, own: list[Person], titles: frozenset[int]
    ) -> tuple[dict[int, str], bool]:
        """({index of a pronoun: words for it}, whether a "he" or "she" stays unclear).

        A pronoun that follows a person of its own sentence is clear. Only the first one is replaced, as the
        others mean the same person.
        """
        for token in tree.tokens:
            word = token.text.lower()
            gender = "f" if word in _SHE else "m" if word in _HE else None
            if gender is None or not token.tag.startswith("PRP") or token.index in titles:
                continue
            if any(person.token < token.index for person in own):
                return {}, False
            known = {p.words for persons in self._recent for p in persons if p.gender in (gender, None)}
            certain = {p.words for persons in self._recent for p in persons if p.gender == gender}
            candidates = certain if len(certain) == 1 else known
            if len(candidates) != 1:
                return {}, True
            words = next(iter(candidates))
            return {token.index: f"{words}'s" if token.tag == "PRP$" or word in ("hers",) else words}, False
        return {}, False
