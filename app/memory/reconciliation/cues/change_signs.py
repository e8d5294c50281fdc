"""The signs of change in a sentence that are told by patterns of words, beside those of `ending_phrases`.

What is written here needs more context than a phrase of those tables gives.
"""

import re
from dataclasses import dataclass, replace

from app.core.vocabulary import ChangeKind
from app.memory.reconciliation.cues.change_senses import Sense

_BE = r"(?:is|are|am|was|were|been|being|be|got|gets|get|getting|has been|have been|had been)"


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern of a change, with its sense."""

    pattern: re.Pattern[str]
    sense: Sense


_WORK = frozenset(
    ["employer", "occupation", "employment_status", "department", "team", "manager", "salary", "work_mode"]
)
_HOME = frozenset(["residence", "address", "housing", "rent", "landlord", "staying_at", "lives_with"])
_LOVE = frozenset(["partner", "relationship_status"])
_PERIOD = r"(?:days|weeks|months|years|ages|a while|decades|(?:a|one) (?:week|month|year|decade))"
_MOVED = (
    r"(?:rescheduled|postponed|pushed (?:back|out)|put (?:off|back)|moved(?: forward| up| back| out)?"
    r"|delayed|deferred"
    r"|adjourned|brought forward|shifted|pushed|bumped|held over|rearranged|rebooked|slipped|slid|switched)"
)
_SCHOOL = frozenset(["school", "field_of_study", "degree", "school_year", "course"])


def _sign(pattern: str, kind: ChangeKind = ChangeKind.END, *topics: str, **values: bool) -> Sign:
    sense = replace(Sense(kind, frozenset(topics)), **values)
    return Sign(re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w-])"), sense)


SIGNS = (
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
        r"br(?:oke|oken|eaking) (?:[\w'-]+ )?up|br(?:oke|oken) (?:it|things) off"
        r"|split(?: up(?! (?:the|into))| from)|split with(?! the)"
        r"|(?:we|they|i|us|and [\w'-]+|ha(?:s|ve|d)(?: just)?|couple|parents) (?:have |had )?split"
        r"(?! (?:the|a|into|between|it|our|my|this|on|up|from|with)\b)"
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
        r"|has cleared up|cleared up|all clear|weaned off"
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
        r"|returned home|home again|home at last|home from|back from"
        r"|(?:is|are|am|was|were|be|been|got|came|arrived|landed|finally|now|safely) back in"
        r"(?= [a-z])(?! (?:the|a|an|my"
        r"|her|his|their|town"
        r"|business|touch|shape|stock|action|january|february|march|april|may|june|july|august|september"
        r"|october"
        r"|november|december)\b)|back on (?:home soil|the mainland|dry land)",
        ChangeKind.END, "staying_at", needs_object=False, is_return=True,
    ),
    _sign(
        r"back (?:at|to) (?:work|(?:the|my|her|his|their|[\w-]+'s) (?:\w+ )?(?:office|desk|job|shop|ward"
        r"|classroom|practice))|returned to work|(?:maternity|paternity|parental"
        r"|sick) leave (?:is over|ended|has ended)",
        ChangeKind.END, "employment_status", needs_object=False, is_return=True,
    ),
    # A thing, not time: "took the splint off", and no "took the week off".
    _sign(
        r"(?:took|taken|take|takes|taking) (?P<obj>(?:the|my|his|her|their|our|that) (?!(?:(?:next|whole|rest"
        r"|entire) )?(?:day|afternoon|morning|week|weekend|month|year|summer|time|rest|edge|evening)\b)"
        r"(?:[\w'-]+ ){1,3})off"
    ),
    # A person off a remedy: "took her off the statins".
    _sign(
        r"(?:took|taken|takes|taking) (?!time|some|work|today|tomorrow|it|a|an|the|my|our|two|three|\w+days?)"
        r"[\w'-]+ off(?= (?!work|school|for|to|on|in|this|next|from|at)\w)"
    ),
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
        r"(?:has |have |had )?(?:expired|lapsed|ran out|run out|ended(?! up\b)|finished|fallen through"
        r"|fell through|come to an end|came to an end)"
        r"|(?:is|are|was|were|'s|has been|have been) (?:now |all |finally |already )?(?:over"
        r"|off)"
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
        r"|(?:gone|went) (?:right |totally "
        r"|completely |rather )?off|over it with|fed up with|tired of|sick of|lost interest in|swore off"
        r"|sworn off|cut out|grew out of"
        r"|grown out of|is through with|former|formerly|ex-",
        is_plan=True, is_habit=True,
    ),
    # What is finished ends the work on it; another one of its sort ("another painting") ends nothing.
    _sign(
        r"(?:has |have |had |'ve |'s )?(?:just |finally )?(?:finish(?:ed|es)|completed|wrapped up|done with"
        r"|finished with)(?! (?:an?|another|some|two|three|four|five|several|many|more|first|second|third"
        r"|in|last|early|late|at|on|off|up|work|school|the (?:race|marathon|run|day|week|season))\b)",
        is_work=True, needs_activity=True,
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
    _sign(r"g(?:ave|iven) way|made way", ChangeKind.REPLACE, is_passive=True),
    _sign(
        rf"(?:{_BE} )?(?:replaced|superseded|swapped|exchanged)(?= (?:by|with|for)\b)",
        ChangeKind.REPLACE, is_passive=True,
    ),
    _sign(r"took over from|taken over from|not(?= [\w' -]{1,30} any ?more but\b)", ChangeKind.REPLACE),
    _sign(r"out(?=,? (?:and )?[\w' -]{1,30} in(?:$|[.,;:!]))", ChangeKind.REPLACE, is_passive=True),
    Sign(
        re.compile(
            r"(?<=\w)'s? (?:funeral|burial|cremation|memorial service|heart (?:gave out|stopped"
            r"|failed))(?![\w-])"
        ),
        Sense(topics=frozenset(["life_status"]), is_passive=True, is_death=True, needs_object=False),
    ),
    # What has not been done for long is done no more.
    _sign(
        rf"(?:has|have|had)(?: not|n't)(?! (?:seen|heard|met|slept|known|felt|spoken|talked|found|had|got"
        rf"|missed)\b)"
        rf"(?:(?P<obj> [\w'-]+) (?=in |for )| [\w'-]+(?P<obj2> (?:[\w'-]+ ){{1,7}}?))(?:in"
        rf"|for) (?:[\w-]+ ){{0,3}}{_PERIOD}",
        is_habit=True,
    ),
    _sign(r"no more(?! (?:than|or less|questions?|about|information|details?|to|in|at|on|that|excuses?"
          r"|of)\b|$|[.,;!])",
          is_habit=True),
    _sign(r"no more(?=$|[.,;!])", is_passive=True, is_habit=True),
    # Plans
    _sign(
        rf"(?:{_BE} )?{_MOVED}(?= (?:to|for|until|till|by|from|a|one|two|three|into|because|so)\b|[.,;]|$)",
        ChangeKind.RESCHEDULE, is_passive=True, is_plan=True,
    ),
    _sign(
        rf"{_MOVED}(?= (?:the|my|her|his|their|our|it|[\w-]+'s)\b)",
        ChangeKind.RESCHEDULE, is_plan=True,
    ),
    _sign(
        r"(?:put|pushed|moved|shifted|brought|bumped|pulled) (?P<obj>(?:[\w'-]+ ){1,6})(?:off|back"
        r"|forward|out|up)?"
        r"(?= ?(?:to|until|till|by|for)\b)",
        ChangeKind.RESCHEDULE, is_plan=True,
    ),
    _sign(
        r"(?:is|are|takes? place|will be|happens) (?:now |instead )?(?=(?:on|at|in) [\w ,:]{2,30}(?:now"
        r"|instead)\b)"
        r"|(?:will|is|are) now (?:be|take place|happen|on)(?= )",
        ChangeKind.RESCHEDULE, is_passive=True, is_plan=True,
    ),
)  # fmt: skip
