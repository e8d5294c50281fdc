"""What a question or a wish takes for granted: "a gift for my sister Eva, who turns 30 on 5 August".

Its frame reaches what is asked, not the clauses that only say whom or why it is about (presuppositions and
what triggers them: Levinson 1983, Pragmatics, section 4.2.1). Each is written as a sentence of its own, which
is read like any other. What is asked about an unknown ("a shop that sells ...") is not told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.words import TEXT_TASKS
from app.memory.extraction.offline.grammar.asking import find_stated
from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.grammar.sentence_tree import (
    FINITE_TAGS,
    SUBJECTS,
    SentenceTree,
    is_finite,
    is_name,
    is_verb,
)
from app.memory.extraction.offline.statements import Statement
from app.memory.text.dates.verb_forms import PLAN_NOUNS
from app.memory.text.kinship import nearest_relation
from app.memory.text.parsed_text import Token
from app.memory.text.word_sets import word_set

MAX_PRESUPPOSED = 24  # of a segment
# What is asserted may be worth no memory as a whole ("I want a name for the kitten that we adopted").
_FRAMES = frozenset([Frame.QUESTION, Frame.WISH, Frame.ASSERTED, Frame.PLANNED])
_OWNERS, _SPEAKERS = word_set("my our"), word_set("i we")
_DEFINITE = word_set("the this these that those")
_RELATIVES, _PLACES = word_set("who whom which that"), word_set("where when")
_REASONS = word_set("because since as cause cuz although though")
_SUPPOSING = word_set("would could should might may must 'd wo")  # "who would like it" is no fact yet
_AHEAD, _AT = word_set("for to before until at"), word_set("in at on with near")
_PARTS = word_set("of in at from on near by")
# What somebody "has" new is no thing of theirs: "my new plan is to wait", "my new year's resolution".
_NO_POSSESSIONS = word_set(
    "year week month day idea plan question problem draft version sentence text title answer story list name "
    "chapter normal favorite favourite thing"
)
_MEASURES = word_set("soon long far much well often same such")
_DRAFTING = word_set(
    "write draft compose email mail text say tell claim pretend lie explain argue phrase excuse"
)
_TIMES = word_set("last this next yesterday today")
_DAY = re.compile(r"\d|day\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_GOING_ON = word_set("finish continue complete repeat sentence line lyric lyrics")
_SAYING = word_set("say know tell see mention think ask suggest guess")  # "as I said"

_Told = tuple[str, Sequence[int]]  # a sentence, and the indices of the words that say it


@dataclass(frozen=True, slots=True)
class Presupposed:
    """A sentence that a statement takes for granted, and the words of the turn that say so."""

    statement: Statement
    sentence: str
    quote: str


def find_presupposed(statement: Statement) -> list[Presupposed]:
    """What a statement takes for granted in passing, in order; nothing of what is itself put forward."""
    if statement.frame not in _FRAMES:
        return []
    tree = SentenceTree(statement.sentence, statement.analysis.text)
    found: list[Presupposed] = []
    beside = _read_beside(statement, tree) if statement.frame is Frame.QUESTION else []
    for told in (*beside, *(_read_phrase(tree, token) for token in statement.tokens)):
        if told is not None:
            sentence, words = told
            start, end = tree.tokens[words[0]].start, tree.tokens[words[-1]].end
            text = f"{sentence[:1].upper()}{sentence[1:]}."
            found.append(Presupposed(statement, text, statement.analysis.quote(start, end)))
    return found


def _read_phrase(tree: SentenceTree, token: Token) -> _Told | None:
    return (
        _read_name(tree, token)
        or _read_relative(tree, token)
        or _read_reason(tree, token)
        or _read_appointment(tree, token)
        or _read_acquired(tree, token)
    )


def _read_beside(statement: Statement, tree: SentenceTree) -> list[_Told]:
    """What the speaker says of themselves behind what they ask: "give me 5 dinners, I'm vegan"."""
    first, last = statement.tokens[0].index, statement.tokens[-1].index
    while last > first and not tree.tokens[last].text[-1].isalnum():
        last -= 1
    found: list[_Told] = []
    for begin, end in find_stated(tree, first, last):
        if begin == first or any(_hands_over(tree, token) for token in tree.tokens[first:begin]):
            continue
        words = range(begin, end + 1)
        told = tree.tokens[begin : end + 1]
        subject = next((token for token in told if token.relation in SUBJECTS), None)
        if subject is not None and _is_own(tree, subject) and _is_fact(tree, tree.tokens[subject.head]):
            found.append((_words_of(tree, words), words))
    return found


def _hands_over(tree: SentenceTree, token: Token) -> bool:
    """Whether what follows may be somebody's words, or a text to work on ("she says, I ...")."""
    lemma = token.lemma.lower()
    has_speaker = tree.child(token, *SUBJECTS) is not None and token.tag.startswith("VB")
    return lemma in TEXT_TASKS | _GOING_ON or (lemma in _DRAFTING | _SAYING and has_speaker)


