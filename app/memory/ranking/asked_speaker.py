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
    "what when where which who whose whom how why does did do has have had is are was were would could "
    "isn aren wasn weren doesn didn don hasn haven hadn wouldn couldn"
)
_JOINED = re.compile(
    r"(?:['\u2019]s?)?\s*(?:,|&|/|\b(?:and|or|und|oder|et|ou|y|e|o|en|of|och|og)\b)\s*", re.IGNORECASE
)
# Names are replaced by characters that no text has, so that the patterns are the same for all of them.
_SPEAKER, _OTHER = "\ue000", "\ue001"
_AFTER_VERB = (
    "about|after|against|around|at|before|behind|beside|besides|between|by|for|from|in|into|near|of|on|over|than|"
    "to|toward|towards|with|without|brought|brings?|excited?|excites|gave|gives?|given|helped|helps?|inspired?|"
    "inspires|led|made|makes?|motivated?|motivates|prompted|tells?|told|took"
)


def _make_agreements(mark: str, pronoun: str, forms: dict[str, str]) -> list[tuple[re.Pattern[str], str]]:
    """The verbs before and behind a name that agree with its pronoun."""
    return [
        (re.compile(pattern, re.IGNORECASE), put)
        for verb, form in forms.items()
        for pattern, put in (
            (rf"\b{verb}\s+{mark}(?!\w)", f"{form} {pronoun}"),
            (rf"{mark}\s+{verb}\b", f"{pronoun} {form}"),
        )
    ]


_FORMS = {"does": "do", "doesn['\u2019]t": "don't", "has": "have", "hasn['\u2019]t": "haven't"}
_OF_FIRST = {"is": "am", "isn['\u2019]t": "am not"}
_OF_SECOND = {"is": "are", "isn['\u2019]t": "aren't", "was": "were", "wasn['\u2019]t": "weren't"}
_PERSONS = (
    (re.compile(rf"{_SPEAKER}['\u2019]s?(?!\w)"), "my"),
    *_make_agreements(_SPEAKER, "I", _FORMS | _OF_FIRST),
    (re.compile(rf"\b({_AFTER_VERB})\s+{_SPEAKER}(?!\w)", re.IGNORECASE), r"\1 me"),
    (re.compile(_SPEAKER), "I"),
    (re.compile(rf"{_OTHER}['\u2019]s?(?!\w)"), "your"),
    *_make_agreements(_OTHER, "you", _FORMS | _OF_SECOND),
    (re.compile(_OTHER), "you"),
)


def find_asked_speaker(question: str, names: Iterable[str]) -> str | None:
    """The one of these speakers whom a question is about.

    That is the only one whom it names, or the first one of several: "What did Ann give Bob?" None if it names
    nobody, or the first one together with another: "What have Ann and Bob in common?"
    """
    said = {word.casefold() for word in _WORD.findall(question[:MAX_CHARS])}
    named = [name for name in names if not said.isdisjoint(_name_words(name))]
    if len(named) < 2:
        return named[0] if named else None
    places = sorted((found, name) for name in named if (found := _find_name(question, name)) is not None)
    if len(places) < len(named):
        return None
    (_, end), first = places[0]
    joined = _JOINED.match(question, end)
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
    place = _find_name(question, speaker)
    if place is None or _is_other_word(question, *place) or not _is_english_question(question):
        return question
    if _SPEAKER in question or _OTHER in question:
        return question
    put = _replace_words(question, question[slice(*place)], _SPEAKER)
    if not has_content_words(put.replace(_SPEAKER, " ")):
        return question
    for other in (name for name in names if name != speaker):
        place = _find_name(put, other)
        if place is not None:
            put = _replace_words(put, put[slice(*place)], _OTHER)
    for pattern, form in _PERSONS:
        put = pattern.sub(form, put)
    return put


def _is_other_word(question: str, begin: int, end: int) -> bool:
    """Whether what looks like a name may be a month, or the verb at the beginning."""
    word = question[begin:end].casefold()
    return word in _MONTHS or (word in _FIRST_VERBS and not question[:begin].strip())


def _is_english_question(question: str) -> bool:
    words = (word.casefold() for word in _WORD.findall(question))
    return not _ENGLISH_QUESTION.isdisjoint(words) and is_english(question)


@text_cache()
def _name_words(name: str) -> frozenset[str]:
    """The words of a name: each question is compared with all speakers."""
    return frozenset(word.casefold() for word in _WORD.findall(name))


def _find_name(text: str, name: str) -> tuple[int, int] | None:
    """Where a text names a speaker: in full, or by one word of the name, written with its capital."""
    forms = [name, *(word for word in _WORD.findall(name) if len(word) > 1 and word[:1].isupper())]
    for form in forms:
        at = _find_words(text, form, 0)
        if at >= 0:
            return at, at + len(form)
    return None


def _find_words(text: str, words: str, start: int) -> int:
    """Where `words` stand between the bounds of words, -1 if nowhere."""
    at = text.find(words, start) if words else -1
    while at >= 0:
        end = at + len(words)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            return at
        at = text.find(words, at + 1)
    return -1


def _replace_words(text: str, words: str, mark: str) -> str:
    parts: list[str] = []
    start = 0
    while (at := _find_words(text, words, start)) >= 0:
        parts += [text[start:at], mark]
        start = at + len(words)
    return "".join([*parts, text[start:]])
