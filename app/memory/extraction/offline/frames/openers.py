"""Openers of frames that reach over sentences: suppositions and role play, and what leads back."""

import re

from app.memory.extraction.offline.frames.utterances import Clause, Utterance, text_from
from app.memory.extraction.offline.frames.words import VERB_TAGS

_LEAD = (
    r"^\W*(?:(?:ok|okay|so|well|now|then|and|but|hey|hi|please|alright|right|let's see|right then|just"
    r"|quick question|question)\W+)*"
)
_SUPPOSITION = re.compile(
    _LEAD + r"(?:(?:let's|let us|lets)(?: all| just)? (?:say|suppose|assume|imagine|pretend|posit|consider)\b"
    r"|(?:suppose|supposing|assume|assuming|pretend|picture|envision|visualise|visualize|posit"
    r"|presume)(?: that| for a"
    r" (?:moment|second|minute)| for the moment| this)?,? (?!me\b|you are|you're)\w"
    r"|imagine(?: that| for a (?:moment|second|minute)| this| with me)?[,:]? (?!my (?:surprise|shock"
    r"|joy|horror|delight"
    r"|disappointment|relief)|how\b|what\b|the look|having to\b|that[!.]|them\b)\w"
    r"|say,? (?:that )?(?:i|i'm|my|we|somebody|someone|a|an|there(?:'s| is)|you|he|she|they)\b(?! (?:hi"
    r"|hello))"
    r"|hypothetical(?:ly)?\b|for (?:the )?(?:sake of (?:the |an )?argument|argument's sake)"
    r"|just for fun,? (?:say|imagine)"
    r"|what if\b|thought experiment|as a thought experiment|(?:here's|here is) a (?:hypothetical"
    r"|scenario|thought experiment)"
    r"|consider (?:this|the following|a (?:person|man|woman|case|situation|scenario|hypothetical)"
    r"|someone|somebody)\b"
    r"|in (?:a|an|some) (?:hypothetical|parallel|alternate|alternative|ideal|perfect|different"
    r"|imaginary|fictional) "
    r"|(?:scenario|case|hypothesis|premise)(?: \w+)?\s?:|given a (?:hypothetical|scenario)|if i (?:were"
    r"|was)\b"
    r"|in (?:another|a past|a previous|a different) life\b|let x be\b|theoretically\b|in theory\b,?"
    r"|i(?:'m| am) (?:just |only |now )?(?:trying to |can )?(?:imagin(?:e|ing)|pictur(?:e|ing)"
    r"|fantasi[sz](?:e|ing) about) (?:it|myself|us|me|being|living|having|life|a life)\b"
    r"|what would happen if|try to imagine|just imagine|close your eyes"
    r"|in (?:the|my|our|a|this|that) (?:[\w&'-]+ ){0,2}?(?:campaign|game|rpg|larp|dream|nightmare|novel"
    r"|fanfic|simulation|story|playthrough|musical|script|comic),? (?:(?:i'm|i am|i was|we're|we are|we were)"
    r" (?:a|an|the|called|named)\b|i (?:live|lived|play|rule|ruled|own|owned)\b|my (?:character"
    r"|clan|hero|name)\b))"
)
_MARKER_ANYWHERE = re.compile(
    r"\b(?:hypothetically(?: speaking)?|for (?:the )?(?:sake of (?:the |an )?argument|argument's sake)"
    r"|purely theoretical\w*)\b"
)
# "You are a star" thanks; it gives no role.
_NO_PRAISE = (
    r"(?! (?:\w+ ){0,2}(?:help|helper|lifesaver|star|legend|genius|hero|gem|angel|treasure|friend|darling"
    r"|sweetheart|wonder|blessing|champ|champion|pro|dear|best|coolest|greatest|sweetest|kindest|mvp"
    r"|rock|delight"
    r"|joy|treat|one|reason|only|first|most|bit|little|lucky|good|great|nice|kind|wonderful|amazing"
    r"|true|really|favou?rite|assistant"
    r"|very)\b)"
)
_ROLE_PLAY = re.compile(
    r"\brole-? ?play(?:ing)?\b|\b(?:stay|remain|keep) in character\b|\bin this (?:scene|role-?play|game"
    r"|story),? (?:i|you)"
    r"|\b(?:let's|let us) (?:do|play|act out|improvise|pretend)\b.{0,40}\b(?:scene|improv|pretend"
    r"|characters?|make-believe)\b"
    r"|\b(?:i'm|i am|i'll be|i will be|i'll play|i play|i will play) (?:a|an|the|your|his|her|sir|lady"
    r"|king|queen|captain)\b"
    r".{1,50}[ ,;.](?:you're|you are|you'll be|you be|you play|you will be|you'll play) (?:a|an|the|my"
    r"|his|her|dr|mr|mrs)\b"
    r"|\b(?:you're|you are|you'll be|you be|you play|you will be|you'll play)\b (?:a|an|the|my|dr|mr"
    r"|mrs)\b" + _NO_PRAISE + r".{1,60}[,;.]? (?:and )?"
    r"(?:i'm|i am|i'll be|i will be|i'll play|i play|i will play|i)\b (?:a|an|the|your|his|her|sir|lady"
    r"|captain|dr|mr)\b"
    r"|\b(?:from now on|in this (?:chat|conversation)|for this (?:chat|session)),? (?:you are"
    r"|you're)(?: now)? (?!to\b|not\b|allowed|going|free|only)\w+"
)
_ROLE_ORDER = re.compile(
    _LEAD + r"(?:(?:can|could|will|would) you |(?:i want|i need|i'd like|i would like) you to "
    r"|your (?:job|task) is to )?(?:act (?:as|like)|pretend (?:to be|you|that you|i|i'm|we|that i|that we|to)"
    r"|impersonate"
    r"|be my (?:therapist|opponent|enemy|interviewer|boss|date)|take (?:on )?the role of"
    r"|assume the role of|play (?:the role"
    r" of|the part of)|play (?:a|an|the|my) (?!song|game|music|video|playlist|track|next|movie|film"
    r"|album|record|piano"
    r"|guitar|podcast|radio|news|role)(?:\w+ ){0,3}?\w+[,.;:!]|you (?:play|be) (?:a|an|the|my|his"
    r"|her)\b|i'll be (?:the|a|an) \w+,? (?:and )?you)"
)
# A service that is asked for is no play: who wants a trainer tells the truth about themselves.
_SERVICE = re.compile(
    _LEAD + r"(?:(?:can|could|will|would) you (?:please )?|(?:i want|i need|i'd like|i would like) you to "
    r"|your (?:job|task) is to )?(?:act (?:as|like)|be|play) "
    r"(?:(?:my|our) (?:[\w-]+ ){0,3}?|(?:a|an) (?:[\w-]+ ){0,2}?)"
    r"(?:trainer|coach|tutor|teacher|mentor|nutritionist|dietitian|dietician|advis[eo]r|consultant|editor"
    r"|proofreader|translator|recruiter|planner|assistant|career counsell?or|copywriter|sounding board"
    r"|sommelier|stylist)\b"
)
_ROLE_GIVEN = re.compile(
    _LEAD + r"(?:you are|you're|you'll be|you will be)(?: now| going to be)? (?:a|an|the|my)\b" + _NO_PRAISE
)
_ROLE_TAKEN = re.compile(
    r"\b(?:i'm|i am|i'll be|i play|my name is|call me) (?:sir|lady|lord|captain|king|queen|prince|princess"
    r"|the|your|dr|detective|agent|a wandering|an? \w+ (?:knight|warrior|elf|wizard|traveller|traveler))\b"
    r"|\b(?:the|our|this) (?:scene|setting|story|game|quest)\b"
)
_OWN_HABIT = re.compile(
    r"\b(?:i|we|he|she|they) (?:often |usually |always |really |also )*(?:(?:love|like|enjoy|play|run"
    r"|do|did|played)\b.{0,30})?\brole-? ?play"
)
_EXIT = re.compile(
    r"\b(?:end|ends|stop|stopping|enough of|quit|leave|exit|pause|over with|done with"
    r"|finish) (?:of )?(?:the |this |that |our |with the )?"
    r"(?:role-? ?play\w*|game|scene|acting|pretending|charade|story)\b|\bout of character\b|\booc\b"
    r"|\bback to (?:reality|normal|real life"
    r"|the real world|business|me)\b|\bfor real now\b|\bin (?:reality|real life)\b|\bstep(?:ping)? out\b"
)
_RETURN = re.compile(
    r"^\W*(?:(?:ok|okay|so|well|now|but|and|right)\W+)*(?:anyway|anyways|any way|in reality"
    r"|in (?:real life|actual fact|truth|fact)|irl|actually"
    r"|for real|seriously|joking aside|back to|by the way|btw|as for me|for (?:context|reference"
    r"|the record)|my real|my actual"
    r"|the truth is|realistically|truthfully|honestly|on (?:another|a different) note|separately"
    r"|unrelated|also,? (?:for real|in reality)"
    r"|real life|to be clear|personally|in my (?:own |actual |real )(?:case|life)|i actually"
    r"|i really (?:am|do|live|have))\b"
)