def _read_name(tree: SentenceTree, token: Token) -> _Told | None:
    """The name of a relative: "my sister Eva"."""
    if nearest_relation(token.text.lower()) not in RELATION_NOUNS or token.index + 1 >= len(tree.tokens):
        return None
    name = tree.tokens[token.index + 1]
    whole = tree.tokens[name.head] if name.relation == "compound" else name
    owner = tree.child(token, "poss") or tree.child(whole, "poss")
    if not is_name(name) or owner is None or owner.text.lower() not in _OWNERS:
        return None
    if not (token.relation == "compound" and token.head in (name.index, whole.index)) and (
        name.relation != "appos" or name.head != token.index
    ):
        return None
    words = range(owner.index, max(name.index, whole.index) + 1)
    who = _words_of(tree, range(owner.index, token.index + 1))
    return f"{who} is called {_words_of(tree, range(name.index, words[-1] + 1))}", words


def _read_relative(tree: SentenceTree, verb: Token) -> _Told | None:
    """What a relative clause says of what the speaker knows: "my cat, whom we adopted in May"."""
    if verb.relation != "relcl" or not _is_fact(tree, verb):
        return None
    clause = _cut_order(tree, tree.subtree(verb))
    named = _find_named(tree, clause[0])
    if not named:
        return None
    words = range(named[0], clause[-1] + 1)
    lead = tree.tokens[clause[0]]
    owned = any(tree.tokens[index].text.lower() in _OWNERS for index in named)
    if lead.relation in SUBJECTS and lead.text.lower() in _RELATIVES:
        return (f"{_words_of(tree, named)} {_words_of(tree, clause[1:])}", words) if owned else None
    is_definite = owned or is_name(tree.tokens[named[-1]])
    is_definite = is_definite or tree.tokens[named[0]].text.lower() in _DEFINITE
    if not (is_definite and _is_own(tree, tree.subject(verb))):
        return None
    sentence = _fill_gap(tree, verb, clause, named)
    return (sentence, words) if sentence is not None else None


def _fill_gap(tree: SentenceTree, verb: Token, clause: Sequence[int], named: range) -> str | None:
    """A relative clause with the thing that it is about in its place: "we adopted my cat in May"."""
    lead = tree.tokens[clause[0]].text.lower()
    if lead in _PLACES:
        return _words_of(tree, clause[1:]) if tree.child(verb, "dobj") is not None else None
    gap = _find_gap(tree, verb)
    if gap is None:
        return None
    rest = clause[1:] if lead in _RELATIVES else clause
    before, after = [i for i in rest if i <= gap], [i for i in rest if i > gap]
    return " ".join(filter(None, (_words_of(tree, before), _words_of(tree, named), _words_of(tree, after))))


def _read_reason(tree: SentenceTree, verb: Token) -> _Told | None:
    """What a clause gives as the reason or the state of things: "now that I've moved to Rome"."""
    mark = tree.child(verb, "mark")
    if verb.relation not in ("advcl", "ccomp") or mark is None or not _is_fact(tree, verb):
        return None
    word, before = mark.text.lower(), tree.tokens[mark.index - 1].text.lower() if mark.index else ""
    is_reason = word in _REASONS if verb.relation == "advcl" else (before, word) == ("now", "that")
    if not is_reason or not _is_own(tree, tree.subject(verb)) or _is_asked_itself(tree, verb):
        return None
    if any(token.lemma.lower() in _DRAFTING for token in tree.tokens[: mark.index]):
        return None
    if word == "as" and (verb.lemma.lower() in _SAYING or before in _MEASURES):
        return None
    last = max(tree.subtree(verb))
    while last + 1 < len(tree.tokens) and _goes_on_within(tree.tokens[last + 1]):
        last += 1
    clause = range(mark.index + 1, last + 1)
    return _words_of(tree, clause), clause


