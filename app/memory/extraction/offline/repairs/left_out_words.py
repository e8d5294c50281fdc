"""Writes out what a list leaves out: "Mum drives a Corsa, dad a Berlingo" -> "... Dad drives a Berlingo".

Each item of such a list is a statement about somebody else, and has to stand alone when one of them changes.
"""

import re
from collections.abc import Iterator

from app.memory.extraction.offline.grammar.third_person import conjugate_third_person
from app.memory.text.limits import MAX_CHARS_READ
from app.memory.text.text_edits import TextEdit

_KIN = (
    r"(?:mum|mom|dad|mother|father|brother|sister|son|daughter|wife|husband|partner|boyfriend|girlfriend|gran"
    r"|grandma|grandpa|uncle|aunt|cousin|flatmate|roommate|housemate|colleague|neighbou?r|friend|boss|twin"
    r"|nephew|niece|grandson|granddaughter|kid|child)"
)
_NAME = r"(?-i:[A-Z][a-z][\w'-]*)"
_WHO = rf"(?:(?:my|our|his|her) (?:(?:older|younger|little|big|twin) )?{_KIN}(?: {_NAME})?|{_KIN}|{_NAME}|i)"
_VERB = (
    r"(?P<verb>(?:drive|ride|have|play|stud[iy]|teache?|speak|support|eat|drink|wear|like|love|prefer|use|take"
    r"|own|want|collect|bake|cook|grow|coach)(?:s|es)?|has)"
)
_VERB_WITH = r"(?P<verb>(?:goe?|live|work|stay|train|sleep|sit|play|stud[iy]|teache?|bank)(?:s|es)?)"
_STATES = r"(?:lives|works|studies|drives|has|plays|goes|teaches|rides|moved|runs|owns|speaks|stays)"
_LINK = r"(?:to|in|at|on|with|for|near)"
_END = r"(?=\s*(?:[.!?;\n]|$|,? (?:so|but|because|which|while)\b))"
_WORDS = r"(?:[\w'&-]+)(?: [\w'&-]+){0,4}?"
# "Mum drives a Corsa, dad a Berlingo": the second has the verb of the first.
_GAPPED = re.compile(
    rf"\b{_WHO} {_VERB} (?:an? |the )?{_WORDS}(?P<cut>,? and |, |; )(?P<who>{_WHO})(?P<gap>,? )"
    rf"(?=(?:an?|the) {_WORDS}{_END})",
    re.IGNORECASE,
)
_GAPPED_LINK = re.compile(
    rf"\b{_WHO} {_VERB_WITH} {_LINK} {_WORDS}(?P<cut>,? and |, |; )(?P<who>{_WHO})(?P<gap>,? )"
    rf"(?={_LINK} {_WORDS}{_END})",
    re.IGNORECASE,
)
# "The twins go to different schools, Mia to Birch Lane and Leo to Ash Grove".
_SHARED_OUT = re.compile(
    rf"\b(?P<verb>go|live|work|stay|train|study|play|bank) {_LINK} (?:different|separate|other) [\w'-]+"
    rf"(?P<cut>[,:;] )(?P<one>{_NAME})(?P<gap> )(?={_LINK} )(?P<first>{_LINK} {_WORDS})(?P<cut2>,? and |, )"
    rf"(?P<two>{_NAME})(?P<gap2> )(?={_LINK} {_WORDS}{_END})",
    re.IGNORECASE,
)
# "My flatmates: Anouk studies law, Bram studies physics".
_LISTED = re.compile(
    rf"(?P<head>\b(?P<whose>my|our) (?P<kin>{_KIN})s(?P<colon>:| -) )"
    rf"(?P<one>{_NAME}) (?!and\b)[a-z][\w'-]* [^,;:.!?\n]{{1,60}}?"
    rf"(?P<cut>(?:,|;)? and |[,;] )(?P<two>{_NAME}) "
    r"(?=(?!and\b)[a-z])",
    re.IGNORECASE,
)
# The tagger takes the verb of "Anouk studies law" for a noun.
_STUDIES = re.compile(
    rf"(?:^|(?<=[.!?;] )|(?<=\n)|(?<= and ))(?:(?:my|our) (?:\w+ )?{_KIN} )?{_NAME} (?P<verb>studies)"
    r"(?= (?!show|suggest|say|find|have|are|were|and|of|at|in)[a-z])",
    re.IGNORECASE,
)
# "My own place! It's in Bath", "New topic for the thesis: it's about bees": the fragment has the name.
_NAMED_BEFORE = re.compile(
    r"\b(?P<np>(?:my|our) (?:(?:own|new|first|very|next) ){0,3}[a-z][\w-]+)"
    r"(?: (?:at last|finally|again|today))? ?[!.:]+ (?P<it>it)"
    r"(?=(?:'s|\u2019s| is) (?:in|at|on|about|called|a|an|near|by|with)\b)",
    re.IGNORECASE,
)
_NAMED_FOR = re.compile(
    r"\bnew (?:[a-z-]+ )?(?:topic|title|theme|subject|name|venue|date|time|place|plan|deadline|version"
    r"|design) (?:for|of) (?P<np>(?:the|my|our) [a-z][\w-]+) ?[:!.] (?P<it>it)(?=(?:'s|\u2019s| is) )",
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[,;:!.]| and |studies|\?|[Tt]he new |[Mm]eet my ")


def find_left_out(text: str) -> list[TextEdit]:
    """The edits that give each item of a list what it shares with the one before, as a sentence."""
    if _SIGNS.search(text, 0, MAX_CHARS_READ) is None:
        return []
    found: list[TextEdit] = []
    for edits in (_find_listed(text), _find_shared_out(text), _find_gapped(text)):
        for edit in edits:
            if not any(edit.start < one.end and one.start < edit.end for one in found):
                found.append(edit)
    return sorted(found)


def _find_gapped(text: str) -> Iterator[TextEdit]:
    for pattern in (_GAPPED, _GAPPED_LINK):
        for match in pattern.finditer(text, 0, MAX_CHARS_READ):
            verb = match["verb"]
            if match["who"].lower() == "i":
                verb = _base(verb)
            elif verb == _base(verb) and verb.lower() != "has":
                verb = conjugate_third_person(verb)
            yield TextEdit(*match.span("cut"), ". ")
            start = match.start("who")
            yield TextEdit(start, start + 1, text[start].upper())
            yield TextEdit(*match.span("gap"), f" {verb} ")


def _find_shared_out(text: str) -> Iterator[TextEdit]:
    for match in _SHARED_OUT.finditer(text, 0, MAX_CHARS_READ):
        verb = conjugate_third_person(match["verb"].lower())
        yield TextEdit(*match.span("cut"), ". ")
        yield TextEdit(*match.span("gap"), f" {verb} ")
        yield TextEdit(*match.span("cut2"), ". ")
        yield TextEdit(*match.span("gap2"), f" {verb} ")


def _find_listed(text: str) -> Iterator[TextEdit]:
    for match in _LISTED.finditer(text, 0, MAX_CHARS_READ):
        whose = match["whose"]
        yield TextEdit(*match.span("head"), f"{whose[:1].upper()}{whose[1:]} {match['kin']} ")
        yield TextEdit(*match.span("cut"), f". {whose[:1].upper()}{whose[1:]} {match['kin']} ")


# "My sister Karla lives in Bath and my brother Bo lives in Hull": two persons, two statements.
_BOTH_KIN = re.compile(
    rf"(?:^|(?<=[.!?\n] )|(?<=\n))(?:my|our) {_KIN}(?: {_NAME})? (?:is|{_STATES}) [^.!?,;:\n]{{2,50}}?"
    rf"(?P<cut>,? and |, )(?P<my>m|o)(?=(?:y|ur) {_KIN}(?: [a-z]+)? (?:is|{_STATES}) )",
    re.IGNORECASE,
)
# "Guess who got hired? Me!", "Meet my fiancé!", "The new job at Otter is great".
_GUESSED = re.compile(
    r"\b(?P<cut>guess who(?P<is>'s|\u2019s)?) (?P<told>[^?.!\n]{3,80})"
    r"(?P<end>\? ?(?:it's |yep,? |yes,? |that's )?(?:me|yours truly|this (?:girl|guy|one))\b)",
    re.IGNORECASE,
)
_MEET = re.compile(
    rf"(?:^|(?<=[.!?\n] )|(?<=\n))(?P<cut>meet my) "
    rf"(?=(?:new |lovely )?(?:{_KIN}|fianc\w+|puppy|kitten|dog|cat)\b)",
    re.IGNORECASE,
)
_THE_NEW = re.compile(
    r"(?:^|(?<=[.!?] )|(?<=\n)|(?<= and )|(?<= but ))(?P<cut>the)(?= new (?:job|boss|manager|flat|apartment"
    r"|house|place|car|school|gym|phone|laptop|bike|flatmate|role|office|dentist|doctor|landlord|landlady"
    r"|therapist|team|camera|kitten|puppy) (?:is|was|has|in|at|on)\b)",
    re.IGNORECASE,
)


def find_named(text: str) -> list[TextEdit]:
    """The edits that name what "it" is, where a fragment before names it, and that make a verb plain."""
    return sorted(_find_named(text))


def _find_named(text: str) -> Iterator[TextEdit]:
    for match in _STUDIES.finditer(text, 0, MAX_CHARS_READ):
        yield TextEdit(*match.span("verb"), "is studying")
    for match in _BOTH_KIN.finditer(text, 0, MAX_CHARS_READ):
        yield TextEdit(*match.span("cut"), ". ")
        yield TextEdit(*match.span("my"), match["my"].upper())
    for match in _GUESSED.finditer(text, 0, MAX_CHARS_READ):
        yield TextEdit(*match.span("cut"), "I'm" if match["is"] else "I")
        yield TextEdit(*match.span("end"), "")
    for match in _MEET.finditer(text, 0, MAX_CHARS_READ):
        yield TextEdit(*match.span("cut"), "I have a")
    for match in _THE_NEW.finditer(text, 0, MAX_CHARS_READ):
        yield TextEdit(*match.span("cut"), "My" if match["cut"][0] == "T" else "my")
    # Where both fit, one names it.
    named: set[int] = set()
    for pattern in (_NAMED_BEFORE, _NAMED_FOR):
        for match in pattern.finditer(text, 0, MAX_CHARS_READ):
            if match.start("it") in named:
                continue
            named.add(match.start("it"))
            it = match["it"]
            thing = match["np"].lower().replace("the ", "my ")
            yield TextEdit(*match.span("it"), f"{thing[:1].upper()}{thing[1:]}" if it[0] == "I" else thing)


def _base(verb: str) -> str:
    if verb.lower() == "has":
        return "have"
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if verb.endswith(("ches", "oes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") else verb
