"""Finds the clauses of a turn in which its speaker states something in the first person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.memory.extraction.offline.third_person import is_past_tense
from app.memory.text.limits import ASCII_LETTER_FOLDING, MAX_SENTENCE_CHARS

MASK = "\x00"

_CODE_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_NON_PROSE_LINE = re.compile(r"^[ \t]*(?:>|\|).*$|^(?: {4}|\t).*$|`[^`\n]+`|https?://\S+", re.MULTILINE)
_QUOTED_SPAN = re.compile(r"[\"“«]([^\"“”«»\n]{1,400})[\"”»]")
_SPEECH_MARKER = re.compile(r"\b(?:I|my|me|we|you|your)\b|[.!?,]$", re.IGNORECASE)
# Such a request is followed by a text to work on, in which "I" is not the speaker.
_TASK_REQUEST = re.compile(
    r"\b(?:re-?write|proof-?read|translate|paraphrase|summari[sz]e|re-?phrase|act as|pretend"
    r"|role-?play|imagine"
    r"|continue (?:this|the)|write (?:me )?(?:a|an|the|my)|you are (?:a|an|the|now)|prompt|essay"
    r"|lyrics|dear)\b",
    re.IGNORECASE,
)
_MIN_TASK_TEXT_CHARS = 900
_SENTENCE_END = re.compile(
    r"(?P<mark>(?:(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bSt)(?<!\bMrs)(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\b[A-HJ-Z])\."
    r"|[!?…])[.!?…]{0,64}+)[\"')\]]{0,16}+(?=\s|$)|\n+|[\U0001F300-\U0001FAFF☀-➿]+"
)
_SUBJECT = r"(?:I|[Ww]e|[Mm]y|[Oo]ur)\b"
_OTHER = r"(?:it|this|that|they|he|she|there|you|your|these|those|what|everyone|let)\b"
_ASKS = (
    r"(?:can|could|do|does|would|what|which|how|any|is|are|should|have you|not|where|who|please|right"
    r"|correct|no|yes|isn't|don't|aren't|am)\b"
)
_SINCE = r"since(?= (?:I'm|I (?:am|live|work|love|have)|my)\b)"
_CLAUSE_BOUNDARY = re.compile(
    rf"\s{{0,9}}[;—\u2013()]\s*|:\s+|\s{{1,9}}-+\s+|\.\.+\s*"
    rf"|,?\s{{1,9}}(?:and|but|so|because|cause|{_SINCE}|though|although|plus|yet)(?:,)?\s+(?:then\s+"
    rf"|now\s+)?(?=(?:also\s+)?(?:{_SUBJECT}|i\b|{_OTHER}))"
    rf"|,\s+(?=(?:{_SUBJECT}|i\b|i'|{_OTHER}|{_ASKS}|which\b|by the way|btw))"
    r"|,?\s{1,9}(?P<carry>and|but)\s+(?=(?:also |currently |now |really ){0,4}(?:(?:live|speak|own|enjoy"
    r"|prefer|do not|don't)\b|(?:love|hate|work|play) (?:in|at|for|as|to|the|my|with|\w+ing)\b))",
)
# "I live in Oslo, right?" has the same statement as "I live in Oslo, can you ...?".
_TAG_QUESTION = re.compile(
    r"\s*(?:right|correct|no|yes|is that (?:right|correct)"
    r"|(?:is|do|am|have|did)(?:n't)? (?:I|it|that)(?: \w+)?)\s*",
    re.IGNORECASE,
)
_VOCATIVE = r"(?:,? [A-Z][a-z]+(?=[,!]))?"
_DISCOURSE_MARKER = re.compile(
    r"(?:(?:oh|wow|yeah|yes|yep|yup|no|nope|nah|well|so|and|but|also|btw|by the way|hey|hi|hello"
    r"|thanks|thank you"
    r"|ok|okay|honestly|anyway|anyways|haha|lol|um|uh|hmm|ah|aw|aww|sure|totally|absolutely"
    r"|definitely|of course|true"
    r"|right|cool|great|nice|awesome|exactly|sorry|fyi|plus|besides|unfortunately|luckily"
    r"|fortunately|sadly|in fact"
    r"|recently|lately|these days|nowadays|to be honest|tbh|personally|speaking of which|guess what"
    r"|you know|because"
    rf"|{_SINCE}|again|indeed|additionally|oh yeah|lately|currently|right now|i mean|good point"
    rf"|same here|apparently|(?:it )?turns out(?: that)?|(?:please )?(?:remember|note|keep in mind)(?: that)?"
    r"|i (?:should|forgot to|wanted to|also wanted to) (?:also )?mention(?: that)?|i (?:have to"
    r"|must) (?:say|admit)(?: that)?"
    rf"|correction|just so you know|(?:please|you can|just)(?= call me [A-Z])|for (?:context"
    rf"|reference|the record)){_VOCATIVE}[,!:]?|[A-Z][a-z]+,)\s+",
    re.IGNORECASE,
)
_CORRECTION_MARKER = re.compile(r"(?:actually|in fact|correction|no)\b,?\s+", re.IGNORECASE)
_HEDGE_MARKER = re.compile(
    r"(?:maybe|perhaps|probably|possibly|I (?:think|guess|believe|suppose|suspect)(?: that)?),?\s+",
    re.IGNORECASE,
)
_FIRST_PERSON_START = re.compile(r"(?:I|i|[Ww]e|[Mm]y|[Oo]ur)(?=[' ])|[Cc]all me(?= [A-Z])")
_ELIDED_SUBJECT = re.compile(r"(?:Just|Recently|Finally|Also) (?P<verb>[a-z]+)\b")
_LEADING_DATE = re.compile(
    r"(?P<lead>(?:on|in|since|over|last|this|next|yesterday|today|tonight|tomorrow|during|earlier"
    r"|about|just|an?|the|back"
    r"|one|two|three|four|five|six|few|several|early|late|\d+)\b(?: [^\s,;:]+){0,5}?),? (?=(?:I|we"
    r"|my)[' ])",
    re.IGNORECASE,
)
_MAX_LEADING_DATE_CHARS = 45


@dataclass(frozen=True, slots=True)
class Clause:
    """content[start:end] of a turn: a clause that begins with I, we, my or our after its `leading_date`.

    `text` is the clause from its subject on; `leading_date` is a time expression before it ("Last Saturday").
    """

    start: int
    end: int
    leading_date: str
    text: str
    is_hedged: bool = False


def find_first_person_clauses(content: str) -> Iterator[Clause]:
    """Yield the first-person clauses of a turn in order; offsets refer to `content`.

    Nothing is yielded for a long turn that asks for work on a text.
    """
    if len(content) > _MIN_TASK_TEXT_CHARS and _TASK_REQUEST.search(content):
        return
    text = _mask_non_prose(content)
    for start, end, is_question in _split_sentences(text):
        if end - start > MAX_SENTENCE_CHARS or MASK in text[start:end] or text.count('"', start, end) % 2:
            continue
        parts = list(_split_clauses(text, start, end))
        if is_question:
            parts = parts[: -2 if _TAG_QUESTION.fullmatch(text, *parts[-1][:2]) else -1]
        has_speaker = False
        for part in parts:
            clause = _parse_clause(text, *part) if not part[2] or has_speaker else None
            has_speaker = clause is not None and clause.text.startswith(("I ", "I'", "i ", "i'"))
            if clause is not None:
                yield clause


def find_declarative_sentences(content: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence that is no question, code or quotation."""
    text = _mask_non_prose(content)
    for first, last, is_question in _split_sentences(text):
        start, end = _trim_span(text, first, last)
        if not is_question and 0 < end - start <= MAX_SENTENCE_CHARS and MASK not in text[start:end]:
            yield start, end


