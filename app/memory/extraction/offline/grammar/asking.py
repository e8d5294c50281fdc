"""Finds what is stated beside what is asked in one breath: "give me 5 dinners, I'm vegan".

People who chat leave out full stops and question marks, so that the grammar of a sentence has a request and
a statement as one. What is asked is known by its first words: an interrogative before an auxiliary and its
subject (inversion), an order, or a thing with "please".
"""

from itertools import pairwise

from app.memory.extraction.offline.frames.words import (
    OBJECT_TASKS,
    REQUEST_VERBS,
    STANDING_WORDS,
    TEXT_TASKS,
    WH_WORDS,
)
from app.memory.extraction.offline.grammar.sentence_tree import (
    SUBJECTS,
    SentenceTree,
    has_finite_verb,
    is_statement,
)
from app.memory.text.dates.verb_forms import is_told_past
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_MARKS = word_set(", ; : - – — -- ... …")
_OPENERS = word_set(
    "and but so also ok okay hey hi hello anyway btw now then or oh well um please pls plz just kindly"
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


def find_stated(tree: SentenceTree, first: int, last: int) -> list[tuple[int, int]]:
    """The parts (first, last) of tokens[first:last + 1] that state something; all of it if nothing asks."""
    parts = _split_parts(tree, first, last)
    asks = [_is_asking(tree, begin, end) for begin, end in parts]
    if not any(asks):
        return [(first, last)]
    stated: list[tuple[int, int]] = []
    goes_on = False  # whether the part before states something too
    for number, (begin, end) in enumerate(parts):
        if asks[number]:
            goes_on = False
        elif goes_on:
            stated[-1] = (stated[-1][0], end)
        elif number == 0 or _names_its_subject(tree, begin, end):
            stated.append((begin, end))
            goes_on = True
    return [(begin, _without_openers(tree, begin, end)) for begin, end in stated]


def _without_openers(tree: SentenceTree, first: int, last: int) -> int:
    while last > first and tree.tokens[last].text.lower() in _OPENERS:
        last -= 1
    return last


def _split_parts(tree: SentenceTree, first: int, last: int) -> list[tuple[int, int]]:
    """(first, last) of the words between marks."""
    borders = [first - 1]
    for index in range(first, last + 1):
        if tree.tokens[index].text in _MARKS:
            borders.append(index)
    borders.append(last + 1)
    return [(left + 1, right - 1) for left, right in pairwise(borders) if right - left > 1]


def _is_asking(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether a part asks: by its first words, for ideas, or for a thing with "please"."""
    begin = first
    while begin < last and tree.tokens[begin].text.lower() in _OPENERS:
        begin += 1
    if _is_inverted(tree, begin, last) or _asks_who(tree, begin) or _is_order(tree, begin, last):
        return True
    words = [token.text.lower() for token in tree.tokens[begin : last + 1]]
    if words[0] == "any" and not has_finite_verb(tree, begin, last):
        return not _ASKED.isdisjoint(words)
    # A "please" that opens the clause was trimmed before.
    around = {token.text.lower() for token in tree.tokens[max(first - 1, 0) : last + 1]}
    return not _POLITE.isdisjoint(around) and not is_statement(tree, begin, last)


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
    """Whether an interrogative is the subject of the main verb ("who sells them", "which club won")."""
    lead = tree.tokens[first]
    subject = tree.tokens[lead.head] if lead.relation == "det" else lead
    verb = tree.tokens[subject.head]
    return (
        lead.text.lower() in ("who", "what", "which")
        and subject.relation in SUBJECTS
        and verb.relation == "ROOT"
        and verb.index > first
    )


def _is_relative(tree: SentenceTree, lead: Token) -> bool:
    return any(above.relation in ("relcl", "acl") for above in (tree.tokens[lead.head], lead))


def _is_order(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether the words begin with a bare verb that asks for something, or with a thing that is needed."""
    token = tree.tokens[first]
    if tree.child(token, *SUBJECTS) is not None or first == last:
        return False
    word = token.text.lower()
    words = {other.text.lower() for other in tree.tokens[first : last + 1]}
    if is_told_past(word, tree.text[token.end : tree.tokens[last].end]) or _shares_subject(tree, token):
        return False
    if word in _ORDERS:
        return token.tag in ("VB", "VBP", "NN", "NNP", "JJ") and STANDING_WORDS.isdisjoint(words)
    follows = tree.tokens[first + 1]
    return word in _LOOKING and follows.tag in ("DT", "CD", "JJ", "NN", "NNS") and token.tag != "VBD"


def _shares_subject(tree: SentenceTree, verb: Token) -> bool:
    """Whether a verb goes on with what a subject does: "I sing alto and keep the accounts".

    "I'm vegan and give me five dinners" asks: it has the speaker as its object.
    """
    above = tree.tokens[verb.head]
    joins = verb.index > 0 and tree.tokens[verb.index - 1].text.lower() in ("and", "but", "or")
    if verb.relation != "conj" or not joins or above.tag not in ("VBP", "VBZ", "VBD"):
        return False
    receivers = {token.text.lower() for token in tree.tokens[verb.index + 1 : verb.index + 3]}
    return tree.child(above, *SUBJECTS) is not None and receivers.isdisjoint(("me", "us", "you"))


def _names_its_subject(tree: SentenceTree, first: int, last: int) -> bool:
    """Whether a part states something of what it names itself: "they" may be of what is asked before."""
    subject = next((token for token in tree.tokens[first : last + 1] if token.relation in SUBJECTS), None)
    is_named = subject is not None and subject.text.lower() not in _POINTERS
    return is_named and is_statement(tree, first, last)
