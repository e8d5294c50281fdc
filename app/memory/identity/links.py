"""Finds sentences and slots that say that two names mean one ("my sister Eva", "Eva is my sister")."""

import re
from collections.abc import Iterator

from app.memory.identity.attribute_names import fold_text
from app.memory.identity.subjects import ACCOUNT, LINKED_ROLES, Identities, fold_subject, is_role
from app.memory.text.word_lists import MONTHS_AND_DAYS
from app.memory.types import Fact, Slot

_NAME = r"(?P<name>[A-ZÀ-ÖØ-Þ][\w'’-]*\w(?: [A-ZÀ-ÖØ-Þ][\w'’-]*\w)?)"
_SPOKEN_ROLES = "|".join(
    sorted((role for role in (*LINKED_ROLES, "mum", "mom", "dad", "grandma", "grandpa", "grandad", "granny",
                              "fiance", "fiancee", "fiancé", "nan")), key=len, reverse=True)
)  # fmt: skip
_ROLE = rf"(?:(?:older|younger|elder|little|big|twin|new|old|late|rescue) )?(?P<role>{_SPOKEN_ROLES})"
_WHOSE = r"(?P<whose>[Mm]y|[Tt]he user's|[Uu]ser's|[A-ZÀ-ÖØ-Þ][\w-]*(?: [A-ZÀ-ÖØ-Þ][\w-]*)?(?:'s|s'))"
_LINKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_WHOSE} {_ROLE}(?:,? (?:named|called)|'s name is| is (?:called|named)|,)? {_NAME}"
        r"(?=[\s,.;:!?)]|$)",
        rf"(?:^|[.;!?] ){_NAME}(?: is|,) {_WHOSE} {_ROLE}\b(?! (?:[A-Z]|and\b))(?!'s|’s)",
    )
)
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_NO_NAMES = MONTHS_AND_DAYS | {
    "i",
    "i'm",
    "and",
    "the",
    "but",
    "he",
    "she",
    "they",
    "we",
    "it",
    "who",
    "is",
    "has",
}


def find_links(fact: Fact, slot: Slot | None, identities: Identities) -> Iterator[tuple[str, str]]:
    """Yield (alias, name) of each pair of names that a statement says to mean one and that is not known yet.

    `slot` is the statement's slot with its canonical subject.
    """
    for alias, name in find_names(fact, slot, identities):
        if identities.is_unlinked(alias, name):
            yield alias, name


def find_names(fact: Fact, slot: Slot | None, identities: Identities) -> Iterator[tuple[str, str]]:
    """Yield (alias, name) of each pair that a statement says to mean one; a denial says nothing."""
    if fact.polarity < 0:
        return
    if slot is not None and slot.attribute in ("name", "nickname"):
        name = fold_subject(slot.value)
        if name and not is_role(name) and slot.subject != name and not name[:1].isdigit():
            yield (name, ACCOUNT) if slot.subject == ACCOUNT else (slot.subject, name)
    text = fact.content.replace("’", "'")
    for pattern in _LINKS:
        for match in pattern.finditer(text):
            name = fold_subject(match["name"])
            if name.split()[0] in _NO_NAMES or is_role(name) or identities.is_account(name):
                continue
            alias = identities.name_possessed(fold_text(match["whose"]), match["role"])
            if alias != ACCOUNT:
                yield alias, name


def is_told_by_alias(content: str, alias: str, name: str) -> bool:
    """Whether a sentence calls its subject by an alias ("my dog") and nowhere by its name."""
    words = {fold_subject(word) for word in _WORD.findall(fold_text(content.replace("’", "'")))}
    called = fold_subject(alias.rpartition("'s ")[2]).split()
    return words.issuperset(called) and words.isdisjoint(name.split())
