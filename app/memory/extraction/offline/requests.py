"""Explicit requests: to remember something, to be called by a name, to be answered in some way."""

import re

from app.memory.text.word_lists import LANGUAGE_NAMES, OCCUPATIONS

_REMEMBER = re.compile(
    r"(?:(?:please|pls|so|hey|ok|okay|also|and|just|can you|could you|would you|i want you to|i need you to|i'd like you to)\b,? ){0,3}"
    r"(?:(?:do |please )?(?:remember|memori[sz]e|note|save|store|record|keep in mind|bear in mind|make a note|take a note|write down|jot down)"
    r"|(?:do not|don't|dont|never) forget)"
    r"(?: (?:down|this|it|for later|for me|for the future|for next time|for future reference|of this|please)){0,3}"
    r"(?:\s*[:,;–—-]+\s*|\s+)(?:that\b[:,]?\s+)?",
    re.IGNORECASE,
)
_FOR_THE_RECORD = re.compile(
    r"(?:for (?:the record|later|future reference|your (?:notes|memory|information)|next time)|fyi|(?:a )?note to self|reminder|nb|n\.b\.)\s*[:,–—-]\s*",
    re.IGNORECASE,
)
_CALL_ME = re.compile(
    r"(?:\b(?:please |just |you can |you may |you should |feel free to |everyone |everybody |people |my friends |friends |they )*call(?:s)? me"
    r"|\bI(?: usually| mostly)? go by|\bI am known as|\bI'm known as) (?P<name>(?:(?:Dr|Mr|Mrs|Ms|Prof|St)\.? )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)?)(?=$|[.,!?;)]| (?:instead|please|though|and|but|because|from|thanks|now|not)\b)",
)
_NAME = r"[A-Z][\w'’-]*(?: (?:[A-Z][\w'’-]*|[A-Z]\.))?"
_INTRODUCTIONS = (
    re.compile(rf"\b(?:[Mm]y|[Tt]he) (?:full |real |first |given )?name(?: is|'s|’s) (?P<name>{_NAME})"),
    # "I'm German", "I'm Team Jacob" look the same: only a greeting or the end of the sentence makes it a name.
    re.compile(
        rf"^(?:I'm|I’m|I am|[Ii]m) (?P<name>{_NAME})(?=$|[.!]|,? (?:nice|pleased|glad) to |,? by the way\b|,? your\b|,? from [A-Z]|,? and I\b)"
    ),
    re.compile(
        r"^(?i:hi|hey|hello|hiya|good (?:morning|evening|afternoon))\b[^\w]{1,3}(?i:there\b[^\w]{1,3})?(?i:i['’]?m|i am|this is) "
        r"(?P<name>(?!(?:an?|the|so|in|not|at|on)\b)[\w'-]+(?: [A-Z][\w'-]+)?)(?=$|[.,!?]| and\b| here\b)"
    ),
)
_DEMONYM = re.compile(r"(?:ish|ese|ench|utch|ek)$|(?:er|or)ican$|(?:i|e)an$|ic$")
_NAMES_LIKE_DEMONYMS = frozenset(
    [
        "ian",
        "brian",
        "christian",
        "adrian",
        "julian",
        "vivian",
        "fabian",
        "damian",
        "sebastian",
        "dean",
        "sean",
        "jean",
        "lilian",
        "eric",
        "dominic",
        "derek",
        "marek",
        "alec",
        "kian",
        "gillian",
        "marian",
        "cian",
        "ean",
        "evan",
    ]
)
_NOT_NAMES = frozenset(
    [
        "new",
        "back",
        "here",
        "sorry",
        "bored",
        "tired",
        "looking",
        "trying",
        "happy",
        "glad",
        "sad",
        "hungry",
        "sick",
        "ill",
        "busy",
        "late",
        "ready",
        "good",
        "fine",
        "great",
        "ok",
        "okay",
        "well",
        "lost",
        "confused",
        "curious",
        "excited",
        "wondering",
        "thinking",
        "planning",
        "going",
        "doing",
        "making",
        "working",
        "writing",
        "reading",
        "learning",
        "having",
        "feeling",
        "vegan",
        "vegetarian",
        "german",
        "french",
        "italian",
        "spanish",
        "english",
        "british",
        "american",
        "not",
        "just",
        "me",
        "your",
    ]
)
_STANDING = re.compile(
    r"\b(?:always|never|from now on|from here on|in (?:the )?future|going forward|every time|each time|by default|whenever|as a rule|at all times|no matter what|until further notice"
    r"|when(?:ever)? (?:you (?:reply|answer|respond|write|explain|talk|speak)|I ask)|(?:reply|answer|respond|explain|write|speak|talk)\w* to me)\b",
    re.IGNORECASE,
)
_STYLE = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|responses?|explanations?|emojis?|emoticons?|bullet(?: points?)?|tone|jargon|markdown|metric|imperial|celsius|fahrenheit"
    r"|british english|american english|plain (?:english|text|language)|small talk|examples?|summaries|code (?:samples|snippets|examples)|disclaimers?|apologies"
    r"|concise|brief|short|simple|formal|informal|casual|step by step|one sentence|tables?|headings?|exclamation marks?)\b",
    re.IGNORECASE,
)
_DIRECTIVE = re.compile(
    r"(?:(?:please|pls|so|and|also|ok|okay|hey|just|kindly)\b,? ){0,3}(?:(?:always|never|do not|don't|dont|only|from now on,?|in future,?|going forward,?|whenever [^,]{1,60},|when [^,]{1,60},) ){0,3}"
    r"(?:please )?(?:answer|reply|respond|explain|write|use|give|keep|speak|talk|format|be|avoid|list|summari[sz]e|address|stop|skip|stick|include|add|show|start|end|put|send|tell|translate|quote|assume|leave|make|suggest|recommend|ask|refer|call|mention)\b",
    re.IGNORECASE,
)
_WISH_FOR_ANSWERS = re.compile(
    r"\bI(?:'d| would)? (?:like|want|prefer|need|love|appreciate)(?: it if| that| if)? you(?:r answers|r replies|r responses)?\b"
    r"|\bI(?:'d| would)? (?:like|want|prefer|need) (?:\w+ ){0,3}(?:answers|replies|responses|explanations|bullet points)\b"
    r"|\bwhen(?:ever)? I (?:ask|say|write|request)\b",
    re.IGNORECASE,
)
_ONE_OFF = re.compile(r"\b(?:this|that|these|those|following|above|below|it)\b", re.IGNORECASE)


