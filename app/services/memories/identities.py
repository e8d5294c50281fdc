"""Who and what statements are about: canonical subjects, their aliases, and merging and splitting them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from app.core.vocabulary import Op, Origin, Role, Status
from app.db import models
from app.db.memory_rows import MemoryChanges
from app.db.repositories.memories import entity_aliases
from app.db.user_session import UserSession
from app.memory.identity.attributes import find_attribute, resolve_attribute
from app.memory.identity.links import find_links, find_names, is_told_by_alias
from app.memory.identity.slots import canonical_slot
from app.memory.identity.subjects import ACCOUNT, EntityAlias, Identities, fold_subject, is_role
from app.memory.identity.values import normalise_value
from app.memory.reconciliation.decisions import is_retraction
from app.memory.types import Change, Fact, Slot, Turn
from app.services.memories.unit_of_work import UserWrite

_RELATION = "relation:"
_YES_NO = frozenset(["yes", "no"])


def load_identities(user: UserSession) -> Identities:
    """Load the names that a user's memories know."""
    return Identities.of_rows(entity_aliases.list_aliases(user))


def resolve_facts(change: UserWrite, facts: Sequence[Fact], turns: Mapping[UUID, Turn]) -> list[Fact]:
    """Return the facts with canonical subjects and attributes, and store the names that they teach.

    All names of the batch are learned before any fact is resolved, so the order of facts does not matter.
    When two names turn out to mean one, the memories of both compete for its slots from here on.
    """
    if not facts:
        return []
    identities = load_identities(change.user)
    sources: dict[tuple[str, str], UUID] = {}
    _learn_speakers(change, identities, turns)
    for fact in facts:
        _learn_names(identities, fact, turns[fact.turn_id], sources)
    resolved = [resolve_fact(fact, turns[fact.turn_id], identities) for fact in facts]
    entity_aliases.insert_aliases(change.user, identities.learned, str(change.actor), sources)
    _move_learned(change, identities)
    return _reuse_attributes(change.user, resolved)


def resolve_posted_fact(user: UserSession, fact: Fact) -> Fact:
    """Return a client's ready-made fact with the canonical subject and attribute."""
    if fact.slot is None and fact.subject is None:
        return fact
    identities = load_identities(user)
    if fact.subject is not None:
        fact = replace(fact, subject=identities.resolve(fact.subject))
    if fact.slot is None:
        return fact
    slot = _resolve_names(replace(fact.slot, subject=identities.resolve(fact.slot.subject)), identities)
    # A client reads the value that it wrote, unless that is the name of an entity.
    kept = slot.value if slot.attribute.startswith(_RELATION) else fact.slot.value
    return replace(fact, slot=replace(slot, value=kept))


def resolve_filter(
    user: UserSession, subject: str | None, attribute: str | None
) -> tuple[str | None, str | None]:
    """Return the canonical names of a subject and an attribute that a client asks for by any name."""
    if subject is not None:
        identities = load_identities(user)
        canonical = identities.resolve(subject)
        subject = canonical if canonical == ACCOUNT or canonical in identities.registered else subject
    found = None if attribute is None else resolve_attribute(attribute)
    return subject, attribute if found is None else found.slot_name


def _learn_speakers(change: UserWrite, identities: Identities, turns: Mapping[UUID, Turn]) -> None:
    speakers = {
        turn.name: turn.observed_at
        for turn in sorted(turns.values(), key=lambda turn: turn.observed_at, reverse=True)
        if turn.role is Role.USER and turn.name
    }
    if speakers and not identities.account_names:
        # Nobody is the account's person yet: it is who spoke first, perhaps in another batch.
        speakers = entity_aliases.find_first_speeches(change.user) | speakers
    identities.learn_speakers(speakers)


def _learn_names(
    identities: Identities, fact: Fact, turn: Turn, sources: dict[tuple[str, str], UUID]
) -> None:
    """Learn the names that one fact uses, and those that it says to mean one."""
    known = len(identities.learned)
    for name in {fact.subject, fact.slot.subject if fact.slot else None} - {None}:
        folded = fold_subject(str(name))
        subject = identities.resolve_subject(str(name), turn)
        if subject == ACCOUNT and folded not in ("", ACCOUNT) and _is_named(folded, fact):
            identities.learn(folded, ACCOUNT)
        elif not is_role(subject) and "'" not in subject and _is_named(folded, fact):
            identities.learn(folded, subject)
    slot = _resolve_slot(fact.slot, turn, identities) if fact.slot is not None else None
    for alias, name in find_links(fact, slot, identities):
        identities.learn(alias, name)
    for row in identities.learned[known:]:
        sources.setdefault((row.alias, row.name), turn.id)


def _is_named(folded: str, fact: Fact) -> bool:
    """Whether the fact writes every word of a name with a capital: "Tom" is one, "garden shed" is none."""
    words = [re.search(rf"\b{re.escape(word)}", fact.content, re.IGNORECASE) for word in folded.split()]
    return bool(words) and all(word is not None and word[0][:1].isupper() for word in words)


def resolve_fact(fact: Fact, turn: Turn, identities: Identities) -> Fact:
    """Return the fact with the canonical subject and attribute, by the names that are known."""
    slot = None if fact.slot is None else _resolve_slot(fact.slot, turn, identities)
    subject = fact.subject if fact.subject is not None or slot is None else slot.subject
    if fact.subject is not None:
        subject = identities.resolve_subject(fact.subject, turn)
    if subject is not None:
        own = _name_given(fact, slot, subject, identities)
        slot = replace(slot, subject=own) if slot is not None and slot.subject == subject else slot
        subject = own
    changes = tuple(_resolve_change(one, turn, identities) for one in fact.changes)
    return replace(fact, subject=subject, slot=slot, changes=changes)


