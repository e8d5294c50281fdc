"""Who is said to have said a clause."""

import re

from app.memory.extraction.offline.frames.utterances import Clause, Utterance, is_verb_of, says_more
from app.memory.extraction.offline.frames.words import (
    BELIEF_VERBS,
    FIRST_PERSON,
    HEARSAY_VERBS,
    KIN,
    LOOSE_SAY_VERBS,
    OCCUPATIONS,
    OWN_LABELS,
    SAY_VERBS,
)
from app.memory.text.word_sets import word_set

_ACCORDING = re.compile(
    r"\b(?:according to|in the words of|to quote|as per)\s+(.{2,60}?)(?=[,:]| (?:i|my|we)\b)", re.IGNORECASE
)
_RUMOUR = re.compile(
    r"\b(?:rumou?r has it|word is|legend has it|gossip is|they say|people say|it is said|it's said)\b"
)
_AS_SAID = re.compile(
    r"^\W*(?:and |but |so |well )?(?i:as|like) (?P<who>(?:my|our|his|her|the|a|an|your) (?:\w+ ){1,3}?"
    r"|[A-Z]\w+ |they |he |she |people )"
    r"(?:always |often |once |usually |never |like to |likes to |used to )*(?:say|says|said|put it"
    r"|puts it|told me|tells me|would say)\b"
)
_LIKE_SAYS = re.compile(
    r"\b(?:be|is|was|are|were|am|'s|'re) (?:(?:always|totally|just|so|basically|really) )?(?:all"
    r"|like)\b"
)
_REPORTING_VERBS = SAY_VERBS | BELIEF_VERBS | HEARSAY_VERBS
# What may stand between "He was" or "She goes" and the words that are quoted.
_LIKE_WORDS = word_set(
    'like all this just so on , and : " “ always totally then now really basically also again'
)
ANY_LOOSE = LOOSE_SAY_VERBS | BELIEF_VERBS
COLLOQUIAL = frozenset({"go", "be"})  # "And she goes, …", "He was like, …"
NO_LOOSE: frozenset[str] = frozenset()
# What they say is so: the speaker has read it there.
_INSTRUMENTS = word_set(
    "scale scales thermometer clock meter watch tracker test result scan odometer badge passport"
)
_IMPERSONAL = frozenset({"it", "there", "this", "that", "which"})


def find_reporter(utterance: Utterance, clause: Clause) -> tuple[bool, str | None]:
    """Whether a clause is reported by its own grammar ("Ann said she is ill"), and by whom."""
    text = " ".join(utterance.words[i] for i in clause.indexes)
    source = _ACCORDING.search(utterance.text)
    if source is not None and source.start() + utterance.start <= utterance.tokens[clause.indexes[-1]].end:
        is_own = source[1].lower().split()[0] in FIRST_PERSON and len(source[1].split()) == 1
        return not is_own, None if is_own else source[1].strip()
    if _RUMOUR.search(text):
        return True, None
    saying = _AS_SAID.match(utterance.text)
    if saying is not None:
        return True, saying["who"].strip()
    for index in clause.indexes:
        token = utterance.tokens[index]
        lemma = token.lemma.lower()
        if not is_verb_of(token, _REPORTING_VERBS) or token.tag not in ("VBD", "VBZ", "VBP", "VBN", "VBG"):
            continue
        if _is_embedding(utterance, clause, index) and _has_complement(utterance, clause, index):
            is_reported, reporter = _judge_speaker(utterance, index, lemma)
            if is_reported:
                return True, reporter
    return False, None


def find_speech_verb(
    utterance: Utterance, first: int, last: int, loose: frozenset[str] = ANY_LOOSE
) -> tuple[int, str | None] | None:
    """The last verb of speech among tokens[first:last] whose subject is not the speaker: (index, who).

    `loose` admits verbs that mean speech only before a colon or a quotation ("My boss goes: …").
    """
    for index in range(last - 1, first - 1, -1):
        token = utterance.tokens[index]
        lemma = token.lemma.lower()
        is_speech = is_verb_of(token, SAY_VERBS) or is_verb_of(token, loose)
        if not is_speech or token.tag not in ("VBD", "VBZ", "VBP", "VBN", "VBG"):
            continue
        if lemma in ("be", "go") and set(utterance.words[index + 1 : last]) - _LIKE_WORDS:
            continue
        if lemma == "be" and not _LIKE_SAYS.search(" ".join(utterance.words[index : index + 4])):
            continue
        subject = _speaker_of(utterance, index)
        if subject is None:
            continue
        if utterance.words[subject] in FIRST_PERSON and utterance.tokens[subject].relation == "nsubj":
            return None
        return index, utterance.phrase(subject)
    return None


def is_own_speech(utterance: Utterance, first: int, last: int) -> bool:
    """Whether among tokens[first:last] the speaker says that they said something: "I told him: …"."""
    for index in range(first, last):
        token = utterance.tokens[index]
        if is_verb_of(token, SAY_VERBS | {"go", "be"}) and token.tag in ("VBD", "VBP", "VBZ", "VBG"):
            subject = utterance.subject(index)
            if subject is not None and subject.text.lower() in ("i", "we"):
                return (
                    token.lemma.lower() != "be"
                    or _LIKE_SAYS.search(" ".join(utterance.words[index : index + 3])) is not None
                )
    return False


