"""Clauses whose speaker left out "I", and how they are given a subject: "Went hiking with the kids"."""

import re
from collections.abc import Sequence

from app.memory.extraction.offline.grammar.sentence_tree import SentenceTree
from app.memory.extraction.offline.grammar.third_person import conjugate_third_person
from app.memory.extraction.offline.worth.clause_view import EVALUATIONS
from app.memory.text.dates.verb_forms import is_told_past
from app.memory.text.parsed_text import Token
from app.memory.text.word_lists import IRREGULAR_PAST
from app.memory.text.word_sets import word_set


def lacks_subject(tree: SentenceTree, head: Token, first: int) -> bool:
    """Whether a clause begins with a verb of the speaker's whose "I" is left out."""
    subject = tree.subject(head)
    if subject is not None and subject.index == first and head.index == first + 1:
        # The tagger takes the verb of "Love being outdoors" for a noun.
        return head.tag == "VBG" and subject.text.lower() in _ELIDING_VERBS and not tree.auxiliaries(head)
    if subject is not None or head.index - first > 2:
        return False
    begin = next((t for t in tree.tokens[first : head.index + 1] if t.tag != "RB"), head)
    if begin.text.lower() == "gon":
        return True
    if head.lemma == "be" and any(child.text.lower() in _SPANS for child in tree.children[head.index]):
        return False  # "Been ages since ...": what is left out is "it"
    auxiliaries = tree.auxiliaries(head)
    if auxiliaries:
        return auxiliaries[0].text.lower() in _ELIDING_AUXILIARIES and begin is auxiliaries[0]
    return (
        begin is head
        and (
            head.tag == "VBD"
            or (
                head.tag == "VBN" and len(tree.children[head.index]) > 0
            )  # "Handed in my thesis": so the tagger
            or (head.tag in ("VB", "VBP") and not is_base_form(head))  # "Took the dog out": so the tagger
            or is_told_past(head.text, tree.text[head.end : tree.end])
            or (head.tag == "VBG" and _is_progressive(tree, head))
            or (head.tag in ("VB", "VBP") and head.lemma.lower() in _ELIDING_VERBS)
            or (head.text.lower() in _FEELINGS and head.tag in ("JJ", "VBN"))
        )
    )


def _is_progressive(tree: SentenceTree, head: Token) -> bool:
    """Whether "-ing" at the start can go on after "I am": "Being able to draw is great" can't."""
    rest = [child for child in tree.children[head.index] if child.relation not in ("punct", "advmod")]
    return (
        head.lemma.lower() not in _NOT_PROGRESSIVE
        and head.text.lower() not in EVALUATIONS
        and bool(rest)
        and tree.tokens[head.index + 1].text.lower() not in _NAMED_BY_DOING
        and not any(_judges(tree, token) for token in tree.tokens[head.index + 1 :])
        and not any(_tells_of_doing(tree, head, token) for token in tree.tokens[head.index + 1 :])
    )


def _judges(tree: SentenceTree, verb: Token) -> bool:
    """Whether a later verb judges the doing ("Climbing up and seeing this was awesome")."""
    modal = next((aux for aux in tree.auxiliaries(verb) if aux.tag == "MD"), None)
    if verb.lemma != "be" or verb.relation == "relcl" or (verb.tag not in ("VBZ", "VBD") and modal is None):
        return False
    judgement = tree.child(verb, "acomp", "attr")
    if judgement is None or judgement.lemma.lower() not in EVALUATIONS:
        return False
    before = tree.tokens[(modal or verb).index - 1]
    subject = tree.child(verb, "nsubj")
    if subject is None or subject.tag.startswith("PRP"):
        return before.text.lower() in ("this", "that")
    # "Having the fans cheer is awesome" tells of a doing; "Baking now, the day is good" does not.
    opened = tree.tokens[tree.subtree(subject)[0] - 1]
    return modal is not None or not (opened.tag in (",", ":", "CC", "IN") or tree.child(verb, "mark"))


def _tells_of_doing(tree: SentenceTree, head: Token, verb: Token) -> bool:
    """Whether a later verb without a subject of its own tells of the "-ing" ("Taking time is important")."""
    if verb.tag not in ("VBZ", "VBD") or verb.relation not in ("ccomp", "conj", "advcl", "dep"):
        return False
    before = tree.tokens[verb.index - 1]
    own = tree.child(verb, "nsubj", "nsubjpass")
    stands_alone = before.tag not in ("CC", "WP", "WDT", "PRP", ",", ":") and not tree.child(verb, "mark")
    return stands_alone and head in tree.ancestors(verb) and (own is None or own.relation == "csubj")


# "Driving test on 4 September": the thing of a doing, no doing.
_NAMED_BY_DOING = word_set(
    "test tests lesson lessons class classes course courses exam exams licence license school club practice"
    " instructor pool meeting session sessions trip trips party ceremony ticket tickets shoes gear room table"
)
_NOT_PROGRESSIVE = word_set("be know see hear believe own belong understand remember")
_SPANS = word_set("ages while time minute days weeks months years long forever")
_ELIDING_AUXILIARIES = frozenset(["been", "'ve", "have", "ca", "can", "got"])
# Participles that say what somebody is, not what was done: "Married to Ines" lacks "is", "Born in Ulm" "was".
_STATES = word_set(
    "married engaged divorced separated based located retired employed allergic addicted used stuck"
)
_ORIGINS = word_set("born raised brought")
_ELIDING_VERBS = word_set("love hate enjoy prefer like need miss hope dislike adore")
_FEELINGS = word_set("excited happy proud glad sad stoked thrilled grateful nervous worried")


def supply_verb(tokens: Sequence[Token], text: str) -> str:
    """The beginning of a sentence after its subject: "still working" -> "is still working"."""
    first = next((token for token in tokens if token.tag != "RB"), tokens[0])
    word = first.text.lower()
    text = text[:1].lower() + text[1:]
    if word == "got" and text.startswith("have to"):
        return f"has{text.removeprefix('have')}"
    if word == "been":
        return f"has {text}"
    if first.tag == "VBG" or word == "gon" or word in _FEELINGS | _STATES:
        return f"is {text}"
    if word in _ORIGINS:
        return f"was {text}"
    said = " ".join(token.text for token in tokens)  # with its dates as they were told
    is_base = (first.tag in ("VB", "VBP") and is_base_form(first)) or word in _ELIDING_VERBS
    if is_base and first is tokens[0] and not is_told_past(word, said):
        head, _, rest = text.partition(" ")
        return f"{conjugate_third_person(head)} {rest}"
    return text


def is_base_form(token: Token) -> bool:
    """Whether a present tense looks like one: the tagger takes "retook" for one."""
    return (
        re.sub(r"^(?:re|over|under|out|un|mis|fore|with)(?=\w{3})", "", token.text.lower())
        not in IRREGULAR_PAST
    )
