"""Finds what is said for the moment of a talk: reflections, feelings, praise, deliberations.

None of it is looked up later unless it names something in particular: a date, a name, a number, a relative or
what touches somebody's health. The rules are of grammar; the words are classes of verbs and adjectives.
"""

import re

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.grammar.sentence_tree import SUBJECTS, is_name, is_verb
from app.memory.extraction.offline.worth.clause_view import (
    EVALUATIONS,
    FIRST_PERSON,
    SAFETY_WORDS,
    ClauseView,
    content_words,
    find_names,
    is_number,
    measure_abstraction,
    tells_feeling,
    tells_of_relative,
)
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_PRESENT = frozenset(["VBZ", "VBP", "MD"])
_SECOND_PERSON = word_set("you your yours yourself")
# What is learnt, felt or thought is a reflection if it holds for anybody.
_REFLECTING = word_set(
    """
    learn realize realise remind know see believe think feel understand imagine guess agree find show prove
    teach mean suppose bet hope wish admit say
    """
)
_GUESSING = word_set("imagine guess bet")
# What something does to somebody's mind.
_MOVING = word_set(
    """
    make help give bring inspire motivate remind keep fill encourage drive lift boost push let ground brighten
    relax soothe calm touch mean leave teach allow cheer uplift energize recharge fuel spark
    """
)
_ATTITUDES = word_set("imagine bet guess hope appreciate admire love like respect trust believe know think")
_WEIGHING = frozenset(["should", "could", "might", "would", "must", "'d", "may"])
_DELIBERATING = word_set("think consider wonder lean debate contemplate")
_PICTURES = word_set("photo pic picture image snap shot selfie video clip photograph")
_OPEN_CHOICE = word_set("will 'll might may could should would can 'd")
_MOSTLY = 0.67  # the share of the content words that name nothing in particular (chosen)
_PARTLY = 0.4  # the same, of a clause that tells a feeling
_SHOWN = word_set("this that these those here")
# A fear or a bond of this kind lasts.
_LASTING_FEELINGS = re.compile(r"\b(?:afraid|scared|terrified|fond) of\b|\bpassionate\b", re.IGNORECASE)
_ALWAYS = re.compile(r"\b(?:always|every|often|usually)\b", re.IGNORECASE)
_CONTEXT_CHARS = 1_500  # of a turn before and after a clause in which its speaker may tell of themselves
_TELLS_OF_SELF = re.compile(r"\b(?:i|i'm|my|me|mine|we|our|us)\b", re.IGNORECASE)


def is_passing_talk(view: ClauseView) -> bool:
    """Whether the clause is of the moment, and names nothing in particular."""
    if _names_particulars(view):
        return False
    if view.is_dialogue:
        return (
            _holds_for_anybody(view)
            or _reflects(view)
            or _moves_mind(view)
            or _feels(view)
            or _is_of_listener(view)
            or _weighs(view)
            or _shows(view)
            or _evaluates(view)
            or _foresees(view)
        )
    return _reflects(view) or _deliberates(view) or _takes_up_offer(view)


def is_of_no_person(view: ClauseView) -> bool:
    """Whether a clause told to an assistant stands in a text that tells of nobody near to its speaker."""
    if view.is_dialogue or view.has_date or SAFETY_WORDS.search(view.text):
        return False
    subject = view.tree.subject(view.clause.head)
    if view.lacks_subject or subject is None or is_name(subject) or subject.tag.startswith("PRP"):
        return False
    if subject.tag == "NN" and subject.text[:1].isupper() and view.tree.child(subject, "det", "poss") is None:
        return False  # the parser takes some first names for nouns
    if any(token.text.lower() in RELATION_NOUNS for token in view.tokens):
        return False
    start, end = view.tokens[0].start, view.tokens[-1].end
    around = view.tree.text[max(start - _CONTEXT_CHARS, 0) : end + _CONTEXT_CHARS]
    return _TELLS_OF_SELF.search(around) is None


def _names_particulars(view: ClauseView) -> bool:
    return (
        view.has_date
        or bool(find_names(view))
        or any(is_number(token) for token in view.tokens)
        or tells_of_relative(view)
        or SAFETY_WORDS.search(view.text) is not None
    )


