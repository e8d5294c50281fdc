"""Converts regular-expression matches of first-person statements to slot values (attribute, value, polarity).

The functions `extract_*` take a match of a pattern in `slot_patterns` and yield the slots that it fills.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from app.core.vocabulary import Kind
from app.memory.text.dates.date_spans import DateSpan
from app.memory.text.dates.periods import DIGITS_BY_WORD, MONTH_NAMES
from app.memory.text.word_lists import (
    CONDITIONS,
    FAMILY_MEMBERS,
    LANGUAGE_NAMES,
    MONTHS_AND_DAYS,
    NOT_EMPLOYERS,
    OCCUPATIONS,
    OWNABLE_NOUNS,
    PLAYABLE_NOUNS,
    SINGLE_RELATIONS,
    SOFTWARE_NAMES,
    WORKPLACES,
)
from app.memory.text.word_sets import word_set

SAFETY_IMPORTANCE, IDENTITY_IMPORTANCE, TASTE_IMPORTANCE = 0.9, 0.7, 0.5

_PHRASE_END = re.compile(
    r"(?<!\bDr\.)(?<!\bMr\.)(?<!\bSt\.)\s+(?:with|and|but|or|because|since|when|while|where|who|which|that|for|as|so|if|now|again"
    r"|currently|at the"
    r" moment|right now|these days|nowadays|any more|any longer|after|before|until|though|by|from"
    r"|in order|due|thanks"
    r"|instead|lately|too|after all|lol|haha|as well|alone|together|permanently|full[- ]time"
    r"|part[- ]time|at|doing|working|not)\b.*|\s*[,;:()!?\"/].*"
    r"|(?<!\bSt)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bDr)(?<!\bMt)(?<!\bFt)\.(?=\s|$).*|\s+-.*",
    re.IGNORECASE | re.DOTALL,
)
_TRAILING_ADVERB = re.compile(r"\s+(?:after all|at all|any ?more)\b.*", re.IGNORECASE | re.DOTALL)
_DETERMINER = re.compile(r"^(?:a|an|the|my|some|any|all|to|both)\s+", re.IGNORECASE)
_LOCATION_PREFIX = re.compile(
    r"^(?:(?:the city of|downtown|central|beautiful|sunny|the|near|north|south|east"
    r"|west)\s+){1,6}",
    re.IGNORECASE,
)
# Names to which one moves without moving house: a project, a team, a rank, a program.
_NOT_PLACE_WORDS = (
    OCCUPATIONS
    | SOFTWARE_NAMES
    | word_set(
        """
    project team group department dept division unit squad crew plan premium pro basic tier version phase
    stage chapter level grade desk floor track marketing sales finance hr engineering support operations
    legal accounting design research procurement logistics it product development management leadership
    senior junior lead head chief principal staff director vp ceo cto cfo manager gmail outlook dropbox
    slack notion evernote obsidian github gitlab docker kubernetes postgres postgresql mysql excel word
    firefox chrome safari edge telegram signal whatsapp discord zoom teams skype spotify netflix youtube
    instagram facebook twitter mastodon bluesky reddit tiktok wordpress shopify salesforce jira trello
    asana figma photoshop ubuntu debian fedora arch iphone pixel samsung kindle duolingo typescript
    javascript golang kotlin swift ruby php scala haskell django flask rails angular svelte icloud
    onedrive thunderbird protonmail proton vscode vim emacs intellij pycharm xcode terraform jenkins v2 v3
    beta alpha gold silver platinum plus vegetarianism veganism buddhism islam christianity judaism
    """
    )
)
_NOT_LOCATIONS = MONTHS_AND_DAYS | LANGUAGE_NAMES | SOFTWARE_NAMES
_NOT_A_TASTE = re.compile(
    r"(?:it|this|that|these|those|them|him|her|me|us|myself|ourselves|themselves|how|what|when"
    r"|where|who|why|if|you|your|u|the|there|everything|all|one"
    r"|both|some|any|being able|seeing|hearing|to (?:just|even|see|hear|know|think|say|learn|try|use|get|have"
    r"|make|be|go|add"
    r"|explore|keep|thank|share|focus|include)|(?:learning|knowing|trying|getting|having|making"
    r"|being|using)|doing|his"
    r"|their|its|my|our|and|so|in|at|about|with|for|as|a|an|more|most|something|anything|nothing"
    r"|everywhere|everyone|even|just|always"
    r"|stuff|things?|such"
    r"|not|another|every|each|option|idea|suggestions?)\b",
    re.IGNORECASE,
)
_NAME_WITH_THE = re.compile(r"the [A-Z]")
_EVALUATIVE_ADJECTIVE = re.compile(
    r"^(?:\w+ )?(?:pretty|good|great|bad|terrible|horrible|decent|slow|fast|cautious|careful|big"
    r"|huge|keen|avid|passionate|visual|better"
    r"|natural|born|nervous|confident|lousy|picky|solo|heavy|frequent|casual|beginner|terrific"
    r"|excellent|poor|lazy|hobby|amateur)\b",
    re.IGNORECASE,
)
_LIST_SEPARATOR = re.compile(r"(?:,? (?:and|or) |, )")
_VERBS_OF_TASTE = frozenset(["hate", "love", "like", "dislike", "enjoy", "prefer", "live", "adore"])
_JOKE_ALLERGENS = frozenset(
    ["work", "mornings", "people", "fun", "exercise", "bullshit", "mondays", "cardio"]
)
_BIRTHDAY_CLAUSE = re.compile(
    r"(?:[Mm]y birthday (?:is|was|falls)|[Ii] (?:was born|am turning \d+|turned \d+))(?: in [A-Z].*)?$"
)
_LIST_END = re.compile(
    r"(?<!\bDr)(?<!\bMr)(?<!\bSt)\.|[;:!?()/]|\s-+\s|\s(?:but|because|so|when|since|while|which|who|that|where|as|if|lately|too"
    r"|now|these days|any more|any longer"
    r"|in general|especially|though|due)\b"
)
_UNRESOLVED_PRONOUN = re.compile(
    r"\b(?:it|them|this|these|those|him|her|his|she|he|you|your|their)\b", re.IGNORECASE
)


HEADS = "|".join(sorted(OWNABLE_NOUNS | FAMILY_MEMBERS, key=len, reverse=True))
COUNT = r"(?P<count>an?|my own|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
THING = rf"(?P<thing>(?:[\w'-]+ ){{0,2}}?(?:{HEADS}))"
_FURTHER_POSSESSION = re.compile(rf"(?:,|,? and) {COUNT} {THING}\b")


@dataclass(frozen=True, slots=True)
class SlotValue:
    """The attribute and value of a slot, and `sentence`, a first-person sentence that states only that.

    Without `sentence` the clause itself is the content. `starts_at_date`: a date in the clause says from when
    the value holds. `is_aside`: it was said in passing, and the clause may state something else as well ("I
    went with my wife Anna"). `importance` is in [0, 1].
    """

    attribute: str
    value: str
    polarity: int = 1
    kind: Kind = Kind.FACT
    importance: float = IDENTITY_IMPORTANCE
    sentence: str | None = None
    starts_at_date: bool = False
    is_aside: bool = False
    subject: str | None = None


SlotExtractor = Callable[[re.Match[str]], Iterator[SlotValue]]


def extract_birthday(text: str, date: DateSpan | None) -> list[SlotValue]:
    """The speaker's birthday (day and month), from a clause and the date in it; [] if it names none."""
    if date is None or date.precision != "day" or not _BIRTHDAY_CLAUSE.match(text):
        return []
    day = f"{date.from_.day} {MONTH_NAMES[date.from_.month - 1]}"
    return [
        SlotValue("birthday", day.lower(), sentence=None if "born" in text else f"My birthday is on {day}")
    ]


def head_noun_phrase(text: str) -> str:
    """The noun phrase at the beginning of `text`, without article, trailing clauses and punctuation."""
    return _DETERMINER.sub("", _PHRASE_END.sub("", text.strip())).strip(" .,!?-'\"")


def normalise_phrase(text: str) -> str:
    """The head noun phrase in lower case with single spaces."""
    return " ".join(head_noun_phrase(text).lower().split())


def _match_polarity(match: re.Match[str]) -> int:
    return -1 if match.groupdict().get("neg") else 1


def _named_location(match: re.Match[str]) -> str:
    """The name of a location in lower case; "" if it is only described ("a small flat")."""
    words = _LOCATION_PREFIX.sub(
        "",
        head_noun_phrase(match["value"])
        if not match["value"].lower().startswith(("a ", "an ", "my "))
        else "",
    )
    if not _NOT_PLACE_WORDS.isdisjoint(words.lower().replace("-", " ").split()):
        return ""
    named = words[:1].isupper() or (match.string.startswith("i ") and 0 < len(words.split()) <= 2)
    return words.lower() if named and words.lower() not in _NOT_LOCATIONS and len(words.split()) <= 4 else ""


def extract_residence(match: re.Match[str]) -> Iterator[SlotValue]:
    """The place of residence: "I live in Oslo"."""
    location = _named_location(match)
    yield SlotValue("residence", location, _match_polarity(match))


def extract_new_residence(match: re.Match[str]) -> Iterator[SlotValue]:
    """The new place of residence: "I moved to Oslo"."""
    location = _named_location(match)
    named = _LOCATION_PREFIX.sub("", head_noun_phrase(match["value"]))
    yield SlotValue("residence", location, sentence=f"I live in {named}", starts_at_date=True)


def extract_origin(match: re.Match[str]) -> Iterator[SlotValue]:
    """The place of origin: "I am from Oslo"."""
    yield SlotValue("origin", _named_location(match), _match_polarity(match))


def extract_employer(match: re.Match[str]) -> Iterator[SlotValue]:
    """The employer: a capitalised name, or a described workplace ("a bakery")."""
    value = re.sub(r"^(?:the|my|our)\s+", "", match["value"], flags=re.IGNORECASE)
    employer = head_noun_phrase(value)
    started = match.groupdict().get("start") is not None
    needs_sentence = started or " as a" in match.string or re.match(r"[Ii] am an? ", match.string)
    verb = "do not work" if _match_polarity(match) < 0 else "work"
    sentence = f"I {verb} at {employer}" if needs_sentence else None
    if value[:1].isupper() and value.split()[0].lower() not in _NOT_LOCATIONS and not _is_club_name(employer):
        yield SlotValue(
            "employer", employer.lower(), _match_polarity(match), sentence=sentence, starts_at_date=started
        )
    elif value.lower().startswith(("a ", "an ")) and employer and employer.lower().split()[-1] in WORKPLACES:
        yield SlotValue(
            "employer",
            employer.lower(),
            _match_polarity(match),
            sentence=sentence and f"I {verb} at {value.split()[0]} {employer}",
            starts_at_date=started,
        )


def extract_joined_employer(match: re.Match[str]) -> Iterator[SlotValue]:
    """The employer in "I joined Acme"; clubs and groups are excluded."""
    value = match["value"]
    if (
        value[:1].isupper()
        and not _is_club_name(head_noun_phrase(value))
        and len(head_noun_phrase(value).split()) <= 3
    ):
        yield SlotValue(
            "employer",
            head_noun_phrase(value).lower(),
            sentence=f"I work at {head_noun_phrase(value)}",
            starts_at_date=True,
        )


def _is_club_name(name: str) -> bool:
    return not NOT_EMPLOYERS.isdisjoint(name.lower().split())


def extract_left_employer(match: re.Match[str]) -> Iterator[SlotValue]:
    """A denied employer: "I quit my job at Acme"."""
    yield SlotValue("employer", normalise_phrase(match["value"]) if match["value"][:1].isupper() else "", -1)


def extract_occupation(match: re.Match[str]) -> Iterator[SlotValue]:
    """A known occupation: "a nurse", but not "a fan" or "a good cook"."""
    value = re.split(r" (?:in|on) ", normalise_phrase(match["value"]))[0]
    head = re.split(r" of ", value)[0].replace("-", " ").split()[-1:]
    is_evaluation = _EVALUATIVE_ADJECTIVE.search(match["value"]) or value == "assistant"
    if head and head[0] in OCCUPATIONS and len(value.split()) <= 5 and not is_evaluation:
        yield SlotValue("occupation", value, _match_polarity(match))


def extract_work_role(match: re.Match[str]) -> Iterator[SlotValue]:
    """The occupation in "I work as a nurse"."""
    value = normalise_phrase(match["value"])
    is_whole_clause = not re.search(r" (?:at|for) ", match.string)
    verb = "do not work" if _match_polarity(match) < 0 else "work"
    if 0 < len(value.split()) <= 4:
        sentence = None if is_whole_clause else f"I {verb} as {'an' if value[0] in 'aeiou' else 'a'} {value}"
        yield SlotValue("occupation", value, _match_polarity(match), sentence=sentence)


def extract_name(match: re.Match[str]) -> Iterator[SlotValue]:
    """The speaker's name: "My name is Ann", "Call me Ann"."""
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
        yield SlotValue("name", match["value"].lower(), sentence=f"My name is {match['value']}")


def extract_age(match: re.Match[str]) -> Iterator[SlotValue]:
    """The age in years; a bare number counts only where it is hardly anything else ("I'm 34")."""
    number = int(match["value"])
    lowest = 3 if re.search(r"years?|y/?o|turned", match[0]) else 13
    if lowest <= number <= 110:
        yield SlotValue("age", match["value"], sentence=f"I am {number} years old")


def extract_marital_status(match: re.Match[str]) -> Iterator[SlotValue]:
    """The relationship status: "I got married"."""
    value = match["value"].lower()
    yield SlotValue(
        "relationship_status",
        value,
        _match_polarity(match),
        sentence=None if "am" in match[0] else f"I am {value}",
        starts_at_date=True,
    )


def contact_extractor(attribute: str) -> SlotExtractor:
    """Build the extractor of a contact attribute ("email", "phone")."""

    def extract_contact(match: re.Match[str]) -> Iterator[SlotValue]:
        yield SlotValue(attribute, re.sub(r"[\s()-]+", "", match["value"]).lower().rstrip("."))

    return extract_contact


def extract_favourite(match: re.Match[str]) -> Iterator[SlotValue]:
    """A favourite: "My favourite film is Alien"; vague ones ("my favourite part") are excluded."""
    thing, value = match["thing"].lower(), match["value"]
    vague = re.match(
        r"(?:part|thing|bit|moment|memory|memories|one|ones|way|aspect|activity)s?\b", thing.split()[-1]
    )
    value = re.sub(r"^(?:definitely|probably|still|actually|always|also|currently)\s+", "", value)
    is_pronoun = value.split(" ")[0].rstrip(",.").lower() in ("i", "me", "you", "we", "us")
    if (
        not vague
        and not is_pronoun
        and not re.match(
            r"(?:when|how|that|it|this|to|if|because|so|not|too|just|great|good|my|what)\b",
            value,
            re.IGNORECASE,
        )
    ):
        yield SlotValue(
            f"favourite:{thing}", normalise_phrase(value), kind=Kind.PREFERENCE, importance=TASTE_IMPORTANCE
        )


def extract_pet(match: re.Match[str]) -> Iterator[SlotValue]:
    """A pet's name: "My dog is called Rex"."""
    yield SlotValue(
        f"pet:{match['pet'].lower()}",
        match["value"].lower(),
        sentence=f"My {match['pet'].lower()} is called {match['value']}",
        is_aside=True,
    )


def extract_relation(match: re.Match[str]) -> Iterator[SlotValue]:
    """The name of a related person: "My wife Anna"."""
    relation, name = match["relation"].lower(), match["value"]
    if name.split()[0].lower() in MONTHS_AND_DAYS or name in ("I", "I'm"):
        return
    sentence = f"My {relation} is called {name}"
    if relation in SINGLE_RELATIONS:
        yield SlotValue(f"relation:{relation}", name.lower(), sentence=sentence, is_aside=True)
    else:
        yield SlotValue(
            f"relation:{relation}:{name.lower()}",
            "yes",
            sentence=sentence,
            importance=TASTE_IMPORTANCE,
            is_aside=True,
        )


def extract_diet(match: re.Match[str]) -> Iterator[SlotValue]:
    """The diet: "I am vegetarian"."""
    yield SlotValue("diet", match["value"].lower(), _match_polarity(match))


def _yes_no_value(attribute: str, polarity: int, sentence: str, importance: float) -> SlotValue:
    return SlotValue(attribute, "yes" if polarity > 0 else "no", polarity, Kind.FACT, importance, sentence)


def _split_list(text: str) -> list[str]:
    """The members of a short list ("hiking, jazz and old films"), or only its first noun phrase."""
    head = _LIST_END.split(text)[0].strip()
    members = _LIST_SEPARATOR.split(head)
    if len(members) > 1 and all(
        0 < len(head_noun_phrase(m).split()) <= 3
        and head_noun_phrase(m) == _DETERMINER.sub("", m).strip(" .")
        for m in members
    ):
        return [head_noun_phrase(m) for m in members]
    whole = _DETERMINER.sub("", head).strip(" .,!'\"")
    item = whole if len(whole.split()) <= 4 and not _LIST_SEPARATOR.search(whole) else head_noun_phrase(text)
    return [item] if item else []


def extract_allergies(match: re.Match[str]) -> Iterator[SlotValue]:
    """Allergies from a list: "I am allergic to nuts and eggs"; at most six."""
    polarity = _match_polarity(match)
    for item in _split_list(_TRAILING_ADVERB.sub("", match["value"]))[:6]:
        if len(item.split()) <= 4 and not _NOT_A_TASTE.match(item) and item.lower() not in _JOKE_ALLERGENS:
            predicate = "allergic to" if polarity > 0 else "not allergic to"
            yield _yes_no_value(
                f"allergy:{item.lower()}", polarity, f"I am {predicate} {item}", SAFETY_IMPORTANCE
            )


def extract_allergy_noun(match: re.Match[str]) -> Iterator[SlotValue]:
    """An allergy or intolerance named by a noun: "I have a nut allergy"."""
    item = match["value"].lower()
    plural = (
        f"{item}s"
        if item in ("nut", "peanut", "tree nut", "egg", "cat", "dog", "bee", "almond", "cashew")
        else item
    )
    polarity = _match_polarity(match)
    predicate = "allergic to" if polarity > 0 else "not allergic to"
    yield _yes_no_value(f"allergy:{plural}", polarity, f"I am {predicate} {plural}", SAFETY_IMPORTANCE)


def extract_likes(match: re.Match[str]) -> Iterator[SlotValue]:
    """Likes and dislikes from a list: "I love hiking and jazz"; `prefer` keeps what is preferred."""
    verb, groups = match["verb"].lower(), match.groupdict()
    is_dislike = verb in ("hate", "dislike", "detest", "stand", "despise")
    polarity = -1 if is_dislike or groups.get("neg") else 1
    value = match["value"]
    if _NOT_A_TASTE.match(value) and not _NAME_WITH_THE.match(value):
        return
    prefix = match[0][: match.start("value") - match.start()]
    several = len(_split_list(value)) > 1
    for item in _split_list(
        re.split(r" (?:over|more than|to|rather than|instead of) ", value)[0] if verb == "prefer" else value
    ):
        bare = re.sub(r"^to ", "", item)
        is_verb = bare.split(" ")[0] in _VERBS_OF_TASTE
        if len(bare.split()) <= 5 and not _UNRESOLVED_PRONOUN.search(bare) and not is_verb:
            sentence = f"{prefix}{'to ' if value.startswith('to ') else ''}{bare}" if several else None
            has_relative_clause = re.search(r"(?<!,) (?:that|who)\b", value)
            attribute = "" if has_relative_clause else f"likes:{bare.lower()}"
            yield SlotValue(
                attribute,
                "yes" if polarity > 0 else "no",
                polarity,
                Kind.PREFERENCE,
                TASTE_IMPORTANCE,
                sentence,
            )


def extract_food_refusals(match: re.Match[str]) -> Iterator[SlotValue]:
    """Foods that the speaker does not eat: "I don't eat meat"; at most six."""
    for item in _split_list(match["value"])[:6]:
        if len(item.split()) <= 3 and not _NOT_A_TASTE.match(item):
            yield SlotValue(
                f"eats:{item.lower()}",
                "no",
                -1,
                importance=SAFETY_IMPORTANCE,
                sentence=f"I {match['neg']} eat {item}",
            )


def extract_languages(match: re.Match[str]) -> Iterator[SlotValue]:
    """Languages that the speaker speaks or denies to speak."""
    polarity = _match_polarity(match)
    for word in re.findall(r"[A-Za-z]+", match["value"]):
        if word.lower() in LANGUAGE_NAMES and word[0].isupper():
            predicate = "speak" if polarity > 0 else "do not speak"
            yield _yes_no_value(f"speaks:{word.lower()}", polarity, f"I {predicate} {word}", TASTE_IMPORTANCE)


def extract_plays(match: re.Match[str]) -> Iterator[SlotValue]:
    """Instruments, sports and games that the speaker plays or denies to play."""
    polarity = _match_polarity(match)
    for word in re.findall(r"[a-z]+", match["value"].lower().split(" with ")[0])[:8]:
        if word in PLAYABLE_NOUNS:
            predicate = "play" if polarity > 0 else "do not play"
            yield _yes_no_value(f"plays:{word}", polarity, f"I {predicate} {word}", TASTE_IMPORTANCE)


def extract_possessions(match: re.Match[str]) -> Iterator[SlotValue]:
    """Possessions and family members with their count: "I have two cats and a dog"."""
    more = list(_FURTHER_POSSESSION.finditer(match.string, match.end()))
    for owned in [match, *more]:
        for state in _possession_values(owned, match["neg"]):
            verb = "do not have" if match["neg"] else "have"
            sentence = f"I {verb} {owned['count']} {owned['thing']}" if more else None
            yield replace(state, sentence=sentence)


def _possession_values(match: re.Match[str], neg: str | None) -> Iterator[SlotValue]:
    count, thing = match["count"].lower(), match["thing"]
    head = thing.lower().split()[-1]
    prefix = "has" if head in FAMILY_MEMBERS | CONDITIONS else "owns"
    if neg:
        yield SlotValue(f"{prefix}:{normalise_phrase(thing)}", "no", -1, importance=TASTE_IMPORTANCE)
    else:
        value = DIGITS_BY_WORD.get(count, count) if count not in ("a", "an", "my own", "the") else "yes"
        yield SlotValue(
            f"{prefix}:{head if value != 'yes' else normalise_phrase(thing)}",
            value,
            importance=TASTE_IMPORTANCE,
        )


def extract_condition(match: re.Match[str]) -> Iterator[SlotValue]:
    """A medical condition: "I have asthma"."""
    yield SlotValue(
        f"has:{match['value'].lower()}",
        "no" if match["neg"] else "yes",
        _match_polarity(match),
        importance=SAFETY_IMPORTANCE,
    )


def extract_timezone(match: re.Match[str]) -> Iterator[SlotValue]:
    """The speaker's time zone: "My time zone is CET"."""
    yield SlotValue("timezone", normalise_phrase(match["value"]))
