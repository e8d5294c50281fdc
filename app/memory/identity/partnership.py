"""How far two partners are: dating, engaged, married. The same partner at another stage is news."""

import re

from app.core.text_caches import text_cache

PARTNERSHIP_ATTRIBUTES = frozenset({"partner", "relationship_status", "relation:partner"})
_STAGES = {
    "dating": r"dating|dates|dated|boyfriend|girlfriend|going (?:out|steady) with"
    r"|seeing (?:each other|someone)|is seeing|an item|courting",
    "engaged": r"engaged(?! in\b)|engagement|fianc[eé]e?s?|betrothed|propos(?:ed|al)|bride-to-be|groom-to-be"
    r"|husband-to-be|wife-to-be|(?:getting|get|be) married|(?:will|to) marry",
    "married": r"(?<!getting )(?<!get )(?<!be )married|husband(?!-to-be)|wife(?!-to-be)|spouse"
    r"|wedded|wed(?=\s)|tied the knot|newlyweds?|civil partner(?:ship|s)?",
}
_PATTERNS = {stage: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for stage, words in _STAGES.items()}


@text_cache()
def partnership_stages(text: str) -> frozenset[str]:
    """The stages of which an English sentence speaks; none if it only says who the partner is."""
    return frozenset(stage for stage, pattern in _PATTERNS.items() if pattern.search(text))


def differ_in_stage(attribute: str, left: str, right: str) -> bool:
    """Whether two sentences about a partnership tell different stages of it."""
    if attribute not in PARTNERSHIP_ATTRIBUTES:
        return False
    first, second = partnership_stages(left), partnership_stages(right)
    return bool(first and second) and first.isdisjoint(second)
