"""Forms of English verbs and names in the third person."""

import re

from app.memory.text.word_lists import IRREGULAR_PAST

_CONTRACTIONS = (
    (re.compile(r"\b([Ii])'m\b"), r"\1 am"),
    (re.compile(r"\b([Ii]|[Ww]e)'ve\b"), r"\1 have"),
    (re.compile(r"\b([Ii]|[Ww]e)'ll\b"), r"\1 will"),
    (re.compile(r"\b([Ii]|[Ww]e)'d\b"), r"\1 would"),
    (re.compile(r"\b([Ww]e)'re\b"), r"\1 are"),
    (re.compile(r"\bcan't\b"), "cannot"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\b(do|did|have|had|was|were|is|are|does|has|would|could|should)n't\b"), r"\1 not"),
    (re.compile(r"\b([Gg])onna\b"), r"\1oing to"),
    (re.compile(r"\bgotta\b"), "have to"),
    (re.compile(r"\banymore\b"), "any more"),
)
_IRREGULAR_VERBS = {"am": "is", "have": "has", "do": "does", "go": "goes", "are": "is", "were": "was"}
_INVARIANT_VERBS = frozenset(
    [
        "will",
        "would",
        "can",
        "could",
        "should",
        "might",
        "must",
        "may",
        "cannot",
        "was",
        "had",
        "did",
        "has",
        "is",
        "ought",
        "used",
        "got",
        "put",
        "cut",
        "quit",
    ]
)


def expand_contractions(text: str) -> str:
    """Expand contractions of the first person and of negations: "I'm" -> "I am"."""
    for pattern, expansion in _CONTRACTIONS:
        text = pattern.sub(expansion, text)
    return text


def possessive_form(name: str) -> str:
    """The possessive of a name: "Ann's"; "Ann and others'"."""
    return f"{name}'" if name.endswith("others") else f"{name}'s"


def conjugate_third_person(verb: str) -> str:
    """The third person singular of a first-person verb; past forms and modals stay as they are."""
    if verb in _IRREGULAR_VERBS:
        return _IRREGULAR_VERBS[verb]
    if verb in _INVARIANT_VERBS or is_past_tense(verb):
        return verb
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def is_past_tense(verb: str) -> bool:
    """Whether the word is a simple past form ("read" and "put" count as past)."""
    return verb in IRREGULAR_PAST or (len(verb) > 3 and verb.endswith("ed") and not verb.endswith("eed"))
