"""Explicit requests: to remember something, to be called by a name, to be answered in some way."""

import re

from app.memory.reconciliation.answer_settings import asks_for_setting
from app.memory.text.word_lists import LANGUAGE_NAMES, OCCUPATIONS
from app.memory.text.word_sets import word_set

# A request to remember is a way of asking, a verb of keeping, what stands for the fact, and the fact.
_ASKING = (
    r"(?:(?:please|pls|kindly|so|hey|ok|okay|also|and|just|do)\b,? "
    r"|(?:can|could|would|will) you (?:please |kindly )?"
    r"|i(?:'d| would) (?:like|love|want|need) you to |i (?:want|need) you to "
    r"|(?:make sure|be sure|see)(?: that)? (?:you |to )|you (?:should|must|need to|ought to|have to"
    r"|might want to) "
    r"|try to |let(?:'s| us) |it(?:'s| is) (?:important|vital|good|useful) (?:that you |for you to ))"
)
_KEEPING = (
    r"(?:remember|memori[sz]e|note|save|store|record|log|keep in mind|bear in mind|be aware|be advised"
    r"|(?:make|take|keep) (?:a |an? (?:mental|extra) )?note|write (?:this |that |it )?down"
    r"|jot (?:this |that |it )?down|put (?:this |that )?on (?:record|file)"
    r"|add (?:this |that |it )?to (?:your|my|the) (?:notes?|memory|memories|file|list|profile|records?)"
    r"|(?:do not|don't|dont|never) (?:ever )?(?:let (?:me|us) )?forget|(?:don't|do not) let it slip)"
)
_KEPT_LATER = (
    r"(?: (?:down|this|it|the following|for later|for me|for the future|for next time|for future reference"
    r"|of this"
    r"|of it|of the following|of|somewhere|please|pls|also|too)){0,3}"
)
_REMEMBER = re.compile(
    rf"{_ASKING}{{0,3}}{_KEEPING}{_KEPT_LATER}(?:\s*[:,;–—-]+\s*|\s+)(?:(?:that|the fact that)\b[:,]?\s+)?",
    re.IGNORECASE,
)
_ASKS_TO_REMEMBER = re.compile(
    r"(?:can|could|would|will) you (?:please )?(?:remember|note|save|store|memori[sz]e|log|keep in mind"
    r"|(?:make|take|keep) a note) (?:down |of the fact )?that\b|would you mind (?:remembering|noting"
    r"|keeping in mind) that\b",
    re.IGNORECASE,
)
_FOR_THE_RECORD = re.compile(
    r"(?:(?:and |also |so |just ){0,2}(?:you (?:should|must|need to|ought to|might want to) (?:also "
    r"|probably )?know,? "
    r"(?:that )?"
    r"|(?:i(?:'d| would) like|i want|i need|i wanted) you to know,? (?:that )?"
    r"|let (?:it be known|me tell you|me add|me mention|me note) (?:that |here that )"
    r"|it(?:'s| is) (?:important|good|vital|best) (?:that you know|for you to know|if you know),? (?:that )?"
    r"|it(?:'s| is) worth (?:knowing|noting|mentioning),? (?:that )?"
    r"|would you mind (?:remembering|noting|keeping in mind) (?:that )?"
    r"|(?:just )?(?:so|so that|in case) you(?:'re aware| know),? (?:that )?"
    r"|it (?:may|might|would|could) (?:help|be (?:good|useful"
    r"|helpful)) (?:for )?(?:you )?to know,? (?:that )?"
    r"|(?:(?:(?:one|another|a|some) ?(?:more )?(?:thing|detail|fact)s?|something|worth|good|important"
    r"|useful|nice)"
    r"(?: you (?:should|need to|must|might want to|ought to)| to| worth| for you to)? (?:know|knowing|note"
    r"|noting|remember"
    r"|mention|mentioning)(?: about me)?|(?:one|a|another|fun|quick) (?:thing|fact) about me)\s*:\s*"
    r"|(?:for (?:the record|later|future reference|your (?:notes|memory|information|files?|records?)"
    r"|next time)|fyi"
    r"|(?:a )?note to self|reminder|memo|nb|n\.b\.)\s*[:,–—-]\s*))",
    re.IGNORECASE,
)
# Who calls them so is anybody, or the one who is asked to: a grandchild's "Grandpa" is no wish.
_CALL_ME = re.compile(
    r"(?:(?:^|[.,;:!?–—-] ?"
    r"|\b(?:[Pp]lease|[Jj]ust|[Ss]o|[Aa]nd|[Bb]ut|[Oo]r|[Yy]ou|[Yy]ou (?:can|may|should|could)"
    r"|[Yy]ou to|[Ff]eel free to|[Yy]ou all|[Yy]ou (?:can|may) just) )[Cc]all(?:ing)? me"
    r"|\b(?:[Ee]veryone|[Ee]verybody|[Pp]eople|(?:[Mm]y |[Mm]ost )?[Ff]riends|[Tt]hey|[Aa]ll|[Mm]ost people)"
    r"(?: just| all| usually| mostly)? calls? me"
    r"|\bI(?: usually| mostly)? go by|\bI am known as|\bI'm known as) (?P<name>(?:(?:Dr|Mr|Mrs|Ms|Prof"
    r"|St)\.? )?[A-Z][\w'-]*(?: [A-Z][\w'-]*)?)(?=$|[.,!?;)]| (?:instead|please|though|and|but|because"
    r"|from|thanks|now|not|if|when|for short|as)\b)",
)
_NAME = r"[A-Z][\w'’-]*(?: (?:[A-Z][\w'’-]*|[A-Z]\.))?"
_INTRODUCTIONS = (
    re.compile(rf"\b(?:[Mm]y|[Tt]he) (?:full |real |first |given )?name(?: is|'s|’s) (?P<name>{_NAME})"),
    re.compile(
        r"^(?i:(?:hi|hey|hello|hiya|good (?:morning|evening|afternoon))\b[^\w]{1,3}(?:(?:there|all"
        r"|everyone|everybody|guys|folks|team)\b[^\w]{1,3})?)"
        r"(?P<name>(?!(?i:glad|new|back|still|just|me|nobody|not)\b)[A-Za-z][\w-]+(?: [A-Z][\w-]+)?) here\b"
    ),
    # "I'm German" looks the same: only a greeting or the end of the sentence makes it a name.
    re.compile(
        rf"^(?:I'm|I’m|I am|[Ii]m) (?P<name>{_NAME})(?=$|[.!]|,? (?:nice|pleased|glad) to |,? by the way\b"
        rf"|,? your\b|,? from [A-Z]|,? and I\b)"
    ),
    re.compile(
        r"^(?i:hi|hey|hello|hiya|good (?:morning|evening"
        r"|afternoon))\b[^\w]{1,3}(?i:(?:there|all|everyone|everybody|guys|folks|team)\b[^\w]{1,3})?"
        r"(?i:i['’]?m|i am|this is) "
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
    r"\b(?:always|never|from now on|from here on(?: out)?|in (?:the )?future|going forward|every time"
    r"|each time"
    r"|by default|whenever|as a rule|at all times|no matter what|until further notice|all the time|so much"
    r"|so often|again and again|(?:unless|until) I (?:say|tell you|ask)|when(?:ever)? (?:you (?:reply|answer"
    r"|respond|write|explain|talk|speak)|I (?:ask|give|send|share|post|paste|write|show|mention))|(?:reply"
    r"|answer"
    r"|respond|explain|write|speak|talk)\w* to me)\b",
    re.IGNORECASE,
)
_TONGUES = "|".join(sorted((name for name in LANGUAGE_NAMES), key=len, reverse=True))
# Units, forms and manners in which an answer is put.
_STYLE = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|responses?|explanations?|emojis?|emoticons?|bullet(?: points?)?|tone"
    r"|jargon|markdown|metric|imperial|celsius|fahrenheit|kilomet(?:er|re)s?|kilograms?|kilos|grams|miles"
    r"|pounds|ounces"
    r"|lit(?:er|re)s|24-hour|12-hour|(?:lower|upper) ?case|capitals?"
    r"|british (?:english|spelling)|american (?:english|spelling)|plain (?:english|text|language|words)"
    r"|small talk"
    r"|examples?|summaries"
    r"|(?:euros?|dollars?|pounds|francs|kronor|yen)|code (?:samples|snippets|examples)|disclaimers?"
    r"|apologies|apologi[sz]ing|formalit(?:y|ies)|pleasantries"
    r"|concise(?:ly)?|brief(?:ly)?|short|simple|simply|formal(?:ly)?|informal(?:ly)?|casual(?:ly)?"
    r"|polite(?:ly)?"
    r"|step by step|line by line|(?:one|short|long) sentences?|tables?|headings?|first names?|last name"
    r"|surname|nickname"
    rf"|exclamation marks?|in (?:{_TONGUES}))\b",
    re.IGNORECASE,
)
_DIRECTIVE = re.compile(
    r"(?:(?:please|pls|so|and|also|ok|okay|hey|just|kindly)\b,? ){0,3}(?:(?:always|never|do not|don't|dont"
    r"|only|from (?:now|here) on,?(?: out,?)?|in future,?|going forward,?|(?:whenever|when|every time"
    r"|each time) [^,]{1,60},) ){0,3}"
    r"(?:please )?(?:let(?:'s| us) |(?:you can|you may|could you|can you|would you) (?:please )?"
    r"|feel free to )?(?:always |never |only |just )?"
    r"(?:answer|reply|respond|explain|write|use|give|keep|speak|talk|format|be|avoid|list"
    r"|summari[sz]e|address|stop|skip|stick|include|add|show|start|end|put|send|tell|translate|quote"
    r"|assume|leave|make|suggest|recommend|ask|refer|call|mention|switch|go back|return|convert|drop|cut"
    r"|phrase|state"
    r"|spell|fix|correct|check|treat|no need for|no|type|round|express|measure)\b",
    re.IGNORECASE,
)
_WISH = r"(?:\bI(?:'d| would)? (?:like|want|prefer|need|love|appreciate)(?: it if| that| if)?"
_WHEN_I_ASK = r"\bwhen(?:ever)? I (?:ask|say|write|request)\b"
_WISH_FOR_ANSWERS = re.compile(
    rf"{_WISH} you(?:r answers|r replies|r responses)?\b)"
    rf"|{_WISH} (?:\w+ ){{0,3}}(?:answers|replies|responses|explanations|bullet points)\b)"
    rf"|{_WHEN_I_ASK}",
    re.IGNORECASE,
)
_KEEPING_IT = re.compile(r"\bke(?:ep|pt) it\b", re.IGNORECASE)
_ON_ASKING = re.compile(_WHEN_I_ASK, re.IGNORECASE)
# "I'd be grateful if you wrote in metric": of one favour if nothing in it is a manner of answering.
_WISH_FOR_MANNER = re.compile(
    r"\b(?:I(?:'d| would)? be (?:so |very |really |much )?(?:grateful|obliged|glad|happy|thankful|pleased"
    r"|delighted)"
    r"|(?:it|that)(?:'d| would) be (?:\w+ )?(?:great|nice|good|lovely|helpful|kind|best|ideal|easier|better)"
    r"|I(?:'d| would)? (?:prefer|like|appreciate|rather)(?: it)?) (?:if )?you (?:could |would "
    r"|can )?(?:always |never |only |just "
    r"|please |not )?\w+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b(?:address(?:ed)?|call(?:ed)?|refer(?:red)? to|treat(?:ed)?) me\b", re.IGNORECASE)
