"""Writes out what people shorten or leave out: "cant stand eels" -> "I can't stand eels".

The grammar is learnt from edited text. It finds no subject in "Allergic to latex", no verb in "Shoe size: 43"
and another word in "its"; so these are written out before a text is parsed. Quotes stay the original's. Only
English sentences are touched, as "im" and "dont" are words of other languages.
"""

import re
from collections.abc import Iterator

from app.memory.extraction.offline.grammar.persons import RELATION_NOUNS
from app.memory.extraction.offline.repairs.dropped_beginnings import find_beginning
from app.memory.extraction.offline.repairs.greetings import find_greeting
from app.memory.extraction.offline.repairs.left_out_words import find_left_out, find_named
from app.memory.extraction.offline.repairs.profile_lines import find_profile_edits
from app.memory.text.analysis_text import AnalysisText
from app.memory.text.languages import is_english
from app.memory.text.limits import MAX_CHARS_READ, MAX_LINE_CHARS
from app.memory.text.text_edits import MappedText, TextEdit
from app.memory.text.word_lists import PETS

_SENTENCE = re.compile(r"[^\s.!?][^\n.!?]*(?:[.!?](?!\s|$)[^\n.!?]*)*[.!?]*")
_SHORT_FORMS = {
    "im": "I'm", "ive": "I've", "id": "I'd", "ill": "I'll", "its": "it's", "thats": "that's", "hes": "he's",
    "shes": "she's", "theyre": "they're", "youre": "you're", "theres": "there's", "whats": "what's",
    "dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "cant": "can't", "wont": "won't",
    "isnt": "isn't", "arent": "aren't", "wasnt": "wasn't", "werent": "weren't", "havent": "haven't",
    "hasnt": "hasn't", "hadnt": "hadn't", "couldnt": "couldn't", "wouldnt": "wouldn't",
    "shouldnt": "shouldn't", "u": "you", "ur": "your", "bday": "birthday", "b-day": "birthday",
    "tmrw": "tomorrow", "tmr": "tomorrow", "2moro": "tomorrow", "2morrow": "tomorrow", "2day": "today",
    "2nite": "tonight", "tonite": "tonight", "cuz": "because", "coz": "because", "bc": "because",
    "b/c": "because", "wanna": "want to", "dunno": "don't know", "gimme": "give me", "hubby": "husband",
    "gf": "girlfriend", "bf": "boyfriend", "w/": "with", "w/o": "without", "@": "at",
}  # fmt: skip
_WORD = re.compile(r"[a-z0-9@/-]+")
# In what company an ambiguous one is a short form: "ill health", "ID card" and "its roof" are none.
_BEFORE_CLAUSE = "(?:" + "|".join(
    ["(?<=^)", "(?<=[,;:(-] )"]
    + [rf"(?<=\b{word} )" for word in ("and", "but", "so", "that", "if", "when", "hey", "hi")]
) + ")"  # fmt: skip
_PLAIN_VERBS = (
    r"(?:be|go|have|get|take|try|see|start|make|do|bring|come|call|buy|move|leave|send|need|visit|meet|pick"
    r"|work|tell|ask|probably|never|always|also|just|definitely)\b"
)
_INFORMAL = re.compile(
    rf"(?:{_BEFORE_CLAUSE}|(?<=\bthink )|(?<=\bcause ))im\b(?= \w)"
    rf"|{_BEFORE_CLAUSE}ive\b(?= \w)"
    rf"|{_BEFORE_CLAUSE}id(?= (?:like|love|prefer|rather|say|be|hate|go)\b)"
    rf"|{_BEFORE_CLAUSE}ill(?= {_PLAIN_VERBS})"
    r"|\bits(?= (?:my|our|your|his|her|a|an|the|been|not|really|called|because|that|on|in|at)\b(?!-))"
    r"|\b(?:thats|hes|shes|theyre|youre|theres|whats"
    r"|(?:do|does|did|is|are|was|were|have|has|had|could|would|should)nt)\b|\b(?:cant|wont)(?= [a-z])"
    r"|(?<![\w.])(?:u|ur)\b(?! ?[=+*/^(_.])"
    r"|\b(?:b-?day|tmrw?|2moro|2morrow|2day|2nite|tonite|cuz|coz|wanna|dunno|gimme|hubby)\b"
    r"|(?<!\d )\bbc\b|\bb/c\b|(?<=\bmy )(?:gf|bf)\b|\bw/o?(?= ?\w)|(?<= )@(?= )",
    re.IGNORECASE,
)
# Words of hardly any other language.
_ENGLISH_ALONE = re.compile(
    r"\b(?:i|you|they|my|the|it|she|and|call me|are|should|would|what)\b", re.IGNORECASE
)
_PERSON_NOUNS = "|".join(sorted((noun for noun in RELATION_NOUNS if noun[-1] != "s"), key=len, reverse=True))
_OWNERS = re.compile(
    rf"\b(?:my|our) (?:\w+ )?(?:{_PERSON_NOUNS})(?P<end>s)(?= (?:names?|birthday|bday|job|husband|wife|car"
    r"|house|flat|wedding|favou?rite|number|address|school|boyfriend|girlfriend|gf|bf"
    r"|\d{1,2}(?:st|nd|rd|th))\b)",
    re.IGNORECASE,
)
_NOT_AT_ONES = "".join(
    rf"(?<!\b{word} )" for word in ("at", "to", "in", "from", "near", "by", "of")
)  # "at my sister's in Rome"
# "My son's in Porto": the tagger takes the verb for a possessive, which nothing of this follows.
_CONTRACTED_IS = re.compile(
    rf"{_NOT_AT_ONES}\b(?:(?:my|our|the) (?:\w+ ){{0,2}}?[a-z][\w-]+"
    rf"|(?:(?<=^)|(?<=[,;.] )|(?<=\band ))(?:{_PERSON_NOUNS}))(?P<end>'s)"
    r"(?= (?:on|from|in|at|an?|not"
    r"|(?:called|named)(?! (?:the|an?|my|our|his|her|their|me|us|him|them|you|it)\b)"
    r"|due|getting|going|turning|almost|about|allergic|\d+)\b)",
    re.IGNORECASE,
)
# Why something is said, or to whom it may matter: "in case my aunt asks", "if that helps".
_REASON_TO_SAY = (
    r"(?:in case|if) (?:(?:you|they|he|she|any(?:one|body)|some(?:one|body)|people|(?:my|our|the) \w+)"
    r"(?:'re| are| is| was| were)? (?:ever |also )?(?:asks?|asked|asking|wonder(?:s|ed|ing)?|curious|cares?"
    r"|interested|notice[sd]?|(?:wants?|needs?|must) (?:to )?know|forg[eo]ts?)"
    r"(?: (?:you|me|us|about (?:it|me|us|that)|for (?:it|that)))?(?: (?:too|again|later|as well))?"
    r"|(?:it|that|this)(?: (?:matters|helps|counts|makes a difference|is (?:relevant|of (?:use|interest)))"
    r"|'s (?:relevant|of (?:use|interest))))"
)
# They close a statement and say nothing of their own.
_TAIL = re.compile(
    r"(?:[,;]| -|\.\.\.)\s*(?:and )?(?:it |that )?(?:always (?:has been|have been|was|will be)"
    r"|believe it or not|(?:can|would) you believe (?:it|that)|who(?:'d| would) have (?:thought|guessed)"
    r"|wish me luck|imagine(?: that)?|(?:so )?trust me(?: on (?:this|that))?"
    r"|thank (?:god|goodness|heavens)|easy to remember|don't (?:laugh|judge)(?: me)?|guess what"
    rf"|knock on wood|touch wood|fingers crossed|{_REASON_TO_SAY})\s*[.!?]*(?=$|\n|\s[A-Z])",
    re.IGNORECASE,
)
_PET_NOUNS = "|".join(sorted(PETS | {"puppy", "kitten", "pup", "foal"}, key=len, reverse=True))
_ANSWERS_TO = re.compile(
    rf"(?i:\b(?:{_PET_NOUNS})\b[^.!?\n]{{0,40}}?(?P<words>\banswers to (?:the name (?:of )?)?))(?=[A-Z])"
)
_NUMBER_SIGN = re.compile(r"(?<=[a-z] )no\.(?= ?(?::|#|\d|at |with |of |for |is ))")


