"""Splits a sentence into its coordinated clauses, each with the subject that it needs to stand alone."""

from dataclasses import dataclass, replace
from itertools import pairwise

from app.memory.extraction.offline.grammar.sentence_tree import (
    FINITE_TAGS,
    SUBJECTS,
    SentenceTree,
    is_finite_form,
    is_verb,
)
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_JOINERS = word_set("and but so yet plus & then also , ; : - – — -- . … ...")
_VERBS_LIKE_NOUNS = word_set(
    """
    work play study live love hate need own drive run cook dance teach travel volunteer exercise swim sleep
    walk smoke drink garden bike hike paint practice practise research train visit watch help coach knit surf
    ski sing write read
    """
)
_SPEECH = word_set("say tell think believe guess hope know suppose mean hear feel swear figure")


@dataclass(frozen=True, slots=True)
class ClauseSpan:
    """The words tokens[first:last + 1] of a sentence around the verb `head`.

    `subject` has the words of the subject (first, last) in the clause before, if it has none itself.
    """

    first: int
    last: int
    head: Token
    subject: tuple[int, int] | None = None


def split_clauses(tree: SentenceTree) -> list[ClauseSpan]:
    """The clauses of a sentence in order; the whole sentence if they are interwoven or one is empty."""
    heads = _clause_heads(tree)
    whole = [ClauseSpan(0, len(tree.tokens) - 1, tree.root)]
    if len(heads) == 1:
        return whole
    borders = frozenset(head.index for head in heads)
    spans: list[ClauseSpan] = []
    for head in heads:
        # A mark or a conjunction between two clauses depends on either of them, and belongs to neither.
        own = [i for i in tree.subtree(head, borders - {head.index}) if not _is_border(tree, i, head)]
        if not own:
            return whole
        spans.append(ClauseSpan(own[0], own[-1], head, _shared_subject(tree, head)))
    spans.sort(key=lambda span: span.first)
    spans = _give_rest(tree, spans)
    overlap = any(left.last >= right.first for left, right in pairwise(spans))
    return whole if overlap else spans


def _give_rest(tree: SentenceTree, spans: list[ClauseSpan]) -> list[ClauseSpan]:
    """Give a second verb without a subject what follows it, where the parser hangs that on the first."""
    for at in range(len(spans) - 1):
        left, right = spans[at], spans[at + 1]
        if left.last >= right.first and left.first < right.first and right.subject is not None:
            end = right.first - 1
            while end > left.first and _is_joiner(tree.tokens[end]):
                end -= 1
            spans[at] = replace(left, last=end)
            spans[at + 1] = replace(right, last=max(left.last, right.last))
    return spans


def _is_joiner(token: Token) -> bool:
    return token.text.lower() in _JOINERS


def _is_border(tree: SentenceTree, index: int, head: Token) -> bool:
    token = tree.tokens[index]
    return token.head == head.index and (token.relation in ("punct", "cc") or _is_joiner(token))


def _clause_heads(tree: SentenceTree) -> list[Token]:
    """The root and the verbs that are coordinated with it, in the order in which they are found."""
    heads, waiting = [tree.root], [tree.root]
    while waiting:
        head = waiting.pop()
        for child in [*tree.children[head.index], *_verbs_on_objects(tree, head)]:
            if (is_verb(child) or _is_mistaken_noun(tree, child)) and (
                _is_coordinated(tree, child, head) or _is_run_on(tree, child, head)
            ):
                heads.append(child)
                waiting.append(child)
    return heads


def _verbs_on_objects(tree: SentenceTree, head: Token) -> list[Token]:
    """Finite verbs that the parser hangs on an object of the head ("I love hiking and hate crowds")."""
    objects = [
        child for child in tree.children[head.index] if child.relation in ("xcomp", "dobj", "attr", "acomp")
    ]
    return [
        verb
        for thing in objects
        for verb in tree.children[thing.index]
        if verb.relation == "conj"
        and verb.tag in ("VBP", "VBZ", "VBD")
        and tree.child(verb, *SUBJECTS) is None
    ]


def _is_mistaken_noun(tree: SentenceTree, token: Token) -> bool:
    """Whether the tagger takes a short second verb for a noun ("I live in Oslo and work at Acme")."""
    follows_conjunction = token.index > 0 and tree.tokens[token.index - 1].tag in ("CC", "RB")
    return (
        token.tag == "NN"
        and token.relation == "conj"
        and is_verb(tree.tokens[token.head])
        and token.text.lower() in _VERBS_LIKE_NOUNS
        and follows_conjunction
    )


def _is_coordinated(tree: SentenceTree, verb: Token, head: Token) -> bool:
    """Whether the verb begins a second statement ("... and I play", "... and moved to Rome")."""
    if verb.relation != "conj" or verb.index < head.index:
        return False
    between = {token.text.lower() for token in tree.tokens[head.index : verb.index]}
    if {"or", "nor", "either", "neither", "if"} & between or _has_marker(tree, verb):
        return False
    if tree.child(verb, *SUBJECTS) is None and _has_clause_between(tree, head, verb):
        return False
    auxiliaries = tree.auxiliaries(verb)
    is_finite = auxiliaries[0].tag in FINITE_TAGS if auxiliaries else is_finite_form(tree, verb)
    return is_finite and tree.subject(verb) is not None


def _has_clause_between(tree: SentenceTree, head: Token, verb: Token) -> bool:
    """Whether another clause stands between two verbs, whose subject the second may have as well."""
    return any(token.relation in SUBJECTS for token in tree.tokens[head.index + 1 : verb.index])


def _is_run_on(tree: SentenceTree, verb: Token, head: Token) -> bool:
    """Whether the verb makes a statement before the head's, without a conjunction ("I'm vegan; we ...")."""
    own_start = tree.tokens[tree.subtree(verb)[0]]
    # "Been busy lately, it's a lot": the speaker's "I" is left out.
    elides = own_start.relation == "aux" and own_start.text.lower() in ("been", "ca", "have", "'ve")
    elides = elides or (own_start is verb and verb.tag == "VBD" and verb.index == 0)
    if (
        verb.relation not in (("ccomp", "parataxis", "advcl") if elides else ("ccomp", "parataxis"))
        or verb.index > head.index
        or (head.lemma.lower() in _SPEECH and tree.child(head, *SUBJECTS) is not None)
    ):
        return False
    last = tree.subtree(verb)[-1]
    following = tree.tokens[last + 1] if last + 1 < len(tree.tokens) else None
    return (
        following is not None
        and (_is_joiner(following) or tree.tokens[last].text in (",", ";"))
        and last < head.index
        and (elides or tree.child(verb, *SUBJECTS) is not None)
        and (tree.child(head, *SUBJECTS) is not None or _is_tail(head))
        and not _has_marker(tree, verb)
    )


def _is_tail(head: Token) -> bool:
    """Whether the last verb only calls out behind a statement ("I'm a baker, so trust me")."""
    return head.tag in ("VB", "VBP", "VBN") or not is_verb(head)


def _has_marker(tree: SentenceTree, verb: Token) -> bool:
    marker = tree.child(verb, "mark")
    return marker is not None and marker.text.lower() not in ("and", "but", "so")


def _shared_subject(tree: SentenceTree, verb: Token) -> tuple[int, int] | None:
    if tree.child(verb, *SUBJECTS) is not None:
        return None
    subject = tree.subject(verb)
    if subject is None:
        return None
    words = tree.subtree(subject)
    return words[0], words[-1]
