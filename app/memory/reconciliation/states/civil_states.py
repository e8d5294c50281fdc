"""States of which a person is in one at a time, by the words that tell them: single or married, working or retired.

Two states of one line exclude each other, whichever comes first in a life. `told` are words by which a sentence
is about the state, so that it can end; `begun` those of the event by which it begins.
"""

from collections.abc import Iterator, Mapping

from app.memory.reconciliation.states.clauses import (
    Clause,
    is_denied,
    is_mentioned_only,
    is_past,
    is_unreal,
)
from app.memory.reconciliation.states.frame_patterns import compile_frame, index_frames
from app.memory.reconciliation.states.holders import NOBODY, Holder, read_holder
from app.memory.reconciliation.states.state_frames import Hold
from app.memory.reconciliation.states.states import State

_BE = "be!|get!!|become!! <aspect>? happily|newly|officially|recently|freshly?"
_LINES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "relationship": {
        "single": (
            "be! .. single|unattached|unpartnered; be! on .. own again; live! alone again",
            "become!! single; break!! up; broke|broken|split|splitting up; end!! .. relationship",
        ),
        "dating": (
            "be! .. dating; be! .. seeing someone|somebody; be! .. going out|steady with; in a .. relationship; be! .. a couple|item; "
            "be! .. together with; be! together; have! .. girlfriend|boyfriend|partner; boyfriend|girlfriend|partner be!; date|dates",
            "get!! together with; got|gotten together; started dating|seeing|going; become!! a couple; moved in together; "
            "have! .. new girlfriend|boyfriend|partner; found|met .. girlfriend|boyfriend|partner; fell in love with; be! seeing",
        ),
        "engaged": ("be! .. engaged to?; fiancé|fiancée|fiance|fiancee be!", "get!! engaged; become!! engaged; said yes to"),
        "married": (
            "be! .. married; husband|wife|spouse be!; be! .. newlyweds; have! .. husband|wife; be! husband|wife and",
            "get!! .. married; got|gotten|getting married; tie!! the knot; get!! hitched; marry!!; wed|wedded; remarry!!; eloped",
        ),
        "separated": ("be! .. separated; live! apart", "have! separated; separated; split up with .. husband|wife; moved out on .. husband|wife"),
        "divorced": ("be! .. divorced; divorcee be!", "get!! .. divorced; divorced; divorce be! .. final|through; divorce came through"),
        "widowed": ("be! .. widowed; be! .. widow|widower", "become!! a? widow|widower|widowed; widowed"),
    },
    "employment": {
        "unemployed": (
            "be! .. unemployed|jobless; out of work|a; between jobs; job hunting|seeking; be! .. job-hunting|job-seeking; looking for .. job|work|employment; "
            "be! on the dole; have! no job|work; without a? job|work",
            "become!! unemployed|redundant",
        ),
        "employed": (
            "work! ~ at|for; work! as; be! employed; have! a .. job",
            "be!|get!!|was|were ~ hired; start!!|begin!! .. job|work|position|role|post; get!!|land!!|find!!|accept!!|take!! .. job|position|role|post|work; "
            "got|found|landed .. job|position|role|post|work; first day|week at; back at|in work; taken on .. by|at; "
            "hire!!|recruit!! H; joined as",
        ),
        "self-employed": (
            "be! .. self-employed|freelance|freelancing|freelancer; freelance|freelances; be! .. own boss",
            "go!! freelance|self-employed; set!! up .. own; started .. own business|company; went|gone|turned freelance|self-employed",
        ),
        "retired": ("be! .. retired; be! .. retiree|pensioner; in retirement", "retire!!; go!! into retirement; took|taken early? retirement"),
    },
    "pregnancy": {
        "pregnant": ("be! .. pregnant|expecting; expect|expects|expecting a|her|his|their|our|twins; have! a .. on the way; baby be! due; weeks|months pregnant",
                     "fell|falls|got pregnant; become!! pregnant"),
        "born": ("", "gave|given|giving birth to?; have! .. baby .. on|at|yesterday|today; had .. baby|twins|boy|girl; become!! a? mother|father|mum|dad|mom|parents; "
                     "baby .. arrived|born|here; born .. healthy; deliver!! .. baby|boy|girl|twins"),
    },
    "tenure": {
        "renting": ("rent|rents|renting; live! .. rented; be! .. tenant|tenants; pay! .. rent", "started|began renting; moved into a rented"),
        "owning": ("own! .. <dwelling>; be! .. homeowner|homeowners",
                   "buy!! .. <dwelling>; become!! .. homeowner|homeowners; purchase!! .. <dwelling>; close!!|closed on .. <dwelling>; keys to .. own <dwelling>; got .. mortgage"),
    },
    "driving": {
        "learner": ("learn|learns|learning to drive; take|takes|taking driving lessons; be! .. learner driver; have! no .. licence|license; cannot drive; have! a provisional",
                    "started|began driving lessons"),
        "licensed": ("", "pass!! .. driving test; pass!! .. test; got|gets .. driving|driver's licence|license; got .. licence|license; have! .. driving licence|license now"),
    },
    "hours": {
        "full-time": ("work! .. full-time; work! full time; be! .. full-time; in full-time", "go!! full-time; went|gone|switched|moved|changed .. to? full-time; started full-time"),
        "part-time": ("work! .. part-time; work! part time; be! .. part-time", "go!! part-time; went|gone|switched|moved|changed|reduced|dropped|cut .. to? part-time"),
    },
    "work_place": {
        "remote": ("work! .. remotely; work! .. from home; be! .. remote; wfh", "go!! remote; went|gone|switched .. to? remote; work! from home now"),
        "hybrid": ("work! .. hybrid; be! .. hybrid", "go!! hybrid; went|gone|switched .. to? hybrid"),
        "on site": ("work! .. on-site|onsite; work! .. in|at|from the office; be! in the office every|five|full-time; commute|commutes .. to the office",
                    "back in the office; back to the office; called back to the office"),
    },
    "diet": {
        "vegan": ("be! .. vegan; eat! vegan", "go!! vegan; went|gone|turned vegan; become!! a? vegan"),
        "vegetarian": ("be! .. vegetarian; eat! .. vegetarian", "go!! vegetarian|veggie; went|gone|turned vegetarian|veggie; become!! a? vegetarian; gave|given up meat; quit meat"),
        "pescatarian": ("be! .. pescatarian|pescetarian", "go!! pescatarian; went|gone|turned pescatarian; become!! a? pescatarian"),
        "meat": ("eat! meat; eat! everything", "eat!!|ate .. meat again; started eating meat|fish; back to .. meat; back on meat; eat! everything again"),
        "keto": ("do! keto; be! .. on .. keto; follow! .. keto; eat! keto", "started keto; went|gone keto; go!! keto"),
        "carbs": ("", "eat!!|ate .. carbs|bread|pasta again; back on|to .. carbs"),
    },
    "studies": {
        "student": ("be! .. student; be! .. undergraduate|undergrad|fresher; study|studies|studying; be! at university|college|uni; be! in .. final|first|second|third year",
                    "enrolled|enroled at|in; started university|college|uni"),
        "graduate": ("be! .. graduate|alumnus|alumna; have! a .. degree in", "graduate!!; graduated .. from|in; finish!! .. degree|studies|university|college|uni; finished .. degree|studies"),
    },
    "training": {
        "trainee": ("be! .. trainee|apprentice|intern; do! .. apprenticeship|traineeship|internship; train|trains|training as|to; in training",
                    "started .. apprenticeship|traineeship|internship"),
        "qualified": ("be! .. qualified|certified|licensed", "qualify!!; qualified as; finish!!|complete!! .. apprenticeship|traineeship|training|internship; pass!! .. apprenticeship|finals|boards|bar; kept on as"),
    },
}  # fmt: skip
_FRAMES = index_frames(
    ((line, state, hold), compile_frame(row.strip(), has_value=False))
    for line, states in _LINES.items()
    for state, texts in states.items()
    for hold, text in zip((Hold.HOLDS, Hold.BEGINS), texts, strict=True)
    for row in text.split(";")
    if row.strip()
)


