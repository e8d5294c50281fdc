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
