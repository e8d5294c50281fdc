"""Sentences that introduce a text of somebody else, or one to be worked on."""

import re
from dataclasses import dataclass

from app.memory.extraction.offline.frames.reports import ANY_LOOSE, NO_LOOSE, find_label, find_speech_verb, is_own_speech
from app.memory.extraction.offline.frames.utterances import Utterance
from app.memory.extraction.offline.frames.words import (
    FIRST_PERSON,
    word_set,
    LANGUAGES,
    VERB_TAGS,
    OBJECT_TASKS,
    OWN_LABELS,
    OWN_TEXTS,
    SPOKEN_NOUNS,
    COLON_TASKS,
    TEXT_FEATURES,
    TEXT_NOUNS,
    TEXT_TASKS,
    TEXT_VERDICTS,
)

_DEMONSTRATIVES = frozenset({"this", "these", "following", "below", "that", "it", "those", "above"})
_HOW_SAID = re.compile(
    r"\bhow (?:do|would|can|does|should|could) (?:you|i|one|we|they|people) (?:say|write|pronounce|spell|phrase|express|put)\b"
    r"|\bwhat(?:'s| is| would be) .{0,60}\b(?:in|into) (?P<language>[a-z]+)\b"
)
_NOUN_REQUEST = re.compile(
    r"^\W*(?:please |a |an |the |some |give me |quick |short )*(?:tl;?dr|summary|bullet points?|key points?|main points?"
    r"|key takeaways?|takeaways?|gist|translation|paraphrase|synopsis|headline|title|outline|abstract|recap|critique"
    r"|feedback|corrections?|transcription)\b.{0,60}\b(?:of|from|for|on|to)\b"
)
_CONTENT_QUESTION = re.compile(
    r"\b(?:what|who|which|how|where|why|when)\b.{0,60}\b(?:mean|means|meaning|point|gist|tone|mood|mistake|mistakes|error|errors"
    r"|wrong|author|about|say|saying|output|print|prints|return|returns|fail|fails|grammar|syntax|result|rhyme"
    r"|genre|message|moral|theme|sentiment|language|answer|reply|respond|think|translate|translates|problem|next|continue|continues|missing|follows)\b"
)
_IS_THIS = re.compile(
    r"\b(?:is|are|was|does|do|did|looks?|sounds?|seems?|smells?) (?:this|these|the following|that|it|the syntax|the grammar)\b"
)
_STYLE = re.compile(
    r"\b(?:in the style of|in the voice of|as a (?:poem|haiku|song|story|limerick|to-?do list|table|list)|into (?:a|an|the) )"
)
_BELOW = re.compile(
    r"\b(?:below|here (?:it is|goes|is|are)|here's|following|as follows|like this|see below|begins?|starts?|reads?|ends?|goes)\b"
)
_HOW_TO_ANSWER = re.compile(
    r"\bhow (?:do|should|can|could|would|might) (?:i|we)\b.{0,30}\b(?:answer|reply|respond|decline|refuse|react|phrase|reject)\b.{0,12}\bthis\b"
    r"|\bwhat (?:do|should|can|could|would) (?:i|we) (?:answer|reply|say|write)\b.{0,12}\bthis\b"
)
_PRESENTED_TEXT = re.compile(
    r"^\W*(?:here's|here is|this is|below is|attached is) (?:a|an|the|my|our|this|some) (?:\w+ ){0,3}?(?:poem|letter|mail|e-?mail|text"
    r"|article|review|post|song|chapter|paragraph|excerpt|passage|transcript|essay|draft|lyrics|verse|story|log|code|snippet|ad"
    r"|tweet|comment|message|cv|resume|cover letter)\b(?! (?:about|i (?:want|need|like)))"
)
_DASHES = frozenset({"-", "--", "–", "—"})
_HOW_IT_SOUNDS = re.compile(r"\bdo(?:es)? (?:this|these|the following) (?:sound|read)\b")
_WHAT_IT_DOES = re.compile(r"\bdo(?:es)? (?:this|these)(?: \w+)? (?:mean|print|return|say|fail|output)\b")
_STYLES = word_set("natural polite formal professional grammatical english convincing rude idiomatic native fluent")
_MAX_NAMING_WORDS = 8
_REWORKING = word_set("make fix correct rewrite put turn shorten improve polish say word phrase format convert")
# Before "this:", these announce the speaker's own words: "Remember this: …", "My day looks like this: …".
_OWN_PRESENTATION = word_set("remember note know mind like consider picture imagine suppose is 's think thing")