def _is_asked_itself(tree: SentenceTree, verb: Token) -> bool:
    """Whether a reason is what is asked, or is said, thought or written by somebody.

    "Is it because I'm late?", "an e-mail that I'm late because ...", "do they say I owe tax as I live here?"
    """
    governor = tree.tokens[verb.head]
    if not is_verb(governor) or governor.lemma.lower() == "be":
        return True
    return governor.relation != "ROOT" and any(
        above.relation in ("ccomp", "acl", "relcl", "pcomp", "xcomp", "conj")
        for above in (governor, *tree.ancestors(governor))
        if above.relation != "ROOT"
    )


def _goes_on_within(token: Token) -> bool:
    """Whether a word after a clause belongs to it, and begins no other."""
    return token.text[:1].isalnum() and token.tag not in ("CC", "IN", "WDT", "WP", "WRB")


def _read_appointment(tree: SentenceTree, noun: Token) -> _Told | None:
    """An appointment with its place and day, which is asked for: "for my interview at Roche on Friday"."""
    governor = tree.tokens[noun.head]
    if noun.text.lower() not in PLAN_NOUNS or noun.relation != "pobj" or governor.text.lower() not in _AHEAD:
        return None
    first = tree.subtree(noun)[0]
    owned = any(tree.tokens[index].text.lower() in _OWNERS for index in range(first, noun.index))
    last, days = noun.index, False
    while last + 2 < len(tree.tokens) and tree.tokens[last + 1].text.lower() in _AT:
        place = next((t for t in tree.children[last + 1] if t.relation == "pobj"), None)
        if place is None:
            break
        words = [index for index in tree.subtree(place) if index > last]
        last, days = max(words), days or _DAY.search(_words_of(tree, words)) is not None
    is_past = any(above.tag in ("VBD", "VBN") for above in tree.ancestors(noun))
    if not (owned and days) or is_past:
        return None
    rest = range(noun.index + 1, last + 1)
    return f"{_words_of(tree, range(first, noun.index + 1))} is {_words_of(tree, rest)}", range(
        first, last + 1
    )


def _read_acquired(tree: SentenceTree, word: Token) -> _Told | None:
    """What the speaker has got lately: "the alarm on my new Pixel 9a", "my new job at Roche"."""
    owner = tree.tokens[word.index - 1] if word.index else None
    if word.text.lower() != "new" or owner is None or owner.text.lower() not in _OWNERS:
        return None
    last = word.index
    while last + 1 < len(tree.tokens) and _is_of_name(tree.tokens[last + 1]):
        if nearest_relation(tree.tokens[last].text.lower()) in RELATION_NOUNS:
            break  # "my new boss Carla"
        last += 1
    thing = tree.tokens[last]
    is_thing = _is_thing(thing) or thing.tag == "CD"
    if last == word.index or thing.lemma.lower() in _NO_POSSESSIONS or not is_thing:
        return None
    place = tree.tokens[last + 1 : last + 3]
    if len(place) == 2 and place[0].text.lower() in _PARTS and place[1].text[:1].isupper():
        last += 2
        while last + 1 < len(tree.tokens) and is_name(tree.tokens[last + 1]):
            last += 1
    words = range(owner.index, last + 1)
    who = "I have" if owner.text.lower() == "my" else "We have"
    is_plural = thing.tag in ("NNS", "NNPS") and not thing.text[:1].isdigit()
    return f"{who} {'' if is_plural else 'a '}{_words_of(tree, range(word.index, last + 1))}", words


def _is_of_name(token: Token) -> bool:
    return token.tag.startswith("NN") or token.tag == "CD" or (token.tag == "JJ" and token.text[:1].isupper())


