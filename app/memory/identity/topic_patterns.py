"""Compiles the phrases by which a sentence is about an attribute."""

import re

from app.memory.text.word_lists import OCCUPATIONS

_NAMED_JOBS = OCCUPATIONS - {"model", "cook", "principal"}
_MACROS = {
    "_det": r"(?:my|our|your|his|her|its|their|the|a|an|this|that|\w+'s)",
    "_occupation": "(?:" + "|".join(sorted(_NAMED_JOBS, key=len, reverse=True)) + ")",
}
_GAP = r"(?:[\w'-]+\s+){0,3}?"


def _inflect(verb: str) -> str:
    if verb.endswith("e"):
        return rf"{verb[:-1]}(?:e|es|ed|ing)"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return rf"{verb[:-1]}(?:y|ies|ied|ying)"
    return rf"{verb}(?:s|es|ed|ing|{verb[-1]}ed|{verb[-1]}ing)?"


def _compile_word(part: str) -> str:
    options = []
    for option in part.split("|"):
        if option in _MACROS:
            options.append(_MACROS[option])
        elif option.endswith("!"):
            options.append(_inflect(option[:-1]))
        elif option.endswith("%"):
            options.append(
                rf"{re.escape(option[:-1])}(?:s|es)?" if option[:-1].isalpha() else f"{option[:-1]}s?"
            )
        else:
            options.append(option)
    return options[0] if len(options) == 1 else f"(?:{'|'.join(options)})"


def _compile_phrase(phrase: str) -> str:
    """The regular expression of a phrase; the parts after "/" are one already."""
    words, slash, raw = (
        phrase.partition("/") if phrase.startswith("/") or " /" in phrase else (phrase, "", "")
    )
    pattern = ""
    for word in words.split():
        pattern += _GAP if word == ".." else _compile_word(word) + r"\s+"
    if slash:
        for name, macro in _MACROS.items():
            raw = raw.replace(name, macro)
        return pattern + raw.replace(".. ", _GAP)
    return pattern.removesuffix(r"\s+")


def compile_topic(phrases: frozenset[str]) -> re.Pattern[str]:
    """The regular expression that any of the phrases matches, in a text in lower case with single spaces."""
    options = "|".join(sorted(map(_compile_phrase, phrases)))
    return re.compile(rf"(?<![\w-])(?:{options})(?!\w)")