@dataclass(frozen=True, slots=True)
class Introduction:
    """What follows tokens[content - 1] of an utterance is not the speaker's own.

    `is_task` says that work on the text is asked for. `reporter` is set for the words of a known person.
    """

    content: int
    is_report: bool
    reporter: str | None = None
    is_task: bool = False


def find_introduction(utterance: Utterance, author: str | None) -> Introduction | None:
    """What an utterance introduces after a colon or a dash; `author` is the name of the turn's speaker."""
    for index in _find_separators(utterance):
        introduction = _judge_separator(utterance, index, author)
        if introduction is not None:
            return introduction
    return None


def asks_for_work(utterance: Utterance) -> bool:
    """Whether an utterance without a colon asks for work on a text that stands before or after it."""
    words = set(utterance.words)
    if utterance.is_question and words & TEXT_FEATURES and "here" in words and _CONTENT_QUESTION.search(utterance.lower):
        return True
    if _HOW_TO_ANSWER.search(utterance.lower) or _PRESENTED_TEXT.match(utterance.lower):
        return True
    if not words & (_DEMONSTRATIVES | {"the", "my", "a", "an"}):
        return _has_text_task(utterance, len(utterance.words)) and len(words) <= 8
    has_noun = _has_text_noun(utterance, 0, len(utterance.words)) is not None
    if _has_text_task(utterance, len(utterance.words)):
        return bool(words & _DEMONSTRATIVES) or (has_noun and bool(words & {"the", "a", "an", "my"}))
    points = bool(words & {"this", "these", "following", "below"})
    has_noun = has_noun or bool(points and words & TEXT_FEATURES)
    if _NOUN_REQUEST.match(utterance.lower) and (points or has_noun):
        return True
    if utterance.is_question and points and _asks_about_text(utterance, has_noun):
        return True
    return points and has_noun and _has_object_task(utterance, len(utterance.words))


def announces_words(utterance: Utterance) -> tuple[bool, str | None]:
    """Whether an utterance ends by announcing somebody's words ("My pupil wrote the following."), and whose."""
    words = [word for word in utterance.words if any(c.isalnum() for c in word)]
    if not words or words[-1] not in ("this", "following", "these") or utterance.is_question:
        return False, None
    found = find_speech_verb(utterance, 0, len(utterance.words), loose=NO_LOOSE)
    return found is not None, found[1] if found is not None else None


def points_back(utterance: Utterance) -> bool:
    """Whether a request is about what stands before it: "Please translate that"."""
    if not _has_text_task(utterance, len(utterance.words)) and not _has_text_noun(
        utterance, 0, len(utterance.words)
    ):
        return False
    return bool(set(utterance.words) & {"this", "that", "it", "above", "these", "those"})


def _find_separators(utterance: Utterance) -> list[int]:
    found: list[int] = []
    for token in utterance.tokens:
        if (
            token.text == ":"
            or (token.text in _DASHES and token.index and _is_spaced(utterance, token.index))
            or (token.text.endswith(":") and len(token.text) > 1 and token.text[0].isalpha())
        ):
            found.append(token.index)
    return found[:6]


def _is_spaced(utterance: Utterance, index: int) -> bool:
    token, before = utterance.tokens[index], utterance.tokens[index - 1]
    return before.end < token.start or token.text != "-"


