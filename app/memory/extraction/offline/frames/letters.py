"""Letters, e-mails and messages: how they begin and end."""

import re

from app.memory.extraction.offline.frames.utterances import Utterance

# "Dear diary" and a greeting of the assistant open the speaker's own words.
_SALUTATION = re.compile(
    r"^\W*(?:dear (?!diary|journal|assistant|ai\b|chatgpt|claude|gpt|bot|god|lord|me\b|me,|all,? i|chat\b"
    r"|computer)"
    r"(?:[a-z.'-]+ ){0,4}?[a-z.'-]+(?:,|:| -|—|!| \u2013)|to whom it may concern|hi (?:[a-z'-]+),? \n)"
)
_HEADER = re.compile(
    r"^\W*(?:(?:begin )?forwarded message|original message|from:|to:|subject:|sent:|cc:|re:|fwd?:"
    r"|reply-to:|date:"
    r"|on .{4,60} wrote:|sent from my)"
)
_CLOSING = re.compile(
    r"(?:^|[.!?,;]\s+|\n\W*)(?:(?:with )?(?:best|kind|kindest|warm|warmest|many|friendly)(?: (?:regards"
    r"|wishes|greetings|thanks))"
    r"|(?:with )?regards|sincerely(?: yours)?|yours(?: (?:truly|faithfully|sincerely|ever))?|cordially"
    r"|respectfully(?: yours)?"
    r"|yours|cheers|love|all the best|best|xoxo|hugs|warmly|take care|lots of love|with love|many thanks"
    r"|thanks),\s*\W*(?=[A-Z\u00c0-\u00de])",
    re.IGNORECASE,
)
_FORMAL_CLOSING = re.compile(
    r"\b(?:(?:best|kind|kindest|warm|warmest) regards|sincerely yours|yours (?:truly|faithfully"
    r"|sincerely)|cordially yours)\b"
)
_NAME_AFTER = re.compile(r",\s*\W*[A-Z\u00c0-\u00de]\w*")


def opens_letter(utterance: Utterance) -> bool:
    """Whether an utterance is the salutation or the header of a letter that somebody pasted."""
    return _SALUTATION.match(utterance.lower + " ") is not None or _HEADER.match(utterance.lower) is not None


def closes_letter(utterance: Utterance) -> bool:
    """Whether an utterance is, or ends in, the complimentary close of a letter."""
    text = " ".join(utterance.text.split())
    if text in ("--", "—", "-- "):
        return True
    match = _CLOSING.search(text) or _FORMAL_CLOSING.search(text.lower())
    return match is not None and (match.end() > len(text) - 80)


def is_formal_close(utterance: Utterance) -> bool:
    """Whether an utterance is the close of a formal letter, whoever wrote it."""
    return (
        _FORMAL_CLOSING.search(utterance.lower) is not None and _NAME_AFTER.search(utterance.text) is not None
    )
