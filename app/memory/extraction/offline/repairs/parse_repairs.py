"""Mends what the parser of sentences regularly gets wrong, before anything reads the grammar."""

from dataclasses import replace

from app.memory.extraction.offline.grammar.sentence_tree import AUXILIARIES, FINITE_TAGS, SUBJECTS
from app.memory.text.parsed_text import ParsedSentence, Token


def repair_parse(sentence: ParsedSentence) -> ParsedSentence:
    """Give a second clause its subject, where the parser adds that to the object before it.

    "I wrote to the shops and one replied": it reads "the shops and one", and "replied" without a subject.
    """
    tokens = sentence.tokens
    repaired: dict[int, Token] = {}
    for verb in tokens:
        if verb.relation != "conj" or not verb.tag.startswith("VB"):
            continue
        subject = _find_misplaced_subject(tokens, verb)
        if subject is not None:
            repaired[subject.index] = replace(subject, head=verb.index, relation="nsubj")
    if not repaired:
        return sentence
    return replace(sentence, tokens=tuple(repaired.get(token.index, token) for token in tokens))


def _find_misplaced_subject(tokens: tuple[Token, ...], verb: Token) -> Token | None:
    """The noun right before a verb without a subject that is joined to another noun by "and" or "but"."""
    own = [t for t in tokens if t.head == verb.index and t.index != verb.index]
    if any(token.relation in SUBJECTS for token in own):
        return None
    auxiliaries = [token for token in own if token.relation in AUXILIARIES and token.index < verb.index]
    first = min([verb, *auxiliaries], key=lambda token: token.index)
    if first.tag not in FINITE_TAGS or first.index == 0:
        return None
    noun = tokens[first.index - 1]
    if noun.relation != "conj" or noun.tag[:2] not in ("NN", "CD", "DT") or not verb.head < noun.index:
        return None
    begin = noun.index
    while begin > 0 and _belongs_to(tokens, tokens[begin - 1], noun):
        begin -= 1
    return noun if begin > 0 and tokens[begin - 1].tag == "CC" else None


def _belongs_to(tokens: tuple[Token, ...], token: Token, noun: Token) -> bool:
    """Whether a word before a noun is a part of its phrase ("two old [friends]")."""
    return token.head == noun.index or (token.head > token.index and tokens[token.head].head == noun.index)