def _judge_separator(utterance: Utterance, index: int, author: str | None) -> Introduction | None:
    is_dash = utterance.tokens[index].text in _DASHES
    first = _start_of_clause(utterance, index)
    label = None if is_dash else find_label(utterance, index)
    if label is not None and _speaks_in_person(utterance, index) and not _is_author(label, author):
        return Introduction(index + 1, is_report=True, reporter=label)
    if is_own_speech(utterance, first, index) and _has_text_noun(utterance, first, index) is None:
        return None
    if _works_on_text(utterance, first, index) if not is_dash else _reworks_this(utterance, first, index):
        return Introduction(index + 1, is_report=False, is_task=True)
    speech = find_speech_verb(utterance, first, index, loose=NO_LOOSE if is_dash else ANY_LOOSE)
    noun = _has_text_noun(utterance, first, index)
    if is_dash and not _may_introduce(utterance, first, index, noun):
        return None
    if speech is not None and not _has_clause_between(utterance, speech[0], index):
        is_task = _has_object_task(utterance, index, first)
        return Introduction(index + 1, is_report=True, reporter=speech[1], is_task=is_task)
    if _quotes_somebody(utterance, first, index):
        return Introduction(index + 1, is_report=True)
    if noun is not None and not _is_own_text(utterance, noun, first, index):
        return Introduction(
            index + 1, is_report=False, is_task=not is_dash and _has_object_task(utterance, index, first)
        )
    if not is_dash and (_is_shown(utterance, first, index) or _presents(utterance, first, index)):
        return Introduction(index + 1, is_report=False, is_task=True)
    return None


def _may_introduce(utterance: Utterance, first: int, dash: int, noun: int | None) -> bool:
    """Whether what stands before a dash introduces what follows: a dash mostly only goes on.

    It must have no verb ("From the applicant's CV - …") or name a message and its sender ("a text from Joe - …"), and the
    speaker of what follows must speak in person.
    """
    words = utterance.words[first:dash]
    is_message = noun is not None and ("from" in words[noun - first :] or words[-1] == utterance.words[noun])
    has_verb = any(utterance.tokens[i].tag in VERB_TAGS for i in range(first, dash))
    is_speech = find_speech_verb(utterance, first, dash, loose=NO_LOOSE) is not None
    speaks = bool(set(utterance.words[dash + 1 : dash + 4]) & {"i", "my", "we", "our", '"', "“", "dear"})
    return speaks and (not has_verb or is_message or is_speech)


def _quotes_somebody(utterance: Utterance, first: int, last: int) -> bool:
    """Whether somebody else's words are announced by a noun: "His exact words were:"."""
    words = utterance.words[first:last]
    if not set(words) & SPOKEN_NOUNS or set(words) & {"my", "our", "i"}:
        return False
    return bool(set(words) & {"his", "her", "their", "the", "'s", "'"}) and len(words) <= _MAX_NAMING_WORDS


def _works_on_text(utterance: Utterance, first: int, last: int) -> bool:
    """Whether what stands before a colon asks for work on the text after it."""
    if _has_text_task(utterance, last, first) or _asks_how_to_say(utterance, last):
        return True
    words = set(utterance.words[first:last])
    is_task = any(
        utterance.tokens[i].lemma.lower() in COLON_TASKS and utterance.subject(i) is None for i in range(first, last)
    )
    if words & LANGUAGES and words & {"please", "in", "into", "to"} and len(words) <= _MAX_NAMING_WORDS // 2:
        return True
    starts = is_task and utterance.tokens[_first_word(utterance, first, last)].lemma.lower() in COLON_TASKS
    return starts or (bool(words & TEXT_FEATURES) and _has_object_task(utterance, last, first))


def _reworks_this(utterance: Utterance, first: int, last: int) -> bool:
    """Whether what stands before a dash asks for other words: "Make this sound nicer - …"."""
    if _has_text_task(utterance, last, first):
        return True
    if not set(utterance.words[first:last]) & {"this", "these", "following"}:
        return False
    opener = utterance.tokens[_first_word(utterance, first, last)]
    return opener.lemma.lower() in _REWORKING and opener.tag in ("VB", "VBP")


def _first_word(utterance: Utterance, first: int, last: int) -> int:
    polite = ("please", "can", "could", "you", "would", "will", ",", "hey", "hi", "now", "ok", "and", "then", "just")
    return next((i for i in range(first, last) if utterance.words[i] not in polite), first)


