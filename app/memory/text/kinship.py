"""Relatives of a further degree: "great-aunt", "mother-in-law" and "step-dad" are relations of their own."""

import re
from functools import lru_cache

_PREFIXES = ("great-", "step-", "half-", "foster-", "god-", "ex-")
_SUFFIXES = ("-in-law", "-to-be")
_KIN = (
    r"(?:mother|father|mum|mom|dad|brother|sister|son|daughter|child|children|aunt|auntie|uncle|niece|nephew"
    r"|cousin|parent|wife|husband|girlfriend|boyfriend|partner|grand(?:mother|father|ma|pa|son|daughter|child"
    r"|parent)s?|nan|gran|sibling)s?"
)
_COMPOUND = re.compile(
    rf"(?i)(?<![\w-])(?:(?:great-)+{_KIN}|(?:step|half|foster|god|ex)-{_KIN}|{_KIN}-(?:in-law|to-be))(?![\w-])"
)
JOINT = "\u2011"  # a hyphen at which no parser cuts


def join_compounds(text: str) -> str:
    """The text, at its old length, with hyphens in such names of relatives that keep each one word."""
    if "-" not in text:
        return text
    return _COMPOUND.sub(lambda match: match[0].replace("-", JOINT), text)


@lru_cache(maxsize=5_000)
def nearest_relation(word: str) -> str:
    """The relation without what makes it one of a further degree ("aunt" of "great-aunt")."""
    for prefix in _PREFIXES:
        if word.startswith(prefix):
            return nearest_relation(word.removeprefix(prefix))
    for suffix in _SUFFIXES:
        if word.endswith(suffix):
            return nearest_relation(word.removesuffix(suffix))
    return word
