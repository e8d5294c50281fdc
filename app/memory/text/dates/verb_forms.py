"""Lists of English verb forms, by which a text's tense is found without a parse."""

import re

from app.memory.text.word_sets import word_set

# Past forms, and participles that are used as past forms alone too; without those that are base forms first
# of all ("run", "come", "become").
PAST_FORMS = word_set(
    """
    arose ate awoke became bore been began begun bent bet bit bled blew born bought bred broke broken
    brought built burnt burst cast came caught chose chosen clung crept cut dealt did done drank drawn
    dreamt drew driven drove drunk dug eaten fallen fed fell felt fled flew flown flung forbade forgave
    forgot forgotten fought found froze frozen gave given gone got gotten grew grown had heard held hid
    hidden hit hung hurt kept knelt knew knit known laid lain lay leapt learnt led left lent let lit
    lost made meant met misspelt mistook mown outgrew overslept overtook paid put quit ran rang read
    rebuilt rewrote ridden risen rode rose sang sank sat saw seen sent set sewn shaken shook shone shot
    showed shown shrank shut slept slid slung sought spat sped sold spelt spent spilt split spoilt spoke
    spoken sprang spread spun stole stolen stood strode struck stuck stung sung swam swept swore sworn
    swum swung taken taught threw thrown told took tore torn thought undertook underwent understood
    upset went withdrew withdrawn woke woken won wore worn wound wove woven wrote written
    """
)
# The same in the present and the past: only what follows tells which.
_SAME_FORMS = word_set("put cut shut let set hit quit hurt split bet cast read spread")
_PAST_TIME = re.compile(
    r"\b(?:yesterday|last (?:night|week|weekend|month|year|summer|winter|spring|autumn|fall|\w+day)|ago"
    r"|for good|this morning|in (?:19|20)\d\d)\b",
    re.IGNORECASE,
)
SAID_AS_DEED = word_set("goodbye goodbyes farewell bye hello")
# In "-ed" without being verbs.
NOT_PAST = word_set(
    """
    hundred naked sacred wicked kindred rugged shred sled bred shed embed infrared biped bed
    """
)
# Setting up something that lies ahead: "booked for Friday", "rescheduled to Friday".
ARRANGING_VERBS = word_set(
    """
    accepted agreed applied arranged assigned booked committed confirmed enrolled entered extended
    invited lined ordered organised organized pencilled penciled planned preordered put registered
    rented reserved rsvped scheduled set signed slated slotted timetabled
    """
)
# Setting it up anew or calling it off: "the gig on Friday was cancelled" does not say when Friday is.
REARRANGING_VERBS = word_set(
    """
    adjourned brought bumped called deferred slid slipped canceled cancelled changed delayed moved postponed
    pushed rearranged
    rebooked rescheduled shifted swapped switched
    """
)
# A past form after which an infinitive lies ahead: "we decided to leave on Friday".
COMMITTING_VERBS = ARRANGING_VERBS | word_set(
    """
    aimed asked chose decided elected expected hoped intended meant offered promised proposed swore told
    vowed volunteered
    """
)
# What is got or made now and used later: "got tickets for Friday", "made an appointment for Friday".
ARRANGEMENTS = word_set(
    """
    appointment appointments audition booking bookings callback interview interviews invitation
    invitations invite invites place plans referral reservation reservations reschedule seat seats slot
    spot ticket tickets viewing
    """
)
OBTAINING_VERBS = word_set(
    """
    bought got gotten given made received scored secured sent won found managed landed
    """
)
# Of timetables: their present is about what lies ahead.
TIMETABLE_VERBS = word_set(
    """
    airs arrives begins closes comes departs drops ends expires finishes flies gets goes graduates
    happens has kicks lands lasts launches leaves marries meets moves needs opens plays premieres
    reopens resumes retires returns runs sails ships starts takes turns visits wants
    """
)
TIMETABLE_PLURALS = word_set(
    """
    arrive begin close come depart end expire finish fly go graduate kick land launch leave marry meet
    move open play resume retire return run sail start turn visit
    """
)
# They tell of words that went wrong, not when anything is: "sorry, I meant Friday".
CORRECTING_VERBS = word_set("mean meant misspoke mistyped miswrote")
# What stands in a text of appointments without a verb: "Dentist on the 12th".
PLAN_NOUNS = word_set(
    """
    anniversary appointment appt audition barbecue bbq biopsy birthday booking brunch checkup check-up
    check-in class concert conference court deadline delivery demo dentist departure dinner doctor
    doctors exam exams final finals flight funeral gig gp graduation hearing holiday inspection
    interview launch lecture lesson lunch match meeting mot moving mri op operation orthodontist party
    performance physio picnic premiere presentation race reception recital rehearsal reminder
    reservation reunion scan screening seminar service session show surgery test ticket tickets train
    training trip vaccination vet viewing wedding workshop x-ray zoom
    """
)
MODALS = word_set(
    """
    will 'll shall may would can could might must should gonna wo ca sha ought
    """
)
BE_PRESENT = word_set(
    """
    am is are 'm 're ai
    """
)
BE_PAST = word_set(
    """
    was were
    """
)
HAVE_PRESENT = word_set(
    """
    have has 've
    """
)
DO_PRESENT = word_set(
    """
    do does
    """
)
AUXILIARIES = word_set(
    """
    be been being have has had 've not n't to get getting
    """
)
SUBJECTS = word_set(
    """
    i you he she it we they who there that this what which everyone everybody someone
    """
)
OBJECTS = word_set("me you him her it us them everyone everybody someone")
ARTICLES = word_set("a an the my our your his her its their")
DATE_WORDS = word_set(
    """
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec easter christmas xmas new
    """
)
SINGULAR_SUBJECTS = word_set(
    """
    he she it who that this which everyone everybody someone
    """
)
DETERMINERS = word_set(
    """
    a an the my our your his her its their this that these those some any no very so too more most
    """
)
# Between the words of one verb group, or between its subject and it.
ADVERBS = word_set(
    """
    actually all already also always apparently both certainly currently definitely even ever finally
    first formally fully generally hardly hopefully just kinda lately likely literally maybe merely
    mostly nearly never normally not n't now officially often only originally possibly probably
    provisionally quite rarely really recently regularly seldom simply sometimes soon still sure then
    tentatively totally truly typically usually
    """
)
HABIT_WORDS = word_set(
    """
    always usually often sometimes normally typically generally rarely seldom every each
    """
)
PLANNING_VERBS = word_set(
    """
    plan plans hope hopes intend intends want wants aim aims expect expects need needs wish
    """
)
# Without a thought of what might have been.
PURE_FUTURE = word_set("will 'll wo shall gonna")
AHEAD_WORDS = word_set("upcoming due remind remember")
# Got now and held until it is used.
HOLDING_VERBS = word_set("got gotten won landed")
QUESTIONED = SUBJECTS - {"that", "this", "there"}


def has_same_forms(verb: str) -> bool:
    """Whether a verb's past is spelt as its present is ("put")."""
    return verb.lower() in _SAME_FORMS


def is_told_past(verb: str, following: str) -> bool:
    """Whether such a verb stands in the past by a time that follows: "Put it up for sale yesterday"."""
    return has_same_forms(verb) and _PAST_TIME.search(following) is not None
