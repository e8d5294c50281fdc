"""The lists of words that say little about the topic of a text, each with its use.

`STOP_WORDS` are the English ones; the other sets derive from them or name their difference, since each use
needs another strictness: a word that search ignores may be a keyword, and a greeting is no stop word.
"""

import re

import Stemmer
from stop_words import AVAILABLE_LANGUAGES, get_stop_words

from app.memory.text.word_sets import word_set


def any_word_of(patterns: str) -> re.Pattern[str]:
    """A pattern for any of the words, parted by spaces; "_" stands for a space within one."""
    return re.compile(rf"\b(?:{'|'.join(patterns.split()).replace('_', ' ')})\b", re.IGNORECASE)


ENGLISH = "english"
# English function words: search, language detection and redaction ignore them.
STOP_WORDS = word_set(
    """
    a about above after again against all am an and any are aren't as at be because been before being
    below between both but by can cannot could couldn d did didn do does doesn doing don down during
    each few for from further had hadn has hasn have haven having he her here hers herself him himself
    his how i if in into is isn it its itself just ll m ma me more most my myself no nor not now o of
    off on once only or other our ours ourselves out over own re s same she should shouldn so some such
    t than that the their theirs them themselves then there these they this those through to too under
    until up ve very was wasn we were weren what when where which while who whom why will with won would
    wouldn y you your yours yourself yourselves
    """
)
# The languages for which there are a stop-word list and a Snowball stemmer (https://snowballstem.org).
SUPPORTED_LANGUAGES = tuple(sorted({*AVAILABLE_LANGUAGES, ENGLISH} & set(Stemmer.algorithms())))
STOP_WORDS_BY_LANGUAGE: dict[str, frozenset[str]] = {
    language: STOP_WORDS if language == ENGLISH else frozenset(get_stop_words(language))
    for language in SUPPORTED_LANGUAGES
}

# The offline extractor's keywords: it meets no bare letters and few reflexives, so their list lacks these...
_NOT_KEYWORD_STOP_WORDS = word_set(
    """
    above against aren't below between cannot couldn d further hadn hasn haven herself himself itself m
    ma o once ourselves s shouldn t theirs themselves through weren won wouldn y yourself yourselves
    """
)
# ... but it also ignores adverbs and nouns that are too general for a keyword.
_GENERAL_WORDS = word_set(
    """
    actually already also always anything back bit currently even ever everything get got lot lots many
    may might mine much must never one others really recently shall since someone something still stuff
    thing things time us user way
    """
)
KEYWORD_STOP_WORDS = (STOP_WORDS - _NOT_KEYWORD_STOP_WORDS) | _GENERAL_WORDS

# Words that make a message a greeting, thanks or agreement, in several languages.
SMALL_TALK_WORDS = word_set(
    """
    thanks thank thx ty cheers hi hello hey hiya bye goodbye ok okay k great cool nice perfect awesome
    lovely wonderful excellent amazing wow yay haha lol sure yep yeah yes no nope alright welcome sorry
    please congrats congratulations danke grazie merci gracias obrigado hallo ciao bonjour hola tschüss
    谢谢 你好 再见 好的 ありがとう 감사합니다
    """
)
# Words that may accompany them without making the message about something: the stop words of such phrases,
# and words that only these phrases have.
FILLER_WORDS = word_set(
    """
    you very much so a lot for that this the all your help again good morning afternoon evening night
    day have it's that's it is see later soon there really well done got appreciate i of my dear to and
    too
    """
)
# Words beside the stop words by which a question can't be searched for: verbs of asking and general nouns.
LOW_CONTENT_WORDS = """
    say said tell told mention talk speak ask answer think thought feel know knew remember mean
    happen go come get do make take let see thing stuff something anything else more also again
    still yet detail example please really exactly actually explain elaborate continue like one
    ok okay yes good great nice fine right well sure thanks thank question idea moment time
"""
# English words after which a noun or a name stands.
WORDS_BEFORE_NOUNS = word_set(
    """
    a an the my your his her its our their this these those some any no each every another of for about
    with in at from into on by near
    """
)
# Nouns that stand for any thing, person or amount: they name no topic, however often they are said.
GENERAL_NOUNS = word_set(
    """
    bit bits bunch chance chances couple deal end fact fun guy guys half hand idea ideas issue kind kinds
    life lot lots matter mind moment number one ones other others part parts people person piece pieces
    place places plan plans plenty point problem reason rest set side sort stuff thing things thought
    thoughts time times top touch trip try type use user way ways while world
    """
)
