"""Finds the clauses that say nothing: reactions, pleasantries, passing states, requests, general opinions."""

import re
from itertools import pairwise

from app.memory.extraction.offline.grammar.sentence_tree import is_verb
from app.memory.extraction.offline.worth.clause_view import (
    EVALUATIONS,
    FIRST_PERSON,
    SAFETY_WORDS,
    ClauseView,
    content_words,
    find_names,
    has_anchor,
    has_relation,
    is_number,
    tells_of_relative,
)
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

_WORK_AT_HAND = word_set(
    """
    error errors message code file files option options version output answer response script function
    link question questions bug document prompt first second third last result results example try fail
    fix
    """
)
_REACTIONS = word_set(
    """
    agree appreciate thank thanks congratulate congrats bet understand relate guess assume wonder imagine
    """
)
_ANYBODY = word_set("people everybody everyone anybody anyone somebody someone nobody others folks humans")
_POINTERS = word_set("it that this they these those there which what everything all")
_MOMENTARY = re.compile(
    r"\b(?:(?:just )?(?:woke|waking|got) up|(?:am|'m|is|was|feel(?:ing)?|been) (?:so |very |really |just "
    r"|a bit |a little |pretty |super |too |kinda )?"
    r"(?:bored|tired|sleepy|hungry|thirsty|exhausted|beat|swamped|busy|late|back|here|home|fine|good|great"
    r"|okay|ok|well|ready|done|cold|hot|confused|lost|speechless|in)\b"
    r"|slept (?:badly|well|poorly|terribly|great|okay|late|in|like)|sending you|be right back|brb"
    r"|gotta (?:go|run)"
    r"|(?:have|need) to (?:go|run)(?: now)?$|going to bed|off to bed"
    r"|heading (?:out|home|off)|on (?:my|the) way|running late|can't sleep|talk (?:soon|later)"
    r"|catch (?:you|up)|see you|talk to you|good (?:morning|night|evening|afternoon)"
    r"|have a (?:good|great|nice|lovely)|take care|(?:am|'m) off\b|having (?:coffee|lunch|dinner"
    r"|breakfast)(?: now)?$|just (?:ate|had (?:coffee|lunch|dinner|breakfast)))",
    re.IGNORECASE,
)
_PLEASANTRY = re.compile(
    r"\b(?:thank(?:s| you)|congrat\w*|good luck|way to go|well done|keep (?:it |me |up)|let me know|let's"
    r"|sounds? (?:like|good|great|fun|awesome|amazing|perfect|lovely|cool)"
    r"|looks? (?:great|good|amazing|awesome|delicious|lovely|fun|so)|no (?:worries|problem)|same here"
    r"|me too|you're welcome|got it|count me in|i(?:'m| am) in$|(?:happy|glad|excited|thrilled|proud"
    r"|stoked|rooting|here|good|great|pleased) (?:for|of) you\b"
    r"|proud of you|happy for|can't wait to (?:see|hear|read|try|chat|talk|check)|(?:looking"
    r"|look) forward to (?:hear|see|chat|catch|it)|i'll (?:let|keep) you|hope (?:you|it|everything|that"
    r"|all)"
    r"|means a lot|here for you|got this|i feel you|i hear you|i see\b|i know what you mean|i get (?:it"
    r"|that|you|what)|keep in touch|stay (?:safe|positive|strong)|i owe you|nice to meet you"
    r"|pleased to meet you)",
    re.IGNORECASE,
)
_VAGUE_PLAN = re.compile(
    r"\b(?:will|'ll|going to|gonna|am going to|want to|have to|need to|plan to|should|try to"
    r"|got to) (?:definitely |totally |probably |just |also |really )?"
    r"(?:try|check|give|do|see|look|think|keep|get|have|be|let|remember|consider|take|go|make|start"
    r"|work)\b(?: (?:it|that|this|them|one|some|back|out|into|on|about|for|up|a|the|look|shot|try|soon"
    r"|there|over|care|in|of|those|these|mind|read)){0,8}\W*(?:soon|later|today|tomorrow|sometime|then"
    r"|for sure|next|now)?\W*$",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:today|tonight|this (?:morning|afternoon|evening)|right now|now)\b", re.IGNORECASE)
