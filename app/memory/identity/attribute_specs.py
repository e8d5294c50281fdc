"""What is known of an attribute: its names, how many values hold at once, and what a value is."""

from dataclasses import dataclass
from enum import StrEnum


class ValueType(StrEnum):
    """What the value of an attribute is."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    MONEY = "money"
    PERSON = "person"
    PLACE = "place"
    ORGANISATION = "organisation"
    YES_NO = "yes_no"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class AttributeSpec:
    """An attribute that a subject can have.

    `aliases` are other names for it; "dog>dog" also says which of several it is. `is_multiple` says that
    several values hold at once (allergies); else a new value replaces the old one. `is_event` says that it
    happens at a time and so has no slot. `is_role` says that its value is who stands to the subject in this
    role. `topic_words` are phrases by which an English sentence is about it.
    """

    name: str
    aliases: frozenset[str] = frozenset()
    is_multiple: bool = False
    topic_words: frozenset[str] = frozenset()
    value_type: ValueType = ValueType.TEXT
    is_event: bool = False
    is_role: bool = False

    @property
    def slot_name(self) -> str:
        """The attribute as a slot has it: roles share the prefix by which entities are related."""
        return f"relation:{self.name}" if self.is_role else self.name


def several(name: str, aliases: str, value_type: ValueType = ValueType.TEXT) -> AttributeSpec:
    """An attribute of which several values hold at once."""
    return AttributeSpec(name, frozenset(aliases.split()), is_multiple=True, value_type=value_type)


def one(name: str, aliases: str, value_type: ValueType = ValueType.TEXT) -> AttributeSpec:
    """An attribute that has one value at a time."""
    return AttributeSpec(name, frozenset(aliases.split()), value_type=value_type)


def role(name: str, aliases: str, *, is_multiple: bool = False) -> AttributeSpec:
    """A role that another person has for the subject."""
    return AttributeSpec(
        name, frozenset(aliases.split()), is_multiple, value_type=ValueType.PERSON, is_role=True
    )


def event(name: str, aliases: str) -> AttributeSpec:
    """What happens at a time; a second one never replaces the first."""
    return AttributeSpec(name, frozenset(aliases.split()), is_multiple=True, is_event=True)
