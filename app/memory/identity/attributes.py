"""The registry of attributes: canonical names, their aliases, and what values they can hold."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """An attribute that a subject can have.

    `aliases` are other names for it. `is_multiple` says that several values hold at once (allergies); else a
    new value replaces the old one. `topic_words` are stems by which a sentence is about it.
    """

    name: str
    aliases: frozenset[str] = frozenset()
    is_multiple: bool = False
    topic_words: frozenset[str] = frozenset()


ATTRIBUTES: Mapping[str, AttributeSpec] = {
    spec.name: spec for spec in (AttributeSpec("residence", frozenset({"city", "lives_in"})),)
}
_BY_ALIAS = {alias: spec for spec in ATTRIBUTES.values() for alias in (spec.name, *spec.aliases)}


def find_attribute(name: str) -> AttributeSpec | None:
    """The attribute that a free name ("Lives in") stands for; None if it is not known."""
    return _BY_ALIAS.get("_".join(name.casefold().replace("-", " ").replace("_", " ").split()))
