"""Finds the words of titles, names and quotations: they survive every rewriting word for word."""

import re

from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree, is_name, is_verb
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_QUOTATION = re.compile(
    r"[\"“«„]([^\"“”«»„\n]{1,400})[\"”»“]|(?<!\w)[‘']([^'‘’\n]{1,200})[’'](?!\w)"
    r"|(?<!\w)[*_]([^*_\n]{1,200})[*_](?!\w)"
)
_NAMED_WORK = re.compile(
    r"\b(?:fav(?:ou?rite|e)?|best|beloved) (?:\w+ ){0,2}?(?:song|track|book|novel|film|movie|series|show"
    r"|album|game|musical"
    r"|play|band|group|store|shop|podcast|poem)s?\s+(?:of all time )?(?:is|are|was|'s|has to be|would be)\s+"
    r"|\b(?:called|named|titled|entitled)\s+"
)
_WORK_END = re.compile(r"[.!?;,:()\n]|\s(?:and|but|because|since|which|that|by) ")
# Words that stand between the capitalised words of a title.
_SMALL_WORDS = word_set(
    "a an the of and or to in on at for from with by into over under like as is are & vs n"
)
_FIRST_PERSON = word_set("i me my mine myself we us our ours")
_PRONOUNS = _FIRST_PERSON | word_set("you your yours he him his she her hers it its they them their")
_SINGULAR_VERBS = frozenset(["is", "was", "has", "does"])


def find_title_tokens(tree: SentenceTree) -> frozenset[int]:
    """The indices of the words that belong to a title, a name or a quotation."""
    found = _tokens_between(tree, _find_quotations(tree))
    if not _is_shouted(tree):
        found |= _find_capitalised(tree)
    return frozenset(found)


def _find_quotations(tree: SentenceTree) -> list[tuple[int, int]]:
    sentence = tree.text[tree.start : tree.end]
    spans = [match.span() for match in _QUOTATION.finditer(sentence)]
    for match in _NAMED_WORK.finditer(sentence):
        end = _WORK_END.search(sentence, match.end())
        last = end.start() if end else len(sentence)
        first_word = sentence[match.end() : last].split(" ")[0]
        is_called = not any(
            tree.child(token, "nsubj") is not None  # "my boss called me lazy"
            for token in tree.tokens
            if tree.start + match.start() <= token.start < tree.start + match.end()
        )
        if (first_word[:1].isupper() and first_word not in ("I'm", "I've")) or (
            first_word in ("i", "me", "you", "we") and last - match.end() > len(first_word) and is_called
        ):
            spans.append((match.end(), last))
    return [(tree.start + start, tree.start + end) for start, end in spans]


def _tokens_between(tree: SentenceTree, spans: list[tuple[int, int]]) -> set[int]:
    return {
        token.index
        for token in tree.tokens
        if any(start <= token.start and token.end <= end for start, end in spans)
    }


def _is_shouted(tree: SentenceTree) -> bool:
    letters = [char for char in tree.text[tree.start : tree.end] if char.isalpha()]
    return sum(char.isupper() for char in letters) * 2 > len(letters)


def _find_capitalised(tree: SentenceTree) -> set[int]:
    """Sequences of capitalised words that a pronoun is part of ("Call Me by Your Name")."""
    found: set[int] = set()
    tokens = tree.tokens
    for token in tokens:
        if token.text.lower() in _PRONOUNS and token.index not in found and _is_in_title(tree, token):
            found.update(_title_around(tokens, token.index))
    return found


def _is_in_title(tree: SentenceTree, token: Token) -> bool:
    """Whether a pronoun is written as a word of a title."""
    before, after = _neighbour(tree, token, -1), _neighbour(tree, token, 1)
    if token.text != "I":
        return token.text[:1].isupper() and before is not None and before.text not in (":", "...", "…")
    if _is_object(tree, token, after):
        return True
    if after is not None and _is_capitalised(after) and after.text != "I" and after.tag != "POS":
        return tree.gap_before(after) == " "
    # "The King and I is a musical": I would take "am".
    return (
        before is not None
        and before.text in ("and", "&")
        and _starts_with_the(tree.tokens, before.index)
        and (
            after is None
            or after.text.lower() in _SINGULAR_VERBS
            or not (is_verb(after) or after.tag == "RB")
        )
    )


def _is_object(tree: SentenceTree, token: Token, after: Token | None) -> bool:
    """Whether "I" is an object, which no pronoun in the nominative is ("We saw Withnail and I")."""
    if after is not None and after.text[:1].isalpha() and after.tag not in ("CC", "IN", "TO"):
        return False
    top = token
    while top.relation in ("conj", "appos") and top.head < top.index:
        top = tree.tokens[top.head]
    return top.relation in ("dobj", "attr") and (top is token or is_name(top))


def _starts_with_the(tokens: tuple[Token, ...], index: int) -> bool:
    """Whether a name that begins with a capitalised "The" ends before this word."""
    first = index - 1
    while first > 0 and _is_capitalised(tokens[first]) and tokens[first].text != "The":
        first -= 1
    return tokens[first].text == "The" and first < index - 1


def _neighbour(tree: SentenceTree, token: Token, step: int) -> Token | None:
    """The word before or after; None at the start of the sentence and after an opening mark."""
    index = token.index + step
    if not 0 <= index < len(tree.tokens):
        return None
    other = tree.tokens[index]
    return None if step < 0 and not other.text[-1:].isalnum() and other.text not in (":", "&", "!") else other


def _is_capitalised(token: Token) -> bool:
    return token.text[:1].isupper()


def _title_around(tokens: tuple[Token, ...], index: int) -> set[int]:
    """The run of capitalised words around a word, across small words between them."""
    return set(range(_extend(tokens, index, -1), _extend(tokens, index, 1) + 1))


def _extend(tokens: tuple[Token, ...], index: int, step: int) -> int:
    last = at = index
    while 0 <= at + step < len(tokens):
        at += step
        token = tokens[at]
        if _is_capitalised(token) and not (token.text == "I" and step < 0):
            last = at
        elif token.text.lower() not in _SMALL_WORDS or abs(at - last) > 2:
            break
    return last
