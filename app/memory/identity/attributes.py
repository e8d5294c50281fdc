"""The registry of attributes: finds the one that a free name stands for ("Lives in", "numberOfChildren")."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.core.text_caches import text_cache
from app.memory.identity.attribute_names import fold_name, name_variants, singular, split_name
from app.memory.identity.attribute_specs import AttributeSpec, ValueType, one
from app.memory.identity.everyday_attributes import EVERYDAY_ATTRIBUTES
from app.memory.identity.personal_attributes import PERSONAL_ATTRIBUTES
from app.memory.identity.topic_patterns import compile_topic
from app.memory.identity.topic_phrases import TOPIC_PHRASES

FAVOURITE = one("favourite", "")
COUNT = one("count", "", ValueType.NUMBER)
ATTRIBUTES: Mapping[str, AttributeSpec] = {
    spec.name: replace(spec, topic_words=TOPIC_PHRASES.get(spec.name, frozenset()))
    for spec in (*PERSONAL_ATTRIBUTES, *EVERYDAY_ATTRIBUTES, FAVOURITE, COUNT)
}
MAX_TOPIC_CHARS = 2_000  # as long as a memory can be
_TOPICS = {name: compile_topic(spec.topic_words) for name, spec in ATTRIBUTES.items() if spec.topic_words}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "‑": "-", "–": "-"})


@text_cache()
def find_topics(text: str) -> frozenset[str]:
    """The canonical names of the attributes that an English sentence is about, by its phrases."""
    folded = _fold(text)
    return frozenset(name for name, pattern in _TOPICS.items() if pattern.search(folded))


@text_cache(100_000)
def is_about(text: str, name: str) -> bool:
    """Whether `find_topics` of a text has this attribute; to ask for a few costs less than to find all."""
    return name in _TOPICS and _TOPICS[name].search(_fold(text)) is not None


@text_cache()
def _fold(text: str) -> str:
    return " ".join(text[:MAX_TOPIC_CHARS].casefold().translate(_APOSTROPHES).split())


def _index_aliases() -> dict[str, tuple[AttributeSpec, str]]:
    by_name: dict[str, tuple[AttributeSpec, str]] = {}
    for spec in ATTRIBUTES.values():
        for alias in sorted(spec.aliases):
            name, _, item = alias.partition(">")
            by_name[name] = (spec, item)
    return by_name | {name: (spec, "") for name, spec in ATTRIBUTES.items()}


_BY_NAME = _index_aliases()
# What stands beside the property in a name says which of several it is: "nut_allergy", "trip_to_rome".
_QUALIFIED = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?:favourite|preferred|most_liked|best_loved)_(?P<item>.+)", "favourite"),
        (r"(?:number_of|no_of|num|count_of|how_many|total|amount_of|nr_of)_(?P<item>.+)", "count"),
        (r"(?P<item>.+)_(?:count|total|tally|number|quantity)", "count"),
        (r"(?P<item>.+)_(?:allergy|allergic)", "allergy"),
        (r"allergic_to_(?P<item>.+)", "allergy"),
        (r"(?P<item>.+)_(?:intolerance|intolerant|sensitivity)", "intolerance"),
        (r"(?:member_of|membership_of|membership_in|member_in)_(?P<item>.+)", "membership"),
        (r"(?P<item>.+)_(?:member|membership|club_member)", "membership"),
        (r"subscri(?:ption|bed|bes)_to_(?P<item>.+)", "subscription"),
        (r"(?P<item>.+)_subscription", "subscription"),
        (r"(?P<item>.+)_(?:dose|dosage|medication|prescription)", "medication"),
        (r"(?:takes|dose_of|dosage_of)_(?P<item>.+)", "medication"),
        (r"(?:likes?|loves?|enjoys?|fan_of|fond_of|interest_in|interested_in)_(?P<item>.+)", "likes"),
        (r"(?:dislikes?|hates?|does_not_like|cannot_stand)_(?P<item>.+)", "dislikes"),
        (r"(?:speaks?|fluent_in|language)_(?P<item>.+)", "speaks"),
        (r"plays?_(?P<item>.+)", "plays"),
        (r"(?:learning|learns|is_learning)_(?P<item>.+)", "learning"),
        (r"(?:appointment|visit|appointment_with|visit_to|appointment_at)_(?P<item>.+)", "appointment"),
        (r"(?P<item>.+)_(?:appointment|check_?up|visit)", "appointment"),
        (r"(?:trip|travel|journey|holiday|vacation|travels)_(?:to|in)_(?P<item>.+)", "trip"),
        (r"(?P<item>.+)_(?:trip|holiday|vacation|journey)", "trip"),
        (r"(?:flight)_(?:to|from)_(?P<item>.+)", "flight"),
        (r"(?P<item>.+)_(?:flight)", "flight"),
        (r"(?P<item>.+)_(?:booking|reservation)", "booking"),
        (r"(?P<item>.+)_(?:meeting|interview|call)", "meeting"),
        (r"(?P<item>.+)_(?:exam|test)", "exam"),
        (r"(?P<item>.+)_(?:plan|plans)", "plan"),
        (r"(?P<item>.+)_(?:injury|fracture|sprain)", "injury"),
        (r"(?P<item>.+)_(?:race|marathon|concert|party|festival)", "event"),
    )
)
_COUNTED = {
    "child": "children_count", "kid": "children_count", "sibling": "siblings_count", "pet": "pets_count",
    "book": "books_read", "books_read": "books_read", "grandchild": "grandchildren_count",
    "book_read": "books_read", "step": "steps",
}  # fmt: skip
_COUNT_OF = {"child": "children_count", "pet": "pets_count", "sibling": "siblings_count"}
_THING_SYNONYMS = {
    "movie": "film",
    "beverage": "drink",
    "meal": "dish",
    "music genre": "music",
    "genre of music": "music",
}
_FORMER = re.compile(
    r"^(?:(?:my|the|user|users|user's)_)?(?:former|formerly|previous|ex|old|past|earlier|prior|last)_"
)


@dataclass(frozen=True, slots=True)
class ResolvedAttribute:
    """An attribute of the registry, and which of several it is ("" if the name does not say)."""

    spec: AttributeSpec
    item: str = ""

    @property
    def slot_name(self) -> str:
        """The attribute as a slot has it."""
        return f"{self.spec.slot_name}:{self.item}" if self.item else self.spec.slot_name


def find_attribute(name: str) -> AttributeSpec | None:
    """The attribute that a free name ("Lives in") or a slot's ("likes:jazz") stands for, or None."""
    resolved = resolve_attribute(name)
    return None if resolved is None else resolved.spec


