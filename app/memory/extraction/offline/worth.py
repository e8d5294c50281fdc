"""Decides whether a clause tells something that is worth knowing later.

A few properties of the clause, read off its grammar, are weighed; the weights were fitted by
`benchmarks/worth_weights.py`. What only reacts, greets, thanks or tells of the moment is dropped before.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from enum import IntEnum

from app.memory.extraction.offline.persons import RELATION_NOUNS
from app.memory.extraction.offline.sentence_tree import SentenceTree, is_name, is_verb
from app.memory.extraction.offline.splitting import ClauseSpan
from app.memory.text.parsed_text import Token
from app.memory.text.stop_words import KEYWORD_STOP_WORDS
from app.memory.text.word_lists import MONTHS_AND_DAYS


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# They judge without saying what is so.
_EVALUATIONS = _word_set(
    """
    amazing awesome awful bad beautiful best better big bit brilliant cool crazy cute delicious different difficult easy
    enjoyable epic exciting excited fab fabulous fantastic fine fun funny glad good gorgeous great happy hard helpful huge
    incredible inspiring interesting important key kind lovely lucky magical meaningful memorable neat nice okay perfect
    pleasant powerful precious pretty proud rad real rewarding sad scary special stunning super sure sweet terrible thankful
    grateful tough true unique unreal useful weird wild wonderful worth worthwhile worst wow yummy impressive intense
    impressed hilarious vibrant rough insane unforgettable breathtaking adorable
    """
)
# Verbs and nouns of talk and thought, too general to say anything.
_GENERAL = _word_set(
    """
    be have do get go come make take give see look know think mean say tell talk ask want let try keep feel seem sound
    guess hope wish wonder believe agree understand hear help need like love check happen start put show find
    thing things stuff something anything everything nothing someone anyone everyone way lot lots kind sort bit time times
    day days moment moments idea ideas feeling feelings reason point part place people person word words matter
    thank thanks support luck news deal fact life world heart mind today tomorrow now later soon right okay yeah oh hey
    remember forget wait share enjoy appreciate imagine stay bring work well
    """
)
_REACTIONS = _word_set(
    "agree appreciate thank thanks congratulate congrats bet understand relate guess assume wonder imagine"
)
_FIRST_PERSON = frozenset(["i", "me", "my", "mine", "myself", "we", "us", "our", "ours"])
_SECOND_PERSON = frozenset(["you", "your", "yours"])
_POINTERS = frozenset(
    ["it", "that", "this", "they", "these", "those", "there", "which", "what", "everything", "all"]
)
_ATTITUDES = _word_set("think guess believe hope suppose know mean feel bet wish see hear")
_MOMENTARY = re.compile(
    r"\b(?:(?:just )?(?:woke|waking|got) up|(?:am|'m|is|was|feel(?:ing)?|been) (?:so |very |really |just |a bit |a little |pretty |super |too |kinda )?"
    r"(?:bored|tired|sleepy|hungry|thirsty|exhausted|beat|swamped|busy|late|back|here|home|fine|good|great|okay|ok|well|ready|done|cold|hot|confused|lost|speechless|in)"
    r"|slept (?:badly|well|poorly|terribly|great|okay|late|in|like)|be right back|brb|gotta (?:go|run)|(?:have|need) to (?:go|run)(?: now)?$|going to bed|off to bed"
    r"|heading (?:out|home|off)|on (?:my|the) way|running late|can't sleep|talk (?:soon|later)|catch (?:you|up)|see you|talk to you|good (?:morning|night|evening|afternoon)"
    r"|have a (?:good|great|nice|lovely)|take care|(?:am|'m) off\b|having (?:coffee|lunch|dinner|breakfast)(?: now)?$|just (?:ate|had (?:coffee|lunch|dinner|breakfast)))",
    re.IGNORECASE,
)
_PLEASANTRY = re.compile(
    r"\b(?:thank(?:s| you)|congrat\w*|good luck|way to go|well done|keep (?:it |me |up)|let me know|let's|sounds? (?:like|good|great|fun|awesome|amazing|perfect|lovely|cool)"
    r"|looks? (?:great|good|amazing|awesome|delicious|lovely|fun|so)|no (?:worries|problem)|same here|me too|you're welcome|got it|count me in|i(?:'m| am) in$|(?:happy|glad|excited|thrilled|proud|stoked|rooting|here|good|great|pleased) (?:for|of) you\b"
    r"|proud of you|happy for|can't wait to (?:see|hear|read|try|chat|talk|check)|(?:looking|look) forward to (?:hear|see|chat|catch|it)|i'll (?:let|keep) you|hope (?:you|it|everything|that|all)"
    r"|means a lot|here for you|got this|i feel you|i hear you|i see\b|i know what you mean|i get (?:it|that|you|what)|keep in touch|stay (?:safe|positive|strong)|i owe you|nice to meet you|pleased to meet you)",
    re.IGNORECASE,
)
_VAGUE_PLAN = re.compile(
    r"\b(?:will|'ll|going to|gonna|am going to|want to|have to|need to|plan to|should|try to|got to) (?:definitely |totally |probably |just |also |really )?"
    r"(?:try|check|give|do|see|look|think|keep|get|have|be|let|remember|consider|take|go|make|start|work)\b(?: (?:it|that|this|them|one|some|back|out|into|on|about|for|up|a|the|look|shot|try|soon|there|over|care|in|of|those|these|mind|read))*\W*(?:soon|later|today|tomorrow|sometime|then|for sure|next|now)?\W*$",
    re.IGNORECASE,
)
# What one asks an assistant for; "I'm looking for a flat" tells of one's life.
_ASKS = re.compile(
    r"\bi(?:'m| am|'d like| would like| want| need| have)? (?:just |also |currently )?(?:looking for|look for|searching for|need|want|hoping for|in need of|curious|wondering|wonder|would like|'d like|interested in (?:knowing|learning more|hearing)|trying to (?:understand|figure|find|decide|come up)|not sure (?:if|how|what|whether|which|why)|have (?:a|one|another|some|few)(?: \w+)? question)s?\b"
    r"[^.]{0,80}?\b(?:recipes?|help|advice|ideas?|suggestions?|tips?|recommendations?|info|information|explanations?|examples?|summar(?:y|ies)|outlines?|synonyms?|templates?|answers?|questions?|feedback|you to|guidance|instructions|resources|options|ways?|if|how|what|whether|which|why|more about)\b",
    re.IGNORECASE,
)
_SAFETY = re.compile(
    r"\b(?:allerg\w+|intoleran\w+|epipen|insulin|medicat\w+|medicine|prescri\w+|diabet\w+|asthma\w*|epilep\w+|coeliac|celiac|vegan|vegetarian|pescatarian"
    r"|halal|kosher|pregnan\w+|diagnos\w+|surgery|\d+ ?mg|tablets?|pills?|hives|anaphyla\w+|pacemaker|disab\w+|deaf|blind|wheelchair)\b",
    re.IGNORECASE,
)
_HABIT = re.compile(
    r"\b(?:every|each|always|never|usually|often|weekly|daily|monthly|regularly|twice|once a|weekdays|weekends|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|in the (?:mornings|evenings)|most (?:days|nights|mornings))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ClauseTraits:
    """What is weighed of a clause; each number is between 0 and 1, mostly 0 or 1."""

    of_speaker: float
    of_belonging: float
    of_person: float
    of_pronoun: float
    of_listener: float
    names: float
    numbers: float
    dates: float
    relations: float
    habit: float
    safety: float
    past_event: float
    perfect: float
    progressive: float
    plan: float
    modal: float
    attitude: float
    evaluation: float
    content: float
    told_of_speaker: float
    of_listeners: float
    wish: float


# Fitted; the first is for every clause.
INTERCEPT = -2.6
WEIGHTS = ClauseTraits(
    of_speaker=0.5, of_belonging=0.9, of_person=0.8, of_pronoun=0.0, of_listener=-1.0, names=0.8, numbers=0.8, dates=0.8,
    relations=0.6, habit=0.6, safety=2.5, past_event=0.3, perfect=0.4, progressive=0.6, plan=-0.4, modal=-0.6,
    attitude=-0.2, evaluation=-0.2, content=3.3, told_of_speaker=0.6, of_listeners=-0.6, wish=0.1,
)  # fmt: skip
THRESHOLD = 0.28
# Who talks to an assistant says less by the way: what is told of oneself is told for a reason.
THRESHOLD_ALONE = 0.14
_MANY_WORDS = 8  # content words; more count as so many
_MIN_CONTENT = 1


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A clause for the gate: tokens[first:last + 1], whose subject may stand elsewhere; `speaks` names the people talking."""

    tree: SentenceTree
    clause: ClauseSpan
    first: int
    last: int
    has_date: bool
    titles: frozenset[int]
    speaking: frozenset[str]
    lacks_subject: bool
    is_dialogue: bool

    @property
    def tokens(self) -> Sequence[Token]:
        """The words of the clause."""
        return self.tree.tokens[self.first : self.last + 1]

    @property
    def text(self) -> str:
        """The clause as it was said."""
        return self.tree.text[self.tokens[0].start : self.tokens[-1].end]


