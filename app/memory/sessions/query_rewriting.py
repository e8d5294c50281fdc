"""Query rewriting: detects questions that depend on their conversation and adds the missing context from the
session.

Method: HMT (He et al. 2024, arXiv 2405.06067, memory recall) asks its long-term memory by the summary of the
segment that it reads. Here a question is asked with what its session is about, and only where it needs that:
one that stands on its own stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.vocabulary import GoalStatus
from app.memory.sessions.small_talk import is_small_talk
from app.memory.text.analysis import analyze_text
from app.memory.text.languages import ENGLISH, STOP_WORDS_BY_LANGUAGE, detect_language

MAX_TURNS_READ = 8
MAX_TURNS_USED = 2
FEW_CONTENT_WORDS = 2  # telling words: a question with more is found by them, a turn with fewer says nothing
MAX_PART_CHARS = 120  # characters; a local model reads 128 tokens, and a long turn says much beside the point

_WORD = re.compile(r"\w+")
_REQUEST_PHRASE = re.compile(r"\b(?:tell|remind|show|give|let) (?:me|us)\b", re.IGNORECASE)
_NAME_OR_NUMBER = re.compile(r"(?<![.!?…] )(?<!^)\b(?!I\b)[A-Z]\w+|\d")
# Words that lean on what was said before: pronouns, and those that point when they end a clause.
_ANAPHORA = {
    ENGLISH: re.compile(
        r"\b(?:he|him|his|she|her|hers|they|them|their|theirs|it|its|himself|herself|themselves|itself)\b"
        r"|\b(?:this|that|these|those|there|then)(?= *(?:$|[?.!,;]|ones?\b))"
    ),
    "german": re.compile(
        r"\b(?:er|ihn|ihm|sie|ihr|ihre|ihnen|sein|seine|es|davon|dazu|darüber|damit|daran|dort|das)\b"
    ),
    "french": re.compile(r"\b(?:il|elle|ils|elles|lui|leur|eux|ça|cela|celui|celle|y)\b"),
    "italian": re.compile(r"\b(?:lui|lei|loro|esso|essa|ciò|quello|quella|lì|ne)\b"),
    "spanish": re.compile(r"\b(?:él|ella|ellos|ellas|eso|esto|ello|allí|les)\b"),
}
# Who asks of himself asks something, however few words it takes: "Who am I?"
_FIRST_PERSON_WORDS = frozenset(
    _WORD.findall(
        """
        i me my mine myself we us our ours ich mich mir mein meine wir uns je moi mon ma mes nous
        io sono mi mio mia noi yo soy mis nosotros eu meu minha sou ik mij mijn wij jag mig mitt
        jeg meg ja mnie mój я меня мой
        """
    )
)
_POSSESSIVE_PHRASE = re.compile(r"\b(?:my|our) +(?!own\b)\w+")
_LOW_CONTENT_TERMS = frozenset(
    analyze_text(
        """
        say said tell told mention talk speak ask answer think thought feel know knew remember mean
        happen go come get do make take let see thing stuff something anything else more also again
        still yet detail example please really exactly actually explain elaborate continue like one
        ok okay yes good great nice fine right well sure thanks thank question idea moment time
        """
    )
)


def is_self_contained(query: str) -> bool:
    """Whether a question can be looked for by its own words.

    It can't when it has no name, no number, and either no telling word at all ("And then?"), or at most
    `FEW_WORDS` and one that leans on what was said before ("What did he say about it?").
    """
    text = _REQUEST_PHRASE.sub(" ", query.replace("\u2019", "'").strip())
    if is_small_talk(query) or _NAME_OR_NUMBER.search(text):
        return True
    lower = text.lower()
    words = _WORD.findall(lower)
    language = detect_language(words)
    telling = _content_words(words, language)
    leaning = _ANAPHORA[language].search(lower) if language in _ANAPHORA else None
    if leaning is None:
        return bool(telling) or not _FIRST_PERSON_WORDS.isdisjoint(words)
    own = _POSSESSIVE_PHRASE.search(lower)
    return len(telling) > FEW_CONTENT_WORDS or (own is not None and own.start() < leaning.start())


def build_query_context(query: str, turns: Sequence[str], state: Mapping[str, Any], summary: str) -> str:
    """What the session says that the question leaves out, "" when it says nothing.

    `turns` are its last `READ_TURNS`, oldest first. The last `LAST_TURNS` of them that say something are
    enough; the question itself is none. With fewer, what the session is about is added: the topics and the
    newest open goal of its `state`, and its summary. Not always: what is beside the point costs much.
    """
    said = [text for text in reversed(turns) if text.strip() != query.strip() and _has_content_words(text)]
    parts = said[:MAX_TURNS_USED]
    if len(parts) < MAX_TURNS_USED:
        aims = [goal for goal in state.get("goals", ()) if goal["status"] == GoalStatus.OPEN]
        newest = max(aims, key=lambda goal: goal["said_at"] or "", default={"text": ""})
        parts += [" ".join(_content_words(state.get("topics", ()), ENGLISH)), newest["text"], summary]
    return " ".join(part[:MAX_PART_CHARS].strip() for part in parts if part.strip())


def _has_content_words(text: str) -> bool:
    words = _WORD.findall(text.lower())
    return len(_content_words(words, detect_language(words))) >= FEW_CONTENT_WORDS


def _content_words(words: Sequence[str], language: str) -> list[str]:
    """The words that say what it is about."""
    known = (word for word in words if word not in STOP_WORDS_BY_LANGUAGE[language])
    return [word for word in known if not _LOW_CONTENT_TERMS.issuperset(analyze_text(word, language))]
