"""What a matched first-person statement says of a slot: attribute, value, polarity."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.core.vocabulary import Kind
from app.memory.text.dates import DateSpan
from app.memory.text.periods import MONTH_NAMES, NUMBER_WORDS
from app.memory.text.word_lists import (
    CONDITIONS,
    FAMILY,
    LANGUAGES,
    MONTHS_AND_DAYS,
    NOT_EMPLOYERS,
    OCCUPATIONS,
    ONE_EACH,
    OWNABLE,
    PLAYABLE,
    SOFTWARE,
    WORKPLACES,
)

SAFETY, IDENTITY, TASTE, OTHER = 0.9, 0.7, 0.5, 0.3

_CUT = re.compile(
    r"\s+(?:with|and|but|or|because|since|when|while|where|who|which|that|for|as|so|if|now|again"
    r"|currently|at the"
    r" moment|right now|these days|nowadays|any more|any longer|after|before|until|though|by|from"
    r"|in order|due|thanks"
    r"|instead|lately|too|after all|lol|haha|as well|alone|together|permanently|full[- ]time"
    r"|part[- ]time|at|doing|working|not)\b.*|\s*[,;:()!?\"/].*|\.(?=\s|$).*|\s+-.*",
    re.IGNORECASE | re.DOTALL,
)
_AFTER_ALL = re.compile(r"\s+(?:after all|at all|any ?more)\b.*", re.IGNORECASE | re.DOTALL)
_ARTICLE = re.compile(r"^(?:a|an|the|my|some|any|all|to|both)\s+", re.IGNORECASE)
_PLACE_PREFIX = re.compile(
    r"^(?:(?:the city of|downtown|central|beautiful|sunny|the|near|north|south|east"
    r"|west)\s+){1,6}",
    re.IGNORECASE,
)
_NOT_PLACES = MONTHS_AND_DAYS | LANGUAGES | SOFTWARE
_NOT_LIKED = re.compile(
    r"(?:it|this|that|these|those|them|him|her|me|us|myself|ourselves|themselves|how|what|when"
    r"|where|who|why|if|you|your|u|the|there|everything|all|one"
    r"|both|some|any|being able|seeing|hearing|to (?:just|even|see|hear|know|think|say|learn|try|use|get|have"
    r"|make|be|go|add"
    r"|explore|keep|thank|share|focus|include)|(?:learning|knowing|trying|getting|having|making"
    r"|being|using)|doing|his"
    r"|their|its|my|our|and|so|in|at|about|with|for|as|a|an|more|most|something|anything|nothing|everywhere|everyone|even|just|always"
    r"|stuff|things?|such"
    r"|not|another|every|each|option|idea|suggestions?)\b",
    re.IGNORECASE,
)
_PROPER_THE = re.compile(r"the [A-Z]")
_JUDGING = re.compile(
    r"^(?:\w+ )?(?:pretty|good|great|bad|terrible|horrible|decent|slow|fast|cautious|careful|big"
    r"|huge|keen|avid|passionate|visual|better"
    r"|natural|born|nervous|confident|lousy|picky|solo|heavy|frequent|casual|beginner|terrific"
    r"|excellent|poor|lazy|hobby|amateur)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?:,? (?:and|or) |, )")
_JOKES = frozenset(["work", "mornings", "people", "fun", "exercise", "bullshit", "mondays", "cardio"])
_BIRTHDAY = re.compile(
    r"(?:[Mm]y birthday (?:is|was|falls)|[Ii] (?:was born|am turning \d+|turned \d+))(?: in [A-Z].*)?$"
)
_LIST_ENDS = re.compile(
    r"[.;:!?()/]|\s-+\s|\s(?:but|because|so|when|since|while|which|who|that|where|as|if|lately|too"
    r"|now|these days|any more|any longer"
    r"|in general|especially|though|due)\b"
)
_UNRESOLVED = re.compile(r"\b(?:it|them|this|these|those|him|her|his|she|he|you|your|their)\b", re.IGNORECASE)
_NUMBERS = {word: str(number) for number, word in enumerate(NUMBER_WORDS)}


HEADS = "|".join(sorted(OWNABLE | FAMILY, key=len, reverse=True))
COUNT = r"(?P<count>an?|my own|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
THING = rf"(?P<thing>(?:[\w'-]+ ){{0,2}}?(?:{HEADS}))"
_AND_OWNS = re.compile(rf"(?:,|,? and) {COUNT} {THING}\b")


@dataclass(frozen=True, slots=True)
class State:
    """A slot's attribute and value, and `sentence`, the first-person sentence that says no more than that.

    Without `sentence` the clause itself is the content. `since`: a date in the clause tells from when it
    holds. `aside`: said in passing, the clause may tell something else as well ("I went with my wife Anna").
    """

    attribute: str
    value: str
    polarity: int = 1
    kind: Kind = Kind.FACT
    importance: float = IDENTITY
    sentence: str | None = None
    since: bool = False
    aside: bool = False


Build = Callable[[re.Match[str]], Iterator[State]]


def birthday(text: str, date: DateSpan | None) -> list[State]:
    """The day of the year on which the speaker was born, from a clause and the date in it."""
    if date is None or date.precision != "day" or not _BIRTHDAY.match(text):
        return []
    day = f"{date.from_.day} {MONTH_NAMES[date.from_.month - 1]}"
    return [State("birthday", day.lower(), sentence=None if "born" in text else f"My birthday is on {day}")]


def trim(text: str) -> str:
    """The noun phrase at the head of `text`: without article, trailing clauses and punctuation."""
    return _ARTICLE.sub("", _CUT.sub("", text.strip())).strip(" .,!?-'\"")


def normal(text: str) -> str:
    return " ".join(trim(text).lower().split())


def _polarity(match: re.Match[str]) -> int:
    return -1 if match.groupdict().get("neg") else 1


def _place(match: re.Match[str]) -> str:
    """A place that is named; "" if it is only described ("a small flat")."""
    words = _PLACE_PREFIX.sub(
        "", trim(match["value"]) if not match["value"].lower().startswith(("a ", "an ", "my ")) else ""
    )
    named = words[:1].isupper() or (match.string.startswith("i ") and 0 < len(words.split()) <= 2)
    return words.lower() if named and words.lower() not in _NOT_PLACES and len(words.split()) <= 4 else ""


def residence(match: re.Match[str]) -> Iterator[State]:
    place = _place(match)
    yield State("residence", place, _polarity(match))


def moved(match: re.Match[str]) -> Iterator[State]:
    place = _place(match)
    named = _PLACE_PREFIX.sub("", trim(match["value"]))
    yield State("residence", place, sentence=f"I live in {named}", since=True)


def origin(match: re.Match[str]) -> Iterator[State]:
    yield State("origin", _place(match), _polarity(match))


def employer(match: re.Match[str]) -> Iterator[State]:
    value = re.sub(r"^(?:the|my|our)\s+", "", match["value"], flags=re.IGNORECASE)
    named = trim(value)
    started = match.groupdict().get("start") is not None
    more = started or " as a" in match.string or re.match(r"[Ii] am an? ", match.string)
    verb = "do not work" if _polarity(match) < 0 else "work"
    sentence = f"I {verb} at {named}" if more else None
    if value[:1].isupper() and value.split()[0].lower() not in _NOT_PLACES and not _is_club(named):
        yield State("employer", named.lower(), _polarity(match), sentence=sentence, since=started)
    elif value.lower().startswith(("a ", "an ")) and named and named.lower().split()[-1] in WORKPLACES:
        yield State(
            "employer",
            named.lower(),
            _polarity(match),
            sentence=sentence and f"I {verb} at {value.split()[0]} {named}",
            since=started,
        )


def joined(match: re.Match[str]) -> Iterator[State]:
    value = match["value"]
    if value[:1].isupper() and not _is_club(trim(value)) and len(trim(value).split()) <= 3:
        yield State("employer", trim(value).lower(), sentence=f"I work at {trim(value)}", since=True)


def _is_club(name: str) -> bool:
    return not NOT_EMPLOYERS.isdisjoint(name.lower().split())


def left_job(match: re.Match[str]) -> Iterator[State]:
    yield State("employer", normal(match["value"]) if match["value"][:1].isupper() else "", -1)


def occupation(match: re.Match[str]) -> Iterator[State]:
    """Only what is known to be one: "a nurse", not "a fan" or "a good cook"."""
    value = re.split(r" (?:in|on) ", normal(match["value"]))[0]
    head = re.split(r" of ", value)[0].replace("-", " ").split()[-1:]
    judged = _JUDGING.search(match["value"]) or value == "assistant"
    if head and head[0] in OCCUPATIONS and len(value.split()) <= 5 and not judged:
        yield State("occupation", value, _polarity(match))


def work_as(match: re.Match[str]) -> Iterator[State]:
    value = normal(match["value"])
    alone = not re.search(r" (?:at|for) ", match.string)
    verb = "do not work" if _polarity(match) < 0 else "work"
    if 0 < len(value.split()) <= 4:
        sentence = None if alone else f"I {verb} as {'an' if value[0] in 'aeiou' else 'a'} {value}"
        yield State("occupation", value, _polarity(match), sentence=sentence)


def name(match: re.Match[str]) -> Iterator[State]:
    if match["value"].split()[0].lower() not in (
        "crazy",
        "when",
        "if",
        "later",
        "back",
        "me",
        "maybe",
        "old",
    ):
        yield State("name", match["value"].lower(), sentence=f"My name is {match['value']}")


def age(match: re.Match[str]) -> Iterator[State]:
    """A bare number counts only where it can't well be anything else ("I'm 34")."""
    number = int(match["value"])
    lowest = 3 if re.search(r"years?|y/?o|turned", match[0]) else 13
    if lowest <= number <= 110:
        yield State("age", match["value"], sentence=f"I am {number} years old")