def write_out(analysis: AnalysisText) -> AnalysisText:
    """The text with its short forms and dropped beginnings written out; quotes stay the original's."""
    mapped = MappedText(analysis.text, analysis.offsets, analysis.ends)
    for find_edits in (
        _find_greeting_edits,
        _find_spelling_edits,
        find_left_out,
        find_named,
        _find_grammar_edits,
        _find_beginning_edits,
    ):
        mapped = mapped.edited(find_edits(mapped.text))
    if mapped.text is analysis.text:
        return analysis
    return AnalysisText(analysis.original, mapped.text, mapped.starts, mapped.ends)


def _find_sentences(text: str) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE.finditer(text, 0, MAX_CHARS_READ):
        if match.end() - match.start() <= MAX_LINE_CHARS:
            yield match.span()


def _find_greeting_edits(text: str) -> list[TextEdit]:
    found = (find_greeting(text, start, end) for start, end in _find_sentences(text))
    return [edit for edit in found if edit is not None]


def _find_spelling_edits(text: str) -> Iterator[TextEdit]:
    # Looking the words up costs a tenth of the search.
    if _SHORT_FORMS.keys().isdisjoint(_WORD.findall(text[:MAX_CHARS_READ].lower())):
        return
    for start, end in _find_sentences(text):
        sentence = text[start:end]
        found = list(_INFORMAL.finditer(sentence))
        rest = _INFORMAL.sub(" ", sentence)
        is_polite = all(match[0].lower() in ("u", "ur") for match in found)  # "u" is Dutch as well
        if not found or not (_ENGLISH_ALONE.search(rest) or (is_english(rest) and not is_polite)):
            continue
        for match in found:
            words = _SHORT_FORMS[match[0].lower()]
            if match[0][:1].isupper() and len(match[0]) > 1:
                words = words[:1].upper() + words[1:]
            if match[0].endswith("/") and sentence[match.end() : match.end() + 1] != " ":
                words += " "
            yield TextEdit(start + match.start(), start + match.end(), words)


