"""Cuts a stored sentence into clauses whose words stand in lower case with single spaces between them."""

import re
from dataclasses import dataclass

from app.core.text_caches import text_cache
from app.memory.reconciliation.cues.change_cues import fold_sentence
from app.memory.reconciliation.states.state_words import SECONDARY, SECONDARY_PHRASES

_ABBREVIATION = r"(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bst)(?<!\bprof)"
_CUT = re.compile(
    rf"[;:!?()]|,|{_ABBREVIATION}\.(?=\s|$)"
    r"| (?:but|because|so|although|though|as soon as)(?= )| (?=(?:which|who|that|where) )"
    r"| (?:while|when|after|before|since|until)(?= (?:the user|i|we|he|she|they|it|my|our|his|her|their)\b)"
    r"| and (?=(?:now|then|she|he|they|i|we|it|the|a new|is|are|am|was|has|have|had|my|our|his|her"
    r"|their|lives"
    r"|works|drives|rides|uses|studies|moved|joined|bought|got|started|took|goes|plays|found|wants|does|did"
    r"|[\w-]+'s (?!place|house|flat|apartment)|[\w-]+ (?:is|has|lives|works|drives|rides|studies|moved|uses"
    r"|goes|plays|joined|started) )\b)"
)
_NOT_BUT = re.compile(r"\bnot (?:[\w.'-]+ ){1,3}but (?=\S)")  # "not Ada but Bo" tells of Bo
_APPOSED = re.compile(r"\b(new (?:[a-z-]+ ){0,2}[a-z-]+), (?=[A-Z])")  # "a new vet, Dr. Hart"
_TITLE = re.compile(r"\b(dr|mr|mrs|ms|prof|st)\.(?= )")
_ITS_NAME = re.compile(r"'s (?:first |full |last )?name is (?!not )")
_RELATIVE = re.compile(r"^(?:which|who|that|where) ")
_POSSESSIVE = re.compile(r"(?<=\w)'s(?= |$)|(?<=s)'(?= )")
# What is denied, only possible, wished for or still to come is no state.
_UNREAL = re.compile(
    r"(?<![^ ])(?:not|never|nor|neither|\w+n't|cannot|would|could|might|may(?= (?:be|have|get|move|go"
    r"|join|take|not))|should|shall|will|\w+'ll|wants?|wanted"
    r"|hopes?|hoping|plans?|planning|planned|going to|about to|intends?|thinking|considering|considers|thinks"
    r"|looking|looks|used to|no longer|no more|if|unless|wish(?:es)?|dreams?|dreamt|dreamed|almost"
    r"|nearly|fear"
    r"|afraid|needs? to|has to|have to|tr(?:y|ies|ied|ying)|refused|refuses|loves? to|likes? to"
    r"|applied|applies"
    r"|applying|asked|asks|interview|offered to|supposed|suppose|imagine|wonders?|stopped|stop|former"
    r"|formerly"
    r"|(?:trying|looking|hoping|planning|aiming|tempted|ready|due|set|about) to|talking|talks)(?= )"
)
_PAST = re.compile(r"(?<![^ ])(?:was|were|had)(?= |$)(?! the| a\b)(?!.*(?:now|these days))")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its words with "'s" apart and a space at the end, and whether they tell a side state."""

    text: str
    is_secondary: bool
    is_relative: bool = False


@text_cache()
def split_clauses(content: str) -> tuple[Clause, ...]:
    """The clauses of a sentence, in their order."""
    named = _APPOSED.sub(r"\1 called ", content)
    folded = _TITLE.sub(r"\1", _NOT_BUT.sub("", fold_sentence(named)))
    folded = _ITS_NAME.sub(" is called ", folded)
    found = (part.strip(" .\"'") for part in _CUT.split(folded))
    return tuple(_read(part) for part in found if part)


def _read(part: str) -> Clause:
    text = " ".join(_POSSESSIVE.sub(" 's", part).split()) + " "
    padded = f" {text}"
    is_secondary = bool(SECONDARY & frozenset(text.split())) or any(
        f" {p} " in padded for p in SECONDARY_PHRASES
    )
    return Clause(text, is_secondary, _RELATIVE.match(text) is not None)


def is_unreal(before: str) -> bool:
    """Whether the words before a verb deny it, or only wish, plan or doubt what it tells."""
    return _UNREAL.search(before) is not None


_IMAGINED = re.compile(
    r"\b(?:thinking|considering|considers|dreams?|dreaming|hopes?|hoping|wants?|would|could|might|thought)"
    r" (?:of|about|to|like|be|have|move|live|get)\b"
)
_NEGATED = re.compile(r"(?<![^ ])(?:not|never|no longer|\w+n't|cannot)(?= )")


def is_imagined(content: str) -> bool:
    """Whether a sentence only plays with what it tells."""
    return _IMAGINED.search(fold_sentence(content)) is not None


_FINITE = re.compile(r"(?<![^ ])(?:is|are|am|been|be|'s|'re)(?: (?:\w+ly|also|now|still|just))*$")


def is_mentioned_only(before: str, verb: str) -> bool:
    """Whether a verb is no verb of the clause: "lucky to have", "Marrying him was the best"."""
    words = before.split()
    if words and words[-1] == "to":
        return True
    return verb.endswith("ing") and verb not in _ING_NOUNS and _FINITE.search(before.strip()) is None


_ING_NOUNS = frozenset(["wedding", "building", "ing", "banking", "training"])


def is_denied(words: str) -> bool:
    """Whether words deny what they tell."""
    return _NEGATED.search(words) is not None


def is_past(before: str) -> bool:
    """Whether the words before what tells a state say that it was one."""
    return _PAST.search(before) is not None
