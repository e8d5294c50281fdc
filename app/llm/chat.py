"""Chat completions that answer with a JSON object, from servers of every strictness."""

import json
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
MAX_BROKEN = 20  # each costs a walk to the end of the text
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

        Checked here: the top-level properties and that items which should be objects are objects.
        Raises EndpointFailed, with the `usage` of all its calls: as the client does, or "unparsable"
        (retryable) when the second answer can't be read either.
        """
        spent = Usage()
        asked = list(messages)
        for repaired in (False, True):
            try:
                answer, usage = self._ask(asked, schema, schema_name)
            except EndpointFailed as failure:
                failure.usage = spent + failure.usage
                raise
            spent += usage
            text, cut_off = answer_text(answer, spent)
            value, problem = (None, "it was cut off; be shorter") if cut_off else read_object(text, schema)
            if value is not None:
                return ChatReply(value, spent, str(answer.get("model") or self.model), repaired)
            asked = [*messages, *repair_messages(text, problem)]
        raise EndpointFailed("The model's answer is unparsable, twice.", usage=spent)

    def _ask(
        self, messages: Sequence[Message], schema: dict[str, Any], schema_name: str
    ) -> tuple[dict[str, Any], Usage]:
        """One answer, stepping down where the server refuses an option; what worked is remembered."""
        level, temperature = self._format, self._temperature
        spent = Usage()
        while True:
            body = request_body(self.model, messages, schema, schema_name, FORMATS[level])
            if temperature:
                body["temperature"] = 0
            try:
                answer, usage = self._client.post("/chat/completions", body)
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


def request_body(
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


def answer_text(answer: Mapping[str, Any], spent: Usage) -> tuple[str, bool]:
    """The text of the first choice and whether it was cut off; EndpointFailed if there is no choice."""
    try:
        choice = answer["choices"][0]
        content = choice["message"].get("content")
    except (KeyError, IndexError, TypeError, AttributeError) as exc:
        raise EndpointFailed("The model endpoint answered without a choice.", usage=spent) from exc
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return (content if isinstance(content, str) else ""), choice.get("finish_reason") == "length"


def repair_messages(bad: str, problem: str) -> list[dict[str, str]]:
    """The second ask: the bad answer and what is wrong with it."""
    wish = f"That answer can't be used: {problem}. Answer with the complete JSON object, nothing else."
    return [{"role": "assistant", "content": bad[:MAX_ECHO] or "(empty)"}, {"role": "user", "content": wish}]


def read_object(text: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The object in `text` that fits `schema`, the longest of several; else None and the problem."""
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    problem = "there is no JSON object in it"
    best: tuple[int, dict[str, Any]] | None = None
    for candidate, length in json_values(text):
        value = wrapped(candidate, schema, whole=length == len(bare(text)))
        trouble = problem_with(value, schema)
        if trouble is None and (best is None or length > best[0]):
            best = (length, value)
        elif trouble and isinstance(candidate, dict):
            problem = trouble
    return (best[1], "") if best else (None, problem)


def bare(text: str) -> str:
    """`text` without the spaces and the code fence around it."""
    fenced = re.fullmatch(r"\s*```\w*\s*(.*?)\s*```\s*", text, flags=re.DOTALL)
    return fenced[1] if fenced else text.strip()


def json_values(text: str) -> Iterator[tuple[Any, int]]:
    """Every outermost JSON object or list that can be read in `text`, with the length of its span."""
    text = bare(text)
    decoder = json.JSONDecoder(parse_constant=refuse_constant)
    at = broken = 0
    while (opening := re.compile(r"[{\[]").search(text, at)) and broken < MAX_BROKEN:
        begin = opening.start()
        try:
            value, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError):
            end = balanced_end(text, begin)
            try:
                value = json.loads(without_trailing_commas(text[begin:end]), parse_constant=refuse_constant)
            except (ValueError, RecursionError):
                at, broken = begin + 1, broken + 1
                continue
        yield value, end - begin
        at = end


def refuse_constant(name: str) -> float:
    """NaN and the infinities aren't JSON; Postgres would refuse them later."""
    raise ValueError(name)


def balanced_end(text: str, begin: int) -> int:
    """Where the bracket that opens at `begin` is closed, strings skipped; `begin` if nowhere."""
    depth = 0
    for token in re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL).finditer(text, begin):
        if token[0][0] == '"':
            continue
        depth += 1 if token[0] in "{[" else -1
        if depth == 0:
            return token.end()
    return begin


def without_trailing_commas(text: str) -> str:
    """`text` without commas that stand right before a closing bracket, outside of strings."""
    return re.sub(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', lambda found: found[1] or "", text, flags=re.DOTALL)


def wrapped(value: Any, schema: Mapping[str, Any], *, whole: bool) -> Any:
    """A bare list becomes the one list that the schema's object has.

    An empty list inside other text is left alone: it may be a small part of a broken answer, and
    wrapping it would turn that answer into a silent "nothing".
    """
    lists = [name for name, part in schema.get("properties", {}).items() if part.get("type") == "array"]
    if isinstance(value, list) and len(lists) == 1 and (value or whole):
        return {lists[0]: value}
    return value


def problem_with(value: Any, schema: Mapping[str, Any]) -> str | None:
    """What keeps `value` from being used as an answer to `schema`; None if nothing does."""
    if not isinstance(value, dict):
        return "it is not a JSON object"
    parts: Mapping[str, Any] = schema.get("properties", {})
    for name in schema.get("required", []):
        if name not in value:
            return f'the property "{name}" is missing'
        part, found = parts.get(name, {}), value[name]
        if not fits(found, part):
            return f'the property "{name}" has the wrong type'
        if isinstance(found, list) and not all(fits(item, part.get("items", {})) for item in found):
            return f'an entry of "{name}" has the wrong type'
    return None


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Whether `value` has the type that `schema` names; a union is a list of types."""
    wanted = schema.get("type", list(PYTHON_TYPES))
    names: list[str] = [wanted] if isinstance(wanted, str) else list(wanted)
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, PYTHON_TYPES.get(name, (object,))) for name in names)
