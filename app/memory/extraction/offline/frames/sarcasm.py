"""Sarcasm, by the marks that it wears in writing; what wears none is taken at its word."""

import re

from app.memory.extraction.offline.frames.utterances import Utterance

_OPENING = re.compile(
    r"^\W*(?:(?:oh|haha|ha|lol|pff+t?|well|and|but|ugh|wow)\W+)*(?:yeah,? (?:right|sure)\b|sure,? (?:and|because|cause|as if|like i)\b"
    r"|oh,? (?:sure|great|joy|lovely|fantastic|wonderful|brilliant|goody|of course)\b[,.!…]|right,? (?:because|cause|like|as if)\b"
    r"|as if\b|like i(?:'d| would| have| need| had| care)\b.{0,60}!?|not like i\b|because (?:obviously|clearly|of course) "
    r"|yay,? (?:me|another|more)\b|just what i (?:needed|wanted)|exactly what i (?:needed|wanted)|how (?:lovely|nice|wonderful|delightful)"
    r" (?:of|that|to)\b|lucky me\b|what a (?:joy|treat|delight|pleasure)\b.{0,60}\b(?:wait|queue|stuck|ticket|bill|traffic|cancel)"
    r"|(?:and|then) i(?:'m| am) (?:the (?:pope|queen|king|emperor|tooth fairy|easter bunny)|santa|napoleon|cleopatra|elvis|superman"
    r"|batman|beyonc[eé]))"
)
_ABSURD_REASON = re.compile(
    r"\b(?:of course|obviously|clearly|naturally|sure)\b.{1,120}\b(?:that's (?:exactly |obviously )?why|which is (?:exactly |obviously )?why|hence)\b"
)
_THANKS = re.compile(
    r"\b(?:thanks for nothing|thanks a (?:lot|bunch|million),? (?!for your|everyone|all)|/s\b|#sarcasm|\(sarcasm\)|not!$|said no one ever|said nobody ever)"
)
_LOVE = re.compile(
    r"\b(?:just|simply|absolutely|really|so|totally|truly|do|positively) (?:love|adore|enjoy|like|cherish|live for|dig)\b|\b(?:love|adore|enjoy)"
    r"(?:s|d)? (?:it )?(?:being|getting|having to|how|when|that|paying|waiting|spending|sitting|standing)\b|\bnothing (?:i (?:love|enjoy|like) more"
    r"|beats|better|like)\b|\b(?:my favou?rite (?:thing|part|way|hobby|pastime))\b|\b(?:the (?:joy|joys|highlight|pleasure) of)\b"
)
# What nobody enjoys: troubles of everyday life, chosen by going through its parts (money, travel, noise, offices, illness).
_TROUBLE = re.compile(
    r"\b(?:ticket|fine|fines|fee|fees|bill|tax|taxes|queue|queues|queuing|line for|traffic|jam|stuck|delay|delays|delayed|cancelled|canceled|drill|drills"
    r"|drilling|woken|waking up at|woke|noise|alarm|ignored|yelled|shouted|scolded|spam|on hold|waiting|wait|waits|hangover|flat tyre|flat tire"
    r"|leak|leaking|broken|crash|crashes|crashed|root canal|dentist|mosquito\w*|paperwork|forms|overtime|unpaid|lost luggage|mould|mold|rats?"
    r"|cockroach\w*|sick|flu|vomit\w*|soaked|frozen|robbed|scammed|dumped|rejected|fired|towed|overcharged|insulted|bitten|stung|interrupted"
    r"|middle seat|at (?:four|five|six|3|4|5|6)(?: a\.?m\.?| in the morning|am)|bugs|outage|downtime|hair in my)\b"
)
_BARE_OPENING = re.compile(r"^\W*(?:oh,? )?(?:yeah,? (?:right|sure)|as if|oh,? sure)\W*$")
_HOLLOW = re.compile(
    r"^\W*(?:oh,? |well,? |just )*(?:great|fantastic|wonderful|lovely|brilliant|perfect|marvellous|marvelous|terrific|super|awesome|fabulous|splendid|charming)\W*(?:just (?:great|perfect)\W*)?$"
)


def is_sarcastic(utterance: Utterance, before: Utterance | None, after: Utterance | None) -> bool:
    """Whether an utterance means the opposite of what it says."""
    text = utterance.lower
    if before is not None and _BARE_OPENING.match(before.lower) and not utterance.is_question:
        return True
    if _OPENING.match(text) or _ABSURD_REASON.search(text) or _THANKS.search(text):
        return True
    if utterance.is_question or not _LOVE.search(text):
        return False
    if _TROUBLE.search(text):
        return True
    follows_thanks = after is not None and _THANKS.search(after.lower) is not None
    if before is not None and _OPENING.match(before.lower):
        return True
    return follows_thanks or (
        before is not None and _HOLLOW.match(before.lower) is not None and "being" in text
    )