def resolve_attribute(name: str, value: str = "") -> ResolvedAttribute | None:
    """The attribute that a free name stands for, with its qualifier; None if it is not known.

    A name that means two properties is told by its value: `children` = "3" counts them, "Theo" names one.
    """
    base, item = split_name(name)
    if not base or is_former(base):
        return None
    variants = name_variants(base)
    if item:
        known = next(
            (_BY_NAME[full] for one in (base, *variants) if (full := f"{one}:{item}") in _BY_NAME), None
        )
        if known is not None:
            return ResolvedAttribute(known[0])
    for variant in variants:
        if variant in _BY_NAME:
            spec, implied = _BY_NAME[variant]
            return _tell_by_value(ResolvedAttribute(spec, item or implied), base, value)
    return next((found for found in map(_resolve_qualified, variants) if found is not None), None)


def is_former(name: str) -> bool:
    """Whether a name speaks of a value that does not hold any more ("former_employer")."""
    folded = fold_name(name)
    return folded not in _BY_NAME and _FORMER.match(folded) is not None


def strip_former(name: str) -> str:
    """The name of the property of which `name` is a former value."""
    return _FORMER.sub("", fold_name(name))


def _resolve_qualified(name: str) -> ResolvedAttribute | None:
    for pattern, attribute in _QUALIFIED:
        match = pattern.fullmatch(name)
        if match is None:
            continue
        last = " ".join(map(singular, match["item"].split("_")))
        item = _THING_SYNONYMS.get(last, last)
        if attribute == "count" and (counted := _COUNTED.get(item.replace(" ", "_"))):
            return ResolvedAttribute(ATTRIBUTES[counted])
        known = _BY_NAME.get(f"{attribute}:{item}")
        return ResolvedAttribute(known[0]) if known else ResolvedAttribute(ATTRIBUTES[attribute], item)
    return None


