"""Regular expressions of the offline extractor, each with the function that converts its match."""

import re

from app.memory.extraction.offline.slots import slot_values
from app.memory.extraction.offline.slots.slot_values import SlotValue
from app.memory.text.word_lists import CONDITIONS, MULTIPLE_RELATIONS, PETS, SINGLE_RELATIONS

_ADV = (
    r"(?:(?:also|just|really|now|currently|still|actually|recently|finally|only|already|always"
    r"|absolutely|totally"
    r"|truly|even|personally|mostly|usually|both|definitely|officially|do|completely|happily"
    r"|originally|so|very"
    r"|particularly|especially|genuinely|simply|permanently|a bit|quite|pretty|strictly) ){0,6}"
)
_NEG = rf"{_ADV}(?P<neg>(?:do not|no longer|never|cannot) )?{_ADV}"
_AM = rf"^I (?:am|have (?:also )?been) {_ADV}(?P<neg>(?:not|no longer|never) )?{_ADV}"
_REST = r"(?P<value>.+)$"
_CAPITALISED = r"[A-Z][\w&.-]*(?:'(?!s\b)\w+)?"
_NAME = rf"(?P<value>{_CAPITALISED}(?: {_CAPITALISED})?)"
# Who is one of these somewhere is not employed there.
_NOT_JOBS = (
    "volunteer|student|pupil|member|patient|regular|customer|guest|visitor|fan|donor|undergraduate|resident"
    "|parishioner|subscriber|client|tenant|lodger|supporter|believer|beginner"
)
_RELATION = "|".join(sorted(SINGLE_RELATIONS | MULTIPLE_RELATIONS, key=len, reverse=True))
_CONDITION = "|".join(sorted(CONDITIONS))
_PET = "|".join(sorted(PETS))


def match_slot_values(text: str) -> list[SlotValue]:
    """The slots that an expanded first-person clause fills; its dates are removed from `text`."""
    values: list[SlotValue] = []
    for pattern, build in _RULES:
        match = pattern.search(text)
        if match is not None:
            values += [value for value in build(match) if value.value]
    return values


def _compile_rule(
    pattern: str, build: slot_values.SlotExtractor
) -> tuple[re.Pattern[str], slot_values.SlotExtractor]:
    return re.compile(pattern.replace("^I ", "^[Ii] ").replace("^My ", "^[Mm]y ")), build


