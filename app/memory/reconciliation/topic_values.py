"""Whether a sentence tells the value of a property, or only has words of it.

"Ann lives in Bath" tells where she lives; "the house music was loud" does not, though both have a word of the
topic. Only a told value takes the place of another.
"""

import re

from app.core.text_caches import text_cache
from app.memory.identity.attributes import find_topics, is_about
from app.memory.text.analysis import analyze_text
from app.memory.text.word_lists import OCCUPATIONS, SOFTWARE_NAMES

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
_DWELLS = re.compile(
    rf"(?i)\b(?:liv(?:e|es|ing)|settl|resid|rent|based|keys|lease|neighbou?r|home|{_DWELLING}s?)\b"
)
_HOME = frozenset(["residence", "address", "housing", "staying_at"])
MAX_VALUE_WORDS = (
    22  # words of a sentence that tells the value of a property; a longer one tells of it in passing
)


@text_cache()
def told_topics(content: str) -> frozenset[str]:
    """The attributes that a sentence is about; a move to no place is about no home."""
    topics = find_topics(content)
    return topics - _HOME if topics & _HOME and moves_to_no_place(content) else topics


def topics_among(content: str, wanted: frozenset[str]) -> frozenset[str]:
    """Those of the wanted attributes that a sentence is about: `told_topics` for less work."""
    found = frozenset(name for name in wanted if is_about(content, name))
    return found - _HOME if found & _HOME and moves_to_no_place(content) else found


@text_cache()
def moves_to_no_place(content: str) -> bool:
    """Whether all that a sentence says of moving is a move to what can't be a place ("to Marketing")."""
    if _MOVES_TO.search(content) is None or _DWELLS.search(content):
        return False
    return not any(can_be_place(move["object"]) for move in _MOVES.finditer(content))


def can_be_place(name: str) -> bool:
    """Whether a name may be that of a place: no department, title, undertaking or tool."""
    return not frozenset(analyze_text(name)) & _NO_PLACES


def tells_value(content: str) -> bool:
    """Whether a sentence is so short that it tells the value of a property that it is about."""
    return len(content.split()) <= MAX_VALUE_WORDS