def _find_grammar_edits(text: str) -> list[TextEdit]:
    limit = MAX_CHARS_READ
    edits = [TextEdit(*found.span(), "number") for found in _NUMBER_SIGN.finditer(text, 0, limit)]
    if "answers to" in text:
        found = _ANSWERS_TO.finditer(text, 0, limit)
        edits += [TextEdit(*match.span("words"), "is called ") for match in found]
    edits += [TextEdit(*found.span(), ".") for found in _TAIL.finditer(text, 0, limit)]
    if re.search(r"\b(?:my|our|the)\b", text, re.IGNORECASE):
        edits += [TextEdit(*found.span("end"), "'s") for found in _OWNERS.finditer(text, 0, limit)]
        edits += [TextEdit(*found.span("end"), " is") for found in _CONTRACTED_IS.finditer(text, 0, limit)]
    return sorted(edits)


def _find_beginning_edits(text: str) -> list[TextEdit]:
    edits = list(find_profile_edits(text[:MAX_CHARS_READ]))
    taken = [(edit.start, edit.end) for edit in edits]
    for start, end in _find_sentences(text):
        edit = find_beginning(text, start, end)
        if edit is not None and not any(first <= edit.end and edit.start <= last for first, last in taken):
            edits.append(edit)
    return sorted(edits)