def read_civil_states(clause: Clause) -> Iterator[State]:
    """Yield the states of such a line that a clause tells, with whose they are."""
    words = frozenset(clause.text.split())
    for word in words & _FRAMES.keys():
        for (line, state, hold), frame in _FRAMES[word]:
            match = frame.pattern.search(clause.text)
            if match is None:
                continue
            before = clause.text[: match.start()]
            if is_unreal(f"{before} ") or is_denied(match[0]) or clause.is_secondary and line != "relationship":
                continue
            if before.endswith((" was ", " were ")) or is_mentioned_only(before, match[0].split()[0]):
                continue
            if hold is Hold.HOLDS and (is_past(before) or is_past(match[0])):
                continue
            told_of = match.groupdict().get("holder") or before
            holder = _owner_of_state(line, read_holder(told_of.strip().removesuffix(" 's")))
            yield State(line, hold, holder, frozenset([state]), is_secondary=clause.is_secondary)


_BABIES = frozenset(["baby", "son", "daughter", "child", "kid", "twin", "twins"])


def _owner_of_state(line: str, holder: Holder) -> Holder:
    """Whose state it is: that a baby was born is told of who has it."""
    if line == "pregnancy" and holder.kin in _BABIES:
        return Holder(holder.owners) if holder.owners else NOBODY
    return holder
