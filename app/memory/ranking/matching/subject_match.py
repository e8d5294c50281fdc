"""Whom a question asks about, and which memories state a property of somebody else.

"Where does Ann live?" is not answered by where Ann's brother lives, however near the two sentences are. Of
what happened the same can't be said: what Ann's children did at the lake may tell what Ann did there. The
subjects are those of the user's memories; a question that names none of them, or a person of whom nothing is
known, says nothing here.
"""

import re

import numpy as np

from app.core.text_caches import text_cache
from app.memory.identity.attribute_names import fold_text
from app.memory.identity.subjects import ACCOUNT, ASSISTANT, fold_subject, is_role
from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray
from app.memory.ranking.query_plan import QueryPlan
from app.memory.text.analysis import analyze_text
from app.memory.text.word_sets import word_set

# Chosen: in the units of a memory's own score, that is, of two standardised scores.
OTHER_SUBJECT = np.float32(-2.0)
_WORD = re.compile(r"(?P<word>[^\W_]+(?:-[^\W_]+)*)(?P<possessive>'s?(?![^\W_]))?")
_FIRST_PERSON = word_set("i me myself we us ourselves user")
_FIRST_PERSON_POSSESSIVE = word_set("my mine our ours")
# What is asked for is a person, so the answer may have any subject.
_ASKS_FOR_PERSON = word_set("who whom whose")


def score_subjects(index: UserIndex, plan: QueryPlan) -> FloatArray | None:
    """What to add to the own score of each memory, (m,): less than 0 if its slot is somebody else's.

    None if the question does not say whom it is about.
    """
    asked = _find_asked(index, plan)
    if asked is None:
        return None
    subjects, mentioned = asked
    column = index.memories.categorical_columns["subject"]
    slots = index.memories.categorical_columns["slot"]
    is_other = ~column.match_any([*subjects, None, "", ASSISTANT]) & ~slots.match_any([None])
    # "Ann's sister is called Karla" is a property of Ann, and tells of her sister.
    is_of_account = column.match_any([ACCOUNT])
    for doc_ids, _ in index.memories.inverted_index.get_postings(mentioned).values():
        is_other[doc_ids] &= ~is_of_account[doc_ids]
    return np.where(is_other, OTHER_SUBJECT, np.float32(0))


def score_turn_subjects(index: UserIndex, memories: FloatArray) -> FloatArray:
    """Which turns (n,) state memories, and only such as are about somebody else: -1, or 0."""
    view = index.index_view
    found = np.full(len(index.turns), -np.inf, np.float32)
    np.maximum.at(found, view.pair_turns, memories[view.pair_memories])
    return np.where(np.isfinite(found) & (found < 0), np.float32(-1), np.float32(0))


def _find_asked(index: UserIndex, plan: QueryPlan) -> tuple[frozenset[str], list[str]] | None:
    """(the subjects asked about, terms by which a slot of the account tells of them); None = unknown."""
    words = [
        (match["word"], match["possessive"] is not None)
        for match in _WORD.finditer(fold_text(plan.query.text))
    ]
    said = {form for word, _ in words for form in (word, fold_subject(word))}
    named = _find_named(index, said)
    is_account = any(not possessive and _is_account_word(plan, named, word) for word, possessive in words)
    if named:
        terms = [term for name in named for term in analyze_text(name)]
        return frozenset([*named, ACCOUNT] if is_account else named), terms
    roles = [word for word in said if is_role(word)]
    if roles:
        return _find_of_role(index, roles)
    belongs = is_account or any(
        word in _FIRST_PERSON_POSSESSIVE or (possessive and _is_account_word(plan, named, word))
        for word, possessive in words
    )
    if not belongs or not said.isdisjoint(_ASKS_FOR_PERSON):
        return None
    return frozenset([ACCOUNT]), []


def _is_account_word(plan: QueryPlan, named: set[str], word: str) -> bool:
    """Whether a word means the account's person: "I", or the name of a speaker without a subject.

    A speaker of whom memories are kept under the own name is one of `named`.
    """
    if word in _FIRST_PERSON:
        return True
    return plan.speaker is not None and not named and word in fold_text(plan.speaker).split()


def _find_named(index: UserIndex, said: set[str]) -> set[str]:
    """The subjects but the account's person all of whose words are said, without the less exact ones."""
    names = index.memories.categorical_columns["subject"].categories
    found = {
        name: words
        for name in names
        if name and name not in (ACCOUNT, ASSISTANT) and (words := _split_words(name)) and words <= said
    }
    return {name for name, words in found.items() if not any(words < other for other in found.values())}


@text_cache()
def _split_words(name: str) -> frozenset[str]:
    """The words of a subject: each question is compared with all subjects."""
    return frozenset(match["word"] for match in _WORD.finditer(name))


def _find_of_role(index: UserIndex, roles: list[str]) -> tuple[frozenset[str], list[str]] | None:
    """The persons whom a memory calls by a role that is asked about ("my sister" of "my sister Karla")."""
    terms = [term for role in roles for term in analyze_text(role)]
    column = index.memories.categorical_columns["subject"]
    postings = index.memories.inverted_index.get_postings(terms).values()
    codes = {int(code) for doc_ids, _ in postings for code in np.unique(column.codes[doc_ids])}
    persons = {column.categories[code] for code in codes} - {ACCOUNT, ASSISTANT, None, ""}
    return (frozenset(persons), terms) if persons else None
