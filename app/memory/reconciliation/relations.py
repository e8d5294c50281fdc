"""Entities and their relations: edges are states, so they have validity and history like any slot.

Method: Mem0 (Chhikara et al. 2025, arXiv 2504.19413, section 2.2), whose triples are invalidated rather than
deleted. Here they need no store of their own: they are `relation:<role>` slots of the entity for which the
other has that role.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from app.core.vocabulary import EntityType, Status
from app.memory.reconciliation.decisions import YES_NO_VALUES
from app.memory.text.stop_words import KEYWORD_STOP_WORDS
from app.memory.text.word_lists import (
    MONTHS_AND_DAYS,
    MULTIPLE_RELATIONS,
    SINGLE_RELATIONS,
)
from app.memory.types import Slot

RELATION = "relation"
MENTIONED_WITH = "mentioned_with"
_ENTITY_NAMESPACE = UUID("8a1f3c52-6f0e-4f5b-9c77-2f7f7c0f4a11")

_ENTITY_TYPE_BY_ATTRIBUTE = {
    "employer": EntityType.ORGANISATION,
    "residence": EntityType.PLACE,
    "origin": EntityType.PLACE,
    "pet": EntityType.ANIMAL,
    RELATION: EntityType.PERSON,
}
SINGLE_ROLES = SINGLE_RELATIONS | {"manager", "supervisor"}
ROLES = SINGLE_ROLES | MULTIPLE_RELATIONS
_ROLES = "|".join(sorted(ROLES, key=len, reverse=True))
_NAME = r"[A-Z][\w'&-]*[\w](?: [A-Z][\w'&-]*[\w])?"
_ONE, _OTHER = rf"(?P<one>{_NAME})", rf"(?P<other>{_NAME})"
_ROLE = rf"(?:new )?(?P<role>{_ROLES})"
_NOW = r"(?: (?:now|still|currently|also))?"
_NOT = r"(?P<neg> (?:no longer|does not|doesn't|is not|isn't))?"
_IS = rf"is{_NOW}(?P<neg> not| no longer)?{_NOW}"
_DOES = r"(?P<verb>manage|supervise|mentor|coach|teach)(?:e?s)?"
_RELATION_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_OTHER}{_NOW}{_NOT}{_NOW} {_DOES} {_ONE}(?: now)?",
        rf"{_ONE}{_NOW}{_NOT}{_NOW} (?P<verb>report)s? to {_OTHER}(?: now)?",
        rf"{_OTHER} {_IS} {_ONE}'s {_ROLE}(?: now)?",
        rf"{_OTHER} {_IS} the {_ROLE} of {_ONE}",
        rf"{_ONE}'s {_ROLE} {_IS} (?:called |named )?{_OTHER}",
    )
)
_ROLE_BY_VERB = {
    "manage": "manager",
    "supervise": "supervisor",
    "mentor": "mentor",
    "coach": "coach",
    "teach": "teacher",
    "report": "manager",
}


@dataclass(frozen=True, slots=True)
class RelationMention:
    """A relation found in a sentence: `target` has the role for `source`; polarity -1 if it is denied."""

    source: str
    role: str
    target: str
    polarity: int

    @property
    def relation_slot(self) -> Slot:
        """The slot that the sentence states."""
        return role_slot(self.source.lower(), self.role, self.target.lower(), self.polarity)


def role_slot(subject: str, role: str, other: str, polarity: int, *, single: bool = False) -> Slot:
    """The slot for a role of a subject: one value, or a yes/no per person for roles that several may have.

    `single` decides for roles that are not among `ROLES`.
    """
    if role in SINGLE_ROLES or (single and role not in ROLES):
        return Slot(subject, f"{RELATION}:{role}", other)
    return Slot(subject, f"{RELATION}:{role}:{other}", "yes" if polarity > 0 else "no")


def parse_relation(sentence: str) -> RelationMention | None:
    """The relation of two named entities, if the sentence states exactly that; else None."""
    for pattern in _RELATION_PATTERNS:
        match = pattern.fullmatch(sentence.strip(" .!"))
        if match is None:
            continue
        source, target = match["one"], match["other"]
        if {source.split()[0].lower(), target.split()[0].lower()} & (MONTHS_AND_DAYS | KEYWORD_STOP_WORDS):
            return None
        groups = match.groupdict()
        role = groups.get("role") or _ROLE_BY_VERB[groups["verb"]]
        return RelationMention(source, role, target, -1 if match["neg"] else 1)
    return None


@dataclass(frozen=True, slots=True)
class RelationEdge:
    """Two entities (normalised names) and the memory that says how `source` is related to `target`."""

    source: str
    relation: str
    target: str
    type: EntityType | None
    memory: Mapping[str, Any]


@dataclass(slots=True)
class Entity:
    """A person or thing that memories name; `memories` are the current ones that do."""

    name: str
    type: EntityType | None = None
    spelling_counts: dict[str, int] = field(default_factory=dict[str, int])
    memories: set[UUID] = field(default_factory=set[UUID])

    @property
    def display_name(self) -> str:
        """The most frequent spelling of the name."""
        return max(
            self.spelling_counts, key=lambda text: (self.spelling_counts[text], text), default=self.name
        )


def normalise_name(name: str) -> str:
    """The form in which two spellings of a name are equal."""
    return " ".join(name.casefold().removesuffix("'s").split())


def entity_id(user_id: str, name: str) -> UUID:
    """The entity's id: equal for one user and one name in every tenant, so that a bundle keeps it."""
    return uuid5(_ENTITY_NAMESPACE, f"{user_id}\0{normalise_name(name)}")