def find_wrapper(text: str) -> int:
    """How many characters of a sentence only ask to remember what follows; 0 if it does not ask."""
    match = _REMEMBER.match(text) or _FOR_THE_RECORD.match(text)
    if match is None:
        return 0
    rest = text[match.end() :]
    is_question = rest.rstrip().endswith("?") or re.match(
        r"(?:to|when|how|what|the time|me\b|my lips)\b", rest, re.IGNORECASE
    )
    return 0 if is_question or len(rest.split()) < 2 else match.end()


def find_own_name(text: str) -> str | None:
    """The name by which the speaker introduces himself or herself."""
    match = next((found for pattern in _INTRODUCTIONS if (found := pattern.search(text)) is not None), None)
    if match is None:
        return None
    name = match["name"]
    first = name.split()[0].lower()
    is_people = _DEMONYM.search(first) is not None and first not in _NAMES_LIKE_DEMONYMS
    if first in _NOT_NAMES or is_people or first in LANGUAGE_NAMES or first in OCCUPATIONS:
        return None
    return name[:1].upper() + name[1:]


def find_preferred_name(text: str) -> str | None:
    """The name by which the speaker asks to be called."""
    match = _CALL_ME.search(text)
    return match["name"].rstrip(".") if match is not None else None


def asks_for_style(text: str) -> bool:
    """Whether the sentence says how the assistant should answer from now on, rather than once."""
    if text.rstrip().endswith("?"):
        return False
    if _DIRECTIVE.match(text) is not None:
        standing = _STANDING.search(text) is not None
        return standing or (
            _STYLE.search(text) is not None and not _ONE_OFF.search(text) and _is_about_answers(text)
        )
    return _WISH_FOR_ANSWERS.search(text) is not None


def _is_about_answers(text: str) -> bool:
    """Whether a directive without "always" tells of all answers: "Keep explanations simple", not "Give me a short summary of"."""
    return re.match(
        r"(?:(?:please|pls|just|do not|don't|dont|only|no) ){0,3}(?:keep|use|avoid|answer|reply|respond|be|stick|skip|stop|speak|talk|format|explain (?:things|everything)|address|no) ",
        text,
        re.IGNORECASE,
    ) is not None and not re.search(r"\b(?:of|about|for (?!me\b))", text, re.IGNORECASE)
