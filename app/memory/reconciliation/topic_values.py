"""Whether a sentence tells the value of a property, or only has words of it.

"Ann lives in Bath" tells where she lives; "the house music was loud" does not, though both have a word of the
topic. Only a told value takes the place of another.
"""

import re
from functools import lru_cache

from app.memory.identity.attributes import find_topics, is_about
from app.memory.text.analysis import analyze_text
from app.memory.text.word_lists import OCCUPATIONS, SOFTWARE_NAMES, WORKPLACES

_NAME = r"[A-Z\u00c0-\u024f][\w\u00c0-\u024f'&-]*"
_DWELLING = (
    r"(?:flat|apartment|house|bungalow|cottage|studio|room|place|loft|condo|townhouse|caravan|houseboat"
    r"|penthouse|farm|farmhouse|dorm|village|town|city|suburb|countryside|island|bedsit|maisonette)"
)
# What nobody moves to as to a place: parts of an organisation, titles, undertakings, tools.
_NO_PLACES = frozenset(
    analyze_text(
        "marketing sales finance engineering accounting accounts legal product design research operations "
        "support logistics procurement compliance payments billing platform security infrastructure data "
        "analytics hr it qa r&d ux devops consulting strategy communications editorial maintenance surgery "
        "cardiology oncology paediatrics pediatrics radiology emergency intensive nights days shifts "
        "senior junior lead head chief principal deputy director manager executive officer president "
        "partner associate staff supervisor vp ceo cto coo cfo assistant trainee apprentice "
        "project program programme phase team department division unit group squad board committee track "
        "level stage round version plan part-time full-time freelance remote hybrid contract premium basic "
        "linux ubuntu debian fedora windows mac macos android ios chromeos cloud aws azure gcp kubernetes "
        "docker postgres mysql mongodb redis python rust java javascript typescript kotlin swift golang ruby "
        "php react angular vue django github gitlab bitbucket jira linear asana trello notion obsidian "
        "evernote slack discord teams zoom signal telegram whatsapp gmail outlook proton spotify tidal "
        "netflix excel word sheets figma photoshop lightroom vim emacs vscode intellij chrome firefox safari "
        "keto vegan vegetarian decaf tea coffee monday tuesday wednesday thursday friday saturday sunday "
        "january february march april june july august september october november december spring summer "
        "autumn winter english french german spanish maths physics chemistry biology history law medicine "
        + " ".join(sorted(OCCUPATIONS | SOFTWARE_NAMES))
    )
)
_OBJECT = (
    r"(?:the |a |an |his |her |their |my |our )?"
    rf"(?P<object>(?:[\w'-]+ ){{0,3}}?(?:{_NAME}|{_DWELLING})(?: {_NAME})*)"
)
_MOVES = re.compile(rf"\b(?i:mov(?:e|es|ed|ing)|relocat(?:e|es|ed|ing))(?: \w+)?? (?i:to|into) {_OBJECT}")
_MOVES_TO = re.compile(
    r"(?i)\b(?:mov(?:e|es|ed|ing)|relocat(?:e|es|ed|ing))(?: \w+)?? (?:to|into"
    r"|onto)\b(?! (?:be|get|live|join)\b)"
)
_HOME_VALUES = (
    re.compile(
        rf"\b(?i:liv(?:e|es|ing)|based|settled(?: down)?|settling(?: down)?|resid(?:e|es"
        rf"|ing)|rent(?:s|ed|ing)?"
        rf"|own(?:s|ed)?|has|have|got|bought)\b(?: \w+){{0,6}}? (?i:in|at|near|outside) (?:the )?{_NAME}"
    ),
    re.compile(rf"\b(?i:{_DWELLING}|home)(?: \w+){{0,3}}? (?:is )?(?i:in|near|on|outside) (?:the )?{_NAME}"),
    re.compile(
        rf"\b(?i:is|are|am|'m|been|back|now) (?:now |back |currently "
        rf"|home )*in (?:the )?{_NAME}(?: now)?(?=[,.;]|$| since)"
    ),
    re.compile(
        rf"\b(?i:home|residence|city|town|address)\b(?: is| are| now){{1,2}} (?:now |in |at )*{_NAME}"
    ),
    re.compile(rf"\b(?i:liv(?:e|es|ing)|stay(?:s|ing)) (?:in|with|at) (?:\w+ ){{0,3}}{_DWELLING}"),
)
_DWELLS = re.compile(
    rf"(?i)\b(?:liv(?:e|es|ing)|settl|resid|rent|based|keys|lease|neighbou?r|home|{_DWELLING}s?)\b"
)
_JOBS = "|".join(sorted(OCCUPATIONS))
_WORK_VALUES = (
    re.compile(
        rf"\b(?i:work(?:s|ing)?|job|role|position|start(?:s|ed|ing)?|employed|hired"
        rf"|intern(?:s|ing)?|contract"
        rf"|freelanc(?:es|ing)|first (?:day|week|month)|team|career|engineer|manager|analyst|developer|nurse"
        rf"|teacher|designer|clerk|lead|head|assistant|{_JOBS})\b"
        rf"(?: [\w'-]+){{0,5}}? (?i:at|for|with|by|of) (?:the |a |an )?{_NAME}"
    ),
    re.compile(
        rf"\b(?i:join(?:s|ed|ing)?|employer(?: is)?|company(?: is)?|signed (?:up )?with) (?:the )?{_NAME}"
    ),
    re.compile(
        rf"\b(?i:work(?:s|ing)?|start(?:s|ed)|job) (?:\w+ ){{0,2}}?(?:at|for|in) (?:a|an"
        rf"|the|her|his|their|my) (?:[\w'-]+ ){{0,3}}(?:{'|'.join(sorted(WORKPLACES))})s?\b"
    ),
    re.compile(
        r"\b(?i:is|became) (?:now |currently )?(?:unemployed|self-employed|retired|freelance"
        r"|out of work|between jobs)"
    ),
)
_OCCUPATION_VALUES = (
    re.compile(
        r"(?i)\b(?:is|am|are|became|become|becomes|was made|made \w+|promoted to|promoted"
        r"|works? as|working as"
        r"|started as|hired as|retrained as|qualified as|role is|title is|job is|'s new|their new)\b"
        rf"(?: (?!not\b|thinking|looking|searching)[\w'-]+){{0,5}}? (?:{_JOBS}|manager|lead"
        rf"|director|head|analyst"
        r"|officer|chief|executive|supervisor|coordinator|specialist|consultant|technician"
        r"|assistant|president)s?\b"
    ),
)
_LOVE_VALUES = (
    re.compile(
        r"(?i)\b(?:is|are|am|been|got|gets|getting|'re|now|newly"
        r"|happily)\b(?: \w+){0,2} (?:single|married|engaged|divorced"
        r"|separated|widowed|dating|together|seeing|in a relationship|going out)\b"
        r"|\b(?:proposed|said yes|tied the knot|eloped|newlyweds|got hitched|broke up|split up|dumped)\b"
        r"|\b(?:is|are) with [A-Z]"
        r"|\b(?:boyfriend|girlfriend|husband|wife|partner|fianc\u00e9e?|fiancee?"
        r"|spouse)(?:'s name)?,? (?:is |is called |is named "
        r"|called |named )?(?-i:[A-Z])"
        r"|(?-i:[A-Z])[\w'-]+ is (?:now )?\S+(?: new)? (?:boyfriend|girlfriend|husband|wife"
        r"|partner|fianc\u00e9e?|fiancee?|spouse)"
        r"|\b(?:has|have|got|found|met) (?:a |an |someone |somebody )(?:new )?(?:boyfriend"
        r"|girlfriend|husband|wife|partner)"
    ),
    re.compile(r"(?i)\bmarr(?:ied|ies|y)(?: to)? (?-i:[A-Z])|\b(?:dating|seeing|engaged to) (?-i:[A-Z])"),
)
_VALUES = {
    "residence": _HOME_VALUES,
    "address": _HOME_VALUES,
    "housing": _HOME_VALUES,
    "employer": _WORK_VALUES,
    "occupation": _OCCUPATION_VALUES,
    "employment_status": _WORK_VALUES,
    "partner": _LOVE_VALUES,
    "relationship_status": _LOVE_VALUES,
}
_HOME = frozenset(["residence", "address", "housing", "staying_at"])
MAX_VALUE_WORDS = (
    22  # words of a sentence that tells the value of a property; a longer one tells of it in passing
)