_NUMERIC = re.compile(
    r"\d+(?:\s+\w+)?|(?:one|two|three|four|five|six|seven|eight|nine|ten)(?:\s+\w+)?", re.IGNORECASE
)
_RELATIONSHIP_VALUES = re.compile(
    r"\b(?:single|married|engaged|divorced|separated|widow\w*|dating|relationship|partnered|split)\b",
    re.IGNORECASE,
)
# "married: Viktor" names the partner, "partner: married" says how things are.
_STATUS_OF_SOMEONE = frozenset({"married", "is_married", "engaged", "is_engaged"})
_STAGE = re.compile(
    r"(?:is |currently |now |newly |happily |just )*(?:married|engaged|dating)", re.IGNORECASE
)
_STATUS_VALUE = re.compile(
    rf"{_RELATIONSHIP_VALUES.pattern}|\b(?:yes|no|not|none|true|false|since|complicated|open|committed"
    r"|happy|over|ended|broke\w*|long[- ]?(?:term|distance)|\d+)\b",
    re.IGNORECASE,
)
_WORK_VALUES = re.compile(
    r"\b(?:employed|unemployed|retired|laid off|redundant|fired|freelanc\w+|self-employed|part[- "
    r"]time|full[- ]time|leave|between jobs|student|working)\b",
    re.IGNORECASE,
)
_LIFE_VALUES = re.compile(
    r"\b(?:died|dead|deceased|passed away|alive|put down|put to sleep)\b", re.IGNORECASE
)


def _tell_by_value(found: ResolvedAttribute, base: str, value: str) -> ResolvedAttribute:
    if found.spec.name == "partner" and _STAGE.fullmatch(value.strip()):
        return ResolvedAttribute(ATTRIBUTES["relationship_status"])
    if base in _STATUS_OF_SOMEONE and value and not _STATUS_VALUE.search(value):
        return ResolvedAttribute(ATTRIBUTES["partner"])
    if found.spec.name in _COUNT_OF and not found.item and _NUMERIC.fullmatch(value.strip()):
        return ResolvedAttribute(ATTRIBUTES[_COUNT_OF[found.spec.name]])
    if (
        found.spec.name == "books_read"
        and value
        and not re.search(
            r"\d|\b(?:one|two|three|four|five|six|seven"
            r"|eight|nine|ten|dozen)\b",
            value,
            re.IGNORECASE,
        )
    ):
        return ResolvedAttribute(ATTRIBUTES["reading"])
    if found.spec.name == "speaks" and "programming" in base:
        return ResolvedAttribute(ATTRIBUTES["programming_language"])
    return found


def resolve_status(name: str, value: str) -> ResolvedAttribute | None:
    """The property of which a bare "status" speaks, told by its value; None if neither tells."""
    if fold_name(name) not in {"status", "current_status", "state", "situation", "personal_status"}:
        return None
    for pattern, attribute in (
        (_LIFE_VALUES, "life_status"),
        (_RELATIONSHIP_VALUES, "relationship_status"),
        (_WORK_VALUES, "employment_status"),
    ):
        if pattern.search(value):
            return ResolvedAttribute(ATTRIBUTES[attribute])
    return None