_OF_SOMETHING = re.compile(r"\b(?:of|about|for (?!me\b))", re.IGNORECASE)
_SECOND_PERSON = re.compile(r"\byou(?:r|rself)?\b", re.IGNORECASE)
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


def names_a_fact(text: str) -> bool:
    """Whether what asks to remember goes on with "that" or a colon: "Save the file" does not."""
    length = find_wrapper(text)
    return length > 0 and _TELLS.search(text[:length]) is not None


_TELLS = re.compile(r"(?:\bthat\b[:,]?|\bfact\b|[:,;–—-]|know,?)\s*$", re.IGNORECASE)


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
    if not first[:1].isalpha():
        return None  # "hey, i'm 16"
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
    is_directive = _DIRECTIVE.match(text) is not None
    has_wish = _WISH_FOR_ANSWERS.search(text) is not None
    is_setting = asks_for_setting(text)
    if not (is_directive or has_wish or is_setting or _WISH_FOR_MANNER.search(text)):
        return False
    has_style = _STYLE.search(text) is not None
    stands = _STANDING.search(text) is not None
    if text.rstrip().endswith("?") and not (has_style and stands and _POLITE.match(text)):
        return False
    if is_setting or (is_directive and _stands_for_good(text, stands, has_style)):
        return True
    if is_directive:
        return has_style and not _ONE_OFF.search(text) and _is_about_answers(text)
    is_manner = has_style or _ADDRESS.search(text) is not None
    if not has_wish:
        return is_manner and not _ONE_OFF.search(_WISH_FOR_MANNER.sub(" ", text))
    return _wishes_for_good(text, stands, is_manner)


