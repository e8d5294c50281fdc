"""How somebody wants to be answered: the language, length, tone, units and layout, and by what name.

Each is one setting of the person, so that the newest wish for it counts, in whatever words.
"""

import re

from app.core.text_caches import text_cache
from app.memory.text.word_lists import LANGUAGE_NAMES

_LANGUAGES = "|".join(sorted(LANGUAGE_NAMES))
_WORDS = {
    "language": rf"(?:{_LANGUAGES}|mother tongue|native language)",
    "length": (
        r"(?:short(?:er)?|brief(?:ly|er)?|concise(?:ly)?|long(?:er)?|lengthy|detail(?:s|ed)?|in depth"
        r"|in-depth|thorough(?:ly)?"
        r"|verbose|elaborate|to the point|crisp|succinct|terse|wordy|(?:one|two|three|four|five"
        r"|\d+) (?:short )?"
        r"(?:sentences?|lines?|paragraphs?|words)|one-liners?|a single sentence|in full|essays?"
        r"|summar(?:y|ies))"
    ),
    "tone": (
        r"(?:formal(?:ly|ity)?|informal(?:ly)?|casual(?:ly)?|friendly|polite(?:ly)?|like a (?:friend|mate"
        r"|pal|buddy|human)"
        r"|jok(?:e|es|ing|ey)|humou?r|funny|serious(?:ly)?|blunt(?:ly)?|honest(?:ly)?|gentle|gently"
        r"|strict|cheerful|sarcas\w+"
        r"|professional(?:ly)?|warm|matey|chatty|businesslike|slang|first-name terms|swear\w*|relaxed"
        r"|encouraging|stern"
        r"|direct|frank|playful|neutral|dry|tone)"
    ),
    "units": (
        r"(?:metric|imperial|celsius|fahrenheit|centigrade|kilomet(?:re|er)s?|miles?|km|kilos?|kilograms?"
        r"|pounds?|lbs"
        r"|lit(?:re|er)s?|gallons?|feet|inches|met(?:re|er)s|ounces|grams|units|24-hour|12-hour|am/pm)"
    ),
    "layout": (
        r"(?:bullet(?:s|ed)?(?: points?)?|numbered|lists?|paragraphs?|prose|tables?|plain (?:text"
        r"|sentences)|full sentences"
        r"|running text|step by step|steps|markdown|headings?)"
    ),
    "emoji": r"(?:emojis?|emoticons?|smileys?)",
    "name": r"(?:call(?:s|ed|ing)? (?:me|[A-Z][\w'-]*)|to be called|go(?:es)? by|address\w* (?:me"
            r"|[A-Z][\w'-]*) (?:as|by|with))",
}  # fmt: skip
_SETTINGS = {
    kind: re.compile(rf"(?<![\w-]){words}(?![\w-])", 0 if kind == "name" else re.IGNORECASE)
    for kind, words in _WORDS.items()
}
_OF_ANSWERS = re.compile(
    r"\b(?:asks:|answer(?:s|ing|ed)?|repl(?:y|ies|ying)|respon(?:d|ds|se|ses|ding)|explanations?"
    r"|explain(?:ing)?|messages|texts"
    r"|chat(?:ting)?|conversations?|you|your|yours"
    r"|(?:writ(?:e|ing)|talk(?:ing)?|speak(?:ing)?|formal|informal|blunt|honest|frank|direct|gentle"
    r"|strict|polite|casual"
    r"|friendly|short|brief|use|using|stick|go|switch|units) (?:\w+ )?(?:to|with) (?:me|us|[A-Z]\w+)"
    r"|(?:give|send|tell|show|call|address) (?:me|us|[A-Z]\w+)|called|(?:prefers?"
    r"|likes?) (?:\w+ ){0,2}(?:answers|replies|bullets?"
    r"|bullet points|paragraphs|prose|lists|tables))\b"
)
_REQUEST = re.compile(
    r"(?:^|[,;:.] (?:so|and|but|then)? ?)(?:(?:please|pls|ok|okay|so|and|also|but|actually|no|hey"
    r"|from now on|in future|just|now"
    r"|well|sorry|again|then)\b,? )*"
    rf"(?:let's|let us|can (?:we|you)|could (?:we|you)|you (?:can|may|could|should|needn't|need not"
    rf"|don't have to)"
    rf"|i(?:'d| would) (?:rather|prefer|like|love)|i (?:prefer|want|need)|feel free|no|(?:{_LANGUAGES})\b"
    rf"|back to|switch|go|change|return"
    r"|drop|stop|keep|use|give|write|speak|talk|answer|reply|respond|make|be|skip|leave|start|try|stick"
    r"|call|address|do(?:n't| not)"
    r"|never|always|only|less|more|fewer|enough|cut|lose|send|tell|show|explain|put|chat|text|time for"
    r"|it's fine to|emojis?)\b",
    re.IGNORECASE,
)
_STANDING = re.compile(
    r"\b(?:from now on|from here on|in (?:the )?future|going forward|always|never|all (?:of )?(?:your|my)"
    r"|every(?:thing)?|again|back to"
    r"|any ?more|any longer|no more|instead|please use|with me|to me|your (?:\w+ )?(?:answers|replies"
    r"|responses|messages|explanations"
    r"|texts|tone|style)|for (?:your )?(?:answers|replies)|the (?:formal|informal|casual|chatty"
    r"|funny)?\s?(?:tone|style|emojis|bullets"
    r"|jokes)|rather you|like a|bullets|now)\b",
    re.IGNORECASE,
)
_ONCE = re.compile(
    r"\b(?:this|that|these|those|following|above|below|(?:a|an|the|my|another) (?:\w+ ){0,2}(?:poem"
    r"|letter|e-?mail|mail|message|story"
    r"|essay|song|text|translation|list of|table of|summary of|recipe|word|phrase|sentence|menu|cv|report"
    r"|speech|toast|card))\b",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:no(?! more than)|not|n't|never|stop|drop|without|skip|avoid|enough|cut|lose|leave out|fewer"
    r"|less|don't)\b",
    re.IGNORECASE,
)
_FREE = frozenset(["language", "units", "emoji", "name", "length"])
_MAX_WORDS = 28


