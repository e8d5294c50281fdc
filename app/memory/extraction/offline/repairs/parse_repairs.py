"""Mends what the parser of sentences regularly gets wrong, before anything reads the grammar."""

from dataclasses import replace

from app.memory.extraction.offline.grammar.sentence_tree import AUXILIARIES, FINITE_TAGS, SUBJECTS
from app.memory.text.parsed_text import ParsedSentence, Token
from app.memory.text.word_lists import MONTHS_AND_DAYS

_PLACES_OF_SUBJECTS = SUBJECTS | {"npadvmod", "dep"}  # where the parser puts a name that it does not know
_JOINED_PRONOUNS = frozenset(["i", "he", "she", "we", "they"])


def repair_parse(sentence: ParsedSentence) -> ParsedSentence:
    """Give a clause its subject, where the parser adds that to what stands before it, or divides it.

    "I wrote to the shops and one replied": it reads "the shops and one", and "replied" without a subject.
    "Bo and I got engaged": it reads "Bo" as a sentence and "I got engaged" as another.
    """
    tokens = sentence.tokens
    repaired = _join_divided_subject(tokens)
    for verb in tokens:
        if verb.relation != "conj" or not verb.tag.startswith("VB"):
            continue
        subject = _find_misplaced_subject(tokens, verb)
        if subject is not None:
            repaired[subject.index] = replace(subject, head=verb.index, relation="nsubj")
    if not repaired:
        return sentence
    return replace(sentence, tokens=tuple(repaired.get(token.index, token) for token in tokens))


def _join_divided_subject(tokens: tuple[Token, ...]) -> dict[int, Token]:
    """The words that change where a person, "and" and a pronoun are the subject of the verb behind them."""
    for pronoun in tokens[2:]:
        verb, conjunction = tokens[pronoun.head], tokens[pronoun.index - 1]
        if (
            pronoun.relation not in SUBJECTS
            or pronoun.text.lower() not in _JOINED_PRONOUNS
            or conjunction.text.lower() != "and"
        ):
            continue
        # Then the parser joins nothing by it; "I'm from Cork and I need ..." has a verb before.
        is_noun_before = conjunction.head == verb.index and not _has_tense(tokens[: conjunction.index])
        noun = tokens[conjunction.index - 1 if is_noun_before else conjunction.head]
        if not _is_person(tokens, noun):
            continue
        joined = {
            conjunction.index: replace(conjunction, head=noun.index),
            pronoun.index: replace(pronoun, head=noun.index, relation="conj"),
        }
        if is_noun_before or (noun.head == verb.index and noun.relation in _PLACES_OF_SUBJECTS):
            return joined | {noun.index: replace(noun, head=verb.index, relation=pronoun.relation)}
        if (
            verb.relation == "conj"
            and verb.head == noun.index
            and _begins_sentence(tokens, noun, conjunction)
        ):
            return joined | _with_verb_above(tokens, noun, verb, pronoun.relation)
    return {}


def _is_person(tokens: tuple[Token, ...], noun: Token) -> bool:
    """Whether a noun may be somebody by its form: a name, a pronoun, "my wife"; not "two kids and I work"."""
    parts = [token for token in tokens[: noun.index] if token.head == noun.index]
    is_named = noun.tag in ("NNP", "NNPS", "PRP")
    is_day = noun.text.lower() in MONTHS_AND_DAYS and not parts  # "Aunt May" has a part
    return (is_named and not is_day) or (
        noun.tag.startswith("NN") and any(part.tag == "PRP$" for part in parts)
    )


def _begins_sentence(tokens: tuple[Token, ...], noun: Token, conjunction: Token) -> bool:
    """Whether what the parser takes for a sentence of its own is the noun alone, without a verb before it."""
    is_alone = all(token.head == noun.index for token in tokens[noun.index + 1 : conjunction.index])
    is_first = not _has_tense(tokens[: noun.index])
    return noun.relation in ("ROOT", "dep", "npadvmod") and is_alone and is_first


def _has_tense(tokens: tuple[Token, ...]) -> bool:
    return any(token.tag in FINITE_TAGS for token in tokens)


def _with_verb_above(tokens: tuple[Token, ...], noun: Token, verb: Token, relation: str) -> dict[int, Token]:
    """The verb in the noun's place, and the noun as its subject."""
    moved = {
        token.index: replace(token, head=verb.index)
        for token in tokens
        if token.head == noun.index and token.index > verb.index
    }
    head = verb.index if noun.head == noun.index else noun.head
    return moved | {
        verb.index: replace(verb, head=head, relation=noun.relation),
        noun.index: replace(noun, head=verb.index, relation=relation),
    }


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
