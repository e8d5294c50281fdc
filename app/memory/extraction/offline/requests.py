"""Explicit requests: to remember something, to be called by a name, to be answered in some way."""

import re

from app.memory.reconciliation.answer_settings import asks_for_setting
from app.memory.text.word_lists import LANGUAGE_NAMES, OCCUPATIONS
from app.memory.text.word_sets import word_set

_REMEMBER = re.compile(
    r"(?:(?:please|pls|kindly|so|hey|ok|okay|also|and|just|can you|could you|would you|i want you to"
    r"|i need you to|i'd like you to)\b,? ){0,3}"
    r"(?:(?:do |please )?(?:remember|memori[sz]e|note|save|store|record|keep in mind|bear in mind"
    r"|make a (?:mental )?note|take a note|write (?:this |that |it )?down|jot (?:this |that |it )?down"
    r"|put (?:this |that )?on record)"
    r"|(?:do not|don't|dont|never) forget)"
    r"(?: (?:down|this|it|for later|for me|for the future|for next time|for future reference|of this"
    r"|please|pls)){0,3}"
    r"(?:\s*[:,;–—-]+\s*|\s+)(?:that\b[:,]?\s+)?",
    re.IGNORECASE,
)
_ASKS_TO_REMEMBER = re.compile(
    r"(?:can|could|would|will) you (?:please )?(?:remember|note|save|store|memori[sz]e|keep in mind"
    r"|make a note) (?:down )?that\b",
    re.IGNORECASE,
)
_FOR_THE_RECORD = re.compile(
    r"(?:(?:and |also |so |just ){0,2}you (?:should|must|need to|ought to|might want to) (?:also )?know,? "
    r"(?:that )?"
    r"|(?:just so|so that|in case) you know,? (?:that )?"
    r"|it (?:may|might|would) help (?:you )?to know (?:that )?"
    r"|(?:for (?:the record|later|future reference|your (?:notes|memory|information)|next time)|fyi"
    r"|(?:a )?note to self|reminder|nb|n\.b\.)\s*[:,–—-]\s*)",
    re.IGNORECASE,
)
_CALL_ME = re.compile(
    r"(?:\b(?:[Pp]lease |[Jj]ust |[Yy]ou can |[Yy]ou may |[Yy]ou should |[Ff]eel free to |[Ee]veryone "
    r"|[Ee]verybody |[Pp]eople |[Mm]y friends |[Ff]riends |[Tt]hey ){0,3}[Cc]all(?:s|ed|ing)? me"
    r"|\bI(?: usually| mostly)? go by|\bI am known as|\bI'm known as) (?P<name>(?:(?:Dr|Mr|Mrs|Ms|Prof"
    r"|St)\.? )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)?)(?=$|[.,!?;)]| (?:instead|please|though|and|but|because"
    r"|from|thanks|now|not|if|when|for short|as)\b)",
)
_NAME = r"[A-Z][\w'’-]*(?: (?:[A-Z][\w'’-]*|[A-Z]\.))?"
_INTRODUCTIONS = (
    re.compile(rf"\b(?:[Mm]y|[Tt]he) (?:full |real |first |given )?name(?: is|'s|’s) (?P<name>{_NAME})"),
    # "I'm German" looks the same: only a greeting or the end of the sentence makes it a name.
    re.compile(
        rf"^(?:I'm|I’m|I am|[Ii]m) (?P<name>{_NAME})(?=$|[.!]|,? (?:nice|pleased|glad) to |,? by the way\b"
        rf"|,? your\b|,? from [A-Z]|,? and I\b)"
    ),
    re.compile(
        r"^(?i:hi|hey|hello|hiya|good (?:morning|evening"
        r"|afternoon))\b[^\w]{1,3}(?i:there\b[^\w]{1,3})?(?i:i['’]?m|i am|this is) "
        r"(?P<name>(?!(?:an?|the|so|in|not|at|on)\b)[\w'-]+(?: [A-Z][\w'-]+)?)(?=$|[.,!?]| and\b| here\b)"
    ),
)
_DEMONYM = re.compile(r"(?:ish|ese|ench|utch|ek)$|(?:er|or)ican$|(?:i|e)an$|ic$")
_NAMES_LIKE_DEMONYMS = word_set(
    """
    ian brian christian adrian julian vivian fabian damian sebastian dean sean jean lilian eric dominic derek
    marek alec kian gillian marian cian ean evan
    """
)
_NOT_NAMES = word_set(
    """
    new back here sorry bored tired looking trying happy glad sad hungry sick ill busy late ready good
    fine great ok okay well lost confused curious excited wondering thinking planning going doing making
    working writing reading learning having feeling vegan vegetarian german french italian spanish english
    british american not just me your
    """
)
_STANDING = re.compile(
    r"\b(?:always|never|from now on|from here on|in (?:the )?future|going forward|every time|each time"
    r"|by default|whenever|as a rule|at all times|no matter what|until further notice|all the time|so much"
    r"|so often|again and again"
    r"|when(?:ever)? (?:you (?:reply|answer|respond|write|explain|talk|speak)|I ask)|(?:reply|answer"
    r"|respond|explain|write|speak|talk)\w* to me)\b",
    re.IGNORECASE,
)
_STYLE = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|responses?|explanations?|emojis?|emoticons?|bullet(?: points?)?|tone"
    r"|jargon|markdown|metric|imperial|celsius|fahrenheit"
    r"|british english|american english|plain (?:english|text|language)|small talk|examples?|summaries"
    r"|code (?:samples|snippets|examples)|disclaimers?|apologies|apologi[sz]ing"
    r"|concise|brief|short|simple|formal|informal|casual|step by step|one sentence|tables?|headings?"
    r"|exclamation marks?)\b",
    re.IGNORECASE,
)
_DIRECTIVE = re.compile(
    r"(?:(?:please|pls|so|and|also|ok|okay|hey|just|kindly)\b,? ){0,3}(?:(?:always|never|do not|don't|dont"
    r"|only|from now on,?|in future,?|going forward,?|whenever [^,]{1,60},|when [^,]{1,60},) ){0,3}"
    r"(?:please )?(?:answer|reply|respond|explain|write|use|give|keep|speak|talk|format|be|avoid|list"
    r"|summari[sz]e|address|stop|skip|stick|include|add|show|start|end|put|send|tell|translate|quote"
    r"|assume|leave|make|suggest|recommend|ask|refer|call|mention)\b",
    re.IGNORECASE,
)
_WISH_FOR_ANSWERS = re.compile(
    r"\bI(?:'d| would)? (?:like|want|prefer|need|love|appreciate)(?: it if| that| if)? you(?:r answers"
    r"|r replies|r responses)?\b"
    r"|\bI(?:'d| would)? (?:like|want|prefer|need) (?:\w+ ){0,3}(?:answers|replies|responses|explanations"
    r"|bullet points)\b"
    r"|\bwhen(?:ever)? I (?:ask|say|write|request)\b",
    re.IGNORECASE,
)
_FORBIDS = re.compile(r"(?:please )?(?:do not|don't|dont|never|no|avoid|stop|skip) ", re.IGNORECASE)
_ONE_OFF = re.compile(r"\b(?:this|that|these|those|following|above|below|it)\b", re.IGNORECASE)


