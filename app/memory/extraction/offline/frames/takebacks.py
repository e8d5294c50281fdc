"""Utterances that take back what their speaker has said, and what they take back."""

import re
from dataclasses import dataclass

from app.memory.extraction.offline.frames.utterances import Utterance, text_from

_LEAD = (
    r"^\W*(?:(?:haha\w*|ha|hehe|lol|lmao|rofl|no|nope|nah|ok|okay|oh|well|sorry|oops|whoops|wait"
    r"|hold on|but|and|yeah|so|just|hey|i mean|relax|gotcha|seriously|honestly|obviously|clearly"
    r"|of course|actually)\W+)*"
)
_JOKE = re.compile(
    _LEAD + r"(?:(?:(?:i(?:'m| am| was)|we(?:'re| are| were)) )?(?:(?:just|only|totally|obviously|clearly"
    r"|of course|merely"
    r"|completely) )*(?:kidding|joking|jk\b|j/k\b|messing(?: with (?:you|ya|u)| around)?|teasing"
    r"|playing with you|pranking you|trolling"
    r"|winding you up|having you on|pulling your leg|being (?:silly|ironic|sarcastic|facetious|funny)"
    r"|making (?:that|it"
    r"|this) (?:all )?up|bluffing|fooling you|taking the (?:piss|mickey)|yanking your chain"
    r"|exaggerating|lying)\b"
    r"(?=\W*$|\s?[.,!;:)—–-]| about\b| with you| of course| obviously| there| again| here| haha| lol)"
    r"|(?:that|it|this|all that|all of that)(?:'s| was| is) (?:just |only |obviously |all |of course "
    r"|totally |clearly "
    r"|meant as )*(?:a |an )?(?:bad |silly |dumb |little |stupid |poor |dad |practical )?(?:joke|prank"
    r"|gag|lie|fib|jest"
    r"|wind-?up|bluff|hoax|april fool\w*|sarcasm|irony|made up)\b"
    r"|(?:(?:i(?:'m| am| was)|we were) )?(?:not|never) (?:being |entirely |totally )?serious\b(?! about)"
    r"|(?:i )?had you (?:there|going|fooled)\b|got (?:you|ya)\b(?=\W|$)(?! (?:a|an|the|some|to)\b)"
    r"|april fools?\b|april fool's\b|fooled you|you (?:fell for it|(?:really )?believed (?:me|that|it))"
    r"|psych!?$|sike!?$"
    r"|none of (?:that|this|it) (?:is|was) (?:true|real|serious)"
    r"|i (?:made (?:that|it|this|all that|all of that) (?:all )?up|take (?:that|it|this|all that"
    r"|everything|what i said"
    r"(?: about .{1,40})?)? ?back|take back|didn't mean (?:that|it|any of)|lied(?=\s?[.,!;]|$| about)"
    r"|meant (?:it|that) as a joke)"
    r"|scratch (?:that|this|all that)|strike that|forget (?:what i (?:just )?said|i said (?:that|anything))"
    r"|ignore (?:what i (?:just )?said|my last)|disregard (?:that|what i))"
)
# These answer the other one as well: they take back only what stands before them in the same turn.
_DENIAL = re.compile(
    _LEAD + r"(?:(?:that|it|this|all that)(?:'s| was| is) (?:just |only |obviously |all |of course |totally "
    r"|clearly )*(?:not"
    r" (?:true|real|serious|so)|n't (?:true|real|serious)|untrue|false|nonsense|ironic|sarcastic|fake"
    r"|a test)\b"
    r"|not really(?=[.,!]|$)|never ?mind(?: that| it| me)?[.! ]*$|forget (?:that|it)\b|ignore that\b"
    r"|don't (?:believe a word|take me seriously))"
)
# "Lol no, I'm an accountant": laughed at, and denied.
_LAUGHED_OFF = re.compile(
    r"^\W*(?:ha(?:ha)+\w*|hehe\w*|lol|lmao|rofl|ok|okay|kidding)\W+(?:no|nope|nah|not)\b\W*"
)
_NAMED = re.compile(
    r"\b(?:about|regarding|concerning|on|that|what i said about) (?:the |my |our |being "
    r"|having )*(.{2,60}?)(?:[.!,]|$)"
)
_TRAILING = re.compile(
    r"[\s,.;—–(-]+(?:just kidding|only joking|just joking|jk|j/k|lol jk|kidding|not really|psych|sike"
    r"|(?<!\bit )or not|as a joke)\W*$"
)
_CORRECTION = re.compile(
    r"^\W*(?:(?:haha|ah|oh|well|um|uh|hmm|argh|so|but|and|ok|okay|hold on|hang on)\W+)*(?:(?:no|nope"
    r"|nah)\W+(?:wait\W+|sorry\W+)?(?:i (?:meant|mean)|it's|it is|actually|make that|rather)\b|(?:wait"
    r"|sorry|oops|whoops|my bad|my mistake|correction|scratch that|strike that)\W+"
    r"(?:no\W+|sorry\W+|wait\W+)*(?:i (?:meant|mean|misspoke|mistyped)|it's|it is|make that|rather"
    r"|not \w+)\b|i (?:meant|misspoke|mistyped|should have said|meant to (?:say|write|type))\b"
    r"|correction\W+|make that\b|(?:typo|misspoke)\b)"
)
# The correction may stand last: "Sorry, the 4th I should have said".
_CORRECTION_LAST = re.compile(
    r"^\W*(?:(?:no|nope|wait|sorry|oops|whoops|argh|ah|oh|correction|my bad|my mistake)\W+)+.{1,120}"
    r"\bi (?:should(?:'ve| have) (?:said|written|put)|meant(?: to (?:say|write|type))?"
    r"|wanted to say|was trying to say)\W*$"
)
_WIDE = re.compile(
    r"\b(?:all (?:of )?(?:that|this|it)|none of (?:that|this|it)|everything|any of (?:that|it|this))\b"
)
_DISCOURSE_MEAN = re.compile(
    r"^\W*(?:(?:no|wait|sorry|well)\W+)*i (?:meant|mean) (?:it|well|to do|no|every word|business"
    r"|that (?:i|we|it|he|she)|what i)\b"
)


