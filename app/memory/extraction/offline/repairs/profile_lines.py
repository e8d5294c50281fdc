"""Reads what people note of themselves in labels: "Shoe size: 43" -> "My shoe size is 43"."""

import re
from collections.abc import Iterator

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.identity.attributes import find_attribute
from app.memory.text.text_edits import TextEdit
from app.memory.text.word_sets import word_set

_LABEL = re.compile(
    r"(?P<own>(?:my|our) )?(?P<label>[A-Za-z][\w'-]*"
    r"(?: (?!(?:at|of|for|with|in|is|are|was|were|has|had|makes) )[\w'-]+){0,3}?)"
    r"(?P<where> (?:at|of|for|with|in) [^:=\n]{1,30}?)?(?:\s?[:=]\s"
    r"|(?<=number) (?=\d))(?P<value>\S[^\n]{0,200})",
    re.IGNORECASE,
)
_SENTENCE_START = re.compile(r"(?:^|(?<=\n)|(?<=[.!?] ))(?=(?:my|our) )", re.IGNORECASE)
_IDENTIFIERS = word_set("number code pin password passcode id plate iban username handle contact")
# They are labels of a text, a task or a job offer as well.
_OF_OTHER_THINGS = word_set(
    "title role status position budget goal company location type event from work_from"
)
_FRAGMENT = re.compile(
    r"(?:married|engaged|divorced|single|vegan|vegetarian|retired|pregnant|allergic|born|based|originally"
    r"|left-handed|self-employed|unemployed)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:(?:an?|two|three|four|five|\d) )(?:\w+ )?(?:kids|children|sons?|daughters?|cats?|dogs?|siblings"
    r"|brothers?"
    r"|sisters?|rabbits?|horses?|parrots?)\b",
    re.IGNORECASE,
)
_OWN_VERB = re.compile(
    r"(?P<verb>lives|works|studies|likes|loves|hates|speaks|plays|owns|drinks|eats|drives)\b", re.IGNORECASE
)
_HEADER = re.compile(
    r"(?:(?:a (?:bit|little) |some (?:facts|things|notes) )?about me|me|my (?:profile|details|data))\s*:?$",
    re.IGNORECASE,
)
_CLAUSE_OF_NAMED = re.compile(r"(?P<name>[A-Z][\w'-]+) (?:is|was|has|[a-z]{2,}(?:s|ed))\b")
_SINGULARS = {"kids": "kid", "children": "child", "wives": "wife", "people": "person"}
_SINGULAR_S = ("ss", "us", "is")


def find_profile_edits(text: str) -> Iterator[TextEdit]:
    """Yield the edits that make sentences of what is noted with a label, if it is the speaker's own.

    It is where it says "my", and where a turn consists of nothing but such labels.
    """
    if ":" not in text and "=" not in text and "number " not in text:
        return
    lines = list(_find_lines(text))
    if _is_profile(text, lines):
        for start, end in lines:
            yield from _write_line(text, start, end)
        return
    for match in _SENTENCE_START.finditer(text):
        found = _LABEL.match(text, match.start())
        if found is not None and not _SPEAKS.search(found["value"]) and _is_personal(found):
            yield from _write_label(found)


def _find_lines(text: str) -> Iterator[tuple[int, int]]:
    for match in re.finditer(r"[^\n]+", text):
        mark = re.match(r"[ \t]*(?:[-*•+]|\d{1,2}[.)])?[ \t]*", match[0])
        yield match.start() + (mark.end() if mark else 0), match.start() + len(match[0].rstrip(" .,;"))


def _is_profile(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether a turn is made of labels of a person, without a name: a form with a name may be anybody's."""
    labels = 0
    for start, end in lines:
        line = text[start:end]
        found = _LABEL.fullmatch(line)
        if found is not None and not _SPEAKS.search(found["value"]) and _is_personal(found):
            labels += 1
        elif not (
            _HEADER.match(line)
            or ((_FRAGMENT.match(line) or _COUNTED.match(line) or _OWN_VERB.match(line)) and len(lines) > 1)
        ):
            return False
    return labels > 0


# A value that speaks is what somebody said: "Mum: I'm at the station".
_SPEAKS = re.compile(r"\b(?:I|I'm|I've|you|we|please|must|should|will)\b", re.IGNORECASE)


def _is_personal(found: re.Match[str]) -> bool:
    label = found["label"].lower()
    attribute = find_attribute(label)
    if found["own"]:
        return attribute is not None or label.split()[-1] in _IDENTIFIERS
    if attribute is not None and attribute.name == "name":
        return False
    is_known = attribute is not None and label not in _OF_OTHER_THINGS
    is_identifier = label.split()[-1] in _IDENTIFIERS and re.search(r"\d", found["value"]) is not None
    return is_known or is_identifier


def _write_line(text: str, start: int, end: int) -> Iterator[TextEdit]:
    found = _LABEL.fullmatch(text, start, end)
    if found is not None:
        yield from _write_label(found)
        return
    verb = _OWN_VERB.match(text, start, end)
    if verb is not None:
        word = verb["verb"].lower()
        yield TextEdit(start, verb.end(), f"I {'study' if word == 'studies' else word[:-1]}")
    elif _COUNTED.match(text, start, end):
        yield TextEdit(start, start + 1, f"I have {text[start].lower()}")


def _write_label(found: re.Match[str]) -> Iterator[TextEdit]:
    label, value = found["label"], found["value"]
    start, stop, begin = (
        found.start("label"),
        found.end("where" if found["where"] else "label"),
        found.start("value"),
    )
    named = list(_CLAUSE_OF_NAMED.finditer(value))
    last = label.split()[-1].lower()
    singular = _SINGULARS.get(last) or last.removesuffix("s")
    if named and singular in RELATION_NOUNS | {"person"} and named[0].start() == 0:
        # The tagger knows this form; "my flatmate Anouk studies law" is a row of nouns to it.
        yield TextEdit(
            found.start(), begin + named[0].end("name"), f"One of my {last} is {named[0]['name']}, who"
        )
        for match in named[1:]:
            joined = re.search(r"(?:, and |,? and |[,;] )$", value[: match.start()])
            if joined is not None:
                first, stop = begin + joined.start(), begin + match.end("name")
                yield TextEdit(first, stop, f". One of my {last} is {match['name']}, who")
        return
    is_plural = last.endswith("s") and not last.endswith(_SINGULAR_S)
    if not found["own"]:
        small = label[1:2].islower() and "-" not in label
        yield TextEdit(start, start + 1, f"My {label[0].lower() if small else label[0]}")
    yield TextEdit(stop, begin, " are " if is_plural or last in ("people", "children") else " is ")
