"""Trims what only opens or closes a sentence: interjections, forms of address, fillers."""

import re

from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree, is_name
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

# They say nothing themselves, with or without a comma after them.
_OPENERS = word_set(
    """
    oh ooh wow yeah yes yep yup yea nah well so and but or also btw hey hi hello hiya ok okay anyway
    anyways haha hahaha lol um uh hmm ah aw aww gosh omg yay ugh hm whoa woah fyi plus then though tbh ha
    phew please
    """
)
# They are part of the sentence unless a mark follows.
_OPENERS_WITH_MARK = word_set(
    """
    no nope man honestly sure totally absolutely definitely true right cool great nice awesome exactly
    sorry besides unfortunately luckily fortunately sadly recently lately personally indeed additionally
    apparently actually thanks correction same again currently nowadays congrats seriously basically
    obviously interesting sweet perfect agreed wonderful amazing lovely fantastic funny speaking hopefully
    look listen yikes damn wait whatever ooo literally really cheers
    """
)
_OPENING_PHRASES = tuple(
    tuple(phrase.split())
    for phrase in (
        "by the way",
        "to be honest",
        "in fact",
        "of course",
        "i mean",
        "you know what",
        "you know",
        "guess what",
        "good news",
        "great news",
        "big news",
        "sad news",
        "bad news",
        "heads up",
        "fun fact",
        "as you know",
        "like i said",
        "as i said",
        "just so you know",
        "speaking of which",
        "it turns out that",
        "it turns out",
        "turns out that",
        "turns out",
        "thank you",
        "thanks for asking",
        "thank you for asking",
        "oh yeah",
        "good point",
        "same here",
        "me too",
        "no worries",
        "no problem",
        "for context",
        "for reference",
        "for the record",
        "i have to say that",
        "i have to say",
        "i must say",
        "i must admit",
        "i should mention that",
        "i should mention",
        "i forgot to mention that",
        "i forgot to mention",
        "i wanted to mention that",
        "i wanted to mention",
        "on another note",
        "on a side note",
        "for sure",
        "not gonna lie",
    )
)
_STRETCHED = re.compile(r"(\w)\1+$")  # "hiii", "soooo"
_LONGEST_OPENING = max(map(len, _OPENING_PHRASES))
_CLOSERS = word_set(
    """
    haha hahaha lol thanks btw huh innit tho though right lmao ok okay xd please hehe ugh yay woohoo wow phew
    hurray hooray yikes sigh meh argh cheers mate
    """
)
_LAUGHS = word_set("haha hahaha hehe lol lmao btw xd tbh imo ngl")
_CLOSING_PHRASES = (
    ("by", "the", "way"),
    ("you", "know"),
    ("thank", "you"),
    ("i", "guess"),
    ("for", "sure"),
    ("to", "be", "honest"),
)
# What ends with them was broken off; other prepositions may end a clause ("nowhere to move to").
_CONJUNCTIONS = word_set("because although unless whereas whether since while if")
_BROKEN_OFF = word_set("because that than as of until despite during")
_BROKEN_PAIRS = frozenset(
    [
        ("because", "of"),
        ("so", "that"),
        ("speaking", "of"),
        ("instead", "of"),
        ("as", "if"),
        ("even", "though"),
    ]
)
_MARKS = re.compile(r"[^\w\"“«'‘(\[$€£#@+-]+|[-–—]+")
_END_MARKS = re.compile(r"[^\w\"”»'’)\]%°+€£$#]+")


def trim_clause(tree: SentenceTree, first: int, last: int, speaking: frozenset[str]) -> tuple[int, int]:
    """The clause tokens[first:last + 1] without what only opens or closes it; `speaking` are speakers."""
    last = _trim_end(tree, first, last, speaking)
    while first <= last:
        begin = _skip_opener(tree, first, last, speaking)
        if begin == first:
            break
        first = begin
    return first, last