@dataclass(frozen=True, slots=True)
class Retraction:
    """That something is taken back; `words` name it, if anything does.

    `is_correction` if something else is put in its place, `is_trailing` if the utterance ends in it: "I'm the
    king, just kidding". One that `reaches_back` may take back what was said in an earlier turn. `length`
    counts the characters that take back; what follows them is a statement of its own. One that `is_wide`
    ("none of that is true") means more than the last sentence.
    """

    is_correction: bool
    words: tuple[str, ...] = ()
    is_trailing: bool = False
    reaches_back: bool = True
    length: int = 0
    is_wide: bool = False


def find_retraction(utterance: Utterance, first: int = 0) -> Retraction | None:
    """What an utterance takes back from tokens[first] on, if it does."""
    text = text_from(utterance, first)
    if utterance.is_question:
        return None
    correction = _CORRECTION.match(text)
    if correction is None and first == 0:
        correction = _CORRECTION_LAST.match(text)
    if correction is not None and not _DISCOURSE_MEAN.match(text):
        return Retraction(is_correction=True, length=_spoken_length(correction[0]))
    for pattern in (_JOKE, _DENIAL, _LAUGHED_OFF):
        match = pattern.match(text)
        if match is not None:
            words = _find_named(utterance, text[match.end() :])
            return Retraction(
                False,
                words,
                reaches_back=pattern is _JOKE,
                length=_spoken_length(match[0]),
                is_wide=_WIDE.search(match[0]) is not None,
            )
    if first == 0 and _TRAILING.search(text) and len(text.split()) > 4:
        return Retraction(False, is_trailing=True)
    return None


def _spoken_length(text: str) -> int:
    """The length of a text without the marks and spaces at its end."""
    return len(text.rstrip(" ,.!;:—–-…"))


def _find_named(utterance: Utterance, rest: str) -> tuple[str, ...]:
    """The content words that say what is taken back: "I was kidding about the yacht"."""
    match = _NAMED.match(rest.lstrip())
    if match is None:
        return ()
    named = set(match[1].split())
    content = ("NN", "NNS", "NNP", "NNPS", "VB", "VBD", "VBG", "VBN", "JJ", "CD")
    return tuple(t.lemma.lower() for t in utterance.tokens if t.text.lower() in named and t.tag in content)