# What one asks an assistant for; "I'm looking for a flat" tells of one's life.
_ASKS = re.compile(
    r"\bi(?:'m| am|'d like| would like| want| need| have)? (?:just |also |currently )?(?:looking for"
    r"|look for|searching for|need|want|hoping for|in need of|curious|wondering|wonder|would like|'d like"
    r"|interested in (?:knowing|learning more|hearing)|trying to (?:understand|figure|find|decide|come up)"
    r"|not sure (?:if|how|what|whether|which|why)|have (?:a|one|another|some|few)(?: \w+)? question)s?\b"
    r"[^.]{0,80}?\b(?:recipes?|help|advice|ideas?|suggestions?|tips?|recommendations?|info|information"
    r"|explanations?|examples?|summar(?:y|ies)|outlines?|synonyms?|templates?|answers?|questions?|feedback"
    r"|you to|guidance|instructions|resources|options|ways?|if|how|what|whether|which|why|more about)\b",
    re.IGNORECASE,
)

# A thought of the moment, or what is done next with what was just said.
_NEXT_STEP = re.compile(
    r"\bi(?:'m| am)? ?(?:think|guess|believe)?,? ?(?:that )?(?:i(?:'ll| will| can| could| should| might)"
    r"|'ll| will) (?:definitely |also |probably |just |try to |go ahead and |make sure )*"
    r"(?:start|try|check|focus|make|look|give|use|consider|follow|stick|serve|keep|explore|begin|see"
    r"|go with|opt|do|add|take|store|incorporate|implement|go)\b",
    re.IGNORECASE,
)
_THOUGHT = re.compile(
    r"\bi(?:'m| am| was|'ve been| have been)? ?(?:just |also |still |really |a bit |quite |so )*"
    r"(?:curious (?:about|how|if|what|why)|not sure|ready to|unsure|wondering|(?:was |been )?thinking about"
    r"|interested in (?:learning|knowing|hearing|exploring|understanding)|want to make sure"
    r"|didn['’]?t (?:realize|realise|know)|wants? to (?:know|ask|understand)|hop(?:e|ing) (?:to get|for)"
    r"|appreciate|like (?:that|the idea|your))\b",
    re.IGNORECASE,
)
_GENERAL_JUDGEMENT = re.compile(
    r"^(?:\W*(?:and|but|so|well|yeah|also)\b,? ?)?"
    r"(?:i (?:really |also |still |do |totally )?(?:think|believe|feel|guess|agree|find|know)(?: like)?,? "
    r"(?:that )?)?(?:it|that|this)(?:'s| is| can be| must be|'ll be| will be| has been|'s been) "
    r"(?:also |really |so |not |always |just |very |all |such |quite |pretty |been ){0,3}(?:an? )?(?:\w+ )?"
    r"(?:important|crucial|essential|vital|amazing|great|good|nice|helpful|interesting|wonderful|fair|clear"
    r"|true|awesome|frustrating|inspiring|sad|hard|tough|cool|incredible|easy|key|reassuring|fascinating"
    r"|useful|necessary|worth)\b(?: \w+){0,2} (?:to|that|how|when|for|if|what|\w+ing)\b",
    re.IGNORECASE,
)
# What is shown at this moment, and what one only hopes.
_PASSING = re.compile(
    r"^\W*(?:and |but |also |so |oh,? )?(?:here(?:'s| is| are)|(?:check|look)(?: out| at)|this (?:is|was)"
    r"|take a look at)\b(?: \w+){0,3}? (?:photos?|pics?|pictures?|snaps?|shots?|images?|video|clip)\b"
    r"|^\W*here(?:'s| is) to\b|\bcross\w* (?:my|our) fingers\b|\bfingers crossed\b",
    re.IGNORECASE,
)


