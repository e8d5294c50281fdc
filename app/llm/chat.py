"""Chat completions that answer with a JSON object, from servers of every strictness."""

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
MAX_ECHO = 8000
MAX_BROKEN = 20  # each costs a walk to the end of the text,
MAX_WALKED = 1_000_000  # of which all together have so many characters
MAX_TEXT = 1_000_000  # characters of an answer
MAX_DEPTH = 16  # of lists and objects within each other; what is asked for has 3
MAX_DIGITS = 18  # of a whole number; JSON has no bound, Python refuses to read some thousands
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
    """One answer: the JSON object, all it cost, the model that wrote it, and whether it took a second ask."""

    value: dict[str, Any]
    usage: Usage
    model: str
    repaired: bool


class ChatModel:
    """One chat model behind an EndpointClient; remembers which `response_format` its server takes."""

    def __init__(self, client: EndpointClient, model: str) -> None:
        self._client = client
        self.model = model
        self._format = 0
        self._temperature = True

    def complete_json(
        self, messages: Sequence[Message], schema: dict[str, Any], schema_name: str
    ) -> ChatReply:
        """Ask for a JSON object that fits `schema`; what doesn't fit is asked for once more, saying why.

        Checked here: the top-level properties, and that of each list at least one entry has the right type.
        Raises EndpointFailed, with the `usage` of all its calls: as the client does, or "unparsable"
        (retryable) when the second answer can't be read either.
        """
        spent = Usage()
        asked = list(messages)
        for repaired in (False, True):
            try:
                answer, usage = self._request_completion(asked, schema, schema_name)
            except EndpointFailed as failure:
                failure.usage = spent + failure.usage
                raise
            spent += usage
            text, cut_off = extract_answer_text(answer, spent)
            value, problem = (
                (None, "it was cut off; be shorter") if cut_off else parse_json_object(text, schema)
            )
            if value is not None:
                return ChatReply(value, spent, str(answer.get("model") or self.model), repaired)
            asked = [*messages, *build_repair_messages(text, problem)]
        raise EndpointFailed("The model's answer is unparsable, twice.", usage=spent, answered=True)

    def _request_completion(
        self, messages: Sequence[Message], schema: dict[str, Any], schema_name: str
    ) -> tuple[dict[str, Any], Usage]:
        """One answer, stepping down where the server refuses an option; what worked is remembered."""
        level, temperature = self._format, self._temperature
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
                if failure.http_status not in (400, 422):
                    raise
                if temperature and "temperature" in failure.detail.lower():
                    temperature = False
                elif level + 1 < len(FORMATS) and FORMAT_WORDS.search(failure.detail):
                    level += 1
                else:
                    raise
            else:
                self._format, self._temperature = level, temperature
                return answer, spent + usage


def build_request_body(
    model: str, messages: Sequence[Message], schema: dict[str, Any], schema_name: str, form: str
) -> dict[str, Any]:
    """The body of /chat/completions; a server that can't enforce the schema is shown it as text."""
    if form == "json_schema":
        wanted = {"name": schema_name, "strict": True, "schema": schema}
        shape: dict[str, Any] = {"response_format": {"type": form, "json_schema": wanted}}
        return {"model": model, "messages": list(messages), **shape}
    told = "Answer with one JSON object and nothing else. It must fit this JSON schema:\n" + json.dumps(
        schema, ensure_ascii=False
    )
    shape = {"response_format": {"type": form}} if form == "json_object" else {}
    first, *rest = messages
    if first["role"] == "system":
        shown = [{**first, "content": f"{first['content']}\n\n{told}"}, *rest]
    else:
        shown = [{"role": "system", "content": told}, *messages]
    return {"model": model, "messages": shown, **shape}


def extract_answer_text(answer: Mapping[str, Any], spent: Usage) -> tuple[str, bool]:
    """The text of the first choice and whether it was cut off; EndpointFailed if there is no choice."""
    try:
        choice = answer["choices"][0]
        content = choice["message"].get("content")
    except (KeyError, IndexError, TypeError, AttributeError) as exc:
        raise EndpointFailed("The model endpoint answered without a choice.", usage=spent) from exc
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return (content if isinstance(content, str) else ""), choice.get("finish_reason") == "length"


def build_repair_messages(bad: str, problem: str) -> list[dict[str, str]]:
    """The second ask: the bad answer and what is wrong with it."""
    wish = f"That answer can't be used: {problem}. Answer with the complete JSON object, nothing else."
    return [{"role": "assistant", "content": bad[:MAX_ECHO] or "(empty)"}, {"role": "user", "content": wish}]


