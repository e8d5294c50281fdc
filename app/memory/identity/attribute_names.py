"""Normalises the free names that clients and models give to attributes."""

import re
import unicodedata

from app.memory.text.word_sets import word_set

# Words that say when, whose or that; they tell nothing about which property it is.
_PREFIXES = word_set(
    """
    current currently new newest my our his her their your user users users' latest present now is are
    has have had having the a an main primary own owns usual regular actual speaker speakers self person
    persons recent updated still also
    """
)
_SUFFIXES = word_set(
    """
    name names now currently currently info information details detail value at current status today
    date is are by of in to for with this_year this_month this_week last_year last_month so_far
    description new
    """
)
_YEAR = re.compile(r"_(?:in_)?(?:19|20)\d\d(?=_|$)|^(?:19|20)\d\d_")
_PERIOD = re.compile(r"_(?:this|last|per|so)_(?:year|month|week|far|day|date)$|_to_date$|_ytd$")
MAX_NAME_CHARS = 200
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\W_]+")
_AMERICAN = {
    "favorite": "favourite", "fav": "favourite", "fave": "favourite", "favorites": "favourites",
    "color": "colour", "neighborhood": "neighbourhood", "neighbor": "neighbour",
    "organization": "organisation", "counselor": "counsellor", "specialization": "specialisation",
    "specialty": "speciality", "grey": "gray", "practice": "practise", "license": "licence",
    "traveling": "travelling", "traveled": "travelled", "pediatrician": "paediatrician",
    "organizer": "organiser",
}  # fmt: skip
_IRREGULAR_PLURALS = {
    "children": "child", "kids": "kid", "people": "person", "wives": "wife", "hobbies": "hobby",
    "allergies": "allergy", "series": "series", "news": "news", "feet": "foot", "babies": "baby",
    "studies": "studies", "lives": "lives", "glasses": "glasses", "gas": "gas", "status": "status",
    "bus": "bus", "os": "os", "plus": "plus", "is": "is", "address": "address", "illness": "illness",
    "business": "business", "class": "class", "boss": "boss", "dress": "dress", "its": "its",
    "this": "this", "has": "has", "was": "was", "ids": "id", "puppies": "puppy",
    "diagnoses": "diagnosis", "diagnosis": "diagnosis", "tennis": "tennis", "fitness": "fitness",
    "canvas": "canvas", "movies": "movie", "pies": "pie", "cookies": "cookie", "lens": "lens",
    "chess": "chess",
}  # fmt: skip


def fold_text(value: str) -> str:
    """The value without case, width, marks around it and doubled spaces; letters keep their accents."""
    text = unicodedata.normalize("NFKC", value).casefold()
    text = text.translate(
        {0x200B: None, 0x200C: None, 0x200D: None, 0xFEFF: None, 0xAD: None, 0x2019: "'", 0x2018: "'"}
    )
    text = re.sub(r"[*_`~]{1,3}(?=\S)(.+?)(?<=\S)[*_`~]{1,3}", r"\1", text)
    return " ".join(text.split()).strip(" .,;:!?\"'“”«»()[]")


def fold_name(name: str) -> str:
    """The name in lower-case words joined by underscores, in British spelling; ":" stays."""
    text = unicodedata.normalize("NFKC", name[:MAX_NAME_CHARS])
    text = (
        _CAMEL.sub("_", text).casefold().replace("'s", "").replace("’s", "").replace("'", "").replace("’", "")
    )
    parts = (_NOT_WORD.sub("_", part).strip("_") for part in text.split(":"))
    return ":".join("_".join(_AMERICAN.get(word, word) for word in part.split("_")) for part in parts).strip(
        ":"
    )


def split_name(name: str) -> tuple[str, str]:
    """The folded name of the property, and which of several it is: what stands behind the colon, or ""."""
    base, _, item = name.strip().partition(":")
    if fold_name(base) == "relation" and item:
        base, _, item = item.partition(":")
    return fold_name(base), " ".join(fold_text(item[:MAX_NAME_CHARS]).replace("_", " ").split())


def singular(word: str) -> str:
    """The singular of an English noun; other words stay as they are."""
    if word in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[word]
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def name_variants(folded: str) -> list[str]:
    """The folded name and what is left of it without words that do not tell the property, longest first.

    Each is followed by the form with its last word, then with all its words in the singular.
    """
    variants: dict[str, None] = {}
    name = folded
    while name:
        for form in (name, _singular_last(name), "_".join(map(singular, name.split("_")))):
            variants.setdefault(form)
        shorter = _strip_affix(name)
        if shorter == name:
            break
        name = shorter
    return list(variants)


def bare_name(folded: str) -> str:
    """What is left of a folded name without words that do not tell the property."""
    while (shorter := _strip_affix(folded)) != folded:
        folded = shorter
    return folded


def _singular_last(name: str) -> str:
    head, _, last = name.rpartition("_")
    return f"{head}_{singular(last)}" if head else singular(last)


def _strip_affix(name: str) -> str:
    """The name without one word before or after it that tells nothing; the name itself if there is none."""
    for pattern in (_YEAR, _PERIOD):
        stripped = pattern.sub("", name, count=1).strip("_")
        if stripped and stripped != name:
            return stripped
    first, _, rest = name.partition("_")
    if rest and first in _PREFIXES:
        return rest
    head, _, last = name.rpartition("_")
    return head if head and last in _SUFFIXES else name
