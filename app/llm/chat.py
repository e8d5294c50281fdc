"""Chat completions that answer with a JSON object, from servers that enforce schemas to different degrees."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.llm.client import EndpointClient, EndpointFailed, Usage

Message = Mapping[str, Any]

FORMATS = ("json_schema", "json_object", "none")
FORMAT_WORDS = re.compile(
    r"response.?format|json.?(schema|object|mode)|structured.?output|grammar|guided|\bschema", re.IGNORECASE
)
# Statuses of a refused option. Servers that build a grammar answer 500 where they can't.
REFUSALS = frozenset({400, 415, 422, 500, 501})
MAX_IGNORED = (
    2  # answers in a row that are no JSON although a schema was sent: then the server ignores it (chosen)
)
MAX_ECHO = 8000
MAX_BROKEN = 20  # unreadable objects per answer: each costs a scan to the end of the text (chosen)
MAX_WALKED = 1_000_000  # characters that all these scans together may read (chosen)
MAX_TEXT = 1_000_000  # characters of an answer (chosen)
MAX_DEPTH = 16  # nesting of lists and objects (chosen); the schemas in use have 3
MAX_DIGITS = 18  # digits of an integer; JSON sets no limit, but Python refuses to parse some thousands
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class ChatReply:
    """One answer: the JSON object, its total usage, the model, and whether a second request was needed."""

    value: dict[str, Any]
    usage: Usage
    model: str
    repaired: bool


class ChatModel:
    """One chat model behind an EndpointClient; remembers which `response_format` its server accepts."""

    def __init__(self, client: EndpointClient, model: str) -> None:
        self._client = client
        self.model = model
        self._format = 0
        self._temperature = True
        self._ignored = 0

    def complete_json(
        self, messages: Sequence[Message], schema: dict[str, Any], schema_name: str
    ) -> ChatReply:
        """Ask for a JSON object that fits `schema`; what doesn't fit is asked for once more, saying why.

        Some servers accept a schema and ignore it, so that a model that was never told of it answers in
        prose: the second request has the schema in its words, and so do all later ones if it happens again.

        Checked here: the top-level properties, and that of each list at least one entry has the right type.
        Raises EndpointFailed, with the `usage` of all its calls: as the client does, or "unparsable"
        (retryable) when the second answer can't be read either.
        """
        spent = Usage()
        request_messages = list(messages)
        least = 0
        for repaired in (False, True):
            try:
                answer, usage = self._request_completion(request_messages, schema, schema_name, least)
            except EndpointFailed as failure:
                failure.usage = spent + failure.usage
                raise
            spent += usage
            text, cut_off = extract_answer_text(answer, spent)
            value, problem = (
                (None, "it was cut off; be shorter") if cut_off else parse_json_object(text, schema)
            )
            if value is not None:
                self._note_answer(ignored=least > self._format)
                return ChatReply(value, spent, str(answer.get("model") or self.model), repaired)
            least = 0 if cut_off else min(self._format + 1, FORMATS.index("json_object"))
            request_messages = [*messages, *build_repair_messages(text, problem)]
        raise EndpointFailed("The model's answer is unparsable, twice.", usage=spent, answered=True)

    @property
    def client(self) -> EndpointClient:
        """The endpoint."""
        return self._client

    def _note_answer(self, *, ignored: bool) -> None:
        """Remember whether the schema had to be put into words for an answer that can be used."""
        self._ignored = self._ignored + 1 if ignored else 0
        if self._ignored >= MAX_IGNORED:
            self._format, self._ignored = max(self._format, FORMATS.index("json_object")), 0

    def _request_completion(
        self, messages: Sequence[Message], schema: dict[str, Any], schema_name: str, least: int
    ) -> tuple[dict[str, Any], Usage]:
        """Request one answer, with weaker options where the server rejects one; what works is remembered.

        `least` is the format to begin with, if it is weaker than the one that is known to work.
        """
        level, temperature = max(self._format, least), self._temperature
        spent = Usage()
        while True:
            body = build_request_body(self.model, messages, schema, schema_name, FORMATS[level])
            if temperature:
                body["temperature"] = 0
            try:
                answer, usage = self._client.post_json("/chat/completions", body)
            except EndpointFailed as failure:
                spent += failure.usage
                failure.usage = spent
                if failure.http_status not in REFUSALS:
                    raise
                if temperature and "temperature" in failure.detail.lower():
                    temperature = False
                elif level + 1 < len(FORMATS) and FORMAT_WORDS.search(failure.detail):
                    level += 1
                else:
                    raise
            else:
                self._temperature = temperature
                if least <= self._format:
                    self._format = level
                return answer, spent + usage


def build_request_body(
    model: str, messages: Sequence[Message], schema: dict[str, Any], schema_name: str, form: str
) -> dict[str, Any]:
    """The body of /chat/completions; for a server that can't enforce the schema it is part of the prompt."""
    if form == "json_schema":
        json_schema = {"name": schema_name, "strict": True, "schema": schema}
        shape: dict[str, Any] = {"response_format": {"type": form, "json_schema": json_schema}}
        return {"model": model, "messages": list(messages), **shape}
    instruction = (
        "Answer with one JSON object and nothing else. It must fit this JSON schema:\n"
        + json.dumps(schema, ensure_ascii=False)
    )
    shape = {"response_format": {"type": form}} if form == "json_object" else {}
    first, *rest = messages
    if first["role"] == "system":
        prompt_messages = [{**first, "content": f"{first['content']}\n\n{instruction}"}, *rest]
    else:
        prompt_messages = [{"role": "system", "content": instruction}, *messages]
    return {"model": model, "messages": prompt_messages, **shape}


