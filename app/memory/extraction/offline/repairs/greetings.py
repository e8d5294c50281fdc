"""Takes a greeting off what is told behind it: "hey guys i work at Acme" -> "i work at Acme"."""

import re

from app.memory.extraction.offline.frames.letters import OWN_SALUTATION
from app.memory.text.text_edits import TextEdit

# The grammar takes "hello I am 34" for a greeting of 34, and "guys" for one who works. Who is named is left.
_MARKS = r"[ ,:\u2013\u2014-]"
_GREETS = (
    r"(?:(?:hi+|hey+|hell?o+|hiya|yo+|sup|howdy|greetings|good (?:morning|evening|afternoon|day))\b"
    rf"{_MARKS}*)+"
)
_LISTENERS = (
    r"(?:there|guys|everyone|everybody|folks|again|team|assistant|bot|buddy|mate|friend|all|you|you all)\b"
)
_GREETING = re.compile(
    rf"{_GREETS}(?:(?:(?!all my\b|all our\b){_LISTENERS}{_MARKS}*)*(?=(?:i|im|ive|my|we|our)\b)"
    rf"|{_LISTENERS} ?[,:\u2013\u2014]+ ?(?=\w)(?!\w+(?: \w+)? here\b))",
    re.IGNORECASE,
)
_WRITTEN = "Hi, "  # before a name, which is known by it
_NAMES_ONESELF = re.compile(r"(?:i['\u2019]?m|i am|my name)\b", re.IGNORECASE)


def find_greeting(text: str, start: int, end: int) -> TextEdit | None:
    """The edit that takes a greeting or a salutation off the sentence text[start:end]."""
    salutation = OWN_SALUTATION.match(text, start, end)
    if salutation is not None and salutation.end() < end:
        return TextEdit(start, salutation.end(), "")
    greeting = _GREETING.match(text, start, end)
    if greeting is None or greeting[0].lower() == _WRITTEN.lower():
        return None
    names_oneself = _NAMES_ONESELF.match(text, greeting.end(), end) is not None
    return TextEdit(start, greeting.end(), _WRITTEN if names_oneself else "")
