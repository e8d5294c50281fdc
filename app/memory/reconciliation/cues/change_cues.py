"""Reads from an English sentence which earlier statement it changes: what ends, and what takes its place.

Works on the words of a stored sentence, so that a stored ending is recognised when the statement that it ends
arrives later.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.text_caches import text_cache
from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.cues.change_senses import Sense
from app.memory.reconciliation.cues.change_signs import SIGNS
from app.memory.reconciliation.cues.ending_phrases import phrases_by_word
from app.memory.reconciliation.nomination import object_words
from app.memory.text.analysis import analyze_text
from app.memory.text.dates.periods import DIGITS_BY_WORD
from app.memory.text.word_sets import word_set

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "‑": "-", "–": "-", "—": ";"})
_CLAUSE_END = re.compile(
    r"[;:!?]|(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bst)(?<!\bprof)\.(?=\s|$)|,(?! ?(?:me"
    r"|him|her|them|us|too(?=[.,;!]|$))\b)"
    r"|\b(?:but|because|so that|so|since|although|though|while|when|after|before|until|which|who)\b"
    r"|\band (?=(?:now|then|she|he|they|i|we|it|the user|is|are|am|was|has|have|got|gets|bought|started"
    r"|moved|joined|took|takes"
    r"|the new|my new|her new|his new|their new|our new|will|goes|drives|uses|lives|works|found|switched"
    r"|plays|kept|keeps|does|do|went|signed|chose|picked|found)\b)"
)
_PREPOSITION = re.compile(
    r"\b(?:at|in|with|for|from|on|by|to|about|over|during|near|last|this|yesterday|today|earlier|recently"
    r"|ago)\b"
)
# Nouns that name no single thing: what they belong to does ("quit the job at Acme").
_GENERIC = frozenset(
    object_words(
        "job role position post post career company firm employer place flat apartment house lease "
        "rent subscription membership  member contract account plan trip visit allergy allergic "
        "lesson class relationship engagement couple habit hobby  thing stuff one pair set kind "
        "entire whole old current former team others another part lot bit rest start kid family story "
        "experience chance idea moment mind support hope diet course medication medicine drug app "
        "club group training session treatment membership programme program league practice thing "
        "something anything everything nothing somebody someone anybody everybody able remember boost push"
    )
)
_HABITS = frozenset(
    object_words(
        "play eat drink watch read study learn drive ride wear collect attend write speak cook "
        "practise practice train run  smoke swim go take listen visit do sing dance paint date"
    )
)


@dataclass(frozen=True, slots=True)
class Cue:
    """A sign of change in a sentence: what it means, and to which things it is done.

    `heads` are the stems that name the thing itself, `last` the last one of them, and `words` all those of
    its
    clause
    `habits` are verbs of habit among them. `owners` are those whose thing it is, in lower case. `general`
    are the nouns of the thing that name no single one ("trip").
    """

    sense: Sense
    heads: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    habits: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    general: frozenset[str] = frozenset()
    last: str | None = None


# A new value of a property takes the place of the old one when the sentence says that it is new.
_NEWNESS = re.compile(
    r"(?<![\w'-])(?:now|new|newly|these days|nowadays|from now on|from today|from (?:the )?\d"
    r"|from (?:next|this)|as of|since (?:last|this|the"
    r"|monday|yesterday|\w+ \d+)"
    r"|(?:has |have |had )?bought (?:a|an|our|my|her|his|their|the) (?:\w+ )?(?:house|flat"
    r"|apartment|cottage|home|place)"
    r"|starting|started|starts|first (?:day|week)|just (?:got|moved|started|bought|joined|became"
    r"|switched)|switched|moved|mov(?:es|ing) (?:to|into|in)"
    r"|relocated|settled|promoted|became|become|becomes|is becoming|changed|changes|renamed|upgraded"
    r"|replaced|joined|joins|got engaged"
    r"|got married|married|engaged|engagement|met|hired|took over|takes over|took up|back (?:in|at|to"
    r"|with|home)|again|anymore|no longer"
    r"|at the moment|currently|instead|rather|went (?:vegan|vegetarian|back)|turned|signed (?:up|with)"
    r"|opted for|chose|adopted|picked"
    r"|went with|raised|increased|reduced|dropped to|went (?:up|down)|goes by|go by|updated|correct(?:ed"
    r"|ion)?|actually|officially)(?![\w-])"
)
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTHS}\b(?: \d{{4}})?|\b{_MONTHS} \d{{1,2}}\b(?:,? \d{{4}})?"
    rf"|\b(?:1[5-9]|20)\d\d\b"
)
_CORRECTING = re.compile(
    r"(?<![\w'-])(?:meant|correction|typo|mistyped|should (?:be|have been|say|read|have said)"
    r"|got .{1,40} wrong"
    r"|(?:was|were|is|are) (?:wrong|mistaken|a mistake|a typo)|wrong (?:name|date|number|day|time|place"
    r"|year|month|address|spelling"
    r"|word|one|way)|misspoke|misremembered|misread|mixed (?:\w+ ){0,3}up|mix-up|muddled|transposed"
    r"|(?:swapped|flipped|switched) (?:the|two) (?:digits|numbers|letters)|slip of the (?:tongue|pen)"
    r"|by mistake|my (?:mistake|bad)"
    r"|in error|scratch that|make that|strike that|i mean)(?![\w-])"
)
_NUMBER = re.compile(r"(?<![\w])\d[\d.,:/-]*(?: \d{3,}(?!\w))*")  # digits in groups are one number
_PLAN = re.compile(
    r"(?<![\w'-])(?:plan(?:s|ned|ning)?|going to|will|intend(?:s|ing)?|booked|booking|scheduled"
    r"|appointment|upcoming|next"
    r"|hop(?:es|ing) to|want(?:s|ing)? to|looking forward|due|arranged|reserv(?:ed|ation)|wedding|flight"
    r"|trip|interview|exam"
    r"|surgery|marathon|race|concert|party|reunion|ticket(?:s)?|signed up|preparing|training for|meeting"
    r"|is (?:\w+ing)(?= \w+ (?:to|on|in)))(?![\w-])"
)


@text_cache()
def fold_sentence(content: str) -> str:
    """The sentence in lower case with plain apostrophes and single spaces."""
    return " ".join(content.translate(_APOSTROPHES).casefold().split())


@text_cache()
def read_cues(content: str) -> tuple[Cue, ...]:
    """The signs of change in an English sentence, in the first person or the third."""
    text = _complete(fold_sentence(content))
    cues: dict[Cue, None] = {}
    for pattern, sense in _signs_in(text):
        for match in pattern.finditer(text):
            start = max((end.end() for end in _CLAUSE_END.finditer(text, 0, match.start())), default=0)
            before = text[start : match.start()].lstrip()
            if _UNREAL.search(before) or (_OPENS_CONDITION.search(text[: match.start()]) is not None):
                continue
            if sense.is_passive and _STANDS_FOR_OTHER.search(before):
                continue
            if (sense.is_work or sense.is_possession) and _DESCRIBES.search(before):
                continue
            cues.setdefault(_read_object(text, match, sense))
    return tuple(cues)


def _complete(text: str) -> str:
    """A fragment with the verb that it leaves out: "Thesis submitted", "off the tablets at last"."""
    return _VERBLESS.sub(r"\1is \2", _HEADLESS.sub(r"is \1", text, count=1), count=1)


_STATES = (
    r"(?:all )?(?:done|finished|submitted|sold|stolen|gone|cancelled|canceled|scrapped|history|over|off"
    r"|delivered"
    r"|handed in|shipped|completed|complete|broken off|donated|postponed|rescheduled|moved to \w[\w ]*"
    r"|binned)"
)
_VERBLESS = re.compile(
    rf"^((?!(?:i|we|he|she|they|it|you|that|this) )(?:(?!(?:is|was|are|were|has|have|had|got|be|been|not"
    rf"|to) )[\w'-]+ )"
    rf"{{1,4}}?(?:finally |now |officially |at last )*)({_STATES})(?=$|[.,;!])"
)
_HEADLESS = re.compile(
    r"^(?:(?:finally|now|officially|at last),? )*((?:done with|off|over|through with|finished with) (?!to\b))"
)


def _signs_in(text: str) -> Iterator[tuple[re.Pattern[str], Sense]]:
    """Yield the signs of which a text may have one."""
    for sign in SIGNS:
        yield sign.pattern, sign.sense
    by_word = phrases_by_word()
    found = dict.fromkeys(p for word in dict.fromkeys(_WORD.findall(text)) for p in by_word.get(word, ()))
    for phrase in found:
        yield phrase.pattern, phrase.sense


_WORD = re.compile(r"[\w']+")
# What is denied, only possible or still to come has ended nothing ("will never quit", "wants to sell").
_UNREAL = re.compile(
    r"(?<![\w'-])(?:never|not|\w+n't|cannot|without|if|unless|would|could|might|may|should|shall|will"
    r"|\w+'ll|almost|nearly|about to|going to|plan(?:s|ned|ning)? (?:to|on)|intend(?:s|ing)? to"
    r"|want(?:s|ed|ing)? to|hop(?:es|ed|ing) to|like to|try(?:ing)? (?:not )?to|tr(?:ies|ied) to"
    r"|needs? to|have to|has to|consider(?:s|ed|ing)?|think(?:s|ing)? (?:of|about)|thought (?:of|about)"
    r"|afraid of|fear of|refus(?:es|ed|ing) to|instead of|before|easy to|hard to|tempted to|ready to)"
    r"(?: (?:\w+)){0,2} ?$"
)
_OPENS_CONDITION = re.compile(r"(?:^|[.;,] )(?:if|unless|whenever|imagine|suppose)\b[^.;]*$")
# "It is over": what is over stands in another sentence.
_STANDS_FOR_OTHER = re.compile(
    r"^(?:\w+ly )?(?:it|that|this|they|these|those|everything|all|he|she|there|what|one)(?: has| have|'s)? ?$"
)


# "Their third published album", "a lost dog": the word describes what follows, and nothing happens.
_DESCRIBES = re.compile(
    r"(?:\b(?:an?|the|my|his|her|their|our|its)|'s|\d(?:st|nd|rd|th)|\b(?:first|second|third)) $"
)


_REPLACING = re.compile(
    r"(?<![\w'-])(?:now|these days|nowadays|from now on|instead|as of|lately|since (?:last|this|monday"
    r"|yesterday))(?![\w-])"
)


@text_cache()
def says_corrected(content: str) -> bool:
    """Whether a sentence takes back what was said and puts it right."""
    return _CORRECTING.search(fold_sentence(content)) is not None


@text_cache()
def says_replaced(content: str) -> bool:
    """Whether a sentence says that it was otherwise before."""
    return _REPLACING.search(fold_sentence(content)) is not None


@text_cache()
def says_new(content: str) -> bool:
    """Whether a sentence says that what it tells is new, or takes the place of something."""
    return _NEWNESS.search(fold_sentence(content)) is not None


@text_cache()
def is_plan_sentence(content: str) -> bool:
    """Whether a sentence speaks of what is to come."""
    return _PLAN.search(fold_sentence(content)) is not None


def date_words_of(content: str) -> frozenset[str]:
    """The days that a sentence names, as they are written but for the year."""
    return frozenset(
        re.sub(r" \d{4}$", "", found[0]).strip(",") for found in _DAY.finditer(fold_sentence(content))
    )


_DAY = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTHS}\b|\b(?:1[5-9]|20)\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur"
    rf"|sun)days?\b"
)


def numbers_of(content: str) -> frozenset[str]:
    """The numbers in a sentence, also in words, but for days and years."""
    folded = _DATE.sub(" ", fold_sentence(content))
    words = frozenset(DIGITS_BY_WORD[word] for word in folded.split() if word in DIGITS_BY_WORD)
    return words | frozenset(found.strip(".,:/-") for found in _NUMBER.findall(folded))


def _read_object(text: str, match: re.Match[str], sense: Sense) -> Cue:
    start = max((end.end() for end in _CLAUSE_END.finditer(text, 0, match.start())), default=0)
    stop = next((end.start() for end in _CLAUSE_END.finditer(text, match.end())), len(text))
    if sense.is_return:
        return Cue(sense)
    inner = " ".join(part for part in match.groupdict().values() if part)
    scope = text[start : match.start()] if sense.is_passive else f"{inner} {text[match.end() : stop]}"
    clause = text[start:stop]
    owners = frozenset(_OWNER.findall(scope)) - _NO_OWNERS
    words = object_words(scope)
    last = None
    has_subject = not (sense.is_passive or sense.needs_object) and sense.kind is ChangeKind.END
    if not words - _GENERIC - _HABITS and has_subject:
        # "Ann and Oskar broke up", "the whole team at Acme was let go": the thing stands before.
        words = object_words(clause) - object_words(match[0])
        heads = words - _GENERIC - _HABITS
    else:
        heads, last = _heads(_OWNER.sub(" ", inner if object_words(inner) else _nearest(scope, sense)))
        if not heads:
            heads, last = _heads(scope)
    return Cue(sense, heads, words - _GENERIC, object_words(clause) & _HABITS, owners, words & _GENERIC, last)


def _nearest(scope: str, sense: Sense) -> str:
    """Of what stands before a sign the thing itself: "after the jabs Ann's allergy" is the allergy."""
    owner = next(reversed(list(_OWNER.finditer(scope))), None) if sense.is_passive else None
    if owner is None or _JOINED.search(scope, 0, owner.start()):
        return scope
    return scope[owner.start() :]


_JOINED = re.compile(r"(?:\b(?:at|in|with|for|from|on|by|to|about|of|near|and|or|the)|,) ?$")
_OWNER = re.compile(
    r"(?:(?<![\w-])(?:aunt|auntie|uncle|gran\w*|cousin|mr|mrs|ms|dr|professor"
    r"|old) )?(?<![\w-])([\w-]+)'s?(?= \w)"
)
_NO_OWNERS = word_set(
    "year years day week month season today yesterday tomorrow it that this there here what who let he she"
)


def _heads(scope: str) -> tuple[frozenset[str], str | None]:
    """The stems of the thing itself, and the last: before the first preposition, or else after it."""
    found = list(_PREPOSITION.finditer(scope))
    spans = zip(
        [0, *(one.end() for one in found)], [*(one.start() for one in found), len(scope)], strict=True
    )
    leads = ["", *(one[0] for one in found)]
    for lead, (start, stop) in zip(leads, spans, strict=True):
        phrase = _DATE.sub(" ", scope[start:stop])
        part = object_words(phrase) - _GENERIC - _HABITS
        if part and lead not in _TIME_PREPOSITIONS:
            return part, next((stem for stem in reversed(analyze_text(phrase)) if stem in part), None)
    return frozenset(), None


_TIME_PREPOSITIONS = frozenset(
    ["on", "during", "last", "this", "yesterday", "today", "earlier", "recently", "ago"]
)
