"""Which clauses of an utterance hold only under a condition."""

import re

from app.memory.extraction.offline.frames.utterances import Clause, Utterance, text_from
from app.memory.extraction.offline.frames.words import (
    ANSWER_VERBS,
    FIRST_PERSON,
    REQUEST_VERBS,
    STANDING_WORDS,
    SUBJECTS,
    UNSURE_WORDS,
)
from app.memory.text.word_sets import word_set

_CONDITION_WORDS = frozenset({"if", "unless", "lest", "supposing", "assuming"})
_CONDITION_PHRASE = re.compile(
    r"\b(?:provided|providing|on condition|on the condition|given|assuming|supposing|granted|so long as"
    r"|as long as"
    r"|in the event|in case)(?: that)? (?=\w+)",
)
# The condition is on the saying, not on what is said: "if that matters", "if I remember right".
_COURTESY = re.compile(
    r"^(?:if|unless) (?:i'm (?:honest|being honest|not mistaken|right|allowed|not wrong"
    r"|completely honest)|i (?:remember|recall|am honest|'m honest|am being|'m being|may|can be"
    r"|'m not mistaken"
    r"|am not mistaken|'m right|know|may say so|have to be honest|understand|must say|could (?:just )?add)"
    r"|(?:you|we|i) (?:also |even )?(?:count|include|add)\b"
    r"|you(?:'re| are)? (?:wonder|curious|ask|know|mind|care|want|need|remember|believe|like|will"
    r"|can believe|please"
    r"|interested|must know|haven't|did(?: not|n't) know|could)|(?:that|it|this)(?:'s| is)? (?:help"
    r"|matter|make|okay"
    r"|ok\b|fine|count|relevant|of any|any (?:help|use)|useful|important|all right|possible)"
    r"|(?:possible|not mistaken|necessary|needed|anyone|anybody|someone asks|memory serves|all else"
    r"|anything|not more"
    r"|so inclined|only (?:for|because|to)))",
)
# Politeness whose condition is what is asked for.
_THANKFUL = re.compile(
    r"\b(?:grateful|obliged|thankful|happy|happier|glad|delighted|pleased|appreciate|great|nice|lovely"
    r"|helpful|ideal|good|best|prefer|wonderful|kind)\b"
)
# What happens once or seldom in a life: under "if" it is not a habit.
_SINGLE_EVENTS = word_set(
    "win marry divorce move relocate emigrate resign quit retire sell inherit graduate qualify pass fail "
    "propose die adopt conceive sign accept approve hire fire promote found succeed buy become land"
)
_BODY = word_set(
    "back knee head stomach belly tummy throat skin nose heart chest leg arm hand foot hip neck shoulder ear "
    "eye tooth asthma allergy sugar pressure migraine"
)
_ANYBODY = word_set("someone somebody anyone anybody people something anything")
_SINGLING = frozenset({"the", "this", "that", "my", "our"})
_FREQUENCY = word_set("always usually often never sometimes normally generally mostly typically every")
_LIKELY_CONTEXTS = re.compile(
    r"\b(?:win|won|wins|rich|grow up|lottery|jackpot|famous|millionaire|billionaire)\b"
)
_MAX_SUBJECT_DISTANCE = 6  # words from "Should" to the subject in "Should my old back get worse"
_POINTERS = frozenset({"it", "that", "this"})
_REACHING = word_set("need want look seek ask find reach call phone ring visit miss")
_ARRIVAL_WORDS = frozenset({"when", "once"})


def find_conditional_clauses(utterance: Utterance) -> set[int]:
    """The heads of the main clauses that a condition governs."""
    found: set[int] = set()
    for index, word in enumerate(utterance.words):
        if word in _CONDITION_WORDS or _starts_phrase(utterance, index):
            if not _is_excused(utterance, index):
                found |= _governed(utterance, index)
        elif word in _ARRIVAL_WORDS and _is_future_contingency(utterance, index):
            found |= _governed(utterance, index)
    return found | _find_inverted(utterance)


def _starts_phrase(utterance: Utterance, index: int) -> bool:
    if utterance.words[index] not in ("provided", "providing", "on", "granted", "so", "as", "in"):
        return False
    if utterance.words[index : index + 2] == ("in", "case") and index > 1:
        return False  # "I carry an inhaler in case I get an attack" is no condition
    token = utterance.tokens[index]
    if token.tag.startswith("VB") and token.relation in SUBJECTS | {"csubj", "ROOT", "conj", "xcomp"}:
        return False  # "I believe that providing help matters"
    return _CONDITION_PHRASE.match(" ".join(utterance.words[index : index + 5]) + " ") is not None


def _is_in_title(utterance: Utterance, index: int) -> bool:
    """Whether the word is written as one of a title: "Catch Me If You Can"."""
    tokens = utterance.tokens
    around = tokens[max(0, index - 1) : index + 2]
    return (
        index > 0
        and len(around) == 3
        and all(token.text[:1].isupper() and not token.text.isupper() for token in around)
    )


