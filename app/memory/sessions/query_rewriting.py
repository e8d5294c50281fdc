"""Query rewriting: detects questions that depend on their conversation and adds context from the session.

Method: HMT (He et al. 2024, arXiv 2405.06067, memory recall) queries its long-term memory with a summary of
the segment that it reads. Here the context of the session is added to a question, but only where it is
needed: a self-contained question stays as it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.vocabulary import GoalStatus
from app.memory.sessions.follow_ups import is_follow_up
from app.memory.sessions.small_talk import is_small_talk
from app.memory.text.content_words import find_content_words
from app.memory.text.languages import detect_language
from app.memory.text.stop_words import ENGLISH

MAX_TURNS_READ = 8
MAX_TURNS_USED = 2
# content words: a question with more is self-contained, a turn with fewer adds nothing (chosen)
FEW_CONTENT_WORDS = 2
# characters (chosen); a local model reads 128 tokens, and long turns add unrelated words
MAX_PART_CHARS = 120

_WORD = re.compile(r"\w+")
_REQUEST_PHRASE = re.compile(r"\b(?:tell|remind|show|give|let) (?:me|us)\b", re.IGNORECASE)
_NAME_OR_NUMBER = re.compile(r"(?<![.!?…] )(?<!^)\b(?!I\b)[A-Z]\w+|\d")
# Anaphora: pronouns, and demonstratives at the end of a clause.
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
# A question about the speaker is self-contained, however few words it has: "Who am I?"
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


def is_self_contained(query: str) -> bool:
    """Whether a question can be searched for by its own words.

    It can't if it is a follow-up (`follow_ups`), or has no name and no number, and either no content word
    ("And then?"), or an anaphor and at most `FEW_CONTENT_WORDS` content words ("What did he say about it?").
    """
    text = _REQUEST_PHRASE.sub(" ", query.replace("\u2019", "'").strip(" \t\n¿¡"))
    if is_small_talk(query):
        return True
    has_name = _NAME_OR_NUMBER.search(text) is not None
    lower = text.lower()
    words = _WORD.findall(lower)
    if is_follow_up(lower.strip(), has_name=has_name, first_person=_FIRST_PERSON_WORDS):
        return False
    if has_name:
        return True
    language = detect_language(words)
    content_words = find_content_words(words, language)
    anaphor = _ANAPHORA[language].search(lower) if language in _ANAPHORA else None
    if anaphor is None:
        return bool(content_words) or not _FIRST_PERSON_WORDS.isdisjoint(words)
    possessive = _POSSESSIVE_PHRASE.search(lower)
    return len(content_words) > FEW_CONTENT_WORDS or (
        possessive is not None and possessive.start() < anaphor.start()
    )


def build_query_context(query: str, turns: Sequence[str], state: Mapping[str, Any], summary: str) -> str:
    """The context that a dependent question lacks, from the session; "" if there is none.

    `turns` are the last `MAX_TURNS_READ`, oldest first. The last `MAX_TURNS_USED` of them with content words
    are used, without the question itself. If there are fewer, the topics and the newest open goal of `state`,
    and `summary`, are added. They are not always added, as unrelated context costs recall.
    """
    usable = [text for text in reversed(turns) if text.strip() != query.strip() and _tells_topic(text)]
    parts = usable[:MAX_TURNS_USED]
    if len(parts) < MAX_TURNS_USED:
        open_goals = [goal for goal in state.get("goals", ()) if goal["status"] == GoalStatus.OPEN]
        newest = max(open_goals, key=lambda goal: goal["said_at"] or "", default={"text": ""})
        parts += [" ".join(find_content_words(state.get("topics", ()), ENGLISH)), newest["text"], summary]
    return " ".join(part[:MAX_PART_CHARS].strip() for part in parts if part.strip())


def _tells_topic(text: str) -> bool:
    words = _WORD.findall(text.lower())
    return len(find_content_words(words, detect_language(words))) >= FEW_CONTENT_WORDS