def marital(match: re.Match[str]) -> Iterator[State]:
    value = match["value"].lower()
    yield State(
        "relationship_status",
        value,
        _polarity(match),
        sentence=None if "am" in match[0] else f"I am {value}",
        since=True,
    )


def contact(attribute: str) -> Build:
    def build(match: re.Match[str]) -> Iterator[State]:
        yield State(attribute, re.sub(r"[\s()-]+", "", match["value"]).lower().rstrip("."))

    return build


def favourite(match: re.Match[str]) -> Iterator[State]:
    thing, value = match["thing"].lower(), match["value"]
    vague = re.match(
        r"(?:part|thing|bit|moment|memory|memories|one|ones|way|aspect|activity)s?\b", thing.split()[-1]
    )
    value = re.sub(r"^(?:definitely|probably|still|actually|always|also|currently)\s+", "", value)
    if not vague and not re.match(
        r"(?:when|how|that|it|this|to|if|because|so|not|too|just|great|good|my|what)\b", value, re.IGNORECASE
    ):
        yield State(f"favourite:{thing}", normal(value), kind=Kind.PREFERENCE, importance=TASTE)


def pet(match: re.Match[str]) -> Iterator[State]:
    yield State(
        f"pet:{match['pet'].lower()}",
        match["value"].lower(),
        sentence=f"My {match['pet'].lower()} is called {match['value']}",
        aside=True,
    )