def _is_excused(utterance: Utterance, index: int) -> bool:
    """Whether an "if" is none that makes its main clause conditional."""
    words = utterance.words
    before = words[index - 1] if index else ""
    rest = text_from(utterance, index, index + 8)
    if _is_in_title(utterance, index):
        return True
    if before in ("as", "even", "what", "like", "ask", "asked", "asking") or _COURTESY.match(rest):
        return True
    if words[index : index + 2] == ("if", "only"):
        return True
    if words[index : index + 3] == ("if", "not", "more"):
        return True
    token = utterance.tokens[index]
    if token.relation == "mark":
        verb = utterance.tokens[token.head]
        governor = utterance.tokens[verb.head]
        if verb.relation == "ccomp" or (
            verb.relation == "advcl" and governor.lemma.lower() in UNSURE_WORDS - {"ask"}
        ):
            return True  # an embedded question
    return (
        _is_standing_rule(utterance, index)
        or _is_general_truth(utterance, index)
        or _is_polite_request(utterance, index)
        or _tells_how_to_reach(utterance, index)
        or _asks_listener(utterance, index)
    )


def _asks_listener(utterance: Utterance, index: int) -> bool:
    """Whether a condition behind a plain statement asks a favour: "My address is X, if you'd note it".

    "I go to Hull if you can drive me" does not: it is about the journey, and lies ahead.
    """
    condition = utterance.tokens[utterance.tokens[index].head]
    main = utterance.tokens[condition.head]
    subject = utterance.own_subject(condition.index)
    is_plain = main.tag in ("VBP", "VBZ", "VBD") and not utterance.auxiliaries(main.index)
    if not is_plain or condition.relation != "advcl" or main.index > index:
        return False
    if subject is None or subject.text.lower() != "you":
        return False
    modals = {token.text.lower() for token in utterance.auxiliaries(condition.index) if token.tag == "MD"}
    if modals & {"'d", "would", "could"}:
        return True
    named = {utterance.words[place] for place in utterance.children[condition.index]}
    return bool(modals & {"can", "will"}) and (main.tag == "VBD" or bool(named & _POINTERS))


def _tells_how_to_reach(utterance: Utterance, index: int) -> bool:
    """Whether the condition says for whom the rest is told: "If the school needs me, it's 0770"."""
    condition = utterance.tokens[utterance.tokens[index].head]
    main = utterance.tokens[condition.head]
    if condition.relation != "advcl" or condition.lemma.lower() not in _REACHING:
        return False
    wants_speaker = bool({utterance.words[i] for i in utterance.subtree(condition.index)} & {"me", "us"})
    tells_where = main.lemma.lower() == "be" and main.tag in ("VBP", "VBZ")
    return wants_speaker and tells_where


def _is_polite_request(utterance: Utterance, index: int) -> bool:
    """Whether the condition is what is asked for: "I'd be grateful if you answered in French"."""
    if utterance.words[index + 1 : index + 2] != ("you",):
        return False
    verb = utterance.tokens[utterance.tokens[index].head]
    thanks = _THANKFUL.search(text_from(utterance, 0, index)) is not None
    return thanks and verb.lemma.lower() in ANSWER_VERBS - {"be"}


def _is_general_truth(utterance: Utterance, index: int) -> bool:
    """Whether the condition comes true again and again: "If I eat prawns I get a rash".

    Both verbs are in the simple present, as in "whenever"; what is single (the test, my offer) or changes a
    life (win, move, marry) is a condition that may never come true.
    """
    condition = utterance.tokens[utterance.tokens[index].head]
    main = utterance.tokens[condition.head]
    if utterance.words[index] != "if" or condition.relation != "advcl" or main.index == condition.index:
        return False
    if not _is_habitual_condition(utterance, condition.index):
        return False
    if utterance.subject(main.index) is None or main.lemma.lower() in _SINGLE_EVENTS:
        return False
    return _is_simple_present(utterance, main.index, ("can", "ca", "have", "must", "need"))


def _is_habitual_condition(utterance: Utterance, verb: int) -> bool:
    subject = utterance.own_subject(verb)
    lemma = utterance.tokens[verb].lemma.lower()
    if subject is None or lemma in _SINGLE_EVENTS or not _is_simple_present(utterance, verb, ("can", "ca")):
        return False
    is_body = utterance.words[subject.index - 1] == "my" and subject.lemma.lower() in _BODY
    if is_body or subject.text.lower() in _ANYBODY | {"i", "we", "it"}:
        return not any(_is_single(utterance, child) for child in utterance.children[verb])
    return False


