"""Whether a sentence denies something, and what."""

import re
from collections.abc import Iterator, Sequence

from app.memory.extraction.quotes import Word, WordedText
from app.memory.text.stop_words import any_word_of
from app.memory.text.word_sets import word_set

_NEGATORS = frozenset(
    {"not", "no", "never", "nobody", "none", "nothing", "neither", "nor", "without", "nowhere"}
)
# Words that deny by their meaning: what ended, is missing, refused or disliked.
_ENDING = any_word_of(
    r"""
    quit quits quitting stop\w* left leave leaves leaving sold sell\w* gave giv(?:e|es|en|ing)_up
    lost lose losing end(?:s|ed|ing)? cancel\w* call(?:ed|ing)?_off over died? dead death
    pass(?:ed|ing)?_away gone mov(?:ed|ing)_(?:out|away|on|back) former\w* ex used_to retir\w+
    divorc\w+ separat\w+ single widow\w* brok\w+ break\w* split\w* laid_off let(?:_\w+)?_go fired redundan\w+
    unemploy\w+ jobless between_jobs switch\w* replac\w+ instead rather drop\w* skip\w* miss\w*
    fail\w* lack\w* avoid\w* refus\w+ reject\w* declin\w+ forbid\w* forbad\w* bann\w* vegan\w*
    vegetarian\w* teetotal\w* sober abstain\w* hat(?:e|es|ed|ing) dislik\w+ loath\w+ despis\w+
    hardly barely rarely seldom scarcely unable impossible struggl\w+ cured recover\w* healed
    wean\w* ditch\w* dump\w* delet\w+ remov\w+ return\w* grew_out outgr\w+ expired? closed? closing
    shut bankrupt\w* stolen stole resign\w* done_with off free without zero postpon\w+ swap\w*
    traded
    """
)
# Words that may deny what is said in other words ("new to chess": has not played before).
_HINT = any_word_of(
    r"""
    un\w{4,} in(?:complete|capable|adequate|valid|ability|different) im(?:possible|patient|perfect)
    dis\w{4,} non\w* anti\w* \w+less \w+free allerg\w* intoleran\w* wish\w* want\w*
    hop(?:e|es|ed|ing) would first_time new alone lonely by_(?:my|him|her)self only just except\w*
    but few little hard\w* difficult\w* too yet still out away past previous\w* empty last delay\w*
    wait\w* graduat\w+ finish\w* complet\w+ behind late move\w* chang\w+ back keep\w* need\w*
    strong\w* despite although though while whatever any\w* until before long more
    """
)
_FOREIGN_NEGATION = re.compile(
    r"\b(?:nicht|kein\w*|nie|niemals|ohne|non|mai|senza|pas|jamais|sans|nunca|jam[aá]s|sin|não|nem|sem|niet|geen"
    r"|nooit|inte|ingen|aldrig|ikke|bez|değil|yok|не|нет|никогда|без)\b|[不没沒無无未]|ない|ません|않|없|안 "
)
# Between a negation and what it denies: adverbs, and verbs whose denial says nothing of what follows.
_PASSED_OVER = word_set(
    """
    think believe suppose guess expect imagine seem want feel really actually even ever yet quite
    too that very been be go going plan already much just particularly exactly necessarily always
    """
)
_MAY_COME = any_word_of(
    r"""
    want\w* plan\w* consider\w* open_to will going_to hop(?:e|es|ing) intend\w* would interested
    curious look(?:s|ing)?_forward excited wish\w* need\w*
    """
)
_EXPLICIT = re.compile(
    r"\b(?:not|no|never|nobody|none|nothing|neither|without|cannot|no longer)\b|n't\b", re.IGNORECASE
)
_CLAUSE_MARK = re.compile(
    r"[,;:.!?()\n]|\s-\s|\b(?:but|and|so|because|though|although|while|when)\b", re.IGNORECASE
)
_CONDITIONS = frozenset({"if", "unless", "whether", "why"})
_SCOPE_WORDS = 3  # telling words after a negation that are compared (chosen)


def denies_openly(text: str) -> bool:
    """Whether a content says "not", "no", "never" or the like."""
    return _EXPLICIT.search(text) is not None


def says_end(text: str) -> bool:
    """Whether a sentence has a word by which something is denied, has ended or is missing."""
    lowered = text.lower()
    return any(pattern.search(lowered) is not None for pattern in (_EXPLICIT, _ENDING, _FOREIGN_NEGATION))


def is_denial_derivable(content: WordedText, text: str, sentence: WordedText) -> bool:
    """Whether a content that denies something may follow from a text, of which the sentence is a part.

    It may not if a clause of the sentence states the very thing, or if nothing in the text denies or ends.
    """
    denied = list(find_denied_words(content.text, content.words))
    clauses = [WordedText(part) for part in _CLAUSE_MARK.split(sentence.text) if part.strip()]
    for scope in denied:
        if any(
            len(scope) > 1 and {*scope[:2]} <= clause.stems and not says_end(clause.text)
            for clause in clauses
        ):
            return False
    return says_end(text) or _HINT.search(text.lower()) is not None


def find_denied_words(text: str, words: Sequence[Word]) -> Iterator[tuple[str, ...]]:
    """Yield the stems of the first telling words after each negation, up to the end of its clause."""
    for place, word in enumerate(words):
        if word.key not in _NEGATORS:
            continue
        if word.key == "no" and text[word.end : word.end + 1] in (",", ".", "!", ";"):
            continue  # an answer, not a negation of what follows
        mark = _CLAUSE_MARK.search(text, word.end)
        end = mark.start() if mark else len(text)
        clause = [other for other in words[place + 1 : place + 12] if other.start < end]
        before = [other.key for other in words[max(0, place - 8) : place]]
        if (mark and mark[0] == "?") or _CONDITIONS & {*before}:
            continue
        if any(other.key == "without" for other in clause) or (
            word.key == "without" and _NEGATORS & {*before}
        ):
            continue  # "never without" denies nothing
        scope = [other.stem for other in clause if other.is_telling and other.key not in _PASSED_OVER]
        # "Haven't been to Oslo" denies the visit, not Oslo.
        if scope and all(other.key != "been" for other in clause[:2]):
            yield tuple(scope[:_SCOPE_WORDS])


def is_flipped(content: WordedText, denied: tuple[str, ...]) -> bool:
    """Whether a content that denies nothing says what the sentence denies, its object included."""
    return all(stem in content.stems for stem in denied[:2]) and not _MAY_COME.search(content.text)
