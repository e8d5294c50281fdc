"""Makes canonical slots: one (subject, attribute) for one property, however a model names it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import Stemmer

from app.memory.identity.attribute_names import (
    bare_name,
    fold_name,
    fold_text,
    name_variants,
    singular,
    split_name,
)
from app.memory.identity.attribute_specs import ValueType
from app.memory.identity.attributes import (
    ResolvedAttribute,
    is_former,
    resolve_attribute,
    resolve_status,
    strip_former,
)
from app.memory.identity.endings import is_end_value, split_denial
from app.memory.identity.values import normalise_value
from app.memory.text.word_lists import HABITUAL_VERBS, PETS
from app.memory.text.word_sets import word_set
from app.memory.types import Slot

ACCOUNT_SUBJECT = "user"
SAME_NAME_COSINE = 0.86  # chosen; MiniLM gives unrelated names of attributes at most .7
_INVERSE_ROLES = {
    "manages": "manager", "manager_of": "manager", "supervises": "manager", "supervisor_of": "manager",
    "boss_of": "manager", "mentors": "mentor", "mentor_of": "mentor", "coaches": "coach",
    "coach_of": "coach", "teaches": "teacher", "teacher_of": "teacher", "mother_of": "mother",
    "father_of": "father",
}  # fmt: skip
_ADJECTIVES = {
    "married": "relationship_status", "engaged": "relationship_status",
    "divorced": "relationship_status", "single": "relationship_status",
    "separated": "relationship_status", "widowed": "relationship_status", "retired": "occupation",
    "unemployed": "employment_status", "self_employed": "employment_status",
    "freelance": "employment_status", "vegetarian": "diet", "vegan": "diet", "pescatarian": "diet",
}  # fmt: skip
_ROLE_PREFIX = re.compile(
    r"(?P<role>(?:best_|younger_|older_|step|grand)?(?:wife|husband|partner|girlfriend|boyfriend|"
    r"fiancee?|mother|father|mum|mom|dad|parents?|sister|brother|son|daughter|child|grandmother|"
    r"grandfather|grandma|grandpa|friend|roommate|boss|manager|dog|cat))_(?P<rest>.+)"
)
_WORD = re.compile(r"[^\W_]")
_DOSE = re.compile(
    r"(?P<item>.+?)\s*[,(]?\s*(?P<dose>\d[\d.,]*\s*(?:mg|mcg|g|ml|iu|units?|drops?|tablets?|puffs?)\b.*?)\)?"
)
_VERBS = (
    frozenset(
        word_set(
            """
    like love enjoy visit play attend grow own know use read watch follow admire support practise
    collect want need try eat drink avoid miss speak study make build see meet buy sell complete finish
    win recommend
    """
        )
    )
    | HABITUAL_VERBS
)
_PARTICIPLE = re.compile(
    r"(?:has_|have_)?(?:[a-z]{2,}[^e\W]ed|seen|read|met|bought|sold|won|made|built|been|eaten|run|done|taken)"
)
_NOT_PLURAL = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|morning|evening|weekend|new|\w*(?:ness|ss|us|is|sis|ics)"
)
_GENERIC_TOKENS = word_set(
    """
    current new my user name of the a an at in on for to with is has are and or by from per main primary
    own usual used uses use taking favourite preferred activity type kind status value detail info
    regular daily number
    """
)  # fmt: skip
_TOKEN_SYNONYMS = {
    "tool": "app", "application": "app", "software": "app", "program": "app", "programme": "app",
    "service": "app", "client": "app", "vehicle": "car", "auto": "car", "automobile": "car",
    "job": "work", "employment": "work", "company": "work", "house": "home", "flat": "home",
    "apartment": "home", "movie": "film", "note": "note", "notes": "note", "supplier": "provider",
    "vendor": "provider", "operator": "provider", "medicine": "medication", "drug": "medication",
    "spouse": "partner", "kid": "child", "mobile": "phone", "telephone": "phone", "cell": "phone",
    "bike": "bicycle", "lesson": "class", "course": "class", "location": "place",
    "preference": "preferred", "cost": "price", "fee": "price", "weekly": "week", "monthly": "month",
    "yearly": "year", "annual": "year", "objective": "goal", "target": "goal", "aim": "goal",
    "teacher": "teacher", "instructor": "teacher",
}  # fmt: skip
_stemmer = Stemmer.Stemmer("english", 0)


def make_slot(
    subject: str, attribute: str, value: str, polarity: int = 1, *, is_multiple: bool | None = None
) -> tuple[Slot | None, int]:
    """The canonical slot (None if it fills none) and the polarity of a statement about a property.

    A property of which several values hold becomes a yes/no slot for each (`likes:jazz` = yes), so that every
    slot has one current value and "also likes blues" replaces nothing. What happens at a time has no slot.
    Whether a property of the registry holds several values is the registry's word; `is_multiple` is a model's
    for others.
    """
    name, item = split_name(attribute)
    if not name:
        return None, polarity
    if is_former(name):
        name, polarity = strip_former(name), -1
    if name in _INVERSE_ROLES and value.strip():
        subject, name, value = fold_text(value), _INVERSE_ROLES[name], subject
    folded = fold_text(value)
    adjective = name_variants(name)[-1]
    if adjective in _ADJECTIVES and normalise_value("", value) in {"yes", "no"}:
        polarity = -1 if normalise_value("", value) == "no" else polarity
        name, value, folded = _ADJECTIVES[adjective], adjective.replace("_", " "), adjective.replace("_", " ")
    found = resolve_status(name, folded) or resolve_attribute(f"{name}:{item}" if item else name, folded)
    if found is None:
        owned = _ROLE_PREFIX.fullmatch(name)
        if owned is not None and resolve_attribute(owned["rest"], folded) is not None:
            whose = owned["role"].replace("_", " ")
            whose = whose if subject == ACCOUNT_SUBJECT else f"{subject}'s {whose}"
            return make_slot(whose, owned["rest"], value, polarity, is_multiple=is_multiple)
        return _make_unknown(subject, name, item, folded, polarity, is_multiple)
    if found.spec.is_event:
        return None, polarity
    if found.spec.is_multiple:
        return _make_multiple(subject, found, folded, polarity)
    return _make_single(subject, found, folded, polarity)


def _make_single(
    subject: str, found: ResolvedAttribute, value: str, polarity: int
) -> tuple[Slot | None, int]:
    if not is_end_value(found.spec.name, value):
        value, denied = split_denial(value)
        polarity = -1 if denied else polarity
    value = normalise_value(found.spec.name, value)
    names_something = found.spec.value_type not in (ValueType.TEXT, ValueType.YES_NO)
    if not value or (value == "yes" and names_something):
        return None, polarity
    return Slot(subject, found.slot_name, value), polarity


def _make_multiple(
    subject: str, found: ResolvedAttribute, value: str, polarity: int
) -> tuple[Slot | None, int]:
    spec, item = found.spec, found.item
    told = "yes"
    if item:
        if value and is_end_value(spec.name, value):
            polarity = -1
        elif spec.name in ("pet", "child") or spec.is_role:
            # The name tells which kind ("dog"), the value which one ("Rex").
            names_one = value not in {"", "yes", "true"} and value.rsplit(maxsplit=1)[-1] not in PETS
            item = value if names_one else item
        elif spec.name == "medication" and re.search(r"\d", value):
            told = normalise_value("", value)
    elif is_end_value(spec.name, value):
        return Slot(subject, spec.slot_name, normalise_value(spec.name, value)), polarity
    else:
        item, denied = split_denial(value)
        polarity = -1 if denied else polarity
        dose = _DOSE.fullmatch(item) if spec.name == "medication" else None
        if dose is not None:
            item, told = dose["item"], normalise_value("", dose["dose"])
    item = " ".join(re.split(r"[\s:_]+", normalise_value("", item))).strip()
    if not _WORD.search(item) or item in {"yes", "no"}:
        return None, polarity
    return Slot(subject, f"{spec.slot_name}:{item}", "no" if polarity < 0 else told), polarity


def _make_unknown(
    subject: str, name: str, item: str, value: str, polarity: int, is_multiple: bool | None
) -> tuple[Slot | None, int]:
    base = bare_name(name)
    several = _looks_multiple(base) if is_multiple is None else is_multiple
    canonical = base if _is_verb(base) else "_".join([*base.split("_")[:-1], singular(base.split("_")[-1])])
    if not is_end_value(base, value):
        value, denied = split_denial(value)
        polarity = -1 if denied else polarity
    elif several or item:
        polarity = -1
    value = normalise_value("", value)
    if several:
        is_bare = value in {"", "yes", "no"} or is_end_value(base, value)
        item = item or ("" if is_bare else " ".join(re.split(r"[\s:_]+", value)).strip())
        if not _WORD.search(item):
            return None, polarity
        return Slot(subject, f"{canonical}:{item}", "no" if polarity < 0 else "yes"), polarity
    if not value:
        return None, polarity
    return Slot(subject, f"{canonical}:{item}" if item else canonical, value), polarity


def _is_verb(name: str) -> bool:
    first, _, rest = name.partition("_")
    if _PARTICIPLE.fullmatch(name) is not None:
        return True
    is_plain = not rest or first.endswith("s")  # "garden_tools" begins with a noun
    return is_plain and (singular(first) in _VERBS or first.removesuffix("es") in _VERBS)


def _looks_multiple(name: str) -> bool:
    """Whether a name that is not in the registry speaks of several things: a plural or a verb."""
    last = name.rsplit("_", maxsplit=1)[-1]
    if _is_verb(name):
        return True
    return singular(last) != last and _NOT_PLURAL.fullmatch(singular(last)) is None


def canonical_slot(
    slot: Slot, known_attributes: Iterable[str], cosines: Mapping[str, float] | None = None
) -> Slot:
    """The slot under the name that the subject's stored slots have for its property, if one has the same.

    `known_attributes` are the attributes of the stored slots of this subject; `cosines` are those of their
    names to this slot's name, if the caller has vectors. A property of the registry has its name already.
    """
    known = sorted({*known_attributes} - {slot.attribute})
    if resolve_attribute(slot.attribute) is not None or slot.attribute in {*known_attributes}:
        return slot
    signature = _signature(slot.attribute)
    for name in known:
        if resolve_attribute(name) is None and signature[0] and _signature(name) == signature:
            return replace(slot, attribute=name)
    close = [
        (cosine, name)
        for name, cosine in (cosines or {}).items()
        if name in known and cosine >= SAME_NAME_COSINE and _signature(name)[1] == signature[1]
    ]
    return replace(slot, attribute=max(close)[1]) if close else slot


def _signature(attribute: str) -> tuple[frozenset[str], str]:
    """The telling words of a name as stems, and its item: equal for names of one property."""
    base, _, item = attribute.partition(":")
    words = [
        singular(word) for word in fold_name(base).split("_") if not re.fullmatch(r"(?:19|20)\d\d", word)
    ]
    telling = [_TOKEN_SYNONYMS.get(word, word) for word in words if word not in _GENERIC_TOKENS]
    return frozenset(_stemmer.stemWords(telling or words)), " ".join(item.split())
