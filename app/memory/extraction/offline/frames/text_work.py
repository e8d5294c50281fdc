"""Work on texts: requests to translate, correct, summarise, explain what stands before or after them."""

import re

from app.memory.extraction.offline.frames.utterances import Utterance
from app.memory.extraction.offline.frames.words import (
    COLON_TASKS,
    FIRST_PERSON,
    LANGUAGES,
    OBJECT_TASKS,
    TEXT_FEATURES,
    TEXT_NOUNS,
    TEXT_TASKS,
    TEXT_VERDICTS,
)
from app.memory.text.word_sets import word_set

_DEMONSTRATIVES = frozenset({"this", "these", "following", "below", "that", "it", "those", "above"})
_POINTING_BACK = frozenset({"this", "that", "it", "above", "these", "those"})
_HOW_SAID = re.compile(
    r"\bhow (?:do|would|can|does|should|could) (?:you|i|one|we|they|people) (?:say|write|pronounce"
    r"|spell|phrase|express|put)\b"
    r"|\bwhat(?:'s| is| would be) .{0,60}\b(?:in|into) (?P<language>[a-z]+)\b"
)
_NOUN_REQUEST = re.compile(
    r"^\W*(?:please |a |an |the |some |give me |quick |short )*(?:tl;?dr|summary|bullet points?"
    r"|key points?|main points?"
    r"|key takeaways?|takeaways?|gist|translation|paraphrase|synopsis|headline|title|outline|abstract"
    r"|recap|critique"
    r"|feedback|corrections?|transcription)\b.{0,60}\b(?:of|from|for|on|to)\b"
)
_CONTENT_QUESTION = re.compile(
    r"\b(?:what|who|which|how|where|why|when)\b.{0,60}\b(?:mean|means|meaning|point|gist|tone|mood"
    r"|mistake|mistakes|error|errors"
    r"|wrong|author|about|say|saying|output|print|prints|return|returns|fail|fails|grammar|syntax"
    r"|result|rhyme"
    r"|genre|message|moral|theme|sentiment|language|answer|reply|respond|think|translate|translates"
    r"|problem|next|continue|continues|missing|follows)\b"
)
_IS_THIS = re.compile(
    r"\b(?:is|are|was|does|do|did|looks?|sounds?|seems?|smells?) (?:this|these|the following|that|it"
    r"|the syntax|the grammar)\b"
)
_STYLE = re.compile(
    r"\b(?:in the style of|in the voice of|as a (?:poem|haiku|song|story|limerick|to-?do list|table"
    r"|list)|into (?:a|an|the) )"
)
_HOW_TO_ANSWER = re.compile(
    r"\bhow (?:do|should|can|could|would|might) (?:i|we)\b.{0,30}\b(?:answer|reply|respond|decline"
    r"|refuse|react|phrase|reject)\b.{0,12}\bthis\b"
    r"|\bwhat (?:do|should|can|could|would) (?:i|we) (?:answer|reply|say|write)\b.{0,12}\bthis\b"
)
_PRESENTED_TEXT = re.compile(
    r"^\W*(?:here's|here is|this is|below is|attached is) (?:a|an|the|my|our|this"
    r"|some) (?:\w+ ){0,3}?(?:poem|letter|mail|e-?mail|text"
    r"|article|review|post|song|chapter|paragraph|excerpt|passage|transcript|essay|draft|lyrics|verse"
    r"|story|log|code|snippet|ad"
    r"|tweet|comment|message|cv|resume|cover letter)\b(?! (?:about|i (?:want|need|like)))"
)
_HOW_IT_SOUNDS = re.compile(r"\bdo(?:es)? (?:this|these|the following) (?:sound|read)\b")
_WHAT_IT_DOES = re.compile(r"\bdo(?:es)? (?:this|these)(?: \w+)? (?:mean|print|return|say|fail|output)\b")
_STYLES = word_set(
    "natural polite formal professional grammatical english convincing rude idiomatic native fluent"
)
_OBJECT_TAGS = frozenset({"DT", "PRP", "PRP$", "PDT", "CD", "IN", "TO", "NN", "NNS", "NNP", "JJ"})
_FAULT_QUESTION = re.compile(
    r"\b(?:(?:is|are) there (?:any|a|some|anything|something)|(?:do|can|could|would) you (?:see|spot|find"
    r"|notice|catch)|did i (?:make|miss)|have i (?:made|missed)|any (?:\w+ )?(?:typos?|mistakes?|errors?)"
    r"|any(?:thing)? (?:wrong|off|to (?:fix|correct|improve)))\b"
)
# How long an answer about a text may be: "In one line, what's the post about?".
_IN_SHORT = re.compile(
    r"\b(?:in (?:one|a|two|three|four|five|ten|a few|\d+|max \d+) (?:lines?|words?|sentences?|nutshell"
    r"|paragraphs?|bullets?|bullet points?)|briefly|in short|in a nutshell)\b"
)
_SHOWN = word_set("here below this these following")
# What somebody tells of languages, texts and writing before such a request is why they ask.
_CONTEXT_VERBS = word_set("write learn teach study speak apply read publish blog submit send translate")
_ASKING_AUXILIARIES = word_set("can could should need must shall do")
_ASKING_VERBS = word_set("want need help please let like would")
_MAX_NAMING_WORDS = 8
_REWORKING = word_set(
    "make fix correct rewrite put turn shorten improve polish say word phrase format convert"
)


