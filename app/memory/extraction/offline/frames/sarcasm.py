"""Sarcasm, by the marks that it wears in writing; what wears none is taken at its word."""

import re

from app.memory.extraction.offline.frames.utterances import Utterance

_OPENING = re.compile(
    r"^\W*(?:(?:oh|haha|ha|lol|pff+t?|well|and|but|ugh|wow)\W+)*(?:yeah,? right\b|sure,? (?:and|because"
    r"|cause|as if|like i)\b"
    r"|oh,? (?:sure|great|joy|lovely|fantastic|wonderful|brilliant|goody|of course)\b[,.!…]"
    r"|right,? (?:because|cause|like|as if)\b"
    r"|as if\b|like i(?:'d| would| have| need| had| care)\b.{0,60}!?|not like i\b|because (?:obviously"
    r"|clearly|of course) "
    r"|(?:yeah|yes|sure|right|oh),? (?:because|cause|like) i\b"
    r"|oh,? (?:yes|yeah|no|right|great),? (?:because|cause)\b|because i(?:'m| am| have)? (?:obviously"
    r"|clearly|totally|such an?)\b|yay,? (?:me|another|more)\b|just what i (?:needed|wanted)"
    r"|exactly what i (?:needed|wanted)|how (?:lovely|nice|wonderful|delightful)"
    r" (?:of|that|to)\b|lucky me\b|what a (?:joy|treat|delight|pleasure)\b.{0,60}\b(?:wait|queue|stuck"
    r"|ticket|bill|traffic|cancel)"
    r"|(?:(?:yeah|yes|oh|ok)\W+)?(?:and|then|sure|right|yeah|ok|okay|yes)\W+(?:(?:and|then)\W+)?i(?:'m"
    r"| am) (?:the (?:pope|queen|king|emperor|empress|sultan|tsar|president|prime minister|dalai lama"
    r"|tooth fairy|easter bunny)|santa|napoleon|cleopatra|elvis|superman"
    r"|batman|beyonc[eé]))"
)
_ABSURD_REASON = re.compile(
    r"\b(?:of course|obviously|clearly|naturally|sure)\b.{1,120}\b(?:that's (?:exactly |obviously )?why"
    r"|which is (?:exactly |obviously )?why|hence)\b"
)
_THANKS = re.compile(
    r"\b(?:thanks for nothing|/s\b|#sarcasm|\(sarcasm\)|[.!,…]\s?not!$|said no one ever|said nobody ever)"
)
# A sentence of its own that turns the one before round.
_TURNS_ROUND = re.compile(
    r"^\W*(?:not|yeah,? right|as if|said nobody|said no one|/s|sarcasm)\W*(?:ever\W*)?$"
)
_PRAISE = re.compile(r"\bi (?:\w+ )?(?:love|adore|enjoy|like|cherish)\b")
_LOVE = re.compile(
    r"\b(?:just|simply|absolutely|really|so|totally|truly|do|positively) (?:love|adore|enjoy|like"
    r"|cherish|live for|dig)\b|\b(?:love|adore|enjoy)"
    r"(?:s|d)? (?:it )?(?:being|getting|having to|how|when|that|paying|waiting|spending|sitting"
    r"|standing)\b|\bnothing (?:i (?:love|enjoy|like) more"
    r"|beats|better|like)\b|\b(?:my favou?rite (?:thing|part|way|hobby|pastime))\b"
    r"|\bsuch (?:a|an) (?:big |huge )?(?:fan|admirer|lover) of\b|\b(?:i"
    r"|we) live for\b|\b(?:the (?:joy|joys|highlight|pleasure) of)\b"
)
# What nobody enjoys: troubles of everyday life with money, travel, noise, offices and illness.
_TROUBLE = re.compile(
    r"\b(?:(?:parking|speeding) (?:ticket|fine)|fines|fees|bills|taxes|tax office|(?:phone|dentist"
    r"|repair|hospital) bill"
    r"|queues?|queuing|traffic|stuck|delays?|delayed|cancelled|canceled|drills?|drilling|woken"
    r"|waking up at|woke|noise"
    r"|ignored|yelled|screamed|shouted|scolded|spam|on hold|in line|waiting (?:for hours|for the bus"
    r"|forever|hours)|wait (?:for|two"
    r"|three|four|five|\d+) hours|hangover|flat ty?i?re|leaks?|leaking|broken|crash(?:es|ed)?"
    r"|root canal|mosquito\w*"
    r"|paperwork|(?:fill|filling) (?:in|out) (?:\w+ )?forms|overtime|unpaid|lost luggage|mould|mold"
    r"|rats|cockroach\w*|being sick"
    r"|getting sick|flu|vomit\w*|soaked|frozen|robbed|scammed|dumped|rejected|fired|towed|overcharged"
    r"|insulted|bitten"
    r"|stung|interrupted|middle seat|at (?:four|five|six|3|4|5|6)(?: a\.?m\.?| in the morning|am)|bugs"
    r"|outage|downtime"
    r"|hair in my|laid off|kicked|spat|lied to|blamed|left out|cold showers?|alarm)\b"
)
# Idioms of a wealth or a leisure that nobody has.
_ABSURD = re.compile(
    r"\b(?<!not )(?<!n't )(?<!nor )(?:(?:totally |clearly |obviously |basically )?made of money"
    r"|rolling in money|(?:money|it) grows on trees|nothing better to do with my (?:time|life|money)"
    r"|don't i just\b|aren't i lucky|all the time in the world,? (?:obviously|clearly|lol))"
)
_EXCLAIMED = re.compile(
    r"^\W*(?:great|fantastic|wonderful|lovely|brilliant|perfect|oh|yay|fabulous|marvellous)\b"
)
_ANOTHER = re.compile(r"^\W*(?:oh,? )?\w+\W+(?:yet )?(?:another|more)\b|.{0,60}\bagain\W*$")
_MAX_DISTANCE = 80  # characters between the verb of love and the trouble
_BARE_OPENING = re.compile(r"^\W*(?:oh,? )?(?:yeah,? right|as if|oh,? sure)\W*$")
_HOLLOW = re.compile(
    r"^\W*(?:oh,? |well,? |just )*(?:great|fantastic|wonderful|lovely|brilliant|perfect|marvellous"
    r"|marvelous|terrific|super|awesome|fabulous|splendid|charming)\W*(?:just (?:great|perfect)\W*)?$"
)


