"""Relatives of a further degree: "great-aunt", "mother-in-law" and "step-dad" are relations of their own."""

import re
from collections.abc import Iterator

from app.core.text_caches import text_cache
from app.memory.text.word_sets import word_set

_PREFIXES = ("great-", "step-", "half-", "foster-", "god-", "ex-")
_SUFFIXES = ("-in-law", "-to-be")
_KIN = word_set(
    """
    mother father mum mom dad brother sister son daughter child children aunt auntie uncle niece nephew cousin
    parent wife husband girlfriend boyfriend partner grandmother grandfather grandma grandpa grandson
    granddaughter grandchild grandparent nan gran sibling
    """
)
_ANY = rf"(?:{'|'.join(sorted(_KIN))})s?"
_COMPOUND = re.compile(
    rf"(?i)(?<![\w-])(?:(?:great-)+{_ANY}|(?:step|half|foster|god|ex)-{_ANY}|{_ANY}-(?:in-law|to-be))(?![\w-])"
)
_DEGREE = re.compile(rf"\A(?:{'|'.join(_PREFIXES)})+|(?:{'|'.join(_SUFFIXES)})+\Z")
JOINT = "\u2011"  # a hyphen at which no parser cuts


def join_compounds(text: str) -> str:
    """The text, at its old length, with hyphens in such names of relatives that keep each one word."""
    if "-" not in text:
        return text
    return _COMPOUND.sub(lambda match: match[0].replace("-", JOINT), text)


def joined_compounds() -> Iterator[tuple[str, str]]:
    """Yield (name of a further relative, joined; the nearest relation), in lower case and capitalised."""
    for kin in sorted(_KIN):
        for word in (
            *(f"{p}{kin}" for p in _PREFIXES),
            f"great-great-{kin}",
            *(f"{kin}{s}" for s in _SUFFIXES),
        ):
            joined = word.replace("-", JOINT)
            yield joined, kin
            yield joined.capitalize(), kin


@text_cache(5_000)
def nearest_relation(word: str) -> str:
    """The relation without what makes it one of a further degree ("aunt" of "great-aunt")."""
    while (degree := _DEGREE.search(word)) is not None:
        word = word[: degree.start()] + word[degree.end() :]
    return word
