"""Which clauses of an utterance ask, and which requests of the moment state nothing."""

import re

from app.memory.extraction.offline.frames.utterances import Clause, Utterance
from app.memory.extraction.offline.frames.words import (
    FINITE_TAGS,
    FIRST_PERSON,
    REQUEST_VERBS,
    STANDING_WORDS,
    SUBJECTS,
    UNSURE_WORDS,
    WH_WORDS,
)
from app.memory.text.dates.verb_forms import is_told_past
from app.memory.text.word_sets import word_set

# A tag asks whether the listener agrees; what stands before it is asserted.
_TAG = re.compile(
    r"[,.!;—–-]?\s*\b(?:right|correct|no|yes|yeah|huh|eh|ok(?:ay)?|hm+|innit|you know|know what i mean"
    r"|get it|isn't that"
    r"|is that (?:right|correct|okay|ok|weird|normal|bad|crazy)|you see|see|remember"
    r"|can you believe (?:it|that|this)"
    r"|don't you think|would you believe (?:it|that)|agreed|deal|makes sense|does that make sense"
    r"|understood|got it"
    r"|(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|am|ai|wo)(?:n't| not)?"
    r" (?:i|you|he|she|it|we|they|there|that)(?: not)?)\s*\?+\W*$"
)
_AUXILIARIES = word_set(
    "am is are was were do does did have has had can could will would shall should may might must ca wo "
    "ain ai"
)
_OPENERS = frozenset(
    [
        "and",
        "but",
        "so",
        "well",
        "oh",
        "hey",
        "hi",
        "hello",
        "ok",
        "okay",
        ",",
        "now",
        "then",
        "also",
        "please",
        "thanks",
        "yes",
        "no",
        "btw",
        "anyway",
        "um",
        "uh",
        "hmm",
        "or",
        "-",
        "—",
        ":",
        ";",
        "*",
        "•",
        "(",
        '"',
        "“",
        "because",
        "anyways",
        "actually",
    ]
)
_NO_QUESTION_BEFORE = word_set("so neither nor never not only hardly seldom rarely little here there")
_STOPS = frozenset({":", ";"})
_DIVIDING_MARKS = frozenset({",", "-", "–", "—", ";", ":"})
_ASKING_NOUNS = frozenset(
    {"any", "thoughts", "ideas", "suggestions", "tips", "advice", "recommendations", "opinions"}
)
# Imperatives that ask for nothing: they announce ("Guess what, I'm ill") or prefer ("Give me tea any day").
_NO_REQUEST = re.compile(
    r"^\W*(?:(?:ok|okay|so|well|oh|hey|hi|and|but)\W+)*(?:guess what\b[,:!. —–-]+(?:i|i'm|im|we|my|our|it|he"
    r"|she|they|there)\b|give me .{2,60}?\b(?:any ?day|any ?time|over (?:any|every|all|\w+ any))\b)"
)
# "I'm 34, and you?": what is asked back has no verb.
_ASKS_BACK = re.compile(
    r"(?:\b(?:and|but|what about|how about)\s{1,3}){1,2}(?:you(?:rs|rself)?|your \w+|u|urs)"
    r"(?: (?:too|then|guys|all|lot))?\s*\?\W*$",
    re.IGNORECASE,
)
_EMBEDDED_MARKS = frozenset({"whether", "if"})


def find_questions(utterance: Utterance) -> set[int]:
    """The heads of the clauses that ask."""
    ends_asking = utterance.is_question
    tag = _TAG.search(utterance.lower) if ends_asking else None
    is_tagged = tag is not None and tag.start() > 0
    found: set[int] = set()
    clauses = utterance.clauses
    for number, clause in enumerate(clauses):
        is_last = number == len(clauses) - 1
        asks = _is_inverted(utterance, clause) or _opens_with_question_word(utterance, clause, ends_asking)
        if asks or (is_last and ends_asking and not is_tagged) or _asks_indirectly(utterance, clause):
            found.add(clause.head)
            if ends_asking and asks:
                return found | {later.head for later in clauses[number:]}
    if is_tagged and len(clauses) > 1:
        found |= {clause.head for clause in clauses if _is_within_tag(utterance, clause, tag)}
    return found


def find_asking_tail(utterance: Utterance) -> int | None:
    """Where a question without a verb begins after a statement: "…, any ideas for a present?".

    It asks back or for ideas, or its speaker told of themselves before a stop or a "so": "I live in Oslo, so:
    where to eat?". What nothing divides from the rest may be a part of it ("We meet on Friday, at five?").
    """
    if not utterance.is_question:
        return None
    back = _find_asking_back(utterance)
    if back is not None:
        return back
    words = utterance.words
    for index in range(len(words) - 1, 1, -1):
        if utterance.tokens[index].tag in FINITE_TAGS:
            return None
        asks_for_ideas = words[index] in _ASKING_NOUNS and words[index - 1] in _DIVIDING_MARKS
        if asks_for_ideas or (_is_break(utterance, index) and _tells_of_speaker(utterance, index)):
            is_led = index > 3 and words[index - 2] == "so" and words[index - 3] in _DIVIDING_MARKS
            return index - 2 if is_led else index  # "…, so: any ideas?"
    return None


