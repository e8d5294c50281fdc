"""Cuts off what a statement asks for in the same breath: "give me 5 dinners, I'm vegan", "…, what can I do".

People who chat leave out full stops and question marks, so that the grammar of a sentence has a request and
a statement as one. What is asked is known by its first words: an interrogative before an auxiliary and its
subject (inversion), an order, or a thing with "please".
"""

from collections.abc import Sequence
from itertools import pairwise

from app.memory.extraction.offline.frames.words import (
    OBJECT_TASKS,
    REQUEST_VERBS,
    STANDING_WORDS,
    TEXT_TASKS,
    WH_WORDS,
)
from app.memory.extraction.offline.grammar.sentence_tree import SUBJECTS, SentenceTree, is_finite, is_verb
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_MARKS = word_set(", ; : - – — -- ... …")
_OPENERS = word_set(
    "and but so also ok okay hey hi hello anyway btw now then or oh well um please pls plz just"
)
_POLITE = word_set("please pls plz")
_AUXILIARIES = word_set(
    "do does did can could should would will shall is are am was were has have ca wo 's 're s isn't ai must"
)
_ASKED = word_set("idea ideas tip tips trick tricks suggestion suggestions thought thoughts advice way ways")
_ORDERS = (REQUEST_VERBS | OBJECT_TASKS | TEXT_TASKS | word_set("gim gimme lem lemme let remind keep")) - (
    # "Need", "want", "read", "grade papers" and "count" may lack an "I".
    word_set("need want say mark name read count grade play look design plan cook")
)
_POINTERS = word_set("he she it they this that these those there which who")
_LOOKING = word_set("need want")
_MAX_ASKED_WORDS = 4  # between "which" and its auxiliary ("which whitening toothpaste isn't")


def cut_asking(tree: SentenceTree, first: int, last: int) -> tuple[int, int] | None:
    """The part of tokens[first:last + 1] that states something; None if all of it only asks.

    The tokens as they are if nothing asks.
    """
    parts = _split_parts(tree, first, last)
    asks = [_asks(tree, begin, end) for begin, end in parts]
    if not any(asks):
        return first, last
    if all(asks):
        return None
    begin = asks.index(False)
    if begin:
        stating = (n for n in range(begin, len(parts)) if not asks[n] and _states_itself(tree, *parts[n]))
        begin = next(stating, len(parts))
        if begin == len(parts):
            return None
    stop = next((n for n in range(begin, len(parts)) if asks[n]), len(parts))
    start, end = parts[begin][0], parts[stop - 1][1]
    while end > start and tree.tokens[end].text.lower() in _OPENERS:
        end -= 1
    return start, end


def _split_parts(tree: SentenceTree, first: int, last: int) -> list[tuple[int, int]]:
    """(first, last) of the words between marks."""
    borders = [first - 1]
    for index in range(first, last + 1):
        if tree.tokens[index].text in _MARKS:
            borders.append(index)
    borders.append(last + 1)
    return [(left + 1, right - 1) for left, right in pairwise(borders) if right - left > 1]


def _asks(tree: SentenceTree, first: int, last: int) -> bool:
    while first < last and tree.tokens[first].text.lower() in _OPENERS:
        first += 1
    words = [token.text.lower() for token in tree.tokens[first : last + 1]]
    if _is_inverted(tree, first, last) or _asks_who(tree, first) or _is_order(tree, first, last):
        return True
    if words[0] == "any" and not _has_verb(tree, first, last):
        return not _ASKED.isdisjoint(words)
    is_polite = not _POLITE.isdisjoint(words) or tree.tokens[first - 1].text.lower() in _POLITE
    return is_polite and not _states(tree, first, last)


def _is_inverted(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether the words begin with an interrogative, an auxiliary and its subject."""
    lead = tree.tokens[first].text.lower()
    if lead.endswith("s") and lead[:-1] in WH_WORDS and first < last:  # "whats"
        return True
    if lead not in WH_WORDS or first == last:
        return False
    at = first + 1
    if lead == "how" and tree.tokens[at].tag in ("JJ", "RB"):
        at += 1
    elif lead in ("what", "which", "whose", "how"):
        limit = min(last, at + _MAX_ASKED_WORDS)
        while at < limit and tree.tokens[at].tag in ("NN", "NNS", "NNP", "JJ", "JJR", "JJS", "VBG"):
            at += 1
    auxiliary = tree.tokens[at].text.lower()
    if auxiliary not in _AUXILIARIES or at >= last:
        return False
    if at == first + 1 and (lead == "which" or (lead == "who" and _is_relative(tree, tree.tokens[first]))):
        return False  # "which is why I moved", "Arthur, who is my brother"
    if at > first + 1 or auxiliary in ("do", "does", "did", "ca", "wo"):
        return True
    following = tree.tokens[at + 1].tag
    return following in ("PRP", "DT", "EX", "PRP$", "NNP") or (
        following in ("JJ", "NN", "NNS", "RB") and lead not in ("who", "whose")
    )


def _asks_who(tree: SentenceTree, first: int) -> bool:
    """Whether an interrogative is the subject of the main verb ("who sells bed rails")."""
    lead = tree.tokens[first]
    verb = tree.tokens[lead.head]
    is_subject = lead.relation in SUBJECTS or (lead.relation == "det" and verb.relation in SUBJECTS)
    if lead.relation == "det":
        verb = tree.tokens[verb.head]
    is_first = lead.text.lower() in ("who", "what", "which") and is_subject
    return is_first and verb.relation == "ROOT" and verb.index > first


def _is_relative(tree: SentenceTree, lead: Token) -> bool:
    return any(above.relation in ("relcl", "acl") for above in (tree.tokens[lead.head], lead))


def _is_order(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether the words begin with a bare verb that asks for something, or with a thing that is needed."""
    token = tree.tokens[first]
    if tree.child(token, *SUBJECTS) is not None or first == last:
        return False
    word = token.text.lower()
    words = {other.text.lower() for other in tree.tokens[first : last + 1]}
    if word in _ORDERS:
        return token.tag in ("VB", "VBP", "NN", "NNP", "JJ") and STANDING_WORDS.isdisjoint(words)
    follows = tree.tokens[first + 1]
    return word in _LOOKING and follows.tag in ("DT", "CD", "JJ", "NN", "NNS") and token.tag != "VBD"


def _states(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether a part begins with the subject of a finite verb in it."""
    lead = first
    while lead < last and tree.tokens[lead].text.lower() in _OPENERS:
        lead += 1
    return any(
        token.relation in SUBJECTS and _is_finite_in(tree, tree.tokens[token.head], lead, last)
        for token in tree.tokens[lead : last + 1]
    )


def _states_itself(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether a part states something of what it names itself: "they" may be of what is asked before."""
    subjects = [token for token in tree.tokens[first : last + 1] if token.relation in SUBJECTS]
    return _states(tree, first, last) and subjects[0].text.lower() not in _POINTERS


def _is_finite_in(tree: SentenceTree, verb: Token, first: int, last: int) -> bool:
    return first <= verb.index <= last and is_verb(verb) and is_finite(tree, verb)


def _has_verb(tree: SentenceTree, first: int, last: int) -> bool:
    words: Sequence[Token] = tree.tokens[first : last + 1]
    return any(is_verb(token) and is_finite(tree, token) for token in words)
