"""Reads from an English sentence which earlier statement it changes: what ends, and what takes its place.

Works on the words of a stored sentence, so that a stored ending is recognised when the statement that it ends
arrives later.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.nomination import object_words
from app.memory.text.dates.periods import DIGITS_BY_WORD

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "‑": "-", "–": "-", "—": ";"})
_CLAUSE_END = re.compile(
    r"[;:!?]|(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bst)(?<!\bprof)\.(?=\s|$)|,(?! ?(?:me"
    r"|him|her|them|us|too)\b)"
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
        "experience chance idea moment mind support hope"
    )
)
_HABITS = frozenset(
    object_words(
        "play eat drink watch read study learn drive ride wear collect attend write speak cook "
        "practise practice train run  smoke swim go take listen visit do sing dance paint date"
    )
)
_BE = r"(?:is|are|am|was|were|been|being|be|got|gets|get|getting|has been|have been|had been)"


@dataclass(frozen=True, slots=True)
class Cue:
    """A sign of change in a sentence: what it does, to which things, and to which properties.

    `heads` are the stems that name the thing itself and `words` all those of its clause; `habits` are
    verbs of habit among them. `topics` are attributes that the sign speaks of by itself ("laid off":
    employer); with `needs_object` it says nothing without a thing ("sold"). `is_death` ends all that is
    told of who died.
    """

    kind: ChangeKind
    heads: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    habits: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    needs_object: bool = True
    is_death: bool = False
    is_plan: bool = False
    is_habit: bool = False
    is_possession: bool = False
    is_return: bool = False
    is_work: bool = False


@dataclass(frozen=True, slots=True)
class _Sign:
    """A pattern of a change; its object follows it, or stands before it where `is_passive`."""

    pattern: re.Pattern[str]
    kind: ChangeKind = ChangeKind.END
    topics: frozenset[str] = frozenset()
    is_passive: bool = False
    needs_object: bool = True
    is_death: bool = False
    is_plan: bool = False
    is_habit: bool = False
    is_possession: bool = False
    is_return: bool = False
    is_work: bool = False


_WORK = frozenset(
    ["employer", "occupation", "employment_status", "department", "team", "manager", "salary", "work_mode"]
)
_HOME = frozenset(["residence", "address", "housing", "rent", "landlord", "staying_at", "lives_with"])
_LOVE = frozenset(["partner", "relationship_status"])
_SCHOOL = frozenset(["school", "field_of_study", "degree", "school_year", "course"])


def _sign(pattern: str, kind: ChangeKind = ChangeKind.END, *topics: str, **values: bool) -> _Sign:
    return _Sign(re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w-])"), kind, frozenset(topics), **values)


_SIGNS = (
    # Work
    _sign(
        rf"laid (?P<obj>(?:[\w'-]+ ){{0,2}})off|got the (?:sack|boot|axe|push)"
        rf"|let (?P<obj2>(?:[\w'-]+ ){{0,2}})go(?! of)|made (?P<obj3>(?:[\w'-]+ ){{0,2}})redundant"
        rf"|fired(?! up)"
        r"|sacked"
        rf"|dismissed from|{_BE} dismissed"
        r"|lost (?:my|his|her|their|the) job|handed in (?:my|his|her|their|the) notice|resign(?:s|ed"
        r"|ing)?|stepped down"
        r"|stepping down|(?<!semi-)retired?(?: from)?|retires|out of work|unemployed|between jobs"
        r"|out of a job"
        r"|no longer (?:employed|working|works|work)|stopped working|quit working|quit (?:my|his|her"
        r"|their|the) (?:[\w'-]+ )?job"
        r"|left (?:my|his|her|their|the) (?:[\w'-]+ )?(?:job|company|firm|position|role|post)|last day (?:at"
        r"|with)"
        r"|do(?:es)?(?:n't| not) work (?:at|for|with|there|as)|contract (?:at|with"
        r"|for)[\w' ]{2,30} (?:ended|expired|ran out)",
        ChangeKind.END, *sorted(_WORK), needs_object=False,
    ),
    # Home
    _sign(
        r"moved out|moving out|moves out|moved away|gave up the (?:flat|apartment|house|lease|room|place)"
        r"|evicted"
        r"|hand(?:ed|ing)? (?:back|over|in) (?P<obj>[\w' ]{0,25})keys|(?:the )?lease (?:ended|ran out"
        r"|expired|is up)|sold up"
        r"|no longer liv(?:es?|ing)|do(?:es)?(?:n't| not) live (?:in|at|with|there)|left town",
        ChangeKind.END, *sorted(_HOME), needs_object=False,
    ),
    # Love
    _sign(
        r"br(?:oke|oken|eaking) (?:[\w'-]+ )?up|br(?:oke|oken) (?:it|things) off|split(?: up| from| with)?"
        r"|separated|divorced|divorcing"
        r"|got (?:a|the) divorce|parted ways|ended (?:the|our|my|her|his|their|it|things)(?: relationship"
        r"| marriage)?"
        r"|single again|is (?:newly |now )?single|dumped|call(?:ed|ing) off (?:the|our|my|her|his"
        r"|their) (?:engagement|wedding)"
        r"|engagement (?:is|was) (?:off|over|called off|broken off)|marriage (?:is|was) over|left (?:her"
        r"|his|my|their) (?:husband|wife"
        r"|boyfriend|girlfriend|partner|fianc\u00e9e?|fiancee?)|no longer (?:together|married|engaged"
        r"|dating|a couple|seeing)"
        r"|not (?:together|seeing each other|dating)(?: \w+)? any ?more|widowed",
        ChangeKind.END, *sorted(_LOVE), needs_object=False,
    ),
    # Deaths: of who stands before ("Rex died"), and of who follows ("said goodbye to Rex")
    _sign(
        r"died|dies|passed away|passed on(?! the)|passed peacefully|(?:is|are|was|lay)(?: lying"
        r"| found)? dead|crossed the rainbow bridge|(?:is|was) no longer"
        r" with us|(?:was|were|been|had to be|to be) (?:put down|put to sleep|euthani[sz]ed)"
        r"|was (?:killed|buried)"
        r"|lost (?:her|his|the|their) (?:battle|fight)|did(?:n't| not) make it",
        ChangeKind.END, "life_status", is_passive=True, needs_object=False, is_death=True,
    ),
    _sign(
        r"put (?P<obj>(?:[\w'-]+ ){0,3})(?:to sleep|down)(?! the)"
        r"|(?:said|say|saying|had to say) (?:our |my |her |his |their "
        r"|a last |a final )?(?:goodbye|farewell)s? to|funeral (?:of|for)"
        r"|(?:the|sudden|untimely|recent) (?:death|loss|passing) of"
        r"|lost (?:my|her|his|their|our|\w+'s) (?:[\w'-]+ )?(?:dog|cat"
        r"|rabbit|hamster|parrot|horse|pet"
        r"|mother|father|mum|mom|dad|gran\w*|uncle|aunt|brother|sister|husband|wife|friend)",
        ChangeKind.END, "life_status", is_death=True,
    ),
    # Studies
    _sign(
        r"dropp?(?:ed|ing) out(?: of)?|graduat(?:ed|es|ing)|finished (?:school|university|college|uni"
        r"|the degree|the course|her degree"
        r"|his degree|her studies|his studies|their studies)|expelled|left (?:school|university|college|uni)",
        ChangeKind.END, *sorted(_SCHOOL), needs_object=False,
    ),
    # Health
    _sign(
        r"(?:fully |completely |finally |all )?(?:recovered|cured|healed|in remission|symptom-free)"
        r"|outgr(?:ew|own)|got over"
        r"|(?:is|are|am|was) (?:finally |now |all |completely |fully )?(?:over|clear of|free of|rid of"
        r"|off)(?= (?:the|her|his|my|their|a|an|\w+)\b)"
        r"|has cleared up|cleared up|all clear|(?:came|come|coming|comes|went|is) off|weaned off"
        r"|back to full health|(?:cast|brace|stitches)"
        r" (?:is|are|came|come) off|turned out not to be|no longer (?:allergic|hurts?|in pain|sick|ill"
        r"|injured|pregnant)",
    ),
    _sign(
        rf"(?:{_BE} |has |have |had |'s |'ve )?(?:fully |completely |finally |all )?(?:healed|cleared up"
        rf"|gone away|better now|cured|over now|gone(?: now)?)(?=$|[.,;!]| now| and| since| in)",
        is_passive=True,
    ),
    # Possession
    _sign(
        r"s(?:old|ells|elling)(?: off)?|g(?:ave|iven|iving|ives) (?P<obj>(?:[\w'-]+ ){0,4})away"
        r"|got(?:ten)? rid of|donated|traded in|trade[ds]? in"
        r"|hand(?:ed|ing)? back|returned|scrapped|lost(?! (?:weight|count|track|interest|touch"
        r"|the (?:game|match|bet|plot)))"
        r"|wrote off|written off|totall?ed|crashed|smashed|threw (?P<obj2>(?:[\w'-]+ ){0,4})(?:away|out)"
        r"|rehomed|parted with|passed on the"
        r"|no longer (?:has|have|owns?|drives?|rides?|uses?|keeps?|got)|do(?:es)?(?:n't| not) (?:have|own"
        r"|drive|use|ride)"
        r"(?= [\w' ]+(?:any ?more|any longer))",
        is_possession=True,
    ),
    _sign(
        rf"(?:{_BE} )(?:sold|stolen|gone|given away|scrapped|totall?ed|written off|returned|lost|rehomed"
        rf"|broken(?! up)|repossessed"
        r"|donated|nicked|taken away)|broke down for good",
        is_passive=True, is_possession=True,
    ),
    _sign(
        rf"(?:{_BE} )(?:discontinued|shut down|disbanded|closed(?: down)?|dissolved|wound up)|folded"
        rf"|went bust|shut down|closed down",
        is_passive=True,
    ),
    _sign(r"(?:stole|nicked|took away|repossessed)", is_possession=True),
    _sign(r"paid (?:off|back)|pays off|repaid|cleared|settled(?! (?:in|into|down))"),
    # Who is back ends a stay or a leave, wherever that was.
    _sign(
        r"back (?:at|in) (?:her|his|my|their|our) (?:own )?(?:place|flat|house|apartment)|back home"
        r"|(?:moved|came|went|going) back"
        r"|returned home",
        ChangeKind.END, "staying_at", needs_object=False, is_return=True,
    ),
    _sign(
        r"back (?:at|to) (?:work|the office)|returned to work|(?:maternity|paternity|parental"
        r"|sick) leave (?:is over|ended|has ended)",
        ChangeKind.END, "employment_status", needs_object=False, is_return=True,
    ),
    _sign(r"(?:took|taken|take|takes|taking) (?:[\w'-]+ ){1,3}off"),
    # Memberships and services
    _sign(
        r"cancel(?:l?ed|s|l?ing)|unsubscribed(?: from)?|terminated|dropped|ditched|clos(?:ed"
        r"|ing) (?P<obj2>(?:[\w'-]+ ){1,4})account"
        r"|no longer (?:a member|subscribed|a customer|with|in|part of|on)|(?:has |have )?(?:quit|left"
        r"|leaves|leaving)(?! (?:behind|over|home|work"
        r"|early|late|the (?:house|office|building) (?:at|early|late)))|walked away from|pulled out of"
        r"|backed out of|withdrew from"
        r"|deleted|let (?P<obj>(?:[\w'-]+ ){1,5})(?:expire|lapse)|did(?:n't| not) renew|opted out of"
        r"|resigned from",
        is_plan=True,
    ),
    _sign(
        r"(?:has |have |had )?(?:expired|lapsed|ran out|run out|ended|finished|fallen through"
        r"|fell through|come to an end|came to an end)"
        r"|(?:is|are|was|were|'s|has been|have been) (?:now |all |finally |already )?(?:over"
        r"|off|finished|done)"
        r"(?=$|[.,;!]| now| for good| and)"
        rf"|(?:{_BE} )(?:cancell?ed|called off|scrapped|not (?:happening"
        rf"|going ahead|taking place)|no longer (?:happening"
        r"|on|going ahead|valid|true|current))|won't (?:happen|take place|go ahead)|will not (?:happen"
        r"|take place|go ahead)",
        is_passive=True, is_plan=True,
    ),
    _sign(
        r"call(?:ed|ing)? off|scrapp?(?:ed|ing)|abandoned|not going (?:on|ahead with"
        r"|to(?= (?:(?:the|an?|my|his|her|their"
        r"|our|\w+'s) |\w+(?:$|[.,;]| in | on | this | next | after ))))|can(?:not|'t"
        r"| not) (?:go|make it) (?:to|on)"
        r"|decided (?:not to|against)|changed (?:my|her|his|their|our) mind about|won't be (?:going"
        r"|attending|travelling|flying|moving)"
        r"(?: to)?|will not be (?:going|attending|travelling|flying|moving)(?: to)?|skipp(?:ed|ing)",
        is_plan=True,
    ),
    # Habits, likes and beliefs
    _sign(
        r"no longer|not any ?more|used to|stopped(?! by| at| for| to)|stops|quit(?:s|ting)?|g(?:ave|iven"
        r"|iving|ives|ive) up(?: on)?|kicked"
        r"|gone off|went off|over it with|fed up with|tired of|sick of|lost interest in|swore off"
        r"|sworn off|cut out|grew out of"
        r"|grown out of|is through with|former|formerly|ex-",
        is_plan=True, is_habit=True,
    ),
    # What is finished ends the work on it; another one of its sort ("another painting") ends nothing.
    _sign(
        r"(?:has |have |had |'ve |'s )?(?:just |finally )?(?:finish(?:ed|es)|completed|wrapped up|done with"
        r"|finished with)(?! (?:an?|another|some|two|three|four|five|several|many|more|first|second|third"
        r"|in|last|early|late|at|on|off|up|work|school|the (?:race|marathon|run|day|week|season))\b)",
        is_work=True,
    ),
    _sign(
        r"(?:do(?:es)?|did|is|are|am|has|have|can|was|were)(?:n't| not)(?= (?:[\w'-]+[ ,]+){1,8}?(?:any ?more"
        r"|any longer)\b)",
        is_habit=True,
    ),
    # One thing in the place of another
    _sign(r"switched(?: \w+)? from|moved(?: \w+)? from|changed(?: \w+)? from|went from|upgraded from"
        r"|migrated from", ChangeKind.REPLACE),
    _sign(r"replac(?:ed|es|ing)|swapp?(?:ed|ing)|trad(?:ed|ing)|exchanged", ChangeKind.REPLACE),
    _sign(r"instead of|rather than|in place of|(?:and|,) not(?= \w)|as opposed to"
        r"|no longer", ChangeKind.REPLACE),
    # Plans
    _sign(
        rf"(?:{_BE} )?(?:rescheduled|postponed|pushed back|put off|moved(?: forward| up| back| out)?"
        rf"|delayed|brought forward|shifted|pushed)"
        r"(?= (?:to|for|until|till|by|from|a|one|two|into)\b|[.,;]|$)",
        ChangeKind.RESCHEDULE, is_passive=True, is_plan=True,
    ),
    _sign(
        r"(?:rescheduled|postponed|pushed back|put off|moved|delayed|brought forward|shifted)(?= (?:the"
        r"|my|her|his|their|our|it)\b)",
        ChangeKind.RESCHEDULE, is_plan=True,
    ),
    _sign(
        r"(?:put|pushed|moved|shifted|brought|bumped) (?P<obj>(?:[\w'-]+ ){1,6})(?:off|back|forward)"
        r"(?= (?:to|until|till|by)\b)",
        ChangeKind.RESCHEDULE, is_plan=True,
    ),
)  # fmt: skip
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
    rf"|\b(?:19|20)\d\d\b"
)
_CORRECTING = re.compile(
    r"(?<![\w'-])(?:meant|correction|typo|mistyped|should (?:be|have been|say|read)|got (?:it|that) wrong"
    r"|was wrong|misspoke|transposed"
    r"|swapped (?:the|two) digits)(?![\w-])"
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


@lru_cache(maxsize=20_000)
def fold_sentence(content: str) -> str:
    """The sentence in lower case with plain apostrophes and single spaces."""
    return " ".join(content.translate(_APOSTROPHES).casefold().split())


@lru_cache(maxsize=20_000)
def read_cues(content: str) -> tuple[Cue, ...]:
    """The signs of change in an English sentence, in the first person or the third."""
    text = fold_sentence(content)
    cues: dict[Cue, None] = {}
    for sign in _SIGNS:
        for match in sign.pattern.finditer(text):
            start = max((end.end() for end in _CLAUSE_END.finditer(text, 0, match.start())), default=0)
            before = text[start : match.start()].lstrip()
            if _UNREAL.search(before) or (_OPENS_CONDITION.search(text[: match.start()]) is not None):
                continue
            if sign.is_passive and _STANDS_FOR_OTHER.search(before):
                continue
            cues.setdefault(_read_object(text, match, sign))
    return tuple(cues)


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


_REPLACING = re.compile(
    r"(?<![\w'-])(?:now|these days|nowadays|from now on|instead|as of|lately|since (?:last|this|monday"
    r"|yesterday))(?![\w-])"
)


@lru_cache(maxsize=20_000)
def says_corrected(content: str) -> bool:
    """Whether a sentence takes back what was said and puts it right."""
    return _CORRECTING.search(fold_sentence(content)) is not None


@lru_cache(maxsize=20_000)
def says_replaced(content: str) -> bool:
    """Whether a sentence says that it was otherwise before."""
    return _REPLACING.search(fold_sentence(content)) is not None


@lru_cache(maxsize=20_000)
def says_new(content: str) -> bool:
    """Whether a sentence says that what it tells is new, or takes the place of something."""
    return _NEWNESS.search(fold_sentence(content)) is not None


@lru_cache(maxsize=20_000)
def is_plan_sentence(content: str) -> bool:
    """Whether a sentence speaks of what is to come."""
    return _PLAN.search(fold_sentence(content)) is not None


def numbers_of(content: str) -> frozenset[str]:
    """The numbers in a sentence, also in words, but for days and years."""
    folded = _DATE.sub(" ", fold_sentence(content))
    words = frozenset(DIGITS_BY_WORD[word] for word in folded.split() if word in DIGITS_BY_WORD)
    return words | frozenset(found.strip(".,:/-") for found in _NUMBER.findall(folded))


def _read_object(text: str, match: re.Match[str], sign: _Sign) -> Cue:
    start = max((end.end() for end in _CLAUSE_END.finditer(text, 0, match.start())), default=0)
    stop = next((end.start() for end in _CLAUSE_END.finditer(text, match.end())), len(text))
    if sign.is_return:
        return Cue(sign.kind, topics=sign.topics, needs_object=False, is_return=True)
    inner = " ".join(part for part in match.groupdict().values() if part)
    scope = text[start : match.start()] if sign.is_passive else f"{inner} {text[match.end() : stop]}"
    clause = text[start:stop]
    words = object_words(scope)
    has_subject = not (sign.is_passive or sign.needs_object) and sign.kind is ChangeKind.END
    if not words - _GENERIC - _HABITS and has_subject:
        # "Ann and Oskar broke up", "the whole team at Acme was let go": the thing stands before.
        words = object_words(clause) - object_words(match[0])
        heads = words - _GENERIC - _HABITS
    else:
        heads = _heads(scope)
    return Cue(
        kind=sign.kind,
        heads=heads,
        words=words - _GENERIC,
        habits=object_words(clause) & _HABITS,
        topics=sign.topics,
        needs_object=sign.needs_object,
        is_death=sign.is_death,
        is_plan=sign.is_plan,
        is_habit=sign.is_habit,
        is_possession=sign.is_possession,
        is_return=sign.is_return,
        is_work=sign.is_work,
    )


def _heads(scope: str) -> frozenset[str]:
    """The stems of the thing itself: what stands before the first preposition, or else after it."""
    found = list(_PREPOSITION.finditer(scope))
    spans = zip(
        [0, *(one.end() for one in found)], [*(one.start() for one in found), len(scope)], strict=True
    )
    leads = ["", *(one[0] for one in found)]
    for lead, (start, stop) in zip(leads, spans, strict=True):
        part = object_words(_DATE.sub(" ", scope[start:stop])) - _GENERIC - _HABITS
        if part and lead not in _TIME_PREPOSITIONS:
            return part
    return frozenset()


_TIME_PREPOSITIONS = frozenset(
    ["on", "during", "last", "this", "yesterday", "today", "earlier", "recently", "ago"]
)
