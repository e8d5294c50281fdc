"""The offline extractor's rules for states: which first-person statement fills which slot with what."""

import re

from app.memory.extraction.offline import slot_values
from app.memory.extraction.offline.slot_values import State
from app.memory.text.word_lists import CONDITIONS, MANY_EACH, ONE_EACH, PETS

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
_RELATION = "|".join(sorted(ONE_EACH | MANY_EACH, key=len, reverse=True))
_CONDITION = "|".join(sorted(CONDITIONS))
_PET = "|".join(sorted(PETS))


def states(text: str) -> list[State]:
    """The slots that an expanded first-person clause fills; `text` has its dates taken out."""
    found: list[State] = []
    for pattern, build in _RULES:
        match = pattern.search(text)
        if match is not None:
            found += [state for state in build(match) if state.value]
    return found


def _rule(pattern: str, build: slot_values.Build) -> tuple[re.Pattern[str], slot_values.Build]:
    return re.compile(pattern.replace("^I ", "^[Ii] ").replace("^My ", "^[Mm]y ")), build


_RULES: tuple[tuple[re.Pattern[str], slot_values.Build], ...] = (
    _rule(rf"^(?:[Ii]|[Ww]e) {_NEG}(?:live|reside) {_ADV}(?:here )?in {_REST}", slot_values.residence),
    _rule(
        rf"{_AM}(?:based|living|residing|located|settled) {_ADV}(?:here )?in {_REST}", slot_values.residence
    ),
    _rule(
        rf"^(?:[Ii]|[Ww]e) (?:have )?{_ADV}(?:moved|relocated) (?:back |over |out |down |up "
        rf"|here )?(?:from .+? )?to {_REST}",
        slot_values.moved,
    ),
    _rule(rf"^I am {_ADV}(?P<neg>(?:not|no longer) )?{_ADV}from {_REST}", slot_values.origin),
    _rule(rf"^I come from {_REST}", slot_values.origin),
    _rule(rf"^My home ?country (?:is|,) {_REST}", slot_values.origin),
    _rule(rf"^I {_NEG}work (?:as an? [\w -]{{3,40}}? )?(?:at|for) {_REST}", slot_values.employer),
    _rule(
        rf"{_AM}(?:working|employed|interning) (?:as an? [\w -]{{3,40}}? )?(?:at|for"
        rf"|by) {_REST}",
        slot_values.employer,
    ),
    _rule(rf"^I am an? [\w -]{{3,40}}? (?:at|for) (?P<value>{_CAPITALISED}.*)$", slot_values.employer),
    _rule(
        r"^I (?:have )?(?:\w+ly |just )?(?P<start>started|began|got|landed|accepted) (?:a |an "
        r"|my )?(?:new |full-time |dream ){0,4}"
        r"(?:job|position|role|work|working) (?:as an? [\w -]+? )?(?:at|for|with) (?P<value>.+)$",
        slot_values.employer,
    ),
    _rule(
        rf"^I (?:have )?{_ADV}joined (?P<value>{_CAPITALISED}(?: {_CAPITALISED})*(?: as an? .+)?)\.?$",
        slot_values.joined,
    ),
    _rule(
        r"^I (?:have )?(?:\w+ly |just )?(?:quit|left|lost) my (?:old )?job (?:at|with) (?P<value>.+)$",
        slot_values.left_job,
    ),
    _rule(rf"{_AM}an? {_REST}", slot_values.occupation),
    _rule(rf"^I (?:have )?{_ADV}became an? {_REST}", slot_values.occupation),
    _rule(rf"^I {_NEG}work as an? {_REST}", slot_values.work_as),
    _rule(rf"{_AM}working as an? {_REST}", slot_values.work_as),
    _rule(rf"^I {_NEG}work (?:at|for) .+? as an? {_REST}", slot_values.work_as),
    _rule(rf"^My (?:full |real |first )?name is {_NAME}\b", slot_values.name),
    _rule(rf"^(?:My friends c|[Cc])all me {_NAME}\b", slot_values.name),
    _rule(
        r"^I am (?:now |currently |only |already )?(?P<value>\d{1,3})(?: years? old| y/?o\b"
        r"|-year-old|$|,| and\b)",
        slot_values.age,
    ),
    _rule(
        r"^I (?:have )?(?:just |recently )?turned (?P<value>\d{1,3})\b(?! (?:in|off|on|down"
        r"|\w+s)\b)",
        slot_values.age,
    ),
    _rule(
        rf"{_AM}(?P<value>married|engaged|divorced|widowed|single|in a relationship)"
        r"(?:$|[,.!]| to (?!my (?:job|work)|the\b|a\b)(?:[A-Z]|my)| and\b| with (?:one|two|three"
        r"|kids|children)| any more$)",
        slot_values.marital,
    ),
    _rule(
        r"^(?:[Ii]|[Ww]e) (?:have )?(?:just |recently |finally )?got (?P<value>married|engaged"
        r"|divorced)\b(?! in a| up)",
        slot_values.marital,
    ),
    _rule(
        r"^My (?:new |work |personal )?e-?mail(?: address)? is (?P<value>[\w.+-]+@[\w-]+\.[\w.-]+)",
        slot_values.contact("email"),
    ),
    _rule(
        r"^My (?:new )?(?:phone|mobile|cell|telephone)(?: phone)?(?: number)? is"
        r" (?P<value>\+?\d[\d ()-]{5,18}\d)",
        slot_values.contact("phone"),
    ),
    _rule(
        r"^My (?:all-time |absolute |current |new ){0,4}(?:favou?rite|fav"
        r"|fave) (?P<thing>[a-z][\w-]*(?: [a-z][\w-]*){0,2}?)"
        r" (?:is|are|has to be|would be|has always been) (?P<value>.+)$",
        slot_values.favourite,
    ),
    _rule(
        rf"\b[Mm]y (?!other|second|two)(?:new |old |little |rescue ){{0,4}}(?P<pet>{_PET})(?:'s name is"
        rf"| is (?:named|called)|,? named|,? called|,) {_NAME}",
        slot_values.pet,
    ),
    _rule(
        rf"^(?:[Ii]|[Ww]e) (?:have|own|got|adopted) an? (?:[\w-]+ ){{0,3}}?(?P<pet>{_PET}),? (?:named"
        rf"|called) {_NAME}",
        slot_values.pet,
    ),
    _rule(
        rf"\b[Mm]y (?P<relation>{_RELATION})(?:'s name is| is (?:named|called)|,? named|,? called"
        rf"|,)? {_NAME}",
        slot_values.relation,
    ),
    _rule(
        rf"(?:{_AM}|^I (?:have )?{_ADV}(?:became|went|turned|gone) )(?:an? )?(?P<value>vegan"
        rf"|vegetarian|pescatarian|gluten-free)\b(?!-)(?! \w*(?:curious|friendly))",
        slot_values.diet,
    ),
    _rule(
        rf"{_AM}(?:(?:severely|highly|deathly|mildly|extremely) )?allergic to {_REST}", slot_values.allergy
    ),
    _rule(rf"^I {_NEG}have (?:an? |any )?(?:[\w-]+ )??allerg(?:y|ies) to {_REST}", slot_values.allergy),
    _rule(
        rf"^I {_NEG}have an? (?:severe |serious |mild |bad "
        rf"|deadly ){{0,4}}(?P<value>[a-z]+(?: nut)?) allergy\b",
        slot_values.allergy_noun,
    ),
    _rule(rf"{_AM}(?P<value>lactose|gluten)[ -]intolerant\b", slot_values.allergy_noun),
    _rule(
        rf"^I {_ADV}(?P<neg>do not|cannot|no longer|never) {_ADV}(?P<verb>eat) {_REST}", slot_values.eating
    ),
    _rule(
        rf"^I {_NEG}(?P<verb>love|like|enjoy|adore|prefer|hate|dislike|detest|stand"
        rf"|despise) {_REST}",
        slot_values.liking,
    ),
    _rule(
        rf"{_AM}(?:an? )?(?:big |huge |massive |great ){{0,4}}(?P<verb>fan) of {_REST}", slot_values.liking
    ),
    _rule(
        rf"{_AM}(?:(?:big|super|heavily) )?(?P<verb>into|obsessed with|fond of|passionate about) {_REST}",
        slot_values.liking,
    ),
    _rule(
        rf"^I {_NEG}(?:speak|am fluent in) (?:\w+ly |some |a little |a bit of )?{_REST}", slot_values.speaks
    ),
    _rule(rf"{_AM}fluent in {_REST}", slot_values.speaks),
    _rule(rf"^I {_NEG}play (?:the |some )?{_REST}", slot_values.plays),
    _rule(
        rf"^(?:[Ii]|[Ww]e) {_NEG}(?:have|own|have got) {slot_values.COUNT} {slot_values.THING}"
        r"(?=$|[,.!]| (?:and|with|who|named|called|that|at|in|to|which|aged|now)\b)",
        slot_values.owns,
    ),
    _rule(
        rf"^I {_NEG}have (?:severe |mild |chronic |type [12] )?(?P<value>(?i:{_CONDITION}))\b"
        r"(?! (?:about|over|when|to))",
        slot_values.condition,
    ),
    _rule(r"^My time ?zone is (?P<value>.+)$", slot_values.timezone),
    _rule(
        r"^I am (?:in|on) (?:the )?(?P<value>[A-Z]{2,4}(?:[+-]\d{1,2})?"
        r"|[A-Z][a-z]+)(?: time)? time ?zone\b",
        slot_values.timezone,
    ),
)
