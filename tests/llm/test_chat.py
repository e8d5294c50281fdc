import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.core.errors import UpstreamFailed
from app.llm.chat import ChatModel, parse_json_object
from app.llm.client import EndpointClient, EndpointFailed, Timing, Usage
from app.memory.extraction.prompt import EXTRACTION_SCHEMA
from tests.fakes import Answer, ScriptedLLM

MESSAGES = [{"role": "system", "content": "Extract."}, {"role": "user", "content": "{}"}]
FACTS = {"facts": [{"turn": 1, "content": "a {brace}, in text", "quote": "b ] c"}]}
TEXT = json.dumps(FACTS)


@pytest.fixture
def llm() -> Iterator[ScriptedLLM]:
    with ScriptedLLM() as server:
        yield server


@pytest.fixture
def chat(llm: ScriptedLLM) -> Iterator[ChatModel]:
    with closing(EndpointClient(llm.base_url, timing=Timing(sleep=lambda seconds: None))) as client:
        yield ChatModel(client, "test-model")


class TestReadObject:
    @pytest.mark.parametrize(
        "text",
        [
            TEXT,
            f"```json\n{TEXT}\n```",
            f"Here is the {{requested}} set [as asked]:\n{TEXT}\nI {{hope}} it helps.",
            f"Sure!\n```json\n{TEXT}\n```\nDone.",
            f'<think>maybe {{"facts": []}}?</think>\n{TEXT}',
            f'no start tag, {{"facts": []}} </think> {TEXT}',
            TEXT.replace("}]}", ",},],}"),
            json.dumps(FACTS["facts"]),
            f"The list: {json.dumps(FACTS['facts'])}.",
            f'Empty would be {{"facts": []}}, but I found {TEXT}',
        ],
    )
    def test_finds_it_in_all_dresses(self, text):
        assert parse_json_object(text, EXTRACTION_SCHEMA)[0] == FACTS

    def test_commas_inside_strings_stay(self):
        text = '{"facts": [{"content": "a ,} b ,] \\" c",},]}'
        assert parse_json_object(text, EXTRACTION_SCHEMA)[0] == {"facts": [{"content": 'a ,} b ,] " c'}]}

    def test_a_bare_empty_list_is_nothing(self):
        assert parse_json_object("[]", EXTRACTION_SCHEMA)[0] == {"facts": []}

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "I can't do that.",
            '{"facts": [{"turn": 1, "keywords": [], "quo',
            '{"facts": "none"}',
            '{"facts": ["loose text"]}',
            '{"fact": []}',
            '{"facts": [{"importance": NaN}]}',
            "[" * 100_000,
            '{"a":' * 50_000,
        ],
    )
    def test_never_makes_one_up(self, text):
        value, problem = parse_json_object(text, EXTRACTION_SCHEMA)
        assert value is None
        assert problem


