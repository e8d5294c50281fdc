"""Detects small talk, for which no memory has to be recalled.

SCM (Wang et al. 2023, arXiv 2304.13343), section 3: the memory controller decides first whether memory is
needed.
"""

import re

from app.memory.text.stop_words import FILLER_WORDS, SMALL_TALK_WORDS

_WORD = re.compile(r"\w+(?:'\w+)?")
_MAX_WORDS = 10  # chosen: a longer message may be about something


def is_small_talk(text: str) -> bool:
    """Whether the text only greets, thanks or agrees, so that the answer needs no memory."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    if not words or len(words) > _MAX_WORDS or "?" in text or "？" in text:
        return False
    return not SMALL_TALK_WORDS.isdisjoint(words) and all(
        word in SMALL_TALK_WORDS or word in FILLER_WORDS for word in words
    )
