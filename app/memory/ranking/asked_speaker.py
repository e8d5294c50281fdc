"""Which speaker a question is about, and the question as that speaker would put it.

Turns are in the first person: what "What has Ann painted?" asks for is said as "I painted …". A question
whose speaker is known from its name is therefore compared with what was said as "What have I painted?"; the
name's work is done by the feature `speaker`. Only English questions are put so.
"""

import re
from collections.abc import Iterable, Sequence

from app.core.text_caches import text_cache
from app.memory.text.content_words import has_content_words
from app.memory.text.languages import is_english
from app.memory.text.word_sets import word_set

MAX_CHARS = 1_000  # chosen: a longer question is a text, of which a name is no more than a part
_WORD = re.compile(r"[^\W_]+")
# Names that are months as well, or at the beginning of a question a verb.
_MONTHS = word_set("april may june august")
_FIRST_VERBS = word_set("will mark bill sue pat grant drew")
_FIRST_PERSON = re.compile(r"(?<!\w)(?:[Ii]|[Mm](?:e|y|ine|yself)|[Ww]e|us|[Oo]ur(?:s|selves)?)(?!\w)")
_ENGLISH_QUESTION = word_set(
    "what when where which who whose whom how why does did do has have had is are was were would could"
)
_JOINED = r"\s*(?:,|&|/|\b(?:and|or|und|oder|et|ou|y|e|o|en|of|och|og)\b)\s*"
_AFTER_VERB = (
    "about|after|against|around|at|before|behind|beside|besides|between|by|for|from|in|into|near|of|on|over|than|"
    "to|toward|towards|with|without|brought|brings?|excited?|excites|gave|gives?|given|helped|helps?|inspired?|"
    "inspires|led|made|makes?|motivated?|motivates|prompted|tells?|told|took"
)
_AGREEMENT = (
    ("does", "do"),
    ("doesn['\u2019]t", "don't"),
    ("has", "have"),
    ("hasn['\u2019]t", "haven't"),
    ("is", "am"),
    ("isn['\u2019]t", "am not"),
)
_SECOND_AGREEMENT = (("has", "have"), ("is", "are"), ("was", "were"), ("does", "do"))


def find_asked_speaker(question: str, names: Iterable[str]) -> str | None:
    """The one of these speakers whom a question is about.

    That is the only one whom it names, or the first one of several: "What did Ann give Bob?" None if it names
    nobody, or the first one together with another: "What have Ann and Bob in common?"
    """
    said = {word.casefold() for word in _WORD.findall(question[:MAX_CHARS])}
    named = [name for name in names if not said.isdisjoint(_name_words(name))]
    if len(named) < 2:
        return named[0] if named else None
    places = sorted((match.span(), name) for name in named if (match := _find_name(question, name)))
    if not places or len(places) < len(named):
        return None
    (_, end), first = places[0]
    joined = re.compile(rf"(?:['\u2019]s?)?{_JOINED}", re.IGNORECASE).match(question, end)
    is_together = joined is not None and any(joined.end() == begin for (begin, _), _ in places[1:])
    return None if is_together else first


def put_as_speaker(question: str, names: Sequence[str]) -> str:
    """A question about one of these speakers as that speaker would put it; any other one as it is.

    So is a question in which the person who asks occurs as well ("What did Ann tell me?"), or that is about
    nothing but the speaker ("Who is Ann?").
    """
    speaker = find_asked_speaker(question, names)
    if speaker is None or len(question) > MAX_CHARS or _FIRST_PERSON.search(question):
        return question
    match = _find_name(question, speaker)
    if match is None or _is_other_word(question, match) or not _is_english_question(question):
        return question
    if not has_content_words(question.replace(match[0], " ")):
        return question
    put = _to_first_person(question, re.escape(match[0]))
    others = (_find_name(put, name) for name in names if name != speaker)
    for said in [found[0] for found in others if found is not None]:
        put = _to_second_person(put, re.escape(said))
    return put


def _is_other_word(question: str, match: re.Match[str]) -> bool:
    """Whether what looks like a name may be a month, or the verb at the beginning."""
    word = match[0].casefold()
    return word in _MONTHS or (word in _FIRST_VERBS and not question[: match.start()].strip())


def _is_english_question(question: str) -> bool:
    words = (word.casefold() for word in _WORD.findall(question))
    return not _ENGLISH_QUESTION.isdisjoint(words) and is_english(question)


def _to_first_person(text: str, name: str) -> str:
    text = re.sub(rf"\b{name}['\u2019]s?(?!\w)", "my", text)
    for verb, plain in _AGREEMENT:
        text = re.sub(rf"\b{verb}\s+{name}\b", f"{plain} I", text, flags=re.IGNORECASE)
        text = re.sub(rf"\b{name}\s+{verb}\b", f"I {plain}", text, flags=re.IGNORECASE)
    text = re.sub(rf"\b({_AFTER_VERB})\s+{name}\b", r"\1 me", text, flags=re.IGNORECASE)
    return re.sub(rf"\b{name}\b", "I", text)


def _to_second_person(text: str, name: str) -> str:
    text = re.sub(rf"\b{name}['\u2019]s?(?!\w)", "your", text)
    for verb, plain in _SECOND_AGREEMENT:
        text = re.sub(rf"\b{name}\s+{verb}\b", f"you {plain}", text)
    return re.sub(rf"\b{name}\b", "you", text)


@text_cache()
def _name_words(name: str) -> frozenset[str]:
    """The words of a name: each question is compared with all speakers."""
    return frozenset(word.casefold() for word in _WORD.findall(name))


def _find_name(text: str, name: str) -> re.Match[str] | None:
    """Where a text names a speaker: in full, or by one word of the name, written with its capital."""
    words = _WORD.findall(name)
    forms = [name, *(word for word in words if len(word) > 1 and word[:1].isupper())]
    found = (re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms)
    return next((match for match in found if match is not None), None)