def _finite_verb(view: ClauseView) -> Token:
    auxiliaries = view.tree.auxiliaries(view.clause.head)
    return auxiliaries[0] if auxiliaries else view.clause.head


def _is_speaker(subject: Token | None) -> bool:
    return subject is not None and subject.text.lower() in ("i", "we")


def _reflects(view: ClauseView) -> bool:
    """Whether a doing is judged ("Seeing it grow is a joy"), or what holds for anybody is thought."""
    tree, head = view.tree, view.clause.head
    if _finite_verb(view).tag in _PRESENT and _has_doing_as_subject(view) and not _is_own(view, head):
        return True
    if head.lemma.lower() in _GUESSING and _is_speaker(tree.subject(head)):
        return True
    told = tree.child(head, "ccomp")
    if told is None or head.lemma.lower() not in _REFLECTING:
        return False
    subject = tree.subject(told)
    if subject is None or told.tag in ("VBD", "VBN"):
        return False
    owner = tree.child(subject, "poss")
    is_own = _is_speaker(subject) or (owner is not None and owner.text.lower() in FIRST_PERSON)
    return not is_own and not is_name(subject)


def _is_own(view: ClauseView, head: Token) -> bool:
    """Whether a doing is one of the speaker's habits ("Knitting helps me unwind", "... is my hobby")."""
    said = [token for token in view.tokens if token.index >= head.index]
    own = any(token.text.lower() in FIRST_PERSON for token in said)
    first = view.tree.tokens[view.first + 1] if view.first < view.last else head
    is_bare = first.index == head.index or is_verb(first)  # "Knitting helps", not "Being able to ... helps"
    named = view.tree.child(head, "attr")
    is_named = named is not None and view.tree.child(named, "poss") is not None
    return own and (is_bare or is_named)


def _holds_for_anybody(view: ClauseView) -> bool:
    """Whether the clause holds at any time and names nothing in particular ("Dreams give us strength")."""
    head = view.clause.head
    auxiliaries = view.tree.auxiliaries(head)
    finite = auxiliaries[0] if auxiliaries else head
    subject = view.tree.subject(head)
    if subject is None or subject.text.lower() == "i":
        return False
    if finite.tag not in ("VBZ", "VBP", "MD", "VB") or view.has_date or find_names(view):
        return False
    if tells_of_relative(view) or any(is_number(token) for token in view.tokens):
        return False
    return SAFETY_WORDS.search(view.text) is None and measure_abstraction(view) >= _MOSTLY


def _has_doing_as_subject(view: ClauseView) -> bool:
    tree, head = view.tree, view.clause.head
    subject = tree.child(head, "csubj", "csubjpass") or tree.subject(head)
    if subject is not None:
        return subject.tag == "VBG" and subject.index < head.index
    # The tagger takes the doing for a verb of its own: "Being out there brings me joy".
    first = view.tokens[0]
    return first.tag == "VBG" and is_verb(head) and head.tag in ("VBZ", "MD") and first.index < head.index


def _moves_mind(view: ClauseView) -> bool:
    """Whether something acts on the speaker's mind ("Their smiles keep me going")."""
    tree, head = view.tree, view.clause.head
    subject = tree.subject(head)
    if subject is None or _is_speaker(subject) or _finite_verb(view).tag not in _PRESENT:
        return False
    if tree.child(subject, "poss") is not None or _ALWAYS.search(view.text):
        return False
    if head.lemma.lower() not in _MOVING or head.tag not in ("VBZ", "VBP", "VB"):
        return False
    moved = [token for token in view.tokens if token.index > head.index]
    return any(token.text.lower() in FIRST_PERSON | {"you", "everyone", "people"} for token in moved[:3])


def _feels(view: ClauseView) -> bool:
    """Whether the clause says how its speaker feels and no more."""
    if _LASTING_FEELINGS.search(view.text):
        return False
    return tells_feeling(view) and measure_abstraction(view) >= _PARTLY


def _is_of_listener(view: ClauseView) -> bool:
    """Whether the clause is an attitude to the other ("I love how you see it")."""
    words = {token.text.lower() for token in view.tokens}
    return not words.isdisjoint(_SECOND_PERSON) and view.clause.head.lemma.lower() in _ATTITUDES