@lru_cache(maxsize=20_000)
def told_topics(content: str) -> frozenset[str]:
    """The attributes that a sentence is about; a move to no place is about no home."""
    topics = find_topics(content)
    return topics - _HOME if topics & _HOME and moves_to_no_place(content) else topics


def topics_among(content: str, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted attributes that a sentence is about: `told_topics` for less work."""
    found = frozenset(name for name in wanted if is_about(content, name))
    return found - _HOME if found & _HOME and moves_to_no_place(content) else found


@lru_cache(maxsize=20_000)
def moves_to_no_place(content: str) -> bool:
    """Whether all that a sentence says of moving is a move to what can't be a place ("to Marketing")."""
    if _MOVES_TO.search(content) is None or _DWELLS.search(content):
        return False
    return not any(can_be_place(move["object"]) for move in _MOVES.finditer(content))


def can_be_place(name: str) -> bool:
    """Whether a name may be that of a place: no department, title, undertaking or tool."""
    return not frozenset(analyze_text(name)) & _NO_PLACES


@lru_cache(maxsize=20_000)
def tells_value(topic: str, content: str) -> bool:
    """Whether a sentence tells the value of a property that it is about, for the properties with rules."""
    patterns = _VALUES.get(topic)
    if patterns is None:
        return len(content.split()) <= MAX_VALUE_WORDS
    if topic in _HOME:
        if any(can_be_place(move["object"]) for move in _MOVES.finditer(content)):
            return True
        if moves_to_no_place(content):
            return False
    return any(pattern.search(content) for pattern in patterns)