def extract_answer_text(answer: Mapping[str, Any], spent: Usage) -> tuple[str, bool]:
    """(text of the first choice, whether it was cut off). Raises EndpointFailed if there is no choice."""
    try:
        choice = answer["choices"][0]
        content = choice["message"].get("content")
    except (KeyError, IndexError, TypeError, AttributeError) as exc:
        raise EndpointFailed("The model endpoint answered without a choice.", usage=spent) from exc
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return (content if isinstance(content, str) else ""), choice.get("finish_reason") == "length"


def build_repair_messages(bad: str, problem: str) -> list[dict[str, str]]:
    """The messages of the second request: the unfit answer and what is wrong with it."""
    instruction = f"That answer can't be used: {problem}. Answer with the complete JSON object, nothing else."
    return [
        {"role": "assistant", "content": bad[:MAX_ECHO] or "(empty)"},
        {"role": "user", "content": instruction},
    ]


def parse_json_object(text: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """(the longest object in `text` that fits `schema`, "") or (None, the problem)."""
    if len(text) > MAX_TEXT:
        return None, f"it is longer than {MAX_TEXT} characters; be shorter"
    text = strip_thoughts(text)
    problem = "there is no JSON object in it"
    best: tuple[int, dict[str, Any]] | None = None
    for candidate, length in iter_json_values(text):
        value = wrap_bare_list(candidate, schema, whole=length == len(strip_code_fence(text)))
        schema_problem = find_schema_problem(value, schema)
        if schema_problem is None and (best is None or length > best[0]):
            best = (length, value)
        elif schema_problem and isinstance(candidate, dict):
            problem = schema_problem
    return (sanitize_value(best[1]), "") if best else (None, problem)


def strip_code_fence(text: str) -> str:
    """`text` without surrounding spaces and code fence."""
    text = text.strip()
    if not (text.startswith("```") and text.endswith("```") and len(text) >= len("``````")):
        return text
    return re.sub(r"\A\w+", "", text[3:-3]).strip()


def strip_thoughts(text: str) -> str:
    """`text` without the reasoning between <think> tags."""
    kept: list[str] = []
    position = 0
    while (begin := text.find("<think>", position)) >= 0 and (end := text.find("</think>", begin)) >= 0:
        kept.append(text[position:begin])
        position = end + len("</think>")
    return "".join([*kept, text[position:]])


def sanitize_value(value: Any, depth: int = 0) -> Any:
    """`value` with null in place of values that can't be stored, so that one does not cost the whole answer.

    Postgres accepts no NUL and no lone surrogate in a text; JSON has no infinity, though 1e999 parses as one.
    """
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if not isinstance(value, (list, dict)):
        return value
    if depth == MAX_DEPTH:
        return None
    if isinstance(value, list):
        return [sanitize_value(item, depth + 1) for item in value]
    return {sanitize_value(name): sanitize_value(item, depth + 1) for name, item in value.items()}


def iter_json_values(text: str) -> Iterator[tuple[Any, int]]:
    """Yield every outermost readable JSON object or list in `text` with the length of its span."""
    text = strip_code_fence(text)
    decoder = json.JSONDecoder(parse_constant=refuse_constant, parse_int=parse_bounded_int)
    position = failures = scanned = 0
    while (
        (opening := re.compile(r"[{\[]").search(text, position))
        and failures < MAX_BROKEN
        and scanned <= MAX_WALKED
    ):
        begin = opening.start()
        try:
            value, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            end = find_closing_bracket(text, begin)
            try:
                value = decoder.decode(strip_trailing_commas(text[begin:end]))
            except (ValueError, RecursionError):
                position, failures, scanned = begin + 1, failures + 1, scanned + len(text) - begin
                continue
        yield value, end - begin
        position = end


def parse_bounded_int(digits: str) -> int | None:
    """An integer of JSON; None if it has more than MAX_DIGITS digits."""
    return int(digits) if len(digits) <= MAX_DIGITS else None


def refuse_constant(name: str) -> float:
    """Raise ValueError for NaN and infinities, which are not JSON and which Postgres would reject later."""
    raise ValueError(name)


def find_closing_bracket(text: str, begin: int) -> int:
    """The index after the bracket that closes the one at `begin`, ignoring strings.

    It is `begin` if there is no such bracket.
    """
    depth = 0
    # An unterminated string matches to the end: searching it again from each quote would be quadratic.
    tokens = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
    for token in tokens.finditer(text, begin):
        if token[0][0] == '"':
            continue
        depth += 1 if token[0] in "{[" else -1
        if depth == 0:
            return token.end()
    return begin


def strip_trailing_commas(text: str) -> str:
    """`text` without commas directly before a closing bracket, except in strings."""
    tokens = r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*[}\]])'
    return re.sub(tokens, lambda found: found[1] or "", text, flags=re.DOTALL)


