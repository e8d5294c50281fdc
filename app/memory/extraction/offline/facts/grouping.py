"""Puts clauses together that one memory should tell: what leans on another clause stays with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.vocabulary import Frame
from app.memory.extraction.offline.facts.fact_building import fills_slot, unit_text
from app.memory.extraction.offline.grammar.sentence_tree import is_verb
from app.memory.extraction.offline.open_sentences import OpenSentence, Unit
from app.memory.extraction.offline.worth.clause_view import FIRST_PERSON, content_words, has_anchor
from app.memory.extraction.offline.worth.judging import Worth
from app.memory.reconciliation.running_counts import leaves_out_counted
from app.memory.text.word_sets import word_set

MAX_GROUP_WORDS = 44  # of a memory of several clauses
LONG_CLAUSE_WORDS = 20  # words from which clauses that share a subject become two sentences
_POINTERS = word_set("it that this they them these those he she him her his its their there one")
_LISTENER = word_set("you your yours")


@dataclass(frozen=True, slots=True)
class Part:
    """A unit of a sentence; `leans`: it can't be understood without what was said before."""

    sentence: OpenSentence
    unit: Unit
    leans: bool


def group_parts(parts: Iterable[Part]) -> list[list[Part]]:
    """The groups of parts of a turn, one for each memory, without those that hold nothing worth keeping."""
    groups: list[list[Part]] = []
    open_group: list[Part] = []
    for part in parts:
        if part.unit.worth is Worth.NOTHING:
            continue
        if open_group and _belongs_to(open_group, part):
            open_group = _add(open_group, part)
            continue
        groups.append(open_group)
        open_group = [part]
    groups.append(open_group)
    return [
        group
        for group in groups
        if any(part.unit.worth is Worth.MEMORY for part in group) and not _hangs(group[0])
    ]


def leans(sentence: OpenSentence, unit: Unit) -> bool:
    """Whether a pronoun of the unit stands for something that was told before, or a number counts it."""
    if sentence.is_unclear or leaves_out_counted(unit_text(sentence, unit)):
        return True
    if _shares_pointer(sentence, unit):
        return True
    tokens = sentence.tree.tokens
    for token in tokens[unit.first : unit.last + 1]:
        if token.index in sentence.titles or token.index in sentence.references:
            continue
        if token.tag[:2] in ("NN",) and token.relation not in ("npadvmod",):
            return False
        if (
            token.text.lower() in _POINTERS
            and token.tag in ("PRP", "PRP$", "DT")
            and token.relation not in ("expl", "det", "mark")
        ):
            return True
    return False


def _shares_pointer(sentence: OpenSentence, unit: Unit) -> bool:
    """Whether the subject that a unit shares with the clause before is a pronoun: "She ... and put me on"."""
    if unit.clause.subject is None:
        return False
    first, last = unit.clause.subject
    token = sentence.tree.tokens[first]
    return first == last and token.text.lower() in _POINTERS and token.index not in sentence.references


def _hangs(part: Part) -> bool:
    """Whether a part that leans on nothing that is kept says too little alone."""
    return part.leans and part.unit.worth is not Worth.MEMORY


def _belongs_to(group: list[Part], part: Part) -> bool:
    last = group[-1]
    words = sum(p.unit.last - p.unit.first + 1 for p in group) + part.unit.last - part.unit.first + 1
    if last.sentence is part.sentence:
        if part.unit.clause.subject is not None:
            both = last.unit.worth is Worth.MEMORY and part.unit.worth is Worth.MEMORY
            return (part.leans and words <= MAX_GROUP_WORDS) or not (
                both
                and (words > LONG_CLAUSE_WORDS or _is_state(part) or fills_slot(part.sentence, part.unit))
            )
        both = last.unit.worth is Worth.MEMORY and part.unit.worth is Worth.MEMORY
        return not both or part.leans or _says_little(part)
    if words > MAX_GROUP_WORDS:
        return False
    if all(one.unit.worth is Worth.LITTLE for one in group) and _leads_up(group[0], part):
        return True
    return part.leans or part.unit.worth is not Worth.MEMORY or _goes_on_telling(last, part)


def _is_state(part: Part) -> bool:
    """Whether the part tells how things are, rather than what happened: each state changes for itself."""
    return part.unit.clause.head.tag in ("VBP", "VBZ") and not part.leans


def _says_little(part: Part) -> bool:
    """Whether a clause has a verb and hardly more: "and I won" tells nothing without what was won."""
    tree, head = part.sentence.tree, part.unit.clause.head
    view = part.sentence.view(part.unit.clause, part.unit.first, part.unit.last)
    is_bare = tree.child(head, "dobj", "prep", "acomp", "attr", "xcomp", "ccomp") is None
    return is_bare and len(content_words(view)) <= 1 and not has_anchor(view)


def _leads_up(before: Part, part: Part) -> bool:
    """Whether what says little alone leads up to a memory that follows in a talk."""
    if part.unit.worth is not Worth.MEMORY or before.leans or part.sentence.voices.listener is None:
        return False
    tokens = before.sentence.tree.tokens[before.unit.first : before.unit.last + 1]
    words = {token.text.lower() for token in tokens}
    return not FIRST_PERSON.isdisjoint(words) and words.isdisjoint(_LISTENER)


def _goes_on_telling(before: Part, part: Part) -> bool:
    """Whether the second goes on about its speaker, and names neither a time nor a number nor anybody."""
    asserted = before.sentence.statement.frame is part.sentence.statement.frame is Frame.ASSERTED
    view = part.sentence.view(part.unit.clause, part.unit.first, part.unit.last)
    return view.is_dialogue and asserted and before.unit.worth is Worth.MEMORY and not has_anchor(view)


def _add(group: list[Part], part: Part) -> list[Part]:
    """The group with a part more; clauses of one sentence become one unit, if nothing else is between."""
    last = group[-1]
    between = part.sentence.tree.tokens[last.unit.last + 1 : part.unit.first]
    if last.sentence is not part.sentence or any(is_verb(token) for token in between):
        return [*group, part]
    worth = max(last.unit.worth, part.unit.worth)
    return [*group[:-1], replace(last, unit=replace(last.unit, last=part.unit.last, worth=worth))]
