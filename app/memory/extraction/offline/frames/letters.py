"""Letters, e-mails and messages: how they begin and end."""

import re
from collections.abc import Sequence

from app.memory.extraction.offline.frames.utterances import Utterance
from app.memory.extraction.offline.frames.words import FIRST_PERSON, OWN_LABELS

# "Dear friend in the machine, I am 86", "Dear diary": such a letter is its writer's own word.
OWN_SALUTATION = re.compile(
    r"\W*dear (?:[\w'-]+ ){0,4}?(?:assistant|machine|computer|robot|helper|chat ?bot|bot|ai|chatgpt|gpt"
    r"|claude|gemini|copilot|siri|alexa|program(?:me)?|app|advis[eo]r|oracle|model|brain|ghost|chat"
    r"|diary|journal|who(?:m|so)?ever[\w-]*(?: [\w'-]+){0,3}?|whatever[\w-]*)"
    r"(?: (?:in|of|inside|behind|on|from) (?:(?:the|my|this|your) )?[\w'-]+)?"
    r"(?:\s*[,!:;.\u2014\u2013-]+\s*|\s+(?=i\b|i'm\b|my\b)|\s*$)",
    re.IGNORECASE,
)
_SALUTATION = re.compile(
    r"^\W*(?:dear (?!god|lord|me\b|me,|all,? i)"
    r"(?:[a-z.'-]+ ){0,4}?[a-z.'-]+(?:,|:| -|—|!| \u2013)|to whom it may concern|hi (?:[a-z'-]+),? \n)"
)
_HEADER = re.compile(
    r"^\W*(?:q\s?:|interviewer\s?:|(?:begin )?forwarded message|original message|from:|to:|subject:"
    r"|sent:|cc:|re:|fwd?:"
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
_GREETING_LINE = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|evening|afternoon)) [\w.' -]{2,40}[,!:-]*", re.IGNORECASE
)
_CLOSING_LINE = re.compile(
    r"(?:(?:with )?(?:best|kind|kindest|warm|warmest|many) (?:regards|wishes|thanks|greetings)|regards"
    r"|sincerely(?: yours)?|yours"
    r"(?: (?:truly|faithfully|sincerely))?|cheers|love|all the best|best|thanks|thank you|cordially"
    r"|warmly|xoxo)[,.!]?",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"\W{0,3}([A-Z\u00c0-\u00de][\w.'-]{0,20}(?: [A-Z\u00c0-\u00de][\w.'-]{0,20})?)\W?:\s")
_INLINE_GREETING = re.compile(
    r"(?:[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear|Good (?:morning|evening|afternoon)) (?!Claude|Siri|Alexa|Gemini"
    r"|Copilot)[A-Z\u00c0-\u00de][\w.' -]{0,30},"
    r"|(?:[Hh]i|[Hh]ello|[Hh]ey), (?=I'm |I am |my name)"
)
_MAX_CLOSE_CHARS = 80
_MAX_NAME_WORDS = 4
_NAME_AFTER = re.compile(r",\s*\W*[A-Z\u00c0-\u00de]\w*")


def opens_letter(utterance: Utterance) -> bool:
    """Whether an utterance is the salutation or the header of a letter that somebody pasted."""
    if OWN_SALUTATION.match(utterance.lower):
        return False
    return _SALUTATION.match(utterance.lower + " ") is not None or _HEADER.match(utterance.lower) is not None


def closes_letter(utterance: Utterance) -> bool:
    """Whether an utterance is, or ends in, the complimentary close of a letter."""
    text = " ".join(utterance.text.split())
    if text in ("--", "—", "-- "):
        return True
    match = _CLOSING.search(text) or _FORMAL_CLOSING.search(text.lower())
    return match is not None and (match.end() > len(text) - _MAX_CLOSE_CHARS)


def is_formal_close(utterance: Utterance) -> bool:
    """Whether an utterance is the close of a formal letter, whoever wrote it."""
    return (
        _FORMAL_CLOSING.search(utterance.lower) is not None and _NAME_AFTER.search(utterance.text) is not None
    )


def find_passages(utterances: Sequence[Utterance], author: str | None) -> dict[int, str | None]:
    """The numbers of utterances that layout shows to be a letter or a log of a chat, each with who speaks."""
    passages = _find_letters(utterances, author) | _find_inline_letters(utterances, author)
    return passages | _find_chat(utterances, author)


def _find_inline_letters(utterances: Sequence[Utterance], author: str | None) -> dict[int, str | None]:
    """Letters within a paragraph: from "Hello Mr Braun, …" to "Kind regards, Jo Wirth"."""
    found: dict[int, str | None] = {}
    greeting: int | None = None
    for number, utterance in enumerate(utterances):
        text = " ".join(utterance.text.split())
        if _INLINE_GREETING.match(text):
            greeting = number
        closing = _CLOSING.search(text)
        if greeting is None or closing is None or len(text) - closing.end() > _MAX_CLOSE_CHARS:
            continue
        is_thanks = "thank" in closing[0].lower()
        if not is_thanks and not _is_named(text[closing.end() :], author):
            found |= dict.fromkeys(range(greeting, number + 1))
        greeting = None
    return found


def _find_letters(utterances: Sequence[Utterance], author: str | None) -> dict[int, str | None]:
    """Letters between a line that greets and a line that closes."""
    found: dict[int, str | None] = {}
    greeting: int | None = None
    for number, utterance in enumerate(utterances):
        is_own_line = number + 1 >= len(utterances) or utterances[number + 1].line > utterance.line
        text = " ".join(utterance.text.split())
        if is_own_line and _GREETING_LINE.fullmatch(text):
            greeting = number if greeting is None else greeting
        if not _CLOSING_LINE.fullmatch(text) or not is_own_line:
            continue
        name = utterances[number + 1] if number + 1 < len(utterances) else None
        is_signed = name is not None and len(name.text.split()) <= _MAX_NAME_WORDS and name.text[:1].isupper()
        if not is_signed or name is None or _is_named(name.text, author):
            continue
        start = greeting if greeting is not None else number
        end = number + 2
        while end < len(utterances) and utterances[end].paragraph == name.paragraph:
            end += 1
        found |= dict.fromkeys(range(start, end))
        greeting = None
    return found


def _find_chat(utterances: Sequence[Utterance], author: str | None) -> dict[int, str | None]:
    """Lines that begin with the name of who speaks, two or more of them, some in the first person."""
    speakers: dict[int, str] = {}
    in_person = False
    for number, utterance in enumerate(utterances):
        match = _SPEAKER.match(utterance.text)
        starts_line = not number or utterances[number - 1].line < utterance.line
        if match is not None and starts_line and match[1].lower() not in OWN_LABELS:
            speakers[number] = match[1]
            in_person = in_person or bool(FIRST_PERSON & set(utterance.words))
    if len(speakers) < 2 or not in_person:
        return {}
    found: dict[int, str | None] = {}
    current: str | None = None
    line = -1
    for number, utterance in enumerate(utterances):
        if number in speakers:
            current, line = speakers[number], utterance.line
        if current is not None and utterance.line == line and not _is_named(current, author):
            found[number] = current
    return found


def _is_named(text: str, author: str | None) -> bool:
    return author is not None and bool(set(text.lower().split()) & set(author.lower().split()))
