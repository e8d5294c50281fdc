"""What a described thing is ("my vet is Dr. Lind", "the thesis is about bees now"), and what a person is."""

import re
from collections.abc import Iterator

from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.states.clauses import Clause, is_unreal
from app.memory.reconciliation.states.holders import NOBODY, read_holder, read_owner
from app.memory.reconciliation.states.state_frames import Hold
from app.memory.reconciliation.states.state_values import read_value
from app.memory.reconciliation.states.state_words import KIN_NAMES, NOUN_TOPICS, ROLE_NOUNS
from app.memory.reconciliation.states.states import State
from app.memory.text.word_sets import word_set

_OWNER = r"(?P<owner>(?:.* )?(?:'s|my|our|his|her|their|the|this))"
_NEAR_OWNER = r"(?P<owner>(?:(?:[\w-]+ ){0,2}[\w-]+ 's|my|our|his|her|their|the))"
_NOUN = r"(?P<modifiers>(?:[\w-]+ ){0,3}?)(?P<noun>[a-z][\w-]+)"
_IS = (
    r"(?P<be>is|are|will be|has become|became|becomes|has been|'s)(?: (?:now|currently|actually"
    r"|officially|still|also))*"
)
_LINK = r"(?: (?P<link>called|named|about|on|at|with|in|by|from|for))?"
_IS_VALUE = re.compile(rf"^{_OWNER} {_NOUN} {_IS}{_LINK} (?P<value>.+)$")
_VALUE_IS = re.compile(
    rf"^(?P<value>(?:dr\.? |mr\.? |mrs\.? |ms\.? |prof\.? |professor )?\w[\w'"
    rf" -]{{1,40}}?) (?:is|'s|has been|became)(?: now)? {_NEAR_OWNER} {_NOUN}(?: (?:now|these days))? $"
)
_DOES_AT = re.compile(
    rf"^{_OWNER} {_NOUN} (?P<verb>(?!is|has|was|does)[a-z]+s|goes out|takes place)(?: (?:now|always))?"
    rf" (?P<link>at|in|on|to|from|with) (?P<value>.+)$"
)
_HAS_CALLED = re.compile(
    rf"(?:^| )(?:has|have|got|found|sees?)(?: got| found)? (?:a|an|themselves a) {_NOUN}(?: called|"
    rf" named| whose name is) (?P<value>.+)$"
)
_SWITCHED_AS = re.compile(
    rf"(?:^| )(?:switched|changed|moved|went over)(?: over)? to (?P<value>.+?) (?:as|for)"
    rf" {_NEAR_OWNER} {_NOUN}(?: now)? $"
)
_ABOUT = re.compile(
    r"(?:^| )(?:writes?|writing|wrote|has|have|does|doing|is|are|on|with|his|her|their|my|our|'s"
    r"|works? on|working on|the|a)"
    r" (?:a |an |the |'s |my |his |her |their |our )?(?:\w+ 's )?(?P<modifiers>(?:[a-z-]+ )?)"
    r"(?P<noun>thesis|dissertation|paper|essay|novel|book|talk|project|podcast|blog|documentary|film"
    r"|study|phd|article"
    r"|play|research|doctorate|report|screenplay|script|column|master's|bachelor's) (?P<link>on|about"
    r"|into) (?P<value>.+)$"
)
_NEUTRAL = word_set(
    "new old current own next first favorite former present usual main little dear lovely actual old-time now"
)
_NO_NOUNS = word_set(
    "user one others thing name weather reason problem plan idea point rest best worst most time day week "
    "year"
    " moment goal next question answer whole way bit lot first last same other"
)
_TIMES = re.compile(
    r"^(?:the )?(?:\d{1,2}(?:st|nd|rd|th)?|first|second|third|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday)s?\b"
)
_LINKS = {"named": "", "called": "", "on": "about", "into": "about", None: ""}


_TOOL = r"(?P<value>[\w.'+&-]+(?: [\w.'+&-]+){0,2}?)"
_PURPOSE = r"(?P<purpose>(?:(?:the|all|our|my|his|her|their|'s) )*(?:[\w'-]+ ){0,3}[\w'-]+)"
_END = r"(?= (?:now|these days|instead|since|as of|from)\b| $)"
# "Uses Trello for the orders", "moved the orders over to Notion".
_TOOLS = (
    (re.compile(rf"(?P<before>.*?)(?:use|uses|using) {_TOOL} for {_PURPOSE}{_END}"), Hold.HOLDS),
    (
        re.compile(
            rf"(?P<before>.*?)(?:keep|keeps|track|tracks|manage|manages|store|stores|log|logs|plan|plans"
            rf"|organise|organises) {_PURPOSE} (?:in|on|with) {_TOOL}{_END}"
        ),
        Hold.HOLDS,
    ),
    (
        re.compile(
            rf"(?P<before>.*?)(?:moved|migrated|switched|transferred|shifted|ported|taken|took) {_PURPOSE}"
            rf" (?:over )?(?:in)?to {_TOOL}{_END}"
        ),
        Hold.BEGINS,
    ),
)


