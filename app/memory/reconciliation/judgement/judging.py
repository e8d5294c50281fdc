"""Chooses the pairs of a fact and a stored memory about which a model is asked, and reads its verdicts."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core.vocabulary import ChangeKind, Form, Kind, Origin
from app.memory.identity.attributes import find_topics
from app.memory.reconciliation.decisions import normalise_text
from app.memory.reconciliation.judgement.verdicts import Verdict
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.sameness import same_occasion
from app.memory.types import Fact, Memory

SURE_SIMILARITY = 0.80  # cosine (chosen for MiniLM) from which a pair is worth asking about
JUDGED_SIMILARITY = 0.55  # the same, where the two share a name, a noun or a topic
MAX_JUDGED = 6  # pairs of one fact
CHANGE_OF_VERDICT: Mapping[Verdict, ChangeKind] = {
    Verdict.SUPERSEDES: ChangeKind.REPLACE,
    Verdict.RETRACTS: ChangeKind.END,
}


def may_be_judged(fact: Fact, memory: Memory) -> bool:
    """Whether a model's word on the two may count.

    An example equals another only by the same words, a derived memory is nobody's statement, two values of
    one slot are settled by their dates, and two happenings on different days stand side by side.
    """
    has_example = Kind.EXAMPLE in {fact.kind, memory.kind}
    is_derived = memory.origin is Origin.INFERENCE
    shares_slot = (
        fact.slot is not None
        and memory.slot is not None
        and (fact.slot.subject, fact.slot.attribute) == (memory.slot.subject, memory.slot.attribute)
    )
    are_events = fact.form is memory.form is Form.EVENT and not same_occasion(fact, memory)
    return not (has_example or is_derived or shares_slot or are_events)


def select_pairs(
    fact: Fact,
    others: Sequence[Memory],
    answered: frozenset[UUID] | set[UUID],
    ignored: frozenset[str] = frozenset(),
) -> list[Memory]:
    """The memories to ask about beside a fact, most likely first, at most `MAX_JUDGED`.

    `answered` are those on which the model has said how the fact stands to them, `ignored` words that every
    statement of the speaker has. Where it was shown some, what shares words or topics was among them; beside
    those only what is nearly alike is worth a second question, as each costs more than the fact.
    """
    ranked = [
        (-score, memory.id, memory)
        for memory in others
        if memory.id not in answered
        and may_be_judged(fact, memory)
        and (not answered or memory.similarity >= SURE_SIMILARITY)
        and (score := _plausibility(fact, memory, ignored)) > 0
    ]
    return [memory for _, _, memory in sorted(ranked, key=lambda entry: entry[:2])[:MAX_JUDGED]]


def _plausibility(fact: Fact, memory: Memory, ignored: frozenset[str]) -> float:
    """How likely the two concern each other, 0 for not at all: by likeness, and by what both are about."""
    likeness = memory.similarity
    if likeness >= SURE_SIMILARITY:
        return 1 + likeness
    subject, other = fact.subject, memory.subject
    if subject is not None and other is not None and subject.casefold() != other.casefold():
        # "Grandfather" and "Albert" may be one, where a sentence has both.
        is_named = _names(other, fact.content) or _names(subject, memory.content)
        if not is_named:
            return 0.0
    shares_words = bool((object_words(fact.content) - ignored) & object_words(memory.content))
    shares_topic = bool(_topics_of_fact(fact) & _topics_of_memory(memory))
    if not (shares_words or shares_topic):
        return 0.0
    is_likely = likeness >= JUDGED_SIMILARITY or (shares_words and shares_topic)
    return likeness + 0.5 * shares_topic + 0.25 * shares_words if is_likely else 0.0


def _names(subject: str, content: str) -> bool:
    """Whether a sentence has the words of a subject."""
    return f" {normalise_text(subject)} " in f" {normalise_text(content)} "


def _topics_of_fact(fact: Fact) -> frozenset[str]:
    own = frozenset({fact.slot.attribute}) if fact.slot is not None else frozenset[str]()
    return own | find_topics(fact.content)


def _topics_of_memory(memory: Memory) -> frozenset[str]:
    own = frozenset({memory.slot.attribute}) if memory.slot is not None else frozenset[str]()
    return own | find_topics(memory.content)
