"""Gives a sentence the beginning that its speaker left out: "Allergic to latex" -> "I'm allergic to latex".

What says only that something is going to be said is taken off instead: the rest is a sentence of its own.
"""

import re

from app.memory.text.languages import is_english
from app.memory.text.text_edits import TextEdit

_MIN_CHARS = 8  # of a sentence that is looked at
_SUBJECTS = r"(?:i|you|we|they|he|she|it|there|that|this|these|those|who|what|my|your)\b"
# Said of things more often than of oneself, if no subject is told.
_OF_THINGS = (
    r"(?:start|work|help|open|load|boot|connect|stop|happen|matter|hurt|last|fit|seem|look|make|sound|taste"
    r"|cost|take|turn|run|be (?:long|hard|easy|bad|fun|great|good)|wait|believe|imagine|agree|complain"
    r"|blame)\b"
)
# "Don't" with another verb is an order.
_STATIVE = (
    r"(?:really |even |actually |usually |ever )?(?:like|eat|drink|have|know|want|need|own|speak|smoke|drive"
    r"|mind|care for|enjoy|use|cook|sleep|celebrate|watch|wear|dance|swim|live|see|trust)\b"
)
_STATES = (
    r"(?:allergic|intolerant|afraid|scared|terrified|fond|addicted|hooked|obsessed|keen|proud|married|engaged"
    r"|divorced|separated|widowed|pregnant|vegan|vegetarian|pescatarian|coeliac|celiac|retired|unemployed"
    r"|self-employed|diabetic|asthmatic|colou?r-?blind|left-handed|right-handed|dyslexic|bilingual|based"
    r"|stuck|originally from|single (?:mum|mom|dad|parent|again|since|and)|new to)\b"
)
_FEELINGS = (
    r"(?:glad|happy|sorry|thrilled|excited|proud|stoked|relieved|sad|surprised|grateful|thankful|lucky"
    r"|blessed|ready|determined|curious|nervous|worried)"
)
_PLACES = r"(?=[A-Z])(?:\w+ ?){1,6}(?=[.!]*$)"
_DROPPED = [
    (re.compile(pattern), words)
    for pattern, words in (
        (
            rf"(?i:(?:can'?t|cannot|couldn't|won't|wouldn't|haven't|hadn't|didn't) (?!{_SUBJECTS}"
            rf"|{_OF_THINGS}))",
            "I ",
        ),
        (rf"(?i:don't (?!{_SUBJECTS}){_STATIVE}(?! (?:it|that|this|your?|about|to worry)\b))", "I "),
        (
            r"(?i:not (?:currently |really |even )?(?!being|having|knowing|getting|going|saying"
            r"|using)\w{2,}ing "
            r"(?!.*\b(?:is|was|means)\b))",
            "I'm ",
        ),
        (
            rf"(?i:(?:still |now |happily |recently |newly )?{_STATES}(?! (?:enough|for you|of you)\b)"
            r"(?!.*\b(?:people|folks|couples)\b))",
            "I'm ",
        ),
        (
            rf"(?i:(?:(?:so|really|very|super|just) )?{_FEELINGS}) "
            r"(?=(?i:that|to|for|about|of|with|you|i|we|my|our)\b|[A-Z]\w+ (?:is|has|was|can|got)\b)",
            "I'm ",
        ),
        (rf"(?i:back (?:in|at|from|to)) {_PLACES}", "I'm "),
        (
            r"(?i:(?:still|happily|newly) (?:single\b ?|(?:at|in|on|off|with|without) "
            r"(?!(?:all|me|it|that|this|hold|time|for|stock|sale|topic|track|doubt)\b))"
            r"(?:[\w'-]+ ?){0,7}(?=[.!]*$))",
            "I'm ",
        ),
        (r"(?i:off to (?!bed\b|sleep\b|a (?:good|great)\b)(?:[\w'-]+ ?){1,7}(?=[.!]*$))", "I'm "),
        # "First day at the clinic!", "100 days without a cigarette".
        (
            r"(?i:(?:first|last|final) (?:day|week|month|shift|night|lesson|session|class)"
            r" (?:at|with|in) (?!a\b|all\b|least\b|my life\b))",
            "It was my ",
        ),
        (
            r"(?i:(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|hundred)"
            r" (?:full |whole )?(?:days?|weeks?|months?|years?) (?:without|sober|clean|smoke-free"
            r"|alcohol-free|sugar-free|meat-free)\b)",
            "I have been ",
        ),
        # "Ten weeks into working for myself", "Down to 93 kilos".
        (
            r"(?i:(?:about |almost |nearly |only |just )?(?:\d+|an?|one|two|three|four|five|six|seven"
            r"|eight|nine|ten|twelve) (?:days?|weeks?|months?|years?|terms?|lessons?)"
            r" into (?:\w+ing|my|our|the|this|an?) \w)",
            "I am ",
        ),
        (r"(?i:(?:now )?down to \d[\d.,]*(?! ?(?:minutes?|seconds?|hours?|days?)\b))", "I am "),
        (r"(?i:had (?:my|our) (?!.*\b(?:been|would)\b))", "I "),
        (
            r"(?i:(?:diagnosed|prescribed|laid off|made redundant|born and raised|hospitali[sz]ed|promoted"
            r"|fired)"
            r"\b(?! by\b))",
            "I was ",
        ),
        (
            r"(?i:quit (?!it\b|that\b|asking\b|saying\b|while\b)(?=\w+ing\b|my\b|the\b|sugar\b|alcohol\b))",
            "I ",
        ),
        (r"(?i:want to (?!know\b|see\b|hear\b|try (?:it|some)\b|come\b|join\b))", "I "),
    )
]
# What one says of one's taste with an order or a pronoun.
_REWORDED = (
    (
        re.compile(
            r"give me (?=(?:\w[\w' -]{1,40}) over \w[\w' -]{1,40},? ?(?:any ?day|any ?time|every time)\b)",
            re.IGNORECASE,
        ),
        "I prefer ",
    ),
    (re.compile(r"nothing beats (?=\w)", re.IGNORECASE), "For me nothing beats "),
    (
        re.compile(
            r"there(?:'s| is|'re| are|'ll be| will be) (?P<count>(?:just |only |still |now )?[\w-]+) of us\b",
            re.IGNORECASE,
        ),
        r"we are \g<count>",
    ),
)
_OF_TALK = re.compile(
    r"(?:(?:i )?(?:just |also |really |still )?(?:want(?:ed)? to|have to|must|need to|should|gotta)"
    r" (?:also )?(?:let (?:you|ya|everyone) know|tell (?:you|ya)|share with you|inform you|mention|add|say)"
    r"(?: that|,|:)?"
    r"|(?:it )?(?:just )?turns out(?: that)?"
    r"|i (?:also |just |suddenly )*remembered(?: that)?|it (?:just )?(?:occurred|came) to me that"
    r"|(?:ever )?since we (?:last |all )?(?:spoke|talked|chatted|met|caught up)(?: last)?,?"
    r"|speaking of (?:which|\w+(?: \w+){0,2}),),? "
    r"(?=(?:i|i'm|i've|i'd|i'll|my|we|we've|we're|our|there|the|an?)\b)",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:by the way,? |(?:and|but|so(?! (?:glad|happy|sorry|thrilled|excited|proud|sad|grateful|thankful"
    r"|lucky)\b)|also|btw|well|oh|yeah|yes|no|sorry|hi|hey|hello|ok|okay|plus|anyway)\b,? ?)+"
    r"(?-i:[A-Z][a-z]+, (?=since we))?",
    re.IGNORECASE,
)


def find_beginning(text: str, start: int, end: int) -> TextEdit | None:
    """The edit that gives the sentence text[start:end] the beginning that it needs; None if it needs none."""
    if text[end - 1] == "?" or end - start < _MIN_CHARS:
        return None
    opener = _OPENER.match(text, start, end)
    begin = opener.end() if opener is not None else start
    talk = _OF_TALK.match(text, begin, end)
    if talk is not None:
        return TextEdit(begin, talk.end(), "")
    for pattern, words in _REWORDED:
        match = pattern.match(text, begin, end)
        if match is not None:
            return TextEdit(begin, match.end(), match.expand(words))
    sentence = text[begin:end]
    for pattern, words in _DROPPED:
        if pattern.match(sentence) is not None and is_english(sentence):
            return TextEdit(begin, begin + 1, words + text[begin].lower())
    return None
