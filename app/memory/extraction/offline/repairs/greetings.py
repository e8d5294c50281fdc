"""Sets a greeting apart from what is told behind it: "hey guys i work at Acme" -> "Hi, i work at Acme"."""

import re

from app.memory.extraction.offline.frames.letters import OWN_SALUTATION
from app.memory.text.text_edits import TextEdit

# The grammar takes "hello I am 34" for a greeting of 34, and "guys" for one who works. Who is named is left.
_MARKS = r"[ ,:\u2013\u2014-]"
_GREETING = re.compile(
    r"(?:(?:hi+|hey+|hell?o+|hiya|yo+|sup|howdy|greetings|good (?:morning|evening|afternoon|day))\b"
    rf"{_MARKS}*)+"
    r"(?:(?:there|guys|everyone|everybody|folks|again|team|assistant|bot|buddy|mate|friend)\b"
    rf"{_MARKS}*|(?:all|you|you all)(?! my\b| our\b){_MARKS}+)*"
    r"(?=(?:i|im|ive|my|we|our)\b)",
    re.IGNORECASE,
)
_WRITTEN = "Hi, "


def find_greeting(text: str, start: int, end: int) -> TextEdit | None:
    """The edit that sets a greeting apart from the sentence text[start:end], or takes off a salutation."""
    salutation = OWN_SALUTATION.match(text, start, end)
    if salutation is not None and salutation.end() < end:
        return TextEdit(start, salutation.end(), "")
    greeting = _GREETING.match(text, start, end)
    if greeting is None or greeting[0].lower() == _WRITTEN.lower():
        return None
    return TextEdit(start, greeting.end(), _WRITTEN)