_RULES: tuple[tuple[re.Pattern[str], slot_values.SlotExtractor], ...] = (
    _compile_rule(
        rf"^(?:[Ii]|[Ww]e) {_NEG}(?:live|reside) {_ADV}(?:here )?in {_REST}", slot_values.extract_residence
    ),
    _compile_rule(
        rf"{_AM}(?:based|living|residing|located|settled) {_ADV}(?:here )?in {_REST}",
        slot_values.extract_residence,
    ),
    _compile_rule(
        rf"^(?:[Ii]|[Ww]e) (?:have )?{_ADV}(?:moved|relocated) (?:back |over |out |down |up "
        rf"|here )?(?:from .+? )?to {_REST}",
        slot_values.extract_new_residence,
    ),
    _compile_rule(rf"^I am {_ADV}(?P<neg>(?:not|no longer) )?{_ADV}from {_REST}", slot_values.extract_origin),
    _compile_rule(rf"^I come from {_REST}", slot_values.extract_origin),
    _compile_rule(rf"^My home ?country (?:is|,) {_REST}", slot_values.extract_origin),
    _compile_rule(
        rf"^I {_NEG}work (?:as an? [\w -]{{3,40}}? )?(?:at|for) {_REST}", slot_values.extract_employer
    ),
    _compile_rule(
        rf"{_AM}(?:working|employed|interning) (?:as an? [\w -]{{3,40}}? )?(?:at|for"
        rf"|by) {_REST}",
        slot_values.extract_employer,
    ),
    _compile_rule(
        rf"^I am an? (?!(?:[\w-]+ ){{0,3}}(?:{_NOT_JOBS})\b)[\w -]{{3,40}}? (?:at|for)"
        rf" (?P<value>{_CAPITALISED}.*)$",
        slot_values.extract_employer,
    ),
    _compile_rule(
        r"^I (?:have )?(?:\w+ly |just )?(?P<start>started|began|got|landed|accepted) (?:a |an "
        r"|my )?(?:new |full-time |dream ){0,4}"
        r"(?:job|position|role|work|working) (?:as an? [\w -]+? )?(?:at|for|with) (?P<value>.+)$",
        slot_values.extract_employer,
    ),
    _compile_rule(
        rf"^I (?:have )?{_ADV}joined (?P<value>{_CAPITALISED}(?: {_CAPITALISED})*(?: as an? .+)?)\.?$",
        slot_values.extract_joined_employer,
    ),
    _compile_rule(
        r"^I (?:have )?(?:\w+ly |just )?(?:quit|left|lost) my (?:old )?job (?:at|with) (?P<value>.+)$",
        slot_values.extract_left_employer,
    ),
    _compile_rule(rf"{_AM}an? {_REST}", slot_values.extract_occupation),
    _compile_rule(rf"^I (?:have )?{_ADV}became an? {_REST}", slot_values.extract_occupation),
    _compile_rule(rf"^I {_NEG}work as an? {_REST}", slot_values.extract_work_role),
    _compile_rule(rf"{_AM}working as an? {_REST}", slot_values.extract_work_role),
    _compile_rule(rf"^I {_NEG}work (?:at|for) .+? as an? {_REST}", slot_values.extract_work_role),
    _compile_rule(rf"^My (?:full |real |first )?name is {_NAME}\b", slot_values.extract_name),
    _compile_rule(rf"^(?:My friends c|[Cc])all me {_NAME}\b", slot_values.extract_name),
    _compile_rule(
        r"^I am (?:now |currently |only |already )?(?P<value>\d{1,3})(?: years? old| y/?o\b"
        r"|-year-old|$|,| and\b)",
        slot_values.extract_age,
    ),
    _compile_rule(
        r"^I (?:have )?(?:just |recently )?turned (?P<value>\d{1,3})\b(?! (?:in|off|on|down"
        r"|\w+s)\b)",
        slot_values.extract_age,
    ),
    _compile_rule(
        rf"{_AM}(?P<value>married|engaged|divorced|widowed|single|in a relationship)"
        r"(?:$|[,.!]| to (?!my (?:job|work)|the\b|a\b)(?:[A-Z]|my)| and\b| with (?:one|two|three"
        r"|kids|children)| any more$)",
        slot_values.extract_marital_status,
    ),
    _compile_rule(
        r"^(?:[Ii]|[Ww]e) (?:have )?(?:just |recently |finally )?got (?P<value>married|engaged"
        r"|divorced)\b(?! in a| up)",
        slot_values.extract_marital_status,
    ),
    _compile_rule(
        r"^My (?:new |work |personal )?e-?mail(?: address)? is (?P<value>[\w.+-]+@[\w-]+\.[\w.-]+)",
        slot_values.contact_extractor("email"),
    ),
    _compile_rule(
        r"^My (?:new )?(?:phone|mobile|cell|telephone)(?: phone)?(?: number)? is"
        r" (?P<value>\+?\d[\d ()-]{5,18}\d)",
        slot_values.contact_extractor("phone"),
    ),
    _compile_rule(
        r"^My (?:all-time |absolute |current |new ){0,4}(?:favou?rite|fav"
        r"|fave) (?P<thing>[a-z][\w-]*(?: [a-z][\w-]*){0,2}?)"
        r" (?:is|are|has to be|would be|has always been) (?P<value>.+)$",
        slot_values.extract_favourite,
    ),
    _compile_rule(
        rf"\b[Mm]y (?!other|second|two)(?:new |old |little |rescue ){{0,4}}(?P<pet>{_PET})(?:'s name is"
        rf"| is (?:named|called)|,? named|,? called|,) {_NAME}",
        slot_values.extract_pet,
    ),
    _compile_rule(
        rf"^(?:[Ii]|[Ww]e) (?:have|own|got|adopted) an? (?:[\w-]+ ){{0,3}}?(?P<pet>{_PET}),? (?:named"
        rf"|called) {_NAME}",
        slot_values.extract_pet,
    ),
    _compile_rule(
        rf"\b[Mm]y (?P<relation>{_RELATION})(?:'s name is| is (?:named|called)|,? named|,? called"
        rf"|,)? {_NAME}",
        slot_values.extract_relation,
    ),
    _compile_rule(
        rf"(?:{_AM}|^I (?:have )?{_ADV}(?:became|went|turned|gone) )(?:an? )?(?P<value>vegan"
        rf"|vegetarian|pescatarian|gluten-free)\b(?!-)(?! \w*(?:curious|friendly))",
        slot_values.extract_diet,
    ),
    _compile_rule(
        rf"{_AM}(?:(?:severely|highly|deathly|mildly|extremely) )?allergic to {_REST}",
        slot_values.extract_allergies,
    ),
    _compile_rule(
        rf"^I {_NEG}have (?:an? |any )?(?:[\w-]+ )??allerg(?:y|ies) to {_REST}", slot_values.extract_allergies
    ),
    _compile_rule(
        rf"^I {_NEG}have an? (?:severe |serious |mild |bad "
        rf"|deadly ){{0,4}}(?P<value>[a-z]+(?: nut)?) allergy\b",
        slot_values.extract_allergy_noun,
    ),
    _compile_rule(rf"{_AM}(?P<value>lactose|gluten)[ -]intolerant\b", slot_values.extract_allergy_noun),
    _compile_rule(
        rf"^I {_ADV}(?P<neg>do not|cannot|no longer|never) {_ADV}(?P<verb>eat) {_REST}",
        slot_values.extract_food_refusals,
    ),
    _compile_rule(
        rf"^I {_NEG}(?P<verb>love|like|enjoy|adore|prefer|hate|dislike|detest|stand"
        rf"|despise) {_REST}",
        slot_values.extract_likes,
    ),
    _compile_rule(
        rf"{_AM}(?:an? )?(?:big |huge |massive |great ){{0,4}}(?P<verb>fan) of {_REST}",
        slot_values.extract_likes,
    ),
    _compile_rule(
        rf"{_AM}(?:(?:big|super|heavily) )?(?P<verb>into|obsessed with|fond of|passionate about) {_REST}",
        slot_values.extract_likes,
    ),
    _compile_rule(
        rf"^I {_NEG}(?:speak|am fluent in) (?:\w+ly |some |a little |a bit of )?{_REST}",
        slot_values.extract_languages,
    ),
    _compile_rule(rf"{_AM}fluent in {_REST}", slot_values.extract_languages),
    _compile_rule(rf"^I {_NEG}play (?:the |some )?{_REST}", slot_values.extract_plays),
    _compile_rule(
        rf"^(?:[Ii]|[Ww]e) {_NEG}(?:have|own|have got) {slot_values.COUNT} {slot_values.THING}"
        r"(?=$|[,.!]| (?:and|with|who|named|called|that|at|in|to|which|aged|now)\b)",
        slot_values.extract_possessions,
    ),
    _compile_rule(
        rf"^I {_NEG}have (?:severe |mild |chronic |type [12] )?(?P<value>(?i:{_CONDITION}))\b"
        r"(?! (?:about|over|when|to))",
        slot_values.extract_condition,
    ),
    _compile_rule(r"^My time ?zone is (?P<value>.+)$", slot_values.extract_timezone),
    _compile_rule(
        r"^I am (?:in|on) (?:the )?(?P<value>[A-Z]{2,4}(?:[+-]\d{1,2})?"
        r"|[A-Z][a-z]+)(?: time)? time ?zone\b",
        slot_values.extract_timezone,
    ),
)