def _presents(utterance: Utterance, first: int, last: int) -> bool:
    """Whether something is presented after a colon: "My colleague sent this:", "Look at this:"."""
    words = utterance.words[first:last]
    if not words or words[-1] not in ("this", "these", "following", "lines", "words"):
        return False
    return not set(words) & _OWN_PRESENTATION


def _start_of_clause(utterance: Utterance, index: int) -> int:
    """Where the sentence before a separator begins, as far as marks show."""
    for position in range(index - 1, -1, -1):
        if utterance.words[position] in (";", "?", "!", ".") and position < index - 1:
            return position + 1
    return 0


def _speaks_in_person(utterance: Utterance, index: int) -> bool:
    return bool(set(utterance.words[index + 1 : index + 30]) & {"i", "i'm", "my", "we", "our", "im"})


def _is_author(label: str, author: str | None) -> bool:
    return author is not None and label.lower().split()[0] in author.lower().split()


def _has_clause_between(utterance: Utterance, verb: int, separator: int) -> bool:
    """Whether what was said stands before the separator already: "Ann said she is ill - I live in Rome"."""
    return any(
        verb < child < separator and utterance.tokens[child].relation == "ccomp"
        for child in utterance.children[verb]
    )


def _has_text_noun(utterance: Utterance, first: int, last: int) -> int | None:
    for index in range(first, last):
        token = utterance.tokens[index]
        if token.lemma.lower() in TEXT_NOUNS and not token.tag.startswith("VB") and token.tag != "MD":
            return index
    return None


def _is_own_text(utterance: Utterance, noun: int, first: int, last: int) -> bool:
    """Whether a text before a colon is the speaker's about themselves ("My bio: …") or only a manner of speaking."""
    words = set(utterance.words[first:last])
    if words & OWN_LABELS - {"question", "short", "me", "my", "fact"} and len(words) <= _MAX_NAMING_WORDS // 2 and not words & (_DEMONSTRATIVES | {"the"}):
        return True
    if _is_told_by_speaker(utterance, noun, first, last):
        return True
    lemma = utterance.tokens[noun].lemma.lower()
    if lemma in ("story", "line", "post", "message", "report", "site", "page", "statement") and words & {
        "long",
        "my",
        "bottom",
        "short",
        "work",
    }:
        return not _has_object_task(utterance, last, first)
    return lemma in OWN_TEXTS and "my" in words and not _has_object_task(utterance, last, first)


def _is_told_by_speaker(utterance: Utterance, noun: int, first: int, last: int) -> bool:
    """Whether the speaker tells what they did with a text: "I finished my book yesterday: 300 pages"."""
    is_shown = noun == last - 1 or bool(set(utterance.words[first:last]) & _DEMONSTRATIVES)
    if is_shown:
        return False
    tokens = utterance.tokens[first:last]
    is_own = any(t.relation == "nsubj" and t.text.lower() in ("i", "we") and utterance.tokens[t.head].tag in ("VBD", "VBP", "VBZ", "VBN") for t in tokens)
    return is_own and not any(t.tag in ("VBD", "VBP", "VBZ", "MD") for t in utterance.tokens[last:])


def _has_text_task(utterance: Utterance, last: int, first: int = 0) -> bool:
    """Whether work on a text is asked for whatever it is called; "I translate books" is none."""
    for index in range(first, last):
        token = utterance.tokens[index]
        lemma = token.lemma.lower()
        if (
            lemma in TEXT_TASKS
            and token.tag in ("VB", "VBP", "NNP", "NN", "VBN", "VBG")
            and not _is_habit(utterance, index)
        ):
            return True
        if lemma in LANGUAGES and index and utterance.words[index - 1] in ("in", "into", "to") and _renders(utterance, first, last):
            if _has_object_task(utterance, last, first):
                return True
    return bool(re.match(r"\W*(?:please )?(?:tl;?dr)\b", " ".join(utterance.words[first:last])))