def relation(match: re.Match[str]) -> Iterator[State]:
    relation, name = match["relation"].lower(), match["value"]
    if name.split()[0].lower() in MONTHS_AND_DAYS or name in ("I", "I'm"):
        return
    sentence = f"My {relation} is called {name}"
    if relation in ONE_EACH:
        yield State(f"relation:{relation}", name.lower(), sentence=sentence, aside=True)
    else:
        yield State(
            f"relation:{relation}:{name.lower()}", "yes", sentence=sentence, importance=TASTE, aside=True
        )


def diet(match: re.Match[str]) -> Iterator[State]:
    yield State("diet", match["value"].lower(), _polarity(match))


def _yes_no(attribute: str, polarity: int, sentence: str, importance: float) -> State:
    return State(attribute, "yes" if polarity > 0 else "no", polarity, Kind.FACT, importance, sentence)


def _items(text: str) -> list[str]:
    """The members of a short list ("hiking, jazz and old films"), or its first noun phrase alone."""
    head = _LIST_ENDS.split(text)[0].strip()
    members = _LIST.split(head)
    if len(members) > 1 and all(
        0 < len(trim(m).split()) <= 3 and trim(m) == _ARTICLE.sub("", m).strip(" .") for m in members
    ):
        return [trim(m) for m in members]
    whole = _ARTICLE.sub("", head).strip(" .,!'\"")
    item = whole if len(whole.split()) <= 4 and not _LIST.search(whole) else trim(text)
    return [item] if item else []


