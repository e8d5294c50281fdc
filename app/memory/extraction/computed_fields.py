"""Computes those fields of a model's fact that follow from its content: names, place, importance.

A model is not asked for them, as it would write, and be paid for, as many words again as the fact has.
"""

import re
from collections.abc import Iterable

from app.core.vocabulary import Kind
from app.memory.identity.attributes import find_attribute
from app.memory.text.languages import detect_language
from app.memory.text.stop_words import STOP_WORDS
from app.memory.text.word_lists import LANGUAGE_NAMES, MONTHS_AND_DAYS

MAX_ENTITIES = 12
SAFETY_IMPORTANCE, IDENTITY_IMPORTANCE, TASTE_IMPORTANCE, DEFAULT_IMPORTANCE = 0.9, 0.7, 0.5, 0.3
_SAFETY = frozenset(
    """
    allergy intolerance medication medicine health health_condition condition diagnosis illness disease
    blood_type disability diet emergency_contact
    """.split()  # noqa: SIM905 - words are read more easily than a list of literals
)
_IDENTITY = frozenset(
    """
    name nickname age birthday date_of_birth gender pronouns nationality origin residence address employer
    occupation job_title relationship_status marital_status spouse partner child number_of_children parent
    relation phone email pet native_language religion
    """.split()  # noqa: SIM905
)
_IMPORTANCE_BY_KIND = {
    Kind.PREFERENCE: TASTE_IMPORTANCE,
    Kind.PROCEDURE: IDENTITY_IMPORTANCE,
    Kind.EXAMPLE: TASTE_IMPORTANCE,
}
_WORD = re.compile(r"[^\W_][\w'’&-]*")
_PLACE = re.compile(r"\b(?:in|near|en|à) (?:the )?(?P<name>[^\W\d_a-z][\w'’-]*(?: [^\W\d_a-z][\w'’-]*)*)")
_TITLES = frozenset(["St", "Dr", "Mr", "Mrs", "Ms", "Mt", "Prof"])
_CAPITALISES_NOUNS = frozenset(["german"])


def compute_entities(content: str, known_names: Iterable[str | None]) -> tuple[str, ...]:
    """The names in a content: runs of capitalised words, and those of `known_names` that stand in it.

    The first word is a name only if it is known or another one follows: every sentence begins with a capital.
    German capitalises every noun; of a German content the known names count.
    """
    known = [name for name in known_names if name and name[0].isupper() and name in content]
    if detect_language(content.lower().split()) in _CAPITALISES_NOUNS:
        return tuple(dict.fromkeys(known))[:MAX_ENTITIES]
    runs: list[list[str]] = []
    end = len(content)
    for match in _WORD.finditer(content):
        word = _strip_possessive(match[0])
        if not word[0].isupper() or _is_no_name(word):
            continue
        if runs and content[end : match.start()] == (". " if runs[-1][-1] in _TITLES else " "):
            runs[-1].append(word)
        elif match.start() > 0 or any(name.split()[0] == word for name in known) or _is_before_name(match):
            runs.append([word])
        else:
            continue
        end = match.end() if word == match[0] else len(content)
    return tuple(dict.fromkeys([*known, *(" ".join(run) for run in runs)]))[:MAX_ENTITIES]


def compute_place(content: str) -> str | None:
    """The first place that a content names with a preposition; None if there is none."""
    names = (_strip_possessive(match["name"]) for match in _PLACE.finditer(content))
    return next((name for name in names if not _is_no_name(name.split()[0])), None)


def compute_importance(kind: Kind, attribute: str | None, *, dated: bool) -> float:
    """How much a fact changes a life, in [0, 1], by what it is about."""
    base = (attribute or "").partition(":")[0]
    spec = find_attribute(base) if base else None
    name = spec.name if spec is not None else base
    if name in _SAFETY:
        return SAFETY_IMPORTANCE
    if name in _IDENTITY:
        return IDENTITY_IMPORTANCE
    return _IMPORTANCE_BY_KIND.get(kind, TASTE_IMPORTANCE if base or dated else DEFAULT_IMPORTANCE)


def _is_before_name(first: re.Match[str]) -> bool:
    following = _WORD.match(first.string, first.end() + 1)
    return following is not None and following[0][0].isupper() and not _is_no_name(following[0])


def _is_no_name(word: str) -> bool:
    lower = word.lower()
    return lower in MONTHS_AND_DAYS or lower in LANGUAGE_NAMES or lower in STOP_WORDS or lower == "i"


def _strip_possessive(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)