def _name_given(fact: Fact, slot: Slot | None, subject: str, identities: Identities) -> str:
    """The name that a statement gives its subject: "my dog is called Rex" is about Rex, also among several."""
    given = {name for alias, name in find_names(fact, slot, identities) if alias == subject}
    known = given.intersection(identities.targets_of(subject))  # and not what a client has denied
    return identities.follow(known.pop()) if len(known) == 1 else subject


def _resolve_change(change: Change, turn: Turn, identities: Identities) -> Change:
    subject = None if change.subject is None else identities.resolve_subject(change.subject, turn)
    spec = None if change.attribute is None else find_attribute(change.attribute)
    return replace(change, subject=subject, attribute=spec.name if spec is not None else change.attribute)


def _resolve_slot(slot: Slot, turn: Turn, identities: Identities) -> Slot:
    """The slot with its canonical subject and attribute, and that of the other whom it relates."""
    return _resolve_names(replace(slot, subject=identities.resolve_subject(slot.subject, turn)), identities)


def _resolve_names(slot: Slot, identities: Identities) -> Slot:
    attribute, value = slot.attribute, slot.value
    found = resolve_attribute(attribute, value)
    if found is not None and not found.spec.is_event:
        attribute = found.slot_name
        if value not in _YES_NO and not found.spec.is_multiple:
            value = normalise_value(found.spec.name, value)
    if attribute.startswith(_RELATION):
        role, _, other = attribute.removeprefix(_RELATION).partition(":")
        if other:
            attribute = f"{_RELATION}{role}:{identities.resolve(other)}"
        elif value not in _YES_NO:
            value = identities.resolve(value)
    return replace(slot, attribute=attribute, value=value)


def _reuse_attributes(user: UserSession, facts: list[Fact]) -> list[Fact]:
    """Give slots of properties outside the registry the names that the subject's stored slots have."""
    unknown = {fact.slot.subject for fact in facts if fact.slot and not find_attribute(fact.slot.attribute)}
    if not unknown:
        return facts
    known = entity_aliases.list_attributes_of(user, unknown)
    reused: list[Fact] = []
    for fact in facts:
        slot = fact.slot
        if slot is not None and slot.subject in unknown:
            slot = canonical_slot(slot, known.get(slot.subject, set()))
            known.setdefault(slot.subject, set()).add(slot.attribute)
        reused.append(replace(fact, slot=slot))
    return reused


def _move_learned(change: UserWrite, identities: Identities) -> None:
    """Move what is stored under the learned aliases, or back where they mean several from here on."""
    links = [row for row in identities.learned if row.alias != row.name]
    stored = entity_aliases.list_subjects_stored(change.user, {row.alias for row in links}) if links else ()
    for row in links:
        targets = identities.targets_of(row.alias)
        if len(targets) > 1:
            for target in targets:
                _move_back(change, row.alias, identities.follow(target))
        elif row.alias in stored:
            move_memories(change, identities, row)


def _move_back(change: UserWrite, alias: str, name: str) -> None:
    """Return what was told by an alias alone to it: it means several now, and so nobody knows whom.

    Whether it was told so stands in its words, so it makes no difference when each of them was learned.
    """
    rows = entity_aliases.list_memories_about(change.user, name)
    told = [row for row in rows if row.origin != Origin.EDIT and is_told_by_alias(row.content, alias, name)]
    rename_subject(change, told, name, alias)


def move_memories(change: UserWrite, identities: Identities, link: EntityAlias) -> None:
    """Give the memories of an alias the canonical subject to which it leads now, if it leads anywhere."""
    subject = identities.follow(link.alias)
    if subject == link.alias:
        return
    rows = entity_aliases.list_memories_about(change.user, link.alias)
    moved = rename_subject(change, rows, link.alias, subject)
    entity_aliases.add_moved(change.user, link.alias, link.name, moved)


def rename_subject(change: UserWrite, rows: Iterable[models.Memory], before: str, after: str) -> list[UUID]:
    """Rename a subject in memories, as versions, and replay the slots on both sides; frozen ones stay.

    A memory whose new slot is taken leaves its old one first: a slot has one current value, and the replay of
    all assertions says whose it is.
    """
    renamed = {row: _renamed_columns(row, before, after) for row in rows if not row.frozen}
    renamed = {row: values for row, values in renamed.items() if values}
    if not renamed:
        return []
    slots = _slots_of(renamed)
    for row, values in renamed.items():
        leaves = MemoryChanges()
        if row.status == Status.ACTIVATED and _holds_slot(row):
            leaves = MemoryChanges(
                status=Status.SUPERSEDED, valid_to=row.valid_from, retired_at=row.retired_at or change.now
            )
        change.edit(row.id, Op.EDIT, "the same as another name", values | leaves)
    change.flush()
    change.session.expire_all()
    change.replay_slots(slots | _slots_of(renamed))
    change.flush()
    change.session.expire_all()
    return [row.id for row in renamed]


def _slots_of(rows: Iterable[models.Memory]) -> set[tuple[str, str]]:
    return {(row.subject, row.attribute) for row in rows if row.subject and row.attribute}


def _holds_slot(row: models.Memory) -> bool:
    if row.subject is None or row.attribute is None:
        return False
    return not is_retraction(Slot(row.subject, row.attribute, row.value or ""), row.polarity)


def _renamed_columns(row: models.Memory, before: str, after: str) -> MemoryChanges:
    values = MemoryChanges()
    if row.subject == before:
        values["subject"] = after
    if row.attribute is not None and row.attribute.startswith(_RELATION):
        if row.attribute.endswith(f":{before}"):
            values["attribute"] = f"{row.attribute.removesuffix(before)}{after}"
        if row.value == before:
            values["value"] = after
    return values