def _skip_opener(tree: SentenceTree, first: int, last: int, speaking: frozenset[str]) -> int:
    token = tree.tokens[first]
    if _MARKS.fullmatch(token.text):
        return first + 1
    opening = tuple(word.text.lower() for word in tree.tokens[first : first + _LONGEST_OPENING])
    for phrase in _OPENING_PHRASES:
        end = first + len(phrase)
        words = opening[: len(phrase)]
        if (
            words == phrase
            and end <= last
            and (_is_mark(tree, end) or len(phrase) > 2 or "out" in phrase or "mean" in phrase)
        ):
            return end
    word = token.text.lower()
    has_mark = first < last and _is_mark(tree, first + 1)
    follows = tree.tokens[first + 1].tag if first < last else ""
    if word == "so" and follows in ("JJ", "RB"):
        return first  # "So many people came"
    if (
        word in _OPENERS
        or _STRETCHED.sub(r"\1", word) in _OPENERS
        or token.tag == "UH"
        or (has_mark and word in _OPENERS_WITH_MARK)
    ):
        return first + 1
    if has_mark and (_is_address(tree, token, first) or _calls_speaker(tree, token, speaking)):
        return first + 1
    return first


def _is_address(tree: SentenceTree, token: Token, first: int) -> bool:
    """Whether a name at the start of a clause only calls someone ("Mel, I ...")."""
    follows = tree.tokens[first + 2] if first + 2 < len(tree.tokens) else None
    return (
        is_name(token)
        and token.relation in ("npadvmod", "intj", "advmod", "dep", "ROOT", "nsubj", "vocative")
        and tree.tokens[first + 1].text in (",", "!")
        and follows is not None
        and follows.tag in ("PRP", "PRP$", "VBP", "VBD", "UH", "WRB", "WP")
        and tree.child(token, "appos") is None  # "Jo, my sister, lives in Bath"
    )


def _calls_speaker(tree: SentenceTree, token: Token, speaking: frozenset[str]) -> bool:
    """Whether one of those who talk is called by name ("Mel, after the fair I ...")."""
    follows = tree.tokens[token.index + 1].text
    return (
        token.text.lower() in speaking
        and follows in (",", "!", ".", ";")
        and not tree.child(token, "conj", "appos")
    )


def _is_mark(tree: SentenceTree, index: int) -> bool:
    return index < len(tree.tokens) and _MARKS.fullmatch(tree.tokens[index].text) is not None


def _trim_end(tree: SentenceTree, first: int, last: int, speaking: frozenset[str]) -> int:
    while last > first:
        shorter = _skip_closer(tree, first, last, speaking)
        if shorter == last:
            break
        last = shorter
    return last


def _skip_closer(tree: SentenceTree, first: int, last: int, speaking: frozenset[str]) -> int:
    token, word = tree.tokens[last], tree.tokens[last].text.lower()
    comes_after_mark = _is_mark(tree, last - 1)
    is_address = is_name(token) and token.relation in ("npadvmod", "intj", "vocative", "dep", "oprd")
    is_address = is_address or word in speaking
    if _END_MARKS.fullmatch(token.text) or word in _LAUGHS or token.tag == "CC":
        return last - 1
    broken = word in _CONJUNCTIONS or (word in _BROKEN_OFF and token.relation in ("prep", "mark", "cc"))
    pair = (tree.tokens[last - 1].text.lower(), word)
    if pair in _BROKEN_PAIRS and token.relation != "dobj":
        return max(first, last - 2)
    if broken and tree.child(token, "pobj", "pcomp") is None:
        return last - 1
    is_address = is_address and tree.tokens[last - 1].text in (",", "!", ";")  # not "Counter-Strike"
    if comes_after_mark and (word in _CLOSERS or is_address):
        return last - 1
    for phrase in _CLOSING_PHRASES:
        begin = last + 1 - len(phrase)
        words = tuple(other.text.lower() for other in tree.tokens[max(begin, 0) : last + 1])
        if words == phrase and begin - 1 > first and _is_mark(tree, begin - 1):
            return begin - 1
    return last