def _laments(text: str) -> bool:
    """Whether an exclamation of joy is one over a trouble: "Brilliant, the train is cancelled again"."""
    return _EXCLAIMED.match(text) is not None and (
        _TROUBLE.search(text) is not None or _ANOTHER.match(text) is not None
    )


def is_sarcastic(utterance: Utterance, before: Utterance | None, after: Utterance | None) -> bool:
    """Whether an utterance means the opposite of what it says."""
    text = utterance.lower
    if after is not None and _TURNS_ROUND.match(after.lower):
        return True
    if before is not None and _BARE_OPENING.match(before.lower) and not utterance.is_question:
        return True
    if any(pattern.search(text) for pattern in (_ABSURD_REASON, _THANKS, _ABSURD)) or _OPENING.match(text):
        return True
    return not utterance.is_question and _praises_trouble(text, before, after)


def _praises_trouble(text: str, before: Utterance | None, after: Utterance | None) -> bool:
    """Whether what is praised is a trouble, by its own words or by the sentences around it."""
    is_led = before is not None and (_OPENING.match(before.lower) is not None or _laments(before.lower))
    if is_led and _PRAISE.search(text):
        return True
    love = _LOVE.search(text)
    if love is None:
        return False
    begin = 0 if _EXCLAIMED.match(text) else love.start()
    if is_led or _TROUBLE.search(text, begin, love.end() + _MAX_DISTANCE):
        return True
    if after is not None and _THANKS.search(after.lower):
        return True
    return before is not None and _HOLLOW.match(before.lower) is not None and "being" in text