def allergy(match: re.Match[str]) -> Iterator[State]:
    polarity = _polarity(match)
    for item in _items(_AFTER_ALL.sub("", match["value"]))[:6]:
        if len(item.split()) <= 4 and not _NOT_LIKED.match(item) and item.lower() not in _JOKES:
            said = "allergic to" if polarity > 0 else "not allergic to"
            yield _yes_no(f"allergy:{item.lower()}", polarity, f"I am {said} {item}", SAFETY)


def allergy_noun(match: re.Match[str]) -> Iterator[State]:
    item = match["value"].lower()
    plural = (
        f"{item}s"
        if item in ("nut", "peanut", "tree nut", "egg", "cat", "dog", "bee", "almond", "cashew")
        else item
    )
    polarity = _polarity(match)
    said = "allergic to" if polarity > 0 else "not allergic to"
    yield _yes_no(f"allergy:{plural}", polarity, f"I am {said} {plural}", SAFETY)


def liking(match: re.Match[str]) -> Iterator[State]:
    verb, groups = match["verb"].lower(), match.groupdict()
    against = verb in ("hate", "dislike", "detest", "stand", "despise")
    polarity = -1 if against or groups.get("neg") else 1
    value = match["value"]
    if _NOT_LIKED.match(value) and not _PROPER_THE.match(value):
        return
    prefix = match[0][: match.start("value") - match.start()]
    several = len(_items(value)) > 1
    for item in _items(
        re.split(r" (?:over|more than|to|rather than|instead of) ", value)[0] if verb == "prefer" else value
    ):
        bare = re.sub(r"^to ", "", item)
        if len(bare.split()) <= 5 and not _UNRESOLVED.search(bare):
            sentence = f"{prefix}{'to ' if value.startswith('to ') else ''}{bare}" if several else None
            narrowed = re.search(r"(?<!,) (?:that|who)\b", value)
            attribute = "" if narrowed else f"likes:{bare.lower()}"
            yield State(
                attribute, "yes" if polarity > 0 else "no", polarity, Kind.PREFERENCE, TASTE, sentence
            )


def eating(match: re.Match[str]) -> Iterator[State]:
    for item in _items(match["value"])[:6]:
        if len(item.split()) <= 3 and not _NOT_LIKED.match(item):
            yield State(
                f"eats:{item.lower()}", "no", -1, importance=SAFETY, sentence=f"I {match['neg']} eat {item}"
            )


def speaks(match: re.Match[str]) -> Iterator[State]:
    polarity = _polarity(match)
    for word in re.findall(r"[A-Za-z]+", match["value"]):
        if word.lower() in LANGUAGES and word[0].isupper():
            said = "speak" if polarity > 0 else "do not speak"
            yield _yes_no(f"speaks:{word.lower()}", polarity, f"I {said} {word}", TASTE)


def plays(match: re.Match[str]) -> Iterator[State]:
    polarity = _polarity(match)
    for word in re.findall(r"[a-z]+", match["value"].lower().split(" with ")[0])[:8]:
        if word in PLAYABLE:
            said = "play" if polarity > 0 else "do not play"
            yield _yes_no(f"plays:{word}", polarity, f"I {said} {word}", TASTE)


def owns(match: re.Match[str]) -> Iterator[State]:
    more = list(_AND_OWNS.finditer(match.string, match.end()))
    for owned in [match, *more]:
        for state in _owned(owned, match["neg"]):
            verb = "do not have" if match["neg"] else "have"
            sentence = f"I {verb} {owned['count']} {owned['thing']}" if more else None
            yield replace(state, sentence=sentence)


def _owned(match: re.Match[str], neg: str | None) -> Iterator[State]:
    count, thing = match["count"].lower(), match["thing"]
    head = thing.lower().split()[-1]
    prefix = "has" if head in FAMILY | CONDITIONS else "owns"
    if neg:
        yield State(f"{prefix}:{normal(thing)}", "no", -1, importance=TASTE)
    else:
        value = _NUMBERS.get(count, count) if count not in ("a", "an", "my own", "the") else "yes"
        yield State(f"{prefix}:{head if value != 'yes' else normal(thing)}", value, importance=TASTE)


def condition(match: re.Match[str]) -> Iterator[State]:
    yield State(
        f"has:{match['value'].lower()}", "no" if match["neg"] else "yes", _polarity(match), importance=SAFETY
    )


def timezone(match: re.Match[str]) -> Iterator[State]:
    yield State("timezone", normal(match["value"]))