def _wishes_for_good(text: str, stands: bool, is_manner: bool) -> bool:
    """Whether a wish holds beyond one answer."""
    if (stands and _SECOND_PERSON.search(text)) or (is_manner and _ON_ASKING.search(text)):
        return True
    rest = _KEEPING_IT.sub(" ", _WISH_FOR_ANSWERS.sub(" ", text))
    return is_manner and not (_ONE_OFF.search(rest) or _OF_SOMETHING.search(rest))


def _stands_for_good(text: str, stands: bool, has_style: bool) -> bool:
    """Whether a directive holds beyond one answer; "you can always add salt" is advice, and none."""
    return (
        (stands and (has_style or _ALLOWS.match(text) is None))
        or (has_style and _FORBIDS.match(text) is not None)
        or _ADDRESS.search(text) is not None
        or _WITH_ME.search(text) is not None
    )


_WITH_ME = re.compile(
    r"^(?:(?:please|pls|just) )?(?:use|speak|talk|be|stick to|drop|skip) .{1,40} with me\b", re.IGNORECASE
)
_ALLOWS = re.compile(r"\W*(?:\w+\W+){0,2}?you (?:can|may)\b", re.IGNORECASE)
_POLITE = re.compile(r"(?:could|can|would|will) you\b", re.IGNORECASE)