def parse_json_object(text: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The object in `text` that fits `schema`, the longest of several; else None and the problem."""
    if len(text) > MAX_TEXT:
        return None, f"it is longer than {MAX_TEXT} characters; be shorter"
    text = strip_thoughts(text)
    problem = "there is no JSON object in it"
    best: tuple[int, dict[str, Any]] | None = None
    for candidate, length in iter_json_values(text):
        value = wrap_bare_list(candidate, schema, whole=length == len(strip_code_fence(text)))
        trouble = find_schema_problem(value, schema)
        if trouble is None and (best is None or length > best[0]):
            best = (length, value)
        elif trouble and isinstance(candidate, dict):
            problem = trouble
    return (sanitize_value(best[1]), "") if best else (None, problem)


def strip_code_fence(text: str) -> str:
    """`text` without the spaces and the code fence around it."""
    text = text.strip()
    if not (text.startswith("```") and text.endswith("```") and len(text) >= len("``````")):
        return text
    return re.sub(r"\A\w+", "", text[3:-3]).strip()


def strip_thoughts(text: str) -> str:
    """`text` without what a model thought before it answered."""
    said: list[str] = []
    at = 0
    while (begin := text.find("<think>", at)) >= 0 and (end := text.find("</think>", begin)) >= 0:
        said.append(text[at:begin])
        at = end + len("</think>")
    return "".join([*said, text[at:]])


def sanitize_value(value: Any, depth: int = 0) -> Any:
    """`value` with null for what can't be stored: one such entry must not cost the whole answer.

    Postgres takes no NUL and no lone surrogate in a text; JSON has no infinity, though 1e999 reads as one.
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
        return [sanitize_value(one, depth + 1) for one in value]
    return {sanitize_value(name): sanitize_value(one, depth + 1) for name, one in value.items()}


def iter_json_values(text: str) -> Iterator[tuple[Any, int]]:
    """Every outermost JSON object or list that can be read in `text`, with the length of its span."""
    text = strip_code_fence(text)
    decoder = json.JSONDecoder(parse_constant=refuse_constant, parse_int=parse_bounded_int)
    at = broken = walked = 0
    while (opening := re.compile(r"[{\[]").search(text, at)) and broken < MAX_BROKEN and walked <= MAX_WALKED:
        begin = opening.start()
        try:
            value, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            end = find_closing_bracket(text, begin)
            try:
                value = decoder.decode(strip_trailing_commas(text[begin:end]))
            except (ValueError, RecursionError):
                at, broken, walked = begin + 1, broken + 1, walked + len(text) - begin
                continue
        yield value, end - begin
        at = end


def parse_bounded_int(digits: str) -> int | None:
    """A whole number of JSON, null for one without measure."""
    return int(digits) if len(digits) <= MAX_DIGITS else None


def refuse_constant(name: str) -> float:
    """NaN and the infinities aren't JSON; Postgres would refuse them later."""
    raise ValueError(name)


def find_closing_bracket(text: str, begin: int) -> int:
    """Where the bracket that opens at `begin` is closed, strings skipped; `begin` if nowhere."""
    depth = 0
    # A string that nothing closes goes to the end: looked for again from each of its quotes it is quadratic.
    tokens = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{}\[\]]', re.DOTALL)
    for token in tokens.finditer(text, begin):
        if token[0][0] == '"':
            continue
        depth += 1 if token[0] in "{[" else -1
        if depth == 0:
            return token.end()
    return begin


def strip_trailing_commas(text: str) -> str:
    """`text` without commas that stand right before a closing bracket, outside of strings."""
    tokens = r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*[}\]])'
    return re.sub(tokens, lambda found: found[1] or "", text, flags=re.DOTALL)


def wrap_bare_list(value: Any, schema: Mapping[str, Any], *, whole: bool) -> Any:
    """A bare list becomes the one list that the schema's object has.

    An empty list inside other text is left alone: it may be a small part of a broken answer, and
    wrapping it would turn that answer into a silent "nothing".
    """
    lists = [name for name, part in schema.get("properties", {}).items() if part.get("type") == "array"]
    if isinstance(value, list) and len(lists) == 1 and (value or whole):
        return {lists[0]: value}
    return value


def find_schema_problem(value: Any, schema: Mapping[str, Any]) -> str | None:
    """What keeps `value` from being used as an answer to `schema`; None if nothing does."""
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
    wanted = schema.get("type", list(PYTHON_TYPES))
    names: list[str] = [wanted] if isinstance(wanted, str) else list(wanted)
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, PYTHON_TYPES.get(name, (object,))) for name in names)