def asks_for_work(utterance: Utterance) -> bool:
    """Whether an utterance without a colon asks for work on a text that stands before or after it."""
    words = set(utterance.words)
    if _is_about_shown_text(utterance):
        return True
    if not words & (_DEMONSTRATIVES | {"the", "my", "a", "an"}):
        return _has_text_task(utterance, len(utterance.words)) and len(words) <= 8
    has_noun = find_text_noun(utterance, 0, len(utterance.words)) is not None
    if _has_text_task(utterance, len(utterance.words)):
        return bool(words & _DEMONSTRATIVES) or (has_noun and bool(words & {"the", "a", "an", "my"}))
    points = bool(words & {"this", "these", "following", "below"})
    has_noun = has_noun or bool(points and words & TEXT_FEATURES)
    if points and (
        _NOUN_REQUEST.match(utterance.lower)
        or (has_noun and has_object_task(utterance, len(utterance.words)))
    ):
        return True
    if has_noun and (_NOUN_REQUEST.match(utterance.lower) or _is_asked_in_short(utterance)):
        return True
    return utterance.is_question and points and _asks_about_text(utterance, has_noun)


def _is_asked_in_short(utterance: Utterance) -> bool:
    return utterance.is_question and _IN_SHORT.search(utterance.lower) is not None


def _is_about_shown_text(utterance: Utterance) -> bool:
    """Whether an utterance shows a text, or asks how to answer it or what is wrong in it."""
    text, words = utterance.lower, set(utterance.words)
    if _HOW_TO_ANSWER.search(text) or _PRESENTED_TEXT.match(text):
        return True
    has_feature = bool(words & TEXT_FEATURES)
    if has_feature and words & _SHOWN and _FAULT_QUESTION.search(text):
        return True
    is_here = utterance.is_question and "here" in words and has_feature
    return is_here and _CONTENT_QUESTION.search(text) is not None


def points_back(utterance: Utterance) -> bool:
    """Whether a request is about what stands before it: "Please translate that", "Is this letter polite?".

    "How do I tell him this in a letter?" asks for a text that there is not yet.
    """
    count = len(utterance.words)
    if _has_text_task(utterance, count):
        return bool(set(utterance.words) & _POINTING_BACK)
    noun = find_text_noun(utterance, 0, count)
    return noun is not None and any(
        utterance.words[place] in _POINTING_BACK for place in utterance.children[noun]
    )


def tells_why(utterance: Utterance) -> bool:
    """Whether an utterance tells why work is asked for: "I teach English. Can you proofread this?"."""
    is_own = bool(utterance.words) and utterance.words[0] in ("i", "we", "my", "our")
    lemmas = {token.lemma.lower() for token in utterance.tokens}
    return is_own and bool(lemmas & (LANGUAGES | TEXT_NOUNS | _CONTEXT_VERBS))


def works_on_text(utterance: Utterance, first: int, last: int) -> bool:
    """Whether what stands before a colon asks for work on the text after it."""
    if _has_text_task(utterance, last, first) or _asks_how_to_say(utterance, last):
        return True
    words = set(utterance.words[first:last])
    is_task = any(
        utterance.tokens[i].lemma.lower() in COLON_TASKS and utterance.subject(i) is None
        for i in range(first, last)
    )
    if words & LANGUAGES and words & {"please", "in", "into", "to"} and len(words) <= _MAX_NAMING_WORDS // 2:
        return True
    starts = is_task and utterance.tokens[_first_word(utterance, first, last)].lemma.lower() in COLON_TASKS
    return starts or (bool(words & TEXT_FEATURES) and has_object_task(utterance, last, first))


def reworks_this(utterance: Utterance, first: int, last: int) -> bool:
    """Whether what stands before a dash asks for other words: "Make this sound nicer - …"."""
    if _has_text_task(utterance, last, first):
        return True
    if not set(utterance.words[first:last]) & {"this", "these", "following"}:
        return False
    opener = utterance.tokens[_first_word(utterance, first, last)]
    return opener.lemma.lower() in _REWORKING and opener.tag in ("VB", "VBP")