class Worth(IntEnum):
    """What a clause is worth: nothing, a comment on what was told before, little, or a memory of its own."""

    NOTHING = 0
    COMMENT = 1
    LITTLE = 2
    MEMORY = 3


def judge_clause(view: ClauseView) -> Worth:
    """What the clause is worth to somebody who reads it later."""
    if not view.tokens or is_empty(view):
        return Worth.NOTHING
    if is_comment(view):
        return Worth.COMMENT
    threshold = THRESHOLD if view.is_dialogue else THRESHOLD_ALONE
    return Worth.MEMORY if estimate_worth(measure_traits(view)) >= threshold else Worth.LITTLE


def estimate_worth(traits: ClauseTraits) -> float:
    """The estimated chance that a reader would call the clause worth knowing."""
    total = INTERCEPT + sum(w * value for w, value in zip(astuple(WEIGHTS), astuple(traits), strict=True))
    return 1 / (1 + math.exp(-total))


def is_empty(view: ClauseView) -> bool:
    """Whether the clause is a reaction, a pleasantry, a passing state, or says nothing that could be looked up."""
    text = view.text
    if text.startswith("["):
        return True
    subject = view.tree.subject(view.clause.head)
    anchors = len(_names(view)) + sum(_is_number(token) for token in view.tokens)
    words = content_words(view)
    if not words and not anchors and not is_comment(view):
        return True
    if not anchors and not view.has_date and (_MOMENTARY.search(text) and len(words) <= 3):
        return True
    if _PLEASANTRY.search(text) and anchors + len(words) <= 4 and not _SAFETY.search(text):
        return True
    if not anchors and _VAGUE_PLAN.search(text):
        return True
    if _is_fragment(view, subject) and not (view.lacks_subject and words):
        return True
    if subject is not None and subject.text.lower() == "you" and not anchors:
        return True
    if not view.is_dialogue and _ASKS.search(text):
        return True
    if _is_general_opinion(view, subject) and not anchors:
        return True
    return view.clause.head.lemma.lower() in _REACTIONS and not anchors