def wrap_bare_list(value: Any, schema: Mapping[str, Any], *, whole: bool) -> Any:
    """A bare list becomes the only list property of the schema's object.

    An empty list inside other text is left unchanged: it may be a small part of a broken answer, and wrapping
    it would convert that answer to an empty one without an error.
    """
    lists = [name for name, part in schema.get("properties", {}).items() if part.get("type") == "array"]
    if isinstance(value, list) and len(lists) == 1 and (value or whole):
        return {lists[0]: value}
    return value


def find_schema_problem(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Why `value` can't be used as an answer to `schema`; None if it can."""
    if not isinstance(value, dict):
        return "it is not a JSON object"
    parts: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            return f'the property "{name}" is missing'
        part, found = parts.get(name, {}), value[name]
        if not matches_type(found, part):
            return f'the property "{name}" has the wrong type'
        # Who reads the answer leaves wrong entries out; only where all are wrong is it worth asking again.
        if isinstance(found, list) and found and not has_entry_of_type(found, part.get("items", {})):
            return f'the entries of "{name}" have the wrong type'
    return None


def has_entry_of_type(entries: Sequence[Any], schema: Mapping[str, Any]) -> bool:
    """Whether an entry has the type that `schema` names."""
    return any(matches_type(entry, schema) for entry in entries)


def matches_type(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether `value` has the type that `schema` names; a union is a list of types."""
    declared = schema.get("type", list(PYTHON_TYPES))
    names: list[str] = [declared] if isinstance(declared, str) else list(declared)
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, PYTHON_TYPES.get(name, (object,))) for name in names)
