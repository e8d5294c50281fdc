"""Finds key strings in contents, whatever their case, accents and punctuation."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from app.memory.text.stop_words import STOP_WORDS

# Words near a stale value by which a sentence says itself that it is over.
_ENDING = re.compile(
    r"\b(no longer|any ?more|used to|former\w*|previous\w*|sold|cancel\w*|called off|quit|stopped|died|over"
    r"|not|passed away|broke up|separated|divorced|gave up|moved (?:out|away|from)|left|lost|stolen|retired"
    r"|finished|ended|instead of)\b"
)
# Words by which a memory says itself that it is no claim of its speaker.
_HEDGE = re.compile(
    r"\b(if|would|could|might|maybe|suppos\w+|imagin\w+|hypothe\w+|pretend\w*|wish\w*|hopes?|dreams?|consider\w*"
    r"|whether|jok\w+|kidding|fiction\w*|stor(?:y|ies)|song|lyrics?|character|role|quot\w+|said|says|claim\w*|wrote"
    r"|writes|text|translat\w+|proofread\w*|summar\w+|example|suggest\w*|recommend\w*|ask(?:s|ed)?|request\w*|code"
    r"|log)\b"
)
_DENIAL = re.compile(
    r"\b(not|no|never|none|nor|neither|without|no longer|\w+n t|den(?:y|ies|ied)|refus\w+)\b"
)
_NEAR_WORDS = 8


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """`text` without marks, case and punctuation, but with the points and colons inside numbers."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in folded if unicodedata.category(char) not in {"Mn", "Me", "Cf"})
    plain = re.sub(
        r"(?<=\d)[, ](?=\d{3}(?!\d))", "", plain.replace("ø", "o").replace("ł", "l").replace("æ", "ae")
    )
    return " ".join(re.sub(r"(?<!\d)[.:]|[.:](?!\d)|[^\w.:]|_", " ", plain).split())


@lru_cache(maxsize=65_536)
def _pattern(key: str) -> re.Pattern[str]:
    """A key of four letters or more may begin a word, a shorter one may have an s, a number is whole."""
    text = normalise(key)
    is_word = len(text) < len("four") or text[-1:].isdigit()
    end = r"" if not is_word else r"\b" if text[-1:].isdigit() else r"s?\b"
    return re.compile(r"(?<!\w)" + re.escape(text) + end)


def spans(key: str, text: str) -> list[tuple[int, int]]:
    """Where `key` stands in the normalised text: `a|b` is either of two, `a + b` both."""
    found: list[tuple[int, int]] = []
    for alternative in key.split("|"):
        parts = [_pattern(part).search(normalise(text)) for part in alternative.split(" + ")]
        found += [part.span() for part in parts[:1] if part is not None and all(parts)]
    return found


def holds(text: str, keys: Iterable[str]) -> bool:
    """Whether a text has all keys."""
    return all(spans(key, text) for key in keys)


def claims(content: str, entry: Mapping[str, Any]) -> bool:
    """Whether a content claims what an entry forbids: not as a question, a hedge or a denial."""
    if not holds(content, entry["all"]) or any(spans(word, content) for word in entry.get("unless", ())):
        return False
    plain = normalise(content)
    if content.rstrip().endswith("?") or _HEDGE.search(plain):
        return False
    return bool(entry.get("literal")) or not _DENIAL.search(plain)


def tells_as_current(content: str, keys: Iterable[str]) -> bool:
    """Whether a content tells one of the keys without a word of ending near it."""
    text = normalise(content)
    for start, end in (span for key in keys for span in spans(key, content)):
        before, after = text[:start].split()[-_NEAR_WORDS:], text[end:].split()[: _NEAR_WORDS // 2]
        if not _ENDING.search(" ".join([*before, text[start:end], *after])):
            return True
    return False


def content_words(text: str, ignored: Iterable[str]) -> set[str]:
    """The content words of a text, cut to five letters, so that forms of a word are one."""
    small = STOP_WORDS | {normalise(name) for name in ignored}
    words = (word for word in normalise(text).split() if word not in small and len(word) > len("of"))
    return {word[:5] for word in words}
