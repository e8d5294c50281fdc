"""Finds the clauses of a turn in which its speaker says something in the first person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.memory.extraction.offline.third_person import is_past
from app.memory.text.limits import LONGEST_SENTENCE, ONE_LETTER

BLANK = "\x00"

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINES = re.compile(r"^[ \t]*(?:>|\|).*$|^(?: {4}|\t).*$|`[^`\n]+`|https?://\S+", re.MULTILINE)
_QUOTED = re.compile(r"[\"“«]([^\"“”«»\n]{1,400})[\"”»]")
_SPEECH = re.compile(r"\b(?:I|my|me|we|you|your)\b|[.!?,]$", re.IGNORECASE)
# A text to work on follows such a request: its "I" is not the speaker.
_MATERIAL = re.compile(
    r"\b(?:re-?write|proof-?read|translate|paraphrase|summari[sz]e|re-?phrase|act as|pretend"
    r"|role-?play|imagine"
    r"|continue (?:this|the)|write (?:me )?(?:a|an|the|my)|you are (?:a|an|the|now)|prompt|essay"
    r"|lyrics|dear)\b",
    re.IGNORECASE,
)
_MATERIAL_FROM = 900
_ENDS = re.compile(
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
_CUT = re.compile(
    rf"\s{{0,9}}[;—\u2013()]\s*|:\s+|\s{{1,9}}-+\s+|\.\.+\s*"
    rf"|,?\s{{1,9}}(?:and|but|so|because|cause|{_SINCE}|though|although|plus|yet)(?:,)?\s+(?:then\s+"
    rf"|now\s+)?(?=(?:also\s+)?(?:{_SUBJECT}|i\b|{_OTHER}))"
    rf"|,\s+(?=(?:{_SUBJECT}|i\b|i'|{_OTHER}|{_ASKS}|which\b|by the way|btw))"
    r"|,?\s{1,9}(?P<carry>and|but)\s+(?=(?:also |currently |now |really ){0,4}(?:(?:live|speak|own|enjoy"
    r"|prefer|do not|don't)\b|(?:love|hate|work|play) (?:in|at|for|as|to|the|my|with|\w+ing)\b))",
)
# "I live in Oslo, right?" asks what "I live in Oslo, can you ...?" says.
_TAG = re.compile(
    r"\s*(?:right|correct|no|yes|is that (?:right|correct)"
    r"|(?:is|do|am|have|did)(?:n't)? (?:I|it|that)(?: \w+)?)\s*",
    re.IGNORECASE,
)
_VOCATIVE = r"(?:,? [A-Z][a-z]+(?=[,!]))?"
_LEAD = re.compile(
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
_CORRECTS = re.compile(r"(?:actually|in fact|correction|no)\b,?\s+", re.IGNORECASE)
_HEDGE = re.compile(
    r"(?:maybe|perhaps|probably|possibly|I (?:think|guess|believe|suppose|suspect)(?: that)?),?\s+",
    re.IGNORECASE,
)
_STARTS = re.compile(r"(?:I|i|[Ww]e|[Mm]y|[Oo]ur)(?=[' ])|[Cc]all me(?= [A-Z])")
_ELIDED = re.compile(r"(?:Just|Recently|Finally|Also) (?P<verb>[a-z]+)\b")
_DATE_LEAD = re.compile(
    r"(?P<lead>(?:on|in|since|over|last|this|next|yesterday|today|tonight|tomorrow|during|earlier"
    r"|about|just|an?|the|back"
    r"|one|two|three|four|five|six|few|several|early|late|\d+)\b(?: [^\s,;:]+){0,5}?),? (?=(?:I|we"
    r"|my)[' ])",
    re.IGNORECASE,
)
_DATE_LEAD_LIMIT = 45


@dataclass(frozen=True, slots=True)
class Clause:
    """content[start:end] of a turn, which begins with I, we, my or our once its `lead` is left out.

    `said` is the clause from its subject on; `lead` what stood before it ("Last Saturday"), if a time.
    """

    start: int
    end: int
    lead: str
    said: str
    hedged: bool = False
    corrects: bool = False


def clauses(content: str) -> Iterator[Clause]:
    """The first-person clauses of a turn, in order; offsets are of `content`."""
    if len(content) > _MATERIAL_FROM and _MATERIAL.search(content):
        return
    text = _masked(content)
    for start, end, asks in _sentences(text):
        if end - start > LONGEST_SENTENCE or BLANK in text[start:end] or text.count('"', start, end) % 2:
            continue
        parts = list(_parts(text, start, end))
        if asks:
            parts = parts[: -2 if _TAG.fullmatch(text, *parts[-1][:2]) else -1]
        speaks = False
        for part in parts:
            clause = _clause(text, *part) if not part[2] or speaks else None
            speaks = clause is not None and clause.said.startswith(("I ", "I'", "i ", "i'"))
            if clause is not None:
                yield clause


def statements(content: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence that is no question, code or quotation."""
    text = _masked(content)
    for first, last, asks in _sentences(text):
        start, end = _trimmed(text, first, last)
        if not asks and 0 < end - start <= LONGEST_SENTENCE and BLANK not in text[start:end]:
            yield start, end