class TestCompleteJson:
    def test_sends_the_schema_and_gives_value_and_usage(self, llm, chat):
        llm.on_chat = lambda messages: FACTS
        reply = chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert (reply.value, reply.usage, reply.model) == (FACTS, Usage(1, 0, 10, 5), "test-model")
        assert not reply.repaired
        sent = llm.requests[0]["response_format"]
        assert sent == {
            "type": "json_schema",
            "json_schema": {"name": "facts", "strict": True, "schema": EXTRACTION_SCHEMA},
        }

    def test_asks_once_more_with_the_bad_answer(self, llm, chat):
        llm.queue.extend([Answer(text="I found nothing, sorry"), Answer(value=FACTS)])
        reply = chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert reply.repaired
        assert reply.usage == Usage(2, 0, 20, 10)
        second = llm.requests[1]["messages"]
        assert [m["role"] for m in second] == ["system", "user", "assistant", "user"]
        assert second[2]["content"] == "I found nothing, sorry"
        assert "no JSON object" in second[3]["content"]

    def test_gives_up_after_the_second_bad_answer(self, llm, chat):
        llm.on_chat = lambda messages: "no"
        with pytest.raises(UpstreamFailed, match="unparsable") as e:
            chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert isinstance(e.value, EndpointFailed)
        assert e.value.retryable
        assert e.value.usage == Usage(2, 0, 20, 10)
        assert len(llm.requests) == 2

    def test_a_cut_off_answer_is_not_trusted(self, llm, chat):
        llm.queue.extend([Answer(value={"facts": []}, finish_reason="length"), Answer(value=FACTS)])
        assert chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts").value == FACTS
        assert "cut off" in llm.requests[1]["messages"][-1]["content"]

    def test_null_content_is_asked_again_and_parts_are_joined(self, llm, chat):
        parts = [{"type": "text", "text": TEXT[:9]}, {"type": "text", "text": TEXT[9:]}]
        llm.queue.extend(
            Answer(body={"choices": [{"message": {"content": content}}]}) for content in (None, parts)
        )
        assert chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts").value == FACTS

    def test_no_choice_is_a_failure(self, llm, chat):
        llm.queue.append(Answer(body={"error": {"message": "overloaded"}}))
        with pytest.raises(UpstreamFailed, match="without a choice"):
            chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")


SCHEMA, OBJECT, NONE = "json_schema", "json_object", None
# How servers refuse a form of answer: (status, error or its message, the forms that are tried in turn).
REFUSALS = {
    "OpenAI, an older model": (
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        [SCHEMA, OBJECT],
    ),
    "OpenAI, a schema that it can't use": (
        400,
        "Invalid schema for response_format 'facts': In context=(), 'additionalProperties' is required.",
        [SCHEMA, OBJECT],
    ),
    "Azure": (
        400,
        "response_format value as json_schema is enabled only for later API versions",
        [SCHEMA, OBJECT],
    ),
    "vLLM, before structured outputs": (
        400,
        {
            "object": "error",
            "message": "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
            "'msg': \"Input should be 'text' or 'json_object'\"}]",
            "code": 400,
        },
        [SCHEMA, OBJECT],
    ),
    "vLLM, a backend that can't compile it": (
        400,
        "The provided JSON schema contains features not supported by the guided decoding backend.",
        [SCHEMA, OBJECT],
    ),
    "vLLM, as a server error": (
        500,
        "Grammar error: failed to compile the structured output",
        [SCHEMA, OBJECT],
    ),
    "FastAPI's list of faults": (
        422,
        {
            "detail": [
                {"loc": ["body", "response_format", "json_schema"], "msg": "extra fields not permitted"}
            ]
        },
        [SCHEMA, OBJECT],
    ),
    "llama.cpp": (
        400,
        'response_format type must be one of "text" or "json_object", but got: json_schema',
        [SCHEMA, OBJECT],
    ),
    "llama.cpp, a grammar that it can't parse": (
        500,
        "Failed to initialize samplers: failed to parse grammar",
        [SCHEMA, OBJECT],
    ),
    "llama.cpp, without JSON": (501, "This server does not support response_format", [SCHEMA, OBJECT, NONE]),
    "Ollama, an older one": (
        400,
        "json: cannot unmarshal object into Go struct field Request.response_format of type string",
        [SCHEMA, OBJECT, NONE],
    ),
    "Ollama": (500, 'invalid format: expected "json" or a JSON schema', [SCHEMA, OBJECT]),
    "LM Studio, without JSON mode": (400, "'response_format.type' must be 'text'", [SCHEMA, OBJECT, NONE]),
    "a proxy that knows no such field": (
        415,
        "structured_outputs is not supported for this route",
        [SCHEMA, OBJECT, NONE],
    ),
}