def find_wrapper(text: str) -> int:
    """How many characters of a sentence only ask to remember what follows; 0 if it does not ask."""
    match = _FOR_THE_RECORD.match(text) or _REMEMBER.match(text)
    if match is None:
        return 0
    rest = text[match.end() :]
    if _ASKS_TO_REMEMBER.match(text):
        rest = rest.rstrip(" ?")
    is_question = rest.rstrip().endswith("?") or re.match(
        r"(?:to|when|how|what|the time|me\b|my lips)\b", rest, re.IGNORECASE
    )
    return 0 if is_question or len(rest.split()) < 2 else match.end()


def asks_to_remember(text: str) -> bool:
    """Whether a question only asks to remember something ("Can you remember that ...?")."""
    return _ASKS_TO_REMEMBER.match(text) is not None


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
    if asks_for_setting(text):
        return True
    if _DIRECTIVE.match(text) is not None:
        standing = _STANDING.search(text) is not None or (_FORBIDS.match(text) and _STYLE.search(text))
        return bool(standing) or (
            _STYLE.search(text) is not None and not _ONE_OFF.search(text) and _is_about_answers(text)
        )
    return _WISH_FOR_ANSWERS.search(text) is not None


def _is_about_answers(text: str) -> bool:
    """Whether a directive without "always" tells of all answers ("Keep explanations simple")."""
    return re.match(
        r"(?:(?:please|pls|just|do not|don't|dont|only|no) ){0,3}(?:keep|use|avoid|answer|reply|respond|be"
        r"|stick|skip|stop|speak|talk|format|explain (?:things|everything)|address|no) ",
        text,
        re.IGNORECASE,
    ) is not None and not re.search(r"\b(?:of|about|for (?!me\b))", text, re.IGNORECASE)