def _mask_non_prose(content: str) -> str:
    """The text with code, block quotes, links and quoted speech masked, at its old length."""
    text = content.translate(ASCII_LETTER_FOLDING).replace("\u2019", "'").replace("\u2018", "'")
    for pattern in (_CODE_FENCE, _NON_PROSE_LINE):
        text = pattern.sub(lambda m: "\n" * len(m[0]), text)
    return _QUOTED_SPAN.sub(lambda m: MASK * len(m[0]) if _SPEECH_MARKER.search(m[1]) else m[0], text)


def _split_sentences(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is a question) of each sentence."""
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start(), "?" in (match["mark"] or "")
        start = match.end()
    if text[start:].strip():
        yield start, len(text), False


def _split_clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether the subject I is carried over) of each clause of a sentence."""
    body = _skip_leading_date(text, start, end)
    carry = False
    for cut in _CLAUSE_BOUNDARY.finditer(text, body, end):
        yield start, cut.start(), carry
        start, carry = cut.end(), cut["carry"] is not None
    yield start, end, carry


def _skip_leading_date(text: str, start: int, end: int) -> int:
    """Where the search for clause boundaries begins: after "Last Saturday, ", which stays with its clause."""
    match = _LEADING_DATE.match(text, start + len(text[start:end]) - len(text[start:end].lstrip()), end)
    return match.end() if match and len(match["lead"]) <= _MAX_LEADING_DATE_CHARS else start


def _parse_clause(text: str, start: int, end: int, carries_subject: bool) -> Clause | None:
    start, end = _trim_span(text, start, end)
    if carries_subject:
        return Clause(start, end, "", f"I {text[start:end]}") if start < end else None
    is_hedged = False
    while True:
        match = (
            _CORRECTION_MARKER.match(text, start, end)
            or _DISCOURSE_MARKER.match(text, start, end)
            or _HEDGE_MARKER.match(text, start, end)
        )
        if match is None:
            break
        is_hedged = is_hedged or match.re is _HEDGE_MARKER
        start = match.end()
    elided = _ELIDED_SUBJECT.match(text, start, end)
    if elided is not None and is_past_tense(elided["verb"]):
        return Clause(start, end, "", f"I {text[start].lower()}{text[start + 1 : end]}", is_hedged)
    if _FIRST_PERSON_START.match(text, start, end):
        return Clause(start, end, "", text[start:end], is_hedged)
    leading = _LEADING_DATE.match(text, start, end)
    if leading is None or len(leading["lead"]) > _MAX_LEADING_DATE_CHARS:
        return None
    return Clause(start, end, leading["lead"], text[leading.end() : end], is_hedged)


def _trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in ",-*•.!?'\"~"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",-*•~"):
        end -= 1
    return start, end