def asks_for_setting(text: str) -> bool:
    """Whether a sentence says how all answers are to be from now on, in words of a setting."""
    text = text.translate({0x2019: "'"})
    if len(text.split()) > _MAX_WORDS or _ONCE.search(text) or _REQUEST.search(text) is None:
        return False
    kinds = {kind for kind, pattern in _SETTINGS.items() if pattern.search(text)}
    is_standing = _STANDING.search(text) is not None
    if (
        kinds & {"language"}
        and _SWITCHES.search(text)
        and (_OF_ANSWERS.search(text) or len(text.split()) <= 6)
    ):
        return True
    return bool(kinds - {"name"}) and is_standing and _OF_ANSWERS.search(text) is not None


_SWITCHES = re.compile(
    rf"\b(?:back|switch(?:ing)?|go(?:ing)?|change|return|stick)\b[\w ]{{0,12}} to (?:{_LANGUAGES})\b"
    rf"|^\W*(?:{_LANGUAGES})"
    rf"(?:,? (?:again|please|only|from now on|now|instead|for)\b)|\bin (?:{_LANGUAGES}) (?:again"
    rf"|from now on|only|please|now)\b"
    rf"|\b(?:write|speak|talk|answer|reply|respond|chat|text)(?: to| with)? me (?:only |again "
    rf"|back )?in (?:{_LANGUAGES})\b",
    re.IGNORECASE,
)


@text_cache()
def settings_of(content: str) -> frozenset[str]:
    """The settings of answers that a stored wish tells; none for what is no such wish."""
    if _OF_ANSWERS.search(content) is None or not _IS_WISH.search(content):
        return frozenset()
    return frozenset(kind for kind, pattern in _SETTINGS.items() if pattern.search(content))


_IS_WISH = re.compile(
    r"\basks:|\bwants? to be called\b|\bprefers?\b|\bwould (?:rather|like|prefer|love)\b|'d rather"
    r"|\bwants?\b|\bgoes by\b|\bgive [A-Z]"
    r"|\byour? \b|\bno (?:more )?(?:emojis?|bullets?|jokes?|formal)|\bplease\b"
)


def _setting_values(kind: str, text: str) -> frozenset[str]:
    found = (match[0].casefold().split()[0] for match in _SETTINGS[kind].finditer(text))
    return frozenset(word.removesuffix("s") for word in found)


def changes_setting(later: str, earlier: str) -> bool:
    """Whether the later wish tells another value of a setting that the earlier one tells."""
    for kind in settings_of(later) & settings_of(earlier):
        one, other = (_setting_values(kind, text) for text in (later, earlier))
        if kind == "language" and one == other:
            continue
        if kind in _FREE or one & other or not _DENIES.search(later):
            return True
    return False