_PAST = ("VBN", "VBD")
_OBJECT_FORMS = word_set("me us him them")
_POSSESSIVES_ALONE = word_set("mine ours yours hers theirs")


def is_empty(view: ClauseView) -> bool:
    """Whether the clause says nothing that could be looked up later."""
    if view.text.startswith("["):  # a note of the chat program: "[shares image: ...]"
        return True
    words = content_words(view)
    anchors = len(find_names(view)) + sum(is_number(token) for token in view.tokens)
    if _PLEASANTRY.search(view.text) and anchors + len(words) <= 4 and not SAFETY_WORDS.search(view.text):
        return True
    is_fragment = _is_fragment(view) and not (view.lacks_subject and words)
    if is_fragment or _begins_with_order(view) or _is_passing_thought(view) or _is_of_anybody(view):
        return True
    if view.is_dialogue:
        is_of_talk = _praises_what_is_shown(view) or _looks_forward(view)
    else:
        is_of_talk = _is_about_work_at_hand(view, words) or _ASKS.search(view.text) is not None
    return is_of_talk or (not anchors and _is_empty_without_anchors(view, words))


def leans_on_another(view: ClauseView) -> bool:
    """Whether the clause says by itself neither what nor whom it is about ("mine dies", "me included")."""
    head = view.clause.head
    subject = view.tree.subject(head)
    if subject is None:
        return view.tokens[0].text.lower() in _OBJECT_FORMS and head.tag in _PAST
    word = subject.text.lower()
    is_absolute = word in _OBJECT_FORMS and head.tag in _PAST and not view.tree.auxiliaries(head)
    return is_absolute or (word in _POSSESSIVES_ALONE and subject.index == view.tokens[0].index)


def _is_empty_without_anchors(view: ClauseView, words: list[str]) -> bool:
    """Whether a clause without names and numbers is a passing state, a plan, a reaction or an opinion."""
    subject = view.tree.subject(view.clause.head)
    is_now = not view.has_date or _NOW.search(view.text) is not None
    is_passing = is_now and _MOMENTARY.search(view.text) is not None and len(words) <= 3
    return (
        (not words and not is_comment(view))
        or is_passing
        or _VAGUE_PLAN.search(view.text) is not None
        or (subject is not None and subject.text.lower() == "you")
        or _is_general_opinion(view, subject)
        or view.clause.head.lemma.lower() in _REACTIONS
    )


def _praises_what_is_shown(view: ClauseView) -> bool:
    """Whether its speaker only likes what was just told of or shown ("I love the colours")."""
    head = view.clause.head
    if head.lemma.lower() not in _LIKING or view.has_date or find_names(view) or has_relation(view):
        return False
    if any(is_number(token) for token in view.tokens) or SAFETY_WORDS.search(view.text):
        return False
    thing = view.tree.child(head, "dobj", "ccomp")
    if thing is None:
        return False
    begin = view.tree.tokens[view.tree.subtree(thing)[0]]
    owner = view.tree.child(thing, "det", "poss")
    pointer = owner.text.lower() if owner is not None else ""
    is_open = view.tree.child(thing, "prep", "relcl", "compound", "acl") is None
    return begin.text.lower() in ("how", "what") or (pointer in _SHOWN and (is_open or pointer != "the"))


def _looks_forward(view: ClauseView) -> bool:
    """Whether the clause only says that its speaker can't wait for something that has no date or name."""
    head = view.clause.head
    return (
        head.lemma.lower() == "wait"
        and view.tree.is_negated(head)
        and not (view.has_date or find_names(view))
    )


_LIKING = word_set("love like enjoy adore appreciate admire dig")
_SHOWN = word_set("the that this these those your his her their its")