class TestFallback:
    def refuse(self, text: str, status: int = 400) -> Answer:
        return Answer(status=status, body={"error": {"message": text}})

    def test_steps_down_and_remembers(self, llm, chat):
        llm.queue.extend(
            [
                self.refuse("This response_format type is unavailable now"),
                self.refuse("'response_format.type' must be 'text'", 422),
            ]
        )
        reply = chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert reply.usage == Usage(3, 2, 10, 5)
        chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        forms = [body.get("response_format", {}).get("type") for body in llm.requests]
        assert forms == ["json_schema", "json_object", None, None]
        assert "JSON schema" in llm.requests[-1]["messages"][0]["content"]
        assert llm.requests[-1]["messages"][1] == MESSAGES[1]

    @pytest.mark.parametrize("server", REFUSALS)
    def test_a_refused_schema_is_put_into_words_and_what_works_is_remembered(self, llm, chat, server):
        status, told, forms = REFUSALS[server]
        refusal = Answer(status=status, body=told if isinstance(told, dict) else {"error": {"message": told}})
        accepted = forms[-1]

        def take(path, body, headers, take=llm.take):
            answer = take(path, body, headers)
            return answer if body.get("response_format", {}).get("type") == accepted else refusal

        llm.take = take
        llm.on_chat = lambda messages: FACTS
        for _ in range(2):
            assert chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts").value == FACTS
        sent = [body.get("response_format", {}).get("type") for body in llm.requests]
        assert list(dict.fromkeys(sent)) == forms
        assert sent[-1] == accepted
        assert sent.count(accepted) == 2
        assert all(name in llm.requests[-1]["messages"][0]["content"] for name in ("JSON schema", "quote"))

    def test_a_server_that_ignores_the_schema_is_told_it_in_words(self, llm, chat):
        def answer(messages):
            return FACTS if "JSON schema" in messages[0]["content"] else "I live in Oslo, she says."

        llm.on_chat = answer
        replies = [chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts") for _ in range(4)]
        assert [reply.repaired for reply in replies] == [True, True, False, False]
        forms = [body["response_format"]["type"] for body in llm.requests]
        assert forms == ["json_schema", "json_object"] * 2 + ["json_object"] * 2

    def test_one_answer_in_prose_does_not_make_a_server_one_that_ignores(self, llm, chat):
        for _ in range(3):
            llm.queue.extend([Answer(text="Sorry?"), Answer(value=FACTS), Answer(value=FACTS)])
            for _ in range(2):
                chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        forms = [body["response_format"]["type"] for body in llm.requests]
        assert forms == ["json_schema", "json_object", "json_schema"] * 3

    def test_a_server_without_json_mode_keeps_its_schema_after_one_answer_in_prose(self, llm, chat):
        refusal = self.refuse("'response_format.type' must be 'json_schema' or 'text'")
        llm.queue.extend([Answer(text="Sorry?"), refusal, Answer(value=FACTS), Answer(value=FACTS)])
        for _ in range(2):
            chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        forms = [body.get("response_format", {}).get("type") for body in llm.requests]
        assert forms == ["json_schema", "json_object", None, "json_schema"]

    @pytest.mark.parametrize("status", [500, 501])
    def test_a_server_error_that_speaks_of_no_format_is_one(self, llm, chat, status):
        llm.on_chat = lambda messages: FACTS
        llm.queue.extend([Answer(status=status, body={"error": {"message": "out of memory"}})] * 9)
        with pytest.raises(UpstreamFailed):
            chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert {body["response_format"]["type"] for body in llm.requests} == {"json_schema"}

    def test_leaves_out_a_refused_temperature(self, llm, chat):
        llm.queue.append(self.refuse("Unsupported value: 'temperature' does not support 0"))
        chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert ["temperature" in body for body in llm.requests] == [True, False, False]
        assert llm.requests[-1]["response_format"]["type"] == "json_schema"

    def test_another_refusal_is_final_and_forgets_nothing(self, llm, chat):
        llm.queue.append(self.refuse("maximum context length exceeded"))
        with pytest.raises(UpstreamFailed) as e:
            chat.complete_json(MESSAGES, EXTRACTION_SCHEMA, "facts")
        assert not e.value.retryable
        assert len(llm.requests) == 1