def is_supposition(utterance: Utterance, clause: Clause) -> bool:
    """Whether a clause opens a supposition: "Suppose …", "Let's say …", "For the sake of argument, …"."""
    text = text_from(utterance, clause.start)
    first = utterance.tokens[clause.start]
    has_subject = (
        first.tag in VERB_TAGS and utterance.subject(first.index) is not None
    )  # "I use it and visualise goals"
    if _SUPPOSITION.match(text) and not has_subject:
        return True
    own = text_from(utterance, clause.start, clause.indexes[-1] + 1)
    return _MARKER_ANYWHERE.search(own) is not None


def opens_role_play(utterance: Utterance, following: str) -> bool:
    """Whether an utterance hands out roles; `following` is the rest of the turn, in lower case."""
    text = utterance.lower
    if _SERVICE.match(text) and not _ROLE_TAKEN.search(f"{text} {following[:300]}"):
        return False
    if leaves_role_play(utterance) or (_OWN_HABIT.search(text) and "you" not in utterance.words):
        return False
    if _ROLE_PLAY.search(text) or _ROLE_ORDER.match(text):
        return True
    if not _ROLE_GIVEN.match(text) or utterance.text.rstrip().endswith("!"):
        return False
    return (
        _ROLE_PLAY.search(f"{text} {following[:200]}") is not None
        or _ROLE_TAKEN.search(f"{text} {following[:300]}") is not None
    )


def asks_for_service(utterance: Utterance) -> bool:
    """Whether an utterance asks the listener to serve as somebody: "Act as my trainer.", "Be my editor"."""
    return _SERVICE.match(utterance.lower) is not None


def leaves_role_play(utterance: Utterance) -> bool:
    """Whether an utterance steps out of the roles."""
    return _EXIT.search(utterance.lower) is not None


def returns_to_speaker(utterance: Utterance) -> bool:
    """Whether an utterance leads back from a supposition or a text to the speaker's own matters."""
    return _RETURN.match(utterance.lower) is not None