def _weighs(view: ClauseView) -> bool:
    """Whether the clause says only what one should or could do."""
    finite = _finite_verb(view)
    if finite.text.lower() not in _WEIGHING or view.clause.head is finite:
        return False
    return view.tree.child(view.clause.head, "advcl") is None


def _shows(view: ClauseView) -> bool:
    """Whether a picture is shown, or something that only those who talk see."""
    subject = view.tree.subject(view.clause.head)
    first = view.tokens[0].text.lower()
    if first == "here" and view.clause.head.lemma == "be":
        return len(content_words(view)) <= 2
    if subject is None or first not in _SHOWN:
        return False
    return subject.lemma.lower() in _PICTURES


def _evaluates(view: ClauseView) -> bool:
    """Whether the clause calls something good or bad ("Laughter is important"), that is nobody's own."""
    tree, head = view.tree, view.clause.head
    subject, state = tree.subject(head), tree.child(head, "acomp")
    if subject is None or state is None or head.lemma != "be" or head.tag not in _PRESENT:
        return False
    owner = tree.child(subject, "poss")
    return state.lemma.lower() in EVALUATIONS and owner is None and not _is_speaker(subject)


def _foresees(view: ClauseView) -> bool:
    """Whether the clause promises something of others ("They will love it there")."""
    finite, subject = _finite_verb(view), view.tree.subject(view.clause.head)
    if finite.text.lower() not in ("will", "'ll") or subject is None or _is_speaker(subject):
        return False
    return FIRST_PERSON.isdisjoint(token.text.lower() for token in view.tokens)


def _deliberates(view: ClauseView) -> bool:
    """Whether the speaker weighs what to do next with what is talked of ("I'm thinking of adding some")."""
    tree, head = view.tree, view.clause.head
    words = {token.text.lower() for token in view.tokens}
    if "my" in words or "our" in words:
        return False
    if not _is_speaker(tree.subject(head)):
        return False
    if head.lemma.lower() in _DELIBERATING:
        plan = tree.child(head, "prep", "xcomp", "ccomp")
        if plan is None:
            return False
        chosen = plan if is_verb(plan) else tree.child(plan, "pcomp")
        if chosen is None:
            return False
        is_open = any(aux.text.lower() in _OPEN_CHOICE for aux in tree.auxiliaries(chosen))
        return chosen.tag == "VBG" or (is_open and _is_speaker(tree.child(chosen, *SUBJECTS)))
    finite = _finite_verb(view)
    return finite.text.lower() in ("will", "'ll", "might", "may", "could", "should") and finite is not head


def _takes_up_offer(view: ClauseView) -> bool:
    """Whether the speaker only takes up what was just offered ("I'm interested in the second trail")."""
    tree, head = view.tree, view.clause.head
    if not _is_speaker(tree.subject(head)):
        return False
    state = tree.child(head, "acomp")
    lead = state if state is not None else head
    if lead.text.lower() in ("interested", "curious", "open", "drawn"):
        thing = tree.child(tree.child(lead, "prep") or lead, "pobj")
        return thing is not None and _is_of_talk(view, thing)
    thing = tree.child(head, "dobj")
    if head.lemma.lower() in ("love", "like", "appreciate", "get", "prefer") and thing is not None:
        return thing.lemma.lower() in _OFFERS and tree.child(thing, "poss") is None
    if head.lemma.lower() in ("look", "search") and head.tag == "VBG":
        thing = tree.child(tree.child(head, "prep") or head, "pobj")
        article = tree.child(thing, "det", "amod") if thing is not None else None
        return article is not None and article.text.lower() in ("some", "more", "any")
    return False


def _is_of_talk(view: ClauseView, thing: Token) -> bool:
    """Whether something was told of before: "the trail", "that one"; "the piano" and "the sea" are kinds."""
    article = view.tree.child(thing, "det")
    told = article.text.lower() if article is not None else ""
    described = view.tree.child(thing, "amod", "compound", "nummod") is not None
    return told in ("that", "those", "these", "this") or (told == "the" and described)


_OFFERS = word_set(
    "idea suggestion option recommendation tip plan concept sound point advice approach thought"
)
