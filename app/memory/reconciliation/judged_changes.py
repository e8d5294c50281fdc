"""Changes that no word of two statements tells, but a model that estimates how likely they are.

"Yolanda is a pharmacist at Brightwell" and later "As of Monday it is St Brannoc's hospital for Yolanda" share
no word. The rules decide first; what they leave open is put to the estimate, the closest statements first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.core.vocabulary import ChangeKind, Form
from app.memory.numeric import FloatArray
from app.memory.reconciliation.cues.change_cues import fold_sentence, says_corrected
from app.memory.reconciliation.end_matching import is_changeable
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.told import (
    NO_OWN_NAMES,
    Finding,
    Found,
    Told,
    is_mentioned,
    is_plan,
    name_others,
    same_subject,
    tells_end,
)
from app.memory.text.languages import is_english

# (n,) the chance that the later of each pair (earlier, later) of sentences makes the earlier untrue.
EstimateChanges = Callable[[Sequence[tuple[str, str]]], FloatArray]
# Chosen on chats with marked changes, by those found and by the pairs without a change that are above them.
SURE, DOUBTFUL = 0.5, 0.3
SURE_OF_SHORT = 0.7  # of a short statement that shares no thing, of which the model knows little
REFUTED = 0.03  # of what words tell as a change; of what is below hardly any is one in the held-out pairs
MAX_CHECKED = 8  # changes that the words of a new statement tell, and which the estimate may refute
MAX_JUDGED = 4  # pairs of a new statement that are put to the estimate
MIN_CLOSENESS = 0.15  # a cosine, to which each shared word adds
OF_SHARED_WORD, MAX_SHARED_WORDS = 0.1, 3
MOST_OF_WORDS = OF_SHARED_WORD * MAX_SHARED_WORDS
_HAS_IN_MIND = re.compile(
    r"^(?:[\w'-]+ ){1,5}?(?:(?:is|are|am|was|were|feels?|felt|gets?|got|has been|have been)"
    r" (?!going to )(?:\w+ ){0,2}?)?(?<!going to )"
    r"(?:think(?:s|ing)?|feel(?:s|ing)?|hop(?:es|ing)|wants?|wanting|looking|tr(?:y|ies|ying)"
    r"|consider(?:s|ing)?|wonder(?:s|ing)?|thankful|grateful|proud|lucky|excited|keen|stoked|thrilled|happy|glad|sure|interested"
    r"|curious|inspired|needs?|thanks|appreciates?|believes?|guess(?:es)?|wish(?:es)?)\b"
)

# How things stand without something ("Ann is on no terms with Bo") can change, "Ann sold the Golf" can not.
_STANDS = re.compile(
    r"^(?:[\w'-]+ ){1,4}?(?:sells?|cannot|never|(?:is|are|does|do|has|have|can) not)\b"
    r"(?!.*\b(?:any ?more|any longer)\b)"
)
_SIGNS_OF_CHANGE = re.compile(
    r"(?<![\w-])(?:now|nowadays|these days|instead|any ?more|no longer|not|never|again|back|new|other|another"
    r"|since|as of|only|just|finally|at last|going|gone|left|quit|got|became|went|sold|gave|lost|been|was"
    r"|were|had|did|(?!need)\w{2,}ed)(?![\w-])"
)
_TELLS_NAME = re.compile(r"\b(?:called|calls?|named?|names|known as|go(?:es)? by|nickname(?:d|s)?)\b")
_IS_NAME = re.compile(r"(?:[\w'-]+ ){1,4}(?:(?:is|are) (?:called|named)|names? (?:is|are)) [\w'. -]{1,40}")
_SHORT_WORDS = 6
_EXCHANGED = re.compile(r"\bfrom (?P<old>[\w'-]+(?: [\w'-]+){0,3}?) to \b")


def measure_closeness(later: Told, earlier: Told, cosine: float, names: frozenset[str]) -> float:
    """How near two statements are: by their cosine (0 if not known) and the words of things that both have.

    `names` are words of the speakers' names, which all their statements have.
    """
    shared = (object_words(later.content) & object_words(earlier.content)) - names
    return cosine + OF_SHARED_WORD * min(len(shared), MAX_SHARED_WORDS)


def may_be_judged(later: Told, earlier: Told, self_names: frozenset[str]) -> bool:
    """Whether the later statement may change the earlier one, and the estimate knows their language.

    Both are about one person or thing, or one names whom the other is about, or both name a thing. What
    differs in nothing but its numbers and days is another occasion, an end of something that the other does
    not name is none of it, and a short plain statement adds to what is told of other things. Two known
    attributes (a residence, an employer) are told apart by name.
    """
    if not _may_become_untrue(earlier):
        return False
    if later.attribute and earlier.attribute and later.attribute != earlier.attribute:
        return False
    things, known_things = _things_of(later, self_names), _things_of(earlier, self_names)
    shares = same_subject(later, earlier, self_names) or is_mentioned(later, earlier, self_names)
    if not (shares or things & known_things) or not things - known_things:
        return False
    if _adds_plainly(later, earlier) or _is_about_other_than_name(later, earlier):
        return False
    if tells_end(later) and not things & known_things and name_others(later, earlier, self_names):
        return False
    return is_english(later.content) and is_english(earlier.content)


def _adds_plainly(later: Told, earlier: Told) -> bool:
    """Whether a short statement only says one more thing: "Ann speaks French" after "Ann speaks German".

    The model was trained on longer ones, and takes the like for a change.
    """
    words, known = fold_sentence(later.content).split(), fold_sentence(earlier.content).split()
    is_short = 0 < len(words) <= _SHORT_WORDS and words[:1] == known[:1] and not words[0].endswith("'s")
    return is_short and _SIGNS_OF_CHANGE.search(" ".join(words)) is None


def _is_about_other_than_name(later: Told, earlier: Told) -> bool:
    """Whether the earlier statement is a name, and the later none: "Ann's brother is called Tom"."""
    is_name = _IS_NAME.fullmatch(fold_sentence(earlier.content)) is not None
    return is_name and _TELLS_NAME.search(fold_sentence(later.content)) is None


def _may_become_untrue(told: Told) -> bool:
    """Whether it is worth telling that a statement holds no more.

    That something ended stays true. What somebody feels or has in mind passes without being told, and that it
    has passed is of no use to anybody.
    """
    if not (told.is_open and is_changeable(told)):
        return False
    folded = fold_sentence(told.content)
    if tells_end(told) and (told.form is Form.EVENT or _STANDS.search(folded) is None):
        return False
    return _HAS_IN_MIND.search(folded) is None


def check_finding(later: Told, earlier: Told, found: Found, estimate: EstimateChanges) -> Found | None:
    """What an estimate, which reads English, leaves of a change that words tell; None for nothing.

    A sure change may be none, and a doubtful one is sure if the estimate is. What names the old value with
    the new one ("switched from Vodafone to Orange") needs no estimate, which knows few names.
    """
    exchanged = _EXCHANGED.search(later.content)
    if exchanged is not None and object_words(exchanged["old"]) & object_words(earlier.content):
        return found
    if not (is_english(later.content) and is_english(earlier.content)):
        return found
    chance = float(estimate([(earlier.content, later.content)])[0])
    if found.finding is Finding.CHANGED:
        return None if chance < REFUTED else found
    return replace(found, finding=Finding.CHANGED) if chance >= SURE else found


def _things_of(told: Told, names: frozenset[str]) -> frozenset[str]:
    words = object_words(told.content) - NO_OWN_NAMES - names
    return frozenset(word for word in words if not word.isdigit())


def read_estimate(
    later: Told, earlier: Told, chance: float, names: frozenset[str] = frozenset()
) -> Found | None:
    """The change that an estimate tells: a sure one, a doubtful one, or none; `names` are the speakers'."""
    if not chance >= DOUBTFUL:  # a number that is none tells nothing
        return None
    kind = ChangeKind.REPLACE
    if says_corrected(later.content):
        kind = ChangeKind.CORRECT
    elif tells_end(later):
        kind = ChangeKind.CANCEL if is_plan(earlier) else ChangeKind.END
    elif is_plan(earlier) and not is_plan(later):
        kind = ChangeKind.CONFIRM
    is_short = len(later.content.split()) <= _SHORT_WORDS
    is_far = not object_words(later.content) & object_words(earlier.content) - names
    sure = SURE_OF_SHORT if is_short and is_far else SURE
    finding = Finding.CHANGED if chance >= sure else Finding.DOUBTFUL
    return Found(finding, kind, "judged from both sentences")