def find_label(utterance: Utterance, colon: int) -> str | None:
    """The name before a colon that says who speaks next: "Mum:", "From Ann:"; None if it is no person's."""
    words = [
        i
        for i in range(colon)
        if utterance.words[i] not in ("from", "by", "per", "-", "*", "my", "the", "me")
    ]
    if not 0 < len(words) <= 3 or set(utterance.words[:colon]) & OWN_LABELS:
        return None
    last = utterance.tokens[words[-1]]
    is_person = last.tag in ("NNP", "NNPS") or last.lemma.lower() in KIN | OCCUPATIONS
    if not is_person or any(utterance.tokens[i].tag.startswith("VB") for i in words):
        return None
    return " ".join(utterance.tokens[i].text for i in range(colon)).strip()


def _is_embedding(utterance: Utterance, clause: Clause, index: int) -> bool:
    """Whether a verb governs the clause rather than standing in a relative clause of it."""
    current = index
    while current != clause.head:
        if utterance.tokens[current].relation in ("relcl", "acl", "pcomp"):
            return False
        parent = utterance.tokens[current].head
        if parent == current:
            return False
        current = parent
    return True


def _has_complement(utterance: Utterance, clause: Clause, index: int) -> bool:
    """Whether what was said is a clause, no main clause of its own, and is not asked or ordered."""
    lemma = utterance.tokens[index].lemma.lower()
    for child in utterance.children[index]:
        if child not in clause.indexes:
            continue
        token = utterance.tokens[child]
        if token.relation == "ccomp" and child > index:
            return not _opens_with_degree(utterance, child)
        if lemma == "tell" and token.relation == "dobj" and _is_told_about_speaker(utterance, child):
            return True
        if token.relation == "xcomp" and token.tag == "VB" and lemma in ("tell", "advise", "warn", "say"):
            return True
        if token.relation in ("ccomp", "parataxis") and is_verb_of(
            utterance.tokens[index], SAY_VERBS | BELIEF_VERBS
        ):
            return True
    subject = utterance.own_subject(index)  # "signed me off, said the knee's fine": the parser's subject
    return (
        lemma in SAY_VERBS and subject is not None and subject.index > index and says_more(utterance, index)
    )


def _is_told_about_speaker(utterance: Utterance, person: int) -> bool:
    """Whether what was told was parsed as a relative clause of who was told: "tells people I cheated"."""
    for child in utterance.children[person]:
        subject = utterance.own_subject(child) if utterance.tokens[child].relation == "relcl" else None
        if (
            subject is not None
            and child == subject.head
            and utterance.words[subject.index - 1] == utterance.words[person]
        ):
            return subject.text.lower() in FIRST_PERSON
    return False


def _opens_with_degree(utterance: Utterance, head: int) -> bool:
    """Whether a complement is "how much she liked it": that she told it is what happened."""
    first = min(utterance.subtree(head))
    return utterance.words[first] in ("how", "why", "where", "what", "who", "which")


def _judge_speaker(utterance: Utterance, index: int, lemma: str) -> tuple[bool, str | None]:
    subject = _speaker_of(utterance, index)
    if subject is None:
        return False, None
    token = utterance.tokens[subject]
    if lemma in HEARSAY_VERBS:
        return token.text.lower() in FIRST_PERSON and not _is_about_speaker(utterance, index), None
    if token.relation == "nsubjpass":  # "I was told I have asthma", "it is said that"
        return token.text.lower() not in FIRST_PERSON or not _is_about_speaker(utterance, index), None
    if token.text.lower() in FIRST_PERSON or token.text.lower() == "you":
        return False, None
    if token.text.lower() in _IMPERSONAL:
        return lemma in SAY_VERBS, None
    is_read = token.lemma.lower() in _INSTRUMENTS
    return not is_read, None if is_read else utterance.phrase(subject)


def _speaker_of(utterance: Utterance, index: int) -> int | None:
    subject = utterance.subject(index)
    token = utterance.tokens[index]
    if subject is None and token.relation in ("relcl", "acl"):
        return token.head
    if subject is None and token.relation == "xcomp":  # "Dad keeps telling everyone that …"
        subject = utterance.subject(token.head)
    if subject is None:  # "My sister dropped the twins off, said …"
        before = [i for i in utterance.children[index] if i < index]
        clauses = (i for i in before if utterance.tokens[i].relation == "ccomp")
        subject = next((found for i in clauses if (found := utterance.own_subject(i)) is not None), None)
    return subject.index if subject is not None else None


def _is_about_speaker(utterance: Utterance, index: int) -> bool:
    """Whether what was said has the speaker as subject: then it is theirs."""
    for child in utterance.children[index]:
        if utterance.tokens[child].relation in ("ccomp", "xcomp"):
            subject = utterance.own_subject(child)
            if subject is None:
                return True
            words = {utterance.words[i] for i in utterance.subtree(subject.index)}
            return bool(words & FIRST_PERSON)
    return False