def _find_named(tree: SentenceTree, begin: int) -> range:
    """The words of the thing that a relative clause is about, which stand before its first word.

    It is the noun next to the clause, wherever the parser hangs it, with what that is a part or the place of
    ("12 kilos of plums that ...", "the flat in Leeds that ...").
    """
    end = begin - 1
    while end > 0 and not tree.tokens[end].text[-1].isalnum():
        end -= 1
    thing = tree.tokens[max(end, 0)]
    while (whole := _whole_of(tree, thing)) is not None:
        thing = whole
    if not (_is_thing(thing) or thing.tag == "CD"):
        return range(0)
    named = range(tree.subtree(thing)[0], end + 1)
    is_phrase = thing.index in named and not any(_begins_clause(tree.tokens[index]) for index in named)
    return named if is_phrase else range(0)


def _is_own(tree: SentenceTree, subject: Token | None) -> bool:
    """Whether it is the speaker, or somebody of theirs."""
    if subject is None:
        return False
    owner = tree.child(subject, "poss")
    return subject.text.lower() in _SPEAKERS or (owner is not None and owner.text.lower() in _OWNERS)


def _is_fact(tree: SentenceTree, verb: Token) -> bool:
    """Whether a clause is finite and tells what is so, not what might be."""
    if any(auxiliary.text.lower() in _SUPPOSING for auxiliary in tree.auxiliaries(verb)):
        return False
    return is_finite(tree, verb)


def _begins_clause(token: Token) -> bool:
    """Whether a word is a verb or asks, so that what has it is no name of a thing."""
    return token.tag in FINITE_TAGS or token.tag in ("WDT", "WP", "WRB")


def _whole_of(tree: SentenceTree, noun: Token) -> Token | None:
    """The noun before it that it names, is a part of or tells the place of."""
    above = tree.tokens[noun.head]
    if noun.relation == "pobj" and above.relation == "prep" and above.text.lower() in _PARTS:
        above = tree.tokens[max(above.index - 1, 0)]
    elif noun.relation not in ("appos", "compound"):
        return None
    return above if above.index < noun.index and _is_thing(above) else None


def _is_thing(token: Token) -> bool:
    """Whether the word is a noun, by its tag or its place ("the flat" may be tagged as an adjective)."""
    return token.tag.startswith("NN") or token.relation in ("pobj", "dobj", "nsubj")


def _find_gap(tree: SentenceTree, verb: Token) -> int | None:
    """The word after which the thing belongs that a relative clause is about: its verb or preposition."""
    gap = verb.index
    thing = next((child for child in tree.children[gap] if child.relation in ("dobj", "attr", "ccomp")), None)
    for child in tree.children[verb.index]:
        if child.relation == "prep" and child.index > gap and _is_stranded(tree, child):
            return child.index
        if child.index == gap + 1 and (child.relation in ("prt", "dative") or _is_receiver(child)):
            gap = child.index
    is_free = thing is None or thing.text.lower() in _RELATIVES or _is_receiver(thing)
    return gap if is_free else None


def _is_receiver(token: Token) -> bool:
    """Whether a pronoun after a verb says to whom: "the grill my dad gave me"."""
    return token.text.lower() in ("me", "us") and token.relation in ("dobj", "dative")


def _is_stranded(tree: SentenceTree, preposition: Token) -> bool:
    """Whether a preposition is followed by nothing, or only by a time ("the flat we moved into in May")."""
    thing = tree.child(preposition, "pobj", "pcomp")
    following = tree.tokens[preposition.index + 1] if preposition.index + 1 < len(tree.tokens) else None
    return thing is None or (following is not None and following.text.lower() in _TIMES)


def _cut_order(tree: SentenceTree, words: Sequence[int]) -> Sequence[int]:
    """The words up to a comma after which what is asked goes on ("..., who lost his job, write a CV")."""
    for at, index in enumerate(words[:-1]):
        following = tree.tokens[words[at + 1]]
        if tree.tokens[index].text == "," and is_verb(following) and following.tag == "VB":
            return words[:at]
    return words


def _words_of(tree: SentenceTree, words: Sequence[int]) -> str:
    """The words as they stand, each run of them with what is between."""
    runs: list[str] = []
    start = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or words[at] != words[at - 1] + 1:
            first, last = tree.tokens[words[start]], tree.tokens[words[at - 1]]
            runs.append(tree.text[first.start : last.end])
            start = at
    return " ".join(runs).strip(" ,;")