def _renders(utterance: Utterance, first: int, last: int) -> bool:
    """Whether something is to be put into a language; to answer in one is not that."""
    lemmas = {token.lemma.lower() for token in utterance.tokens[first:last]}
    return not lemmas & {"answer", "reply", "respond", "speak", "talk", "explain", "chat", "live", "work"}


def _is_habit(utterance: Utterance, index: int) -> bool:
    """Whether the verb says what somebody does: "I translate books for a living", "she summarised it"."""
    token = utterance.tokens[index]
    if token.tag in ("NNP", "NN"):
        return index > 0 and utterance.words[index - 1] not in ("please", "a", "the", ",", "then", "and")
    subject = utterance.subject(index)
    words = [utterance.words[i] for i in utterance.children[index]] + [utterance.words[token.head]]
    if token.tag == "VBN":
        return not set(utterance.words[:index]) & {"need", "want", "can", "like"}
    if token.tag == "VBG":
        return True
    if subject is None:
        governor = utterance.tokens[token.head]
        if token.relation in ("xcomp", "ccomp", "advcl") and governor.index != token.index:
            asks = {"want", "need", "help", "please", "let", "like", "would"}
            owner = utterance.subject(governor.index)
            is_other = owner is not None and owner.text.lower() not in FIRST_PERSON | {"you"}
            return is_other or governor.lemma.lower() not in asks
        return False
    if subject.text.lower() == "you":
        return False
    return not (
        subject.text.lower() in ("i", "we") and set(words) & {"can", "could", "should", "how", "need"}
    )


def _has_object_task(utterance: Utterance, last: int, first: int = 0) -> bool:
    for index in range(first, last):
        token = utterance.tokens[index]
        if token.lemma.lower() not in OBJECT_TASKS | TEXT_TASKS or token.tag not in (
            "VB",
            "VBP",
            "NNP",
            "NN",
        ):
            continue
        subject = utterance.subject(index)
        if subject is None and token.relation in (
            "ROOT",
            "conj",
            "ccomp",
            "xcomp",
            "advcl",
            "dep",
            "compound",
            "parataxis",
        ):
            return True
        if subject is not None and subject.text.lower() in ("you", "i", "we"):
            return True
    return False


def _asks_how_to_say(utterance: Utterance, last: int) -> bool:
    match = _HOW_SAID.search(" ".join(utterance.words[:last]))
    if match is None:
        return False
    return match["language"] is None or match["language"] in LANGUAGES


def _is_shown(utterance: Utterance, first: int, last: int) -> bool:
    """Whether something is shown for a look at it: "Is the syntax okay:", "What does this mean:"."""
    text = " ".join(utterance.words[first:last])
    opener = utterance.tokens[_first_word(utterance, first, last)].lemma.lower()
    has_degree = any(t.tag in ("JJR", "RBR") or t.lemma == "more" for t in utterance.tokens[first:last])
    if opener in _REWORKING and has_degree and set(utterance.words[first:last]) & {"it", "this", "that"}:
        return True
    if _NOUN_REQUEST.match(text) or _STYLE.search(text):
        return True
    words = set(utterance.words[first:last])
    asks = bool(words & {"what", "how", "why", "is", "does", "can", "could", "which", "who"})
    if asks and (_IS_THIS.search(text) or (_CONTENT_QUESTION.search(text) and words & _DEMONSTRATIVES)):
        return True
    return bool(words & {"this", "these", "following"}) and _has_object_task(utterance, last, first)


def _asks_about_text(utterance: Utterance, has_noun: bool) -> bool:
    text, words = utterance.lower, set(utterance.words)
    asks_content = _CONTENT_QUESTION.search(text) is not None
    if asks_content and words & TEXT_FEATURES:
        return True
    if has_noun and (asks_content or _has_object_task(utterance, len(utterance.words))):
        return True
    if _HOW_IT_SOUNDS.search(text):
        return bool(words & _STYLES)
    if _IS_THIS.search(text):
        return has_noun or bool(words & (TEXT_VERDICTS | LANGUAGES))
    return _WHAT_IT_DOES.search(text) is not None