def _first_word(utterance: Utterance, first: int, last: int) -> int:
    polite = (
        "please",
        "can",
        "could",
        "you",
        "would",
        "will",
        ",",
        "hey",
        "hi",
        "now",
        "ok",
        "and",
        "then",
        "just",
        "kindly",
        "quickly",
        "pls",
        "plz",
        "hello",
    )
    return next((i for i in range(first, last) if utterance.words[i] not in polite), first)


def find_text_noun(utterance: Utterance, first: int, last: int) -> int | None:
    for index in range(first, last):
        token = utterance.tokens[index]
        if token.lemma.lower() in TEXT_NOUNS and not token.tag.startswith("VB") and token.tag != "MD":
            return index
    return None


def _has_text_task(utterance: Utterance, last: int, first: int = 0) -> bool:
    """Whether work on a text is asked for whatever it is called; "I translate books" is none."""
    if _opens_with_task(utterance, first, last):
        return True
    for index in range(first, last):
        token = utterance.tokens[index]
        lemma = token.lemma.lower()
        if (
            lemma in TEXT_TASKS
            and token.tag in ("VB", "VBP", "NNP", "NN", "VBN", "VBG")
            and not _is_habit(utterance, index)
        ):
            return True
        into_language = lemma in LANGUAGES and index and utterance.words[index - 1] in ("in", "into", "to")
        if into_language and _renders(utterance, first, last) and has_object_task(utterance, last, first):
            return True
    return bool(re.match(r"\W*(?:please )?(?:tl;?dr)\b", " ".join(utterance.words[first:last])))


def _opens_with_task(utterance: Utterance, first: int, last: int) -> bool:
    """Whether the first word is a bare verb of such work and has an object: a parser that sees the pasted
    text behind it takes it for anything ("Proofread this for me: I work …").
    """
    opener = _first_word(utterance, first, last)
    if opener + 1 >= last or utterance.words[opener] not in TEXT_TASKS - {"caption", "subtitle"}:
        return False
    token, after = utterance.tokens[opener], utterance.tokens[opener + 1]
    return token.tag in ("VB", "VBP", "IN") and after.tag in _OBJECT_TAGS


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
    if token.tag in ("VBN", "VBG"):
        return token.tag == "VBG" or not set(utterance.words[:index]) & {"need", "want", "can", "like"}
    if subject is None:
        return _is_habit_of_governor(utterance, index)
    if subject.text.lower() == "you":
        return False
    return not (
        subject.text.lower() in ("i", "we") and set(words) & {"can", "could", "should", "how", "need"}
    )


def _is_habit_of_governor(utterance: Utterance, index: int) -> bool:
    """Whether a verb without a subject depends on one that asks for nothing: "I'm learning to translate"."""
    token = utterance.tokens[index]
    governor = utterance.tokens[token.head]
    if token.relation not in ("xcomp", "ccomp", "advcl") or governor.index == index:
        return False
    owner = utterance.subject(governor.index)
    is_other = owner is not None and owner.text.lower() not in FIRST_PERSON | {"you"}
    return is_other or governor.lemma.lower() not in _ASKING_VERBS


def has_object_task(utterance: Utterance, last: int, first: int = 0) -> bool:
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
        if subject is not None and _may_ask_with(utterance, index, subject.text.lower()):
            return True
    return False


def _may_ask_with(utterance: Utterance, verb: int, subject: str) -> bool:
    """Whether a subject asks for what a verb says: "you", and "I" with a modal or in a question.

    "I turn the pages for them these days" tells what its speaker does.
    """
    if subject in ("i", "we"):
        auxiliaries = {token.text.lower() for token in utterance.auxiliaries(verb)}
        return utterance.is_question or bool(auxiliaries & _ASKING_AUXILIARIES)
    return subject == "you"


def _asks_how_to_say(utterance: Utterance, last: int) -> bool:
    match = _HOW_SAID.search(" ".join(utterance.words[:last]))
    if match is None:
        return False
    return match["language"] is None or match["language"] in LANGUAGES


def is_shown(utterance: Utterance, first: int, last: int) -> bool:
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
    return bool(words & {"this", "these", "following"}) and has_object_task(utterance, last, first)


def _asks_about_text(utterance: Utterance, has_noun: bool) -> bool:
    text, words = utterance.lower, set(utterance.words)
    asks_content = _CONTENT_QUESTION.search(text) is not None
    if asks_content and words & TEXT_FEATURES:
        return True
    if has_noun and (asks_content or has_object_task(utterance, len(utterance.words))):
        return True
    if _HOW_IT_SOUNDS.search(text):
        return bool(words & _STYLES)
    if _IS_THIS.search(text):
        return has_noun or bool(words & (TEXT_VERDICTS | LANGUAGES))
    return _WHAT_IT_DOES.search(text) is not None