def read_tools(clause: Clause, content: str) -> Iterator[State]:
    """Yield with what tool, by its name, somebody does something, as a thing of theirs for that purpose."""
    for pattern, hold in _TOOLS:
        match = pattern.match(clause.text)
        if match is None or is_unreal(match["before"]):
            continue
        value = read_value(match["value"], content)
        purpose = object_words(match["purpose"])
        if value is None or not value.names or not purpose:
            continue
        yield State(
            topic="thing:tool",
            hold=hold,
            holder=read_holder(match["before"].strip()),
            value=value.stems,
            names=value.names,
            is_described=True,
            link="for",
            modifiers=purpose,
            head="tool",
        )


def read_descriptions(clause: Clause, content: str) -> Iterator[State]:
    """Yield what a clause says that a described thing is."""
    text = clause.text
    for pattern in (_IS_VALUE, _VALUE_IS, _DOES_AT, _HAS_CALLED, _SWITCHED_AS, _ABOUT):
        match = pattern.search(text)
        if match is None:
            continue
        groups = match.groupdict()
        noun = groups["noun"]
        if noun in _NO_NOUNS:
            continue
        is_relative = pattern is not _ABOUT and noun in KIN_NAMES and noun not in NOUN_TOPICS
        if is_relative or is_unreal(text[: match.start("value")]):
            continue
        words = groups["value"].strip()
        value = read_value(words, content)
        link = groups.get("link")
        if link == "on" and pattern is not _ABOUT and words.startswith("the "):
            link = "upon"
        if value is None and _TIMES.match(words) and (match := _TIMES.match(words)) is not None:
            yield _state(groups, frozenset([match[0]]), frozenset(), "time")
            continue
        if value is None:
            continue
        yield _state(groups, value.stems, value.names, _LINKS.get(link, link or ""))


def _state(groups: dict[str, str | None], stems: frozenset[str], names: frozenset[str], link: str) -> State:
    noun = groups["noun"] or ""
    owner = read_owner(groups.get("owner") or "") if groups.get("owner") else None
    modifiers = frozenset((groups.get("modifiers") or "").split()) - _NEUTRAL
    verb = groups.get("verb")
    return State(
        topic=f"thing:{NOUN_TOPICS.get(noun, noun)}" if not verb else f"thing:{noun}:{verb}",
        hold=Hold.HOLDS,
        holder=owner or NOBODY,
        value=stems,
        names=names,
        is_described=True,
        link=link,
        modifiers=modifiers,
        head=noun,
    )


_ROLE = re.compile(
    r"(?P<before>.*?)(?<![^ ])(?P<verb>is|are|am|been(?! (?:made|appointed|promoted|elected|named))"
    r"|became|become|becomes|been made|been appointed|been promoted to|been elected|been named|works"
    r" as|work as|working as|made|appointed|elected|named"
    r"|promoted to|start as|started as|hired as|retrained as|qualified as)"
    r" (?P<adverbs>(?:(?:now|currently|also|still|officially|the|a|an|their|new|his|her|its|our|recently) )*)"
    r"(?P<role>(?:[\w-]+ ){0,4}?(?P<head>[\w-]+))(?: (?P<link>at|of|for|with|in)"
    r" (?P<organisation>.+?))? (?:(?:since|now|these|from|as of|until|again)\b.*)?$"
)
_NO_ROLE = word_set("with at as to by in on from for of and no not than who like a the")
_MADE = re.compile(
    r"(?P<before>.*?)(?<![^ ])(?:made|appointed|named|elected|promoted|hired|took on) (?P<holder>[\w'"
    r" -]{1,40}?)"
    r" (?:to |as )?(?:a|an|the|their|its|our) (?P<role>(?:[\w-]+ ){0,3}?(?P<head>[\w-]+))"
    r"(?: (?P<link>at|of|for|in) (?P<organisation>.+?))? (?:(?:since|now|from|as of|until|in|on)\b.*)?$"
)
_RISING = word_set("became become becomes made appointed elected named promoted")


def read_role(clause: Clause, content: str) -> Iterator[State]:
    """Yield the role that a clause gives a person ("is a cook at the Heron", "they made Ann treasurer")."""
    for pattern in (_MADE, _ROLE):
        match = pattern.match(clause.text)
        if match is None or is_unreal(match["before"]):
            continue
        words = match["role"].split()
        heads = [word for word in words if _is_role(word)]
        if not heads or _NO_ROLE & frozenset(words):
            continue
        verb = match.groupdict().get("verb", "made").removeprefix("been ").split()[0]
        if verb == "been" and _HAD_BEEN.search(match["before"]):
            continue
        organisation = read_value(match["organisation"], content) if match["organisation"] else None
        yield State(
            topic="role",
            hold=Hold.BEGINS if verb in _RISING else Hold.HOLDS,
            holder=read_holder(match.groupdict().get("holder") or match["before"].strip()),
            value=object_words(match["role"]) | frozenset(words),
            head=heads[-1],
            organisation=organisation.stems if organisation is not None else frozenset(),
            is_secondary=clause.is_secondary,
            link=match["link"] or "",
        )
        return


def _is_role(word: str) -> bool:
    known = word in ROLE_NOUNS or word.removesuffix("s") in ROLE_NOUNS
    return known or (len(word) > 5 and word.endswith(("man", "woman", "keeper", "maker", "smith", "driver")))


_HAD_BEEN = re.compile(r"(?<![^ ])(?:was|were|had)(?= )")