def edge_from_memory(memory: Mapping[str, Any]) -> RelationEdge | None:
    """The edge of a memory (`subject`, `attribute`, `value`, `polarity`), if it relates two entities."""
    subject, attribute, value = memory["subject"], memory["attribute"], memory["value"]
    if subject is None or attribute is None or value is None:
        return None
    base, *rest = attribute.split(":", 2 if attribute.startswith(RELATION) else 1)
    if (
        base not in _ENTITY_TYPE_BY_ATTRIBUTE
        or (memory["polarity"] < 0 and value not in YES_NO_VALUES)
        or value == "no"
    ):
        return None
    # Where several are possible, the attribute has the other entity and the value is yes or no.
    target = rest.pop() if value in YES_NO_VALUES and rest else value
    relation = ":".join(rest if base == RELATION else [base, *rest])
    source, target = normalise_name(subject), normalise_name(target)
    if not (source and target and relation) or target in YES_NO_VALUES:
        return None
    return RelationEdge(source, relation, target, _ENTITY_TYPE_BY_ATTRIBUTE[base], memory)


def collect_entities(memories: Iterable[Mapping[str, Any]]) -> dict[str, Entity]:
    """The entities that the memories name or relate, by normalised name."""
    entities: dict[str, Entity] = {}
    for memory in memories:
        edge = edge_from_memory(memory)
        for name in memory["entities"]:
            entity = entities.setdefault(normalise_name(name), Entity(normalise_name(name)))
            entity.spelling_counts[name.strip()] = entity.spelling_counts.get(name.strip(), 0) + 1
        if edge is not None:
            source, target = (entities.setdefault(name, Entity(name)) for name in (edge.source, edge.target))
            source.type, target.type = source.type or EntityType.PERSON, target.type or edge.type
        if memory["status"] == Status.ACTIVATED:
            for name in _entities_of_memory(memory, edge):
                entities[name].memories.add(memory["id"])
    entities.pop("", None)
    return entities


def _entities_of_memory(memory: Mapping[str, Any], edge: RelationEdge | None) -> set[str]:
    ends = {edge.source, edge.target} if edge is not None else set[str]()
    return ends | {normalise_name(name) for name in memory["entities"]}


def find_edges(memories: Iterable[Mapping[str, Any]], name: str) -> Iterator[RelationEdge]:
    """Yield the edges of an entity: typed ones, and one to each entity that a memory names beside it."""
    for memory in memories:
        edge = edge_from_memory(memory)
        if edge is not None and name in (edge.source, edge.target):
            yield edge
        named = _entities_of_memory(memory, edge)
        if name not in named:
            continue
        typed = {edge.source, edge.target} if edge is not None else set[str]()
        for other in sorted(named - (typed if name in typed else set()) - {name, ""}):
            yield RelationEdge(name, MENTIONED_WITH, other, None, memory)