def _is_passing_thought(view: ClauseView) -> bool:
    """Whether the clause judges in general, or says what its speaker wonders or does next."""
    if _PASSING.search(view.text):
        return True
    told = {token.text.lower() for token in view.tokens} & {"my", "me", "our", "us"}
    if view.has_date or tells_of_relative(view):
        return False
    if not told and _GENERAL_JUDGEMENT.search(view.text) and not find_names(view):
        return True
    if view.is_dialogue or SAFETY_WORDS.search(view.text):
        return False
    return _THOUGHT.match(view.text) is not None or _NEXT_STEP.match(view.text) is not None


def _begins_with_order(view: ClauseView) -> bool:
    """Whether the clause begins by telling the other what to do, or by calling out ("Great catching up")."""
    first = view.tokens[0]
    if _labels_order(view):
        return True
    if view.lacks_subject or view.clause.subject is not None:
        return False
    follows = view.tokens[1] if len(view.tokens) > 1 else None
    subject = view.tree.subject(view.clause.head)
    if subject is first and first.lemma.lower() in EVALUATIONS and follows is not None:
        return follows.tag == "VBG"
    has_subject_before = subject is not None and subject.index < view.clause.head.index
    is_order = first.tag == "VB" and first.relation in ("ROOT", "ccomp", "advcl", "conj", "csubj", "dep")
    return is_order and not (first is view.clause.head and has_subject_before)


def _labels_order(view: ClauseView) -> bool:
    """Whether an order follows a label ("Step 1: boil the eggs")."""
    for mark, following in pairwise(view.tokens):
        if mark.text == ":":
            told = {token.text.lower() for token in view.tokens}
            return following.tag == "VB" and not told & FIRST_PERSON
    return False


def _is_about_work_at_hand(view: ClauseView, words: list[str]) -> bool:
    """Whether the clause only tells of what assistant and speaker are at, or of a bite in passing."""
    if words and set(words) <= _WORK_AT_HAND and not find_names(view) and not view.has_date:
        return True
    head = view.clause.head
    is_bite = head.tag == "VBD" and head.lemma in ("have", "get") and not view.tree.auxiliaries(head)
    is_bite = is_bite and view.tree.child(head, "xcomp") is None
    return is_bite and len(words) <= 1 and not has_anchor(view)


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
    return not (words & FIRST_PERSON or definite) and (head.lemma == "be" or finite.tag == "MD")


def _is_of_anybody(view: ClauseView) -> bool:
    """Whether the clause tells of people in general ("Many people work at night")."""
    subject = view.tree.subject(view.clause.head)
    if subject is None or subject.text.lower() not in _ANYBODY or view.has_date:
        return False
    is_definite = view.tree.child(subject, "poss", "relcl", "prep", "nummod", "acl") is not None
    owned = view.clause.head.tag in ("VBD", "VBN") or not FIRST_PERSON.isdisjoint(
        token.text.lower() for token in view.tokens
    )
    return not (is_definite or owned)


def _is_fragment(view: ClauseView) -> bool:
    """Whether the clause is no statement: it has no verb with a subject."""
    head = view.clause.head
    if view.clause.subject is not None or _is_mistaken_verb(view):
        return False
    return view.tree.subject(head) is None or not (is_verb(head) or view.tree.auxiliaries(head))


def _is_mistaken_verb(view: ClauseView) -> bool:
    """Whether the tagger takes the only verb for a plural noun ("The key hangs in the shed")."""
    head = view.clause.head
    has_verb = any(is_verb(token) for token in view.tokens)
    return head.tag == "NNS" and not has_verb and view.tree.child(head, "compound") is not None


def is_comment(view: ClauseView) -> bool:
    """Whether the clause only judges what was told before ("It was so powerful")."""
    subject = view.tree.subject(view.clause.head)
    if len(content_words(view)) > 1 or find_names(view):
        return False
    if subject is not None and subject.text.lower() in _POINTERS:
        return True
    thing = view.tree.child(view.clause.head, "dobj")
    return thing is not None and thing.text.lower() in _POINTERS and not has_anchor(view)