def _is_simple_present(utterance: Utterance, verb: int, modals: tuple[str, ...]) -> bool:
    token = utterance.tokens[verb]
    auxiliaries = utterance.auxiliaries(verb)
    if any(a.tag == "MD" and a.text.lower() not in modals for a in auxiliaries) or token.lemma == "be":
        return False
    if any(a.lemma.lower() == "be" for a in auxiliaries):
        return token.tag == "VBN"
    return token.tag in ("VBP", "VBZ", "VB") and (token.tag != "VB" or bool(auxiliaries))


def _is_single(utterance: Utterance, index: int) -> bool:
    """Whether an object is a certain one: "the job", "my visa"."""
    token = utterance.tokens[index]
    if token.relation not in ("dobj", "attr", "nsubjpass") or token.tag not in ("NN", "NNP"):
        return False
    return bool({utterance.words[i] for i in utterance.children[index]} & _SINGLING)


def _is_standing_rule(utterance: Utterance, index: int) -> bool:
    """Whether the condition belongs to a habit or to an instruction: "if I ask for code, use Kotlin"."""
    if _FREQUENCY & set(utterance.words):
        return True
    for clause in utterance.clauses:
        head = utterance.tokens[clause.head]
        has_subject = utterance.subject(clause.head) is not None
        is_imperative = head.tag in ("VB", "VBP") and not has_subject
        if is_imperative and head.lemma.lower() in REQUEST_VERBS | STANDING_WORDS | {
            "use",
            "answer",
            "reply",
            "keep",
        }:
            return head.index != utterance.tokens[index].head
    return False


def _is_future_contingency(utterance: Utterance, index: int) -> bool:
    """Whether "when" or "once" opens what may never come true: "once the loan is through, we'll …"."""
    token = utterance.tokens[index]
    verb = utterance.tokens[token.head]
    is_present = any(t.tag in ("VBZ", "VBP") for t in (verb, *utterance.auxiliaries(verb.index)))
    if verb.relation != "advcl" or not is_present:
        return False
    main = verb.head
    auxiliaries = utterance.auxiliaries(main)
    has_future = any(a.text.lower() in ("will", "'ll", "would", "'d") for a in auxiliaries) or (
        utterance.tokens[main].tag == "VBG" and any(a.lemma == "be" for a in auxiliaries)
    )
    if not has_future:
        return False
    subject = utterance.own_subject(verb.index)
    is_own = subject is not None and subject.text.lower() in FIRST_PERSON
    clause = " ".join(utterance.words[i] for i in utterance.subtree(verb.index))
    return not is_own or _LIKELY_CONTEXTS.search(clause) is not None


def _governed(utterance: Utterance, index: int) -> set[int]:
    """The main clauses under the condition that opens at a token.

    One that stands first governs all that follows up to "but"; one that stands last governs its own clause.
    """
    clauses = utterance.clauses
    own = next((n for n, clause in enumerate(clauses) if index in clause.indexes), 0)
    head = clauses[own].head
    if own and utterance.words[index - 1] == "only" and utterance.tokens[index].head == head:
        return {clauses[own - 1].head, head}  # "I'm in, but only if …"
    if index < head or clauses[own].start >= index - 1:
        return {clause.head for clause in clauses[own : _end_of_reach(utterance, own)]}
    return {head}


def _end_of_reach(utterance: Utterance, first: int) -> int:
    for number in range(first + 1, len(utterance.clauses)):
        clause = utterance.clauses[number]
        before = utterance.words[max(0, clause.start - 2) : clause.start + 1]
        if {"but", ";", "although", "though"} & set(before):
            return number
    return len(utterance.clauses)


def _find_inverted(utterance: Utterance) -> set[int]:
    """The main clauses after "Should we win", "Had I known", "Were I you"."""
    found: set[int] = set()
    if utterance.is_question:
        return found
    for number, clause in enumerate(utterance.clauses):
        start = _skip_openers(utterance, clause)
        if start + 1 >= len(utterance.tokens) or utterance.words[start] not in ("should", "had", "were"):
            continue
        verb = utterance.tokens[start]
        governor = verb.head if verb.relation in ("aux", "auxpass") else start
        subject = utterance.own_subject(governor)
        subject_near = subject is not None and start < subject.index <= start + _MAX_SUBJECT_DISTANCE
        has_main = len(utterance.clauses) > number + 1 or verb.head != clause.head
        if subject_near and has_main and not _is_subject_before(utterance, start):
            found |= {other.head for other in utterance.clauses[number : _end_of_reach(utterance, number)]}
    return found


def _skip_openers(utterance: Utterance, clause: Clause) -> int:
    start = clause.start
    while start < len(utterance.words) and utterance.words[start] in (
        "and",
        "but",
        "so",
        "well",
        ",",
        "oh",
        "now",
    ):
        start += 1
    return start


def _is_subject_before(utterance: Utterance, index: int) -> bool:
    head = utterance.tokens[index].head
    subject = utterance.own_subject(head)
    return subject is not None and subject.index < index