def _find_asking_back(utterance: Utterance) -> int | None:
    match = _ASKS_BACK.search(utterance.text)
    if match is None:
        return None
    start = utterance.start + match.start()
    first = next(token.index for token in utterance.tokens if token.start >= start)
    return first if _tells_of_speaker(utterance, first) else None


def _is_break(utterance: Utterance, index: int) -> bool:
    """Whether a stop, or a mark with "so" behind it, divides a word from those before it."""
    before = utterance.words[index - 1]
    return before in _STOPS or (before in _DIVIDING_MARKS and utterance.words[index] == "so")


def _tells_of_speaker(utterance: Utterance, end: int) -> bool:
    """Whether the words before `end` have a finite verb whose subject is the speaker or theirs."""
    for token in utterance.tokens[:end]:
        if token.relation in SUBJECTS and token.index < utterance.tokens[token.head].index < end:
            phrase = {utterance.words[place] for place in utterance.subtree(token.index)}
            if phrase & FIRST_PERSON:
                return True
    return False


def is_request(utterance: Utterance, clause: Clause) -> bool:
    """Whether a clause tells the listener to do something now; standing instructions are none of these."""
    head = utterance.tokens[clause.head]
    if head.tag not in ("VB", "VBP") or utterance.subject(clause.head) is not None:
        return False
    words = {utterance.words[i] for i in clause.indexes}
    if _NO_REQUEST.match(utterance.lower):
        return False
    if words & STANDING_WORDS or utterance.is_negated(clause.head):
        return False
    following = utterance.text[head.end - utterance.start :]
    if _first_word(utterance, clause) != clause.head or is_told_past(head.text, following):
        return False
    return head.lemma.lower() in REQUEST_VERBS


def _first_word(utterance: Utterance, clause: Clause) -> int:
    return next(
        (
            i
            for i in clause.indexes
            if utterance.words[i] not in _OPENERS and utterance.tokens[i].tag != "_SP"
        ),
        clause.start,
    )


def _is_inverted(utterance: Utterance, clause: Clause) -> bool:
    """Whether the auxiliary comes first: "Am I …", "what would my taxes be"."""
    first = _first_word(utterance, clause)
    subject = utterance.own_subject(clause.head)
    if subject is None or subject.relation == "csubj":
        return False
    verbs = [token.index for token in utterance.auxiliaries(clause.head)]
    if utterance.words[clause.head] in _AUXILIARIES or utterance.tokens[clause.head].lemma.lower() == "be":
        verbs.append(clause.head)
    if (
        not verbs
        or min(verbs) > subject.index
        or utterance.words[min(verbs)] not in _AUXILIARIES | {"'s", "'re"}
    ):
        return False
    if utterance.words[first] in _NO_QUESTION_BEFORE:
        return False
    if utterance.tokens[first].relation == "prep" and first + 1 < len(utterance.words):
        first += 1  # "In what ways did she change?"
    return first == min(verbs) or utterance.words[first] in WH_WORDS


def _opens_with_question_word(utterance: Utterance, clause: Clause, ends_asking: bool) -> bool:
    first = _first_word(utterance, clause)
    word = utterance.words[first]
    if word not in WH_WORDS or not ends_asking:
        return word == "how" and utterance.words[first + 1 : first + 2] == ("to",) and first == clause.start
    token = utterance.tokens[first]
    while token.index not in (token.head, clause.head):
        if token.relation in ("advcl", "csubj", "relcl"):
            return False  # "When I was a kid, …" opens a clause of its own
        token = utterance.tokens[token.head]
    return True


def _asks_indirectly(utterance: Utterance, clause: Clause) -> bool:
    """Whether its speaker does not know: "I wonder if", "I'm not sure whether"."""
    for index in clause.indexes:
        if utterance.words[index] not in _EMBEDDED_MARKS or utterance.tokens[index].relation != "mark":
            continue
        verb = utterance.tokens[utterance.tokens[index].head]
        governor = utterance.tokens[verb.head]
        if verb.relation in ("ccomp", "advcl", "pcomp") and governor.lemma.lower() in UNSURE_WORDS:
            subject = utterance.subject(clause.head)
            return governor.lemma.lower() != "ask" or (
                governor.tag != "VBD" and (subject is not None and subject.text.lower() in FIRST_PERSON)
            )
    return False


def _is_within_tag(utterance: Utterance, clause: Clause, tag: re.Match[str] | None) -> bool:
    """Whether a clause is the tag itself: "…, can you believe it?"."""
    if tag is None or clause is utterance.clauses[0]:
        return False
    words = [w for w in (utterance.words[i] for i in clause.indexes) if any(c.isalnum() for c in w)]
    return len(words) <= len(tag[0].split()) + 1 and any(
        utterance.tokens[i].relation in SUBJECTS for i in clause.indexes
    )