def _is_general_opinion(view: ClauseView, subject: Token | None) -> bool:
    """Whether the clause tells what holds for anybody ("Family is important")."""
    head = view.clause.head
    auxiliaries = view.tree.auxiliaries(head)
    finite = auxiliaries[0] if auxiliaries else head
    if (
        subject is None
        or finite.tag not in ("VBZ", "VBP", "MD")
        or view.has_date
        or subject.tag.startswith("PRP")
    ):
        return False
    words = {token.text.lower() for token in view.tokens}
    definite = any(
        child.relation in ("poss", "det")
        and child.text.lower() not in ("a", "an", "any", "every", "all", "some", "no")
        for child in view.tree.children[subject.index]
    )
    return not (words & _FIRST_PERSON or definite or words & RELATION_NOUNS) and (
        head.lemma == "be" or finite.tag == "MD"
    )


def _is_fragment(view: ClauseView, subject: Token | None) -> bool:
    """Whether the clause is no statement: it has no verb with a subject."""
    head = view.clause.head
    return subject is None or not (is_verb(head) or view.tree.auxiliaries(head))


def is_comment(view: ClauseView) -> bool:
    """Whether the clause only judges what was told before ("It was so powerful")."""
    subject = view.tree.subject(view.clause.head)
    is_pronoun = subject is not None and subject.text.lower() in _POINTERS
    return is_pronoun and len(content_words(view)) <= 1 and not _names(view)


