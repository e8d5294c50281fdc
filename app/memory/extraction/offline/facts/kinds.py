"""What a clause is: an event, a plan, a state, a taste; and how important."""

import re
from dataclasses import dataclass
from datetime import datetime

from app.core.vocabulary import Form, Frame, Kind
from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree, has_finite_verb
from app.memory.extraction.offline.grammar.splitting import ClauseSpan
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.word_lists import PLANNED_VERBS
from app.memory.text.word_sets import word_set

SAFETY_IMPORTANCE, IDENTITY_IMPORTANCE, TASTE_IMPORTANCE, OTHER_IMPORTANCE = 0.9, 0.7, 0.5, 0.3
PLAN_TAG = "plan"

_SAFETY = re.compile(
    r"\b(?:allerg\w+|intoleran\w+|epipen|insulin|medicat\w+|prescri\w+|diabet\w+|asthma\w*|epilep\w+"
    r"|coeliac|celiac|pregnan\w+|diagnos\w+"
    r"|surgery|\d+ ?mg|hives|anaphyla\w+|pacemaker|deaf|blind|wheelchair)\b",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"\b(?:name is|called|named|born|birthday|live|lives|living|moved|work(?:s|ing)? (?:at|for|as)|job"
    r"|married|divorced|engaged|wife|husband|partner|son|daughter|phone number|e-?mail|address)\b",
    re.IGNORECASE,
)
_TASTE_VERBS = word_set("love like hate enjoy prefer adore dislike detest despise favor favour fancy")
_TASTE = re.compile(
    r"\b(?:favou?rite|fan of|can't stand|cannot stand|into|fond of|passionate about|obsessed with"
    r"|allergic to)\b",
    re.IGNORECASE,
)
_STATIVE_VERBS = word_set(
    """
    be have own live know belong need want prefer love like hate enjoy mean cost contain include consist
    keep feel think believe use seem sound look remain stay speak understand wish hope remember
    """
)
# What they tell has no day of its own unless one is named: an influence, a thought, an effort, a habit.
_LASTING_VERBS = word_set(
    """
    make become notice realize realise bring inspire motivate encourage teach show remind help learn give
    cause want appreciate miss struggle try allow let change grow push drive affect influence depend matter
    involve deal work support practice practise play tend listen value admire trust suffer
    """
)
_SAME_IN_PAST = word_set("quit put cut hit let set read shut split spread hurt cost cast bet beat rid burst")
_NOUN_TAGS = ("NN", "NNS", "NNP", "NNPS")
_PLAN_WORDS = word_set("plan intend hope")
_FUTURE_MODALS = frozenset(["will", "'ll", "wo", "shall"])


@dataclass(frozen=True, slots=True)
class ClauseKind:
    """The kind and form of a clause, whether it is a plan, and its importance in [0, 1]."""

    kind: Kind
    form: Form
    is_plan: bool
    importance: float


def classify_clause(
    tree: SentenceTree,
    clause: ClauseSpan,
    text: str,
    frame: Frame,
    date: DateSpan | None,
    *,
    said_at: datetime,
    is_ongoing: bool,
) -> ClauseKind:
    """Classify a clause; `date` is the first date at which something happens, `said_at` is when it was said.

    `is_ongoing`: it has held since a date.
    """
    importance = _importance(text, date)
    if _is_plan(tree, clause, frame, date, said_at):
        # What one means to do at no particular time is a state of mind.
        return ClauseKind(Kind.EVENT, Form.STATE if date is None else Form.EVENT, True, importance)
    head = clause.head
    is_taste = head.lemma.lower() in _TASTE_VERBS or _TASTE.search(text) is not None
    if is_taste and head.tag != "VBD":
        return ClauseKind(Kind.PREFERENCE, Form.STATE, False, max(importance, TASTE_IMPORTANCE))
    happened = (date is not None and _is_entry(tree, clause)) or _is_event(tree, clause, date)
    if happened and not is_ongoing:
        return ClauseKind(Kind.EVENT, Form.EVENT, False, importance)
    return ClauseKind(Kind.FACT, Form.STATE, False, importance)


def _importance(text: str, date: DateSpan | None) -> float:
    if _SAFETY.search(text):
        return SAFETY_IMPORTANCE
    if _IDENTITY.search(text):
        return IDENTITY_IMPORTANCE
    return TASTE_IMPORTANCE if date is not None else OTHER_IMPORTANCE


def _is_plan(
    tree: SentenceTree, clause: ClauseSpan, frame: Frame, date: DateSpan | None, said_at: datetime
) -> bool:
    head = clause.head
    auxiliaries = [token.text.lower().replace("’", "'") for token in tree.auxiliaries(head)]
    if frame is Frame.PLANNED:
        return True
    if head.lemma.lower() in _PLAN_WORDS and head.tag in ("VBP", "VBZ", "VBG", "VB"):
        return True
    going = (
        head.text.lower() in ("going", "gon", "about", "set", "due")
        and tree.child(head, "xcomp", "advcl", "aux") is not None
    )
    if going and any(child.tag == "VB" for child in tree.children[head.index]):
        return True
    if date is None or date.to <= said_at:
        return False
    if any(word in _FUTURE_MODALS for word in auxiliaries) or head.text.lower() in PLANNED_VERBS:
        return True
    is_told = head.tag in ("VBP", "VBZ", "VBG", "VBN", "VBD") or _is_entry(tree, clause)
    return date.from_ > said_at and is_told


def _is_entry(tree: SentenceTree, clause: ClauseSpan) -> bool:
    """Whether it is a noun without a verb, as in a diary: "Dentist on 4 September at 9"."""
    tokens = tree.tokens[clause.first : clause.last + 1]
    has_day = {token.text.lower() for token in tokens}.isdisjoint(("until", "till"))
    begins = clause.head.tag in _NOUN_TAGS or tokens[0].tag in (*_NOUN_TAGS, "VBG")
    return has_day and begins and not has_finite_verb(tree, clause.first, clause.last)


def _is_event(tree: SentenceTree, clause: ClauseSpan, date: DateSpan | None) -> bool:
    """Whether something happened; a state has no end that the clause tells of."""
    head = clause.head
    lemma = head.lemma.lower()
    auxiliaries = tree.auxiliaries(head)
    first = auxiliaries[0].text.lower().replace("’", "'") if auxiliaries else ""
    if date is not None and lemma == "be" and head.tag in ("VBZ", "VBP"):
        subject = tree.subject(head)
        return subject is not None and not subject.tag.startswith("PRP")  # "The wedding is today"
    has_got = lemma == "get" and tree.child(head, "dobj") is not None and head.tag == "VBN"
    if date is None and (tree.is_negated(head) or has_got or lemma in _LASTING_VERBS):
        return False  # "has got two cats" tells what is so
    if head.tag == "VBP" and date is not None:
        return lemma in _SAME_IN_PAST  # "I quit smoking in 2019"
    if head.tag == "VBD":
        return lemma not in _STATIVE_VERBS or date is not None
    if head.tag == "VBN":
        return (
            lemma != "be"
            and lemma not in _STATIVE_VERBS
            and first in ("have", "'ve", "was", "were", "got", "has", "'s", "had")
        )
    return head.tag == "VBG" and first in ("was", "were") and date is not None