def _masked(content: str) -> str:
    """The text with code, block quotes, links and quoted speech blanked out, at its old length."""
    text = content.translate(ONE_LETTER).replace("\u2019", "'").replace("\u2018", "'")
    for pattern in (_FENCE, _LINES):
        text = pattern.sub(lambda m: "\n" * len(m[0]), text)
    return _QUOTED.sub(lambda m: BLANK * len(m[0]) if _SPEECH.search(m[1]) else m[0], text)


def _sentences(text: str) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether it is a question) of each sentence."""
    start = 0
    for match in _ENDS.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start(), "?" in (match["mark"] or "")
        start = match.end()
    if text[start:].strip():
        yield start, len(text), False


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """(start, end, whether the subject I is carried over) of each clause of a sentence."""
    body = _after_date(text, start, end)
    carry = False
    for cut in _CUT.finditer(text, body, end):
        yield start, cut.start(), carry
        start, carry = cut.end(), cut["carry"] is not None
    yield start, end, carry


def _after_date(text: str, start: int, end: int) -> int:
    """Where the search for cuts begins: behind "Last Saturday, ", so that it stays with its clause."""
    match = _DATE_LEAD.match(text, start + len(text[start:end]) - len(text[start:end].lstrip()), end)
    return match.end() if match and len(match["lead"]) <= _DATE_LEAD_LIMIT else start


def _clause(text: str, start: int, end: int, carry: bool) -> Clause | None:
    start, end = _trimmed(text, start, end)
    if carry:
        return Clause(start, end, "", f"I {text[start:end]}") if start < end else None
    corrects = hedged = False
    while True:
        match = (
            _CORRECTS.match(text, start, end)
            or _LEAD.match(text, start, end)
            or _HEDGE.match(text, start, end)
        )
        if match is None:
            break
        corrects = corrects or match.re is _CORRECTS
        hedged = hedged or match.re is _HEDGE
        start = match.end()
    elided = _ELIDED.match(text, start, end)
    if elided is not None and is_past(elided["verb"]):
        return Clause(start, end, "", f"I {text[start].lower()}{text[start + 1 : end]}", hedged, corrects)
    if _STARTS.match(text, start, end):
        return Clause(start, end, "", text[start:end], hedged, corrects)
    lead = _DATE_LEAD.match(text, start, end)
    if lead is None or len(lead["lead"]) > _DATE_LEAD_LIMIT:
        return None
    return Clause(start, end, lead["lead"], text[lead.end() : end], hedged, corrects)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in ",-*•.!?'\"~"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ",-*•~"):
        end -= 1
    return start, end
