"""Detects small talk, for which no memory has to be recalled.

SCM (Wang et al. 2023, arXiv 2304.13343), section 3: the memory controller decides first whether memory is
needed.
"""

import re

_WORD = re.compile(r"\w+(?:'\w+)?")
# A message of these words and fillers only is a greeting, thanks or agreement; any other word makes it a
# topic.
_SMALL_TALK_WORDS = frozenset(
    _WORD.findall(
        """
        thanks thank thx ty cheers hi hello hey hiya bye goodbye ok okay k great cool nice perfect awesome
        lovely wonderful excellent amazing wow yay haha lol sure yep yeah yes no nope alright welcome sorry
        please congrats congratulations danke grazie merci gracias obrigado hallo ciao bonjour hola tschüss
        谢谢 你好 再见 好的 ありがとう 감사합니다
        """
    )
)
_FILLER_WORDS = frozenset(
    _WORD.findall(
        """
        you very much so a lot for that this the all your help again good morning afternoon evening night
        day have it's that's it is see later soon there really well done got appreciate i of my dear to and
        too
        """
    )
)
_MAX_WORDS = 10


def is_small_talk(text: str) -> bool:
    """Whether the text only greets, thanks or agrees, so that the answer needs no memory."""
    words = _WORD.findall(text.lower().replace("’", "'"))
    if not words or len(words) > _MAX_WORDS or "?" in text or "？" in text:
        return False
    return not _SMALL_TALK_WORDS.isdisjoint(words) and all(
        word in _SMALL_TALK_WORDS or word in _FILLER_WORDS for word in words
    )