def content_words(view: ClauseView) -> list[str]:
    """The lemmas of a clause that say what it is about."""
    found: list[str] = []
    for token in view.tokens:
        lemma = token.lemma.lower()
        if token.index in view.titles or _is_number(token):
            found.append(lemma)
        elif token.tag[:2] in ("NN", "VB", "JJ", "RB", "FW", "AD") and token.text[:1].isalpha():
            general = lemma in _GENERAL or lemma in _EVALUATIONS or lemma in KEYWORD_STOP_WORDS
            if (
                not general
                and token.tag[:2] != "RB"
                and token.text.lower() not in view.speaking
                and len(lemma) > 1
            ):
                found.append(lemma)
    return found


def has_anchor(view: ClauseView) -> bool:
    """Whether the clause names a time, a number, a name or a person by relation."""
    return (
        view.has_date
        or bool(_names(view))
        or any(_is_number(token) or token.text.lower() in RELATION_NOUNS for token in view.tokens)
    )


def _names(view: ClauseView) -> list[Token]:
    return [
        token
        for token in view.tokens
        if is_name(token)
        and token.text.lower() not in view.speaking | MONTHS_AND_DAYS
        and (token.index > 0 or token.relation in ("nsubj", "nsubjpass", "compound"))
        and len(token.text) > 1
    ]


def _is_number(token: Token) -> bool:
    return (token.tag == "CD" and token.text.lower() != "one") or token.text[:1].isdigit()


def measure_traits(view: ClauseView) -> ClauseTraits:
    """Read the traits of a clause off its grammar."""
    tree, head = view.tree, view.clause.head
    subject = tree.subject(head)
    word = subject.text.lower() if subject is not None else ""
    of_speaker = word in ("i", "we") or view.lacks_subject or _is_joined_speaker(tree, subject)
    owner = tree.child(subject, "poss") if subject is not None else None
    own = owner is not None and owner.text.lower() in ("my", "our")
    auxiliaries = [token.text.lower() for token in tree.auxiliaries(head)]
    tag = head.tag
    words = content_words(view)
    amount = min(len(words), _MANY_WORDS) / _MANY_WORDS
    text = view.text
    plan = (
        "will" in auxiliaries
        or "'ll" in auxiliaries
        or (head.lemma in ("go", "gon", "plan") and any(t.tag == "TO" for t in view.tokens))
    )
    return ClauseTraits(
        of_speaker=of_speaker,
        of_belonging=own,
        of_person=bool(
            subject is not None
            and not own
            and (is_name(subject) or word in ("he", "she") or word in RELATION_NOUNS)
        ),
        of_pronoun=word in ("it", "that", "this", "they", "these", "those", "there", "what"),
        of_listener=word == "you",
        names=min(len(_names(view)), 2) / 2,
        numbers=any(_is_number(token) for token in view.tokens),
        dates=view.has_date,
        relations=any(token.text.lower() in RELATION_NOUNS for token in view.tokens),
        habit=_HABIT.search(text) is not None,
        safety=_SAFETY.search(text) is not None,
        past_event=tag == "VBD" and head.lemma not in ("be", "think", "feel", "know"),
        perfect=any(a in ("have", "'ve", "has", "'s") for a in auxiliaries) and tag == "VBN",
        progressive=tag == "VBG",
        plan=plan,
        modal=any(
            a in ("can", "could", "should", "might", "may", "must", "would", "'d", "ca") for a in auxiliaries
        ),
        attitude=head.lemma in _ATTITUDES,
        evaluation=any(token.lemma.lower() in _EVALUATIONS for token in view.tokens),
        content=amount,
        told_of_speaker=any(token.text.lower() in _FIRST_PERSON for token in view.tokens)
        or view.lacks_subject,
        of_listeners=any(token.text.lower() in _SECOND_PERSON for token in view.tokens),
        wish=head.lemma in ("want", "like", "love", "need") and any(t.tag == "TO" for t in view.tokens),
    )


def _is_joined_speaker(tree: SentenceTree, subject: Token | None) -> bool:
    """Whether the speaker is one of several subjects ("Anna and I")."""
    return subject is not None and any(child.text == "I" for child in tree.children[subject.index])