def tells_manner(text: str) -> bool:
    """Whether a sentence names a manner of answering, a form of address or a rule for later."""
    return any(pattern.search(text) is not None for pattern in (_STYLE, _ADDRESS, _STANDING))


def is_order(text: str) -> bool:
    """Whether the sentence begins by telling the assistant what to do ("Put it in plain words")."""
    return _DIRECTIVE.match(text) is not None


def _is_about_answers(text: str) -> bool:
    """Whether a directive without "always" tells of all answers ("Keep explanations simple")."""
    if _TO_ME.search(text) is not None or re.match(
        r"(?:please |pls )?(?:write|type) in \w", text, re.IGNORECASE
    ):
        return True
    return re.match(
        r"(?:(?:please|pls|just|do not|don't|dont|only|no|let's|let us|you can) ){0,3}(?:keep|use|avoid"
        r"|answer|reply|respond|be"
        r"|stick|skip|stop|speak|talk|format|explain (?:things|everything)|address|drop|show|no need|no) ",
        text,
        re.IGNORECASE,
    ) is not None and not _OF_SOMETHING.search(text)


# "with me", "for me", "in your answers": a manner towards the speaker, not of one text.
_TO_ME = re.compile(
    r"\b(?:with me|(?:talk|speak|write|reply) to me|for me(?=[.! ]*$)|(?:in|for|of) your (?:answers|replies"
    r"|responses|messages)"
    r"|give me (?:temperatures|distances|weights|prices|times|measurements|units)|me in)\b",
    re.IGNORECASE,
)
