"""Messages as OpenAI's clients send them: parts of text, developers, calls of tools and their results."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.resources import Resources
from tests.conftest import app_of, client_of, make_key, post, remember, turn

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}


def stored(client: TestClient, **message: Any) -> dict[str, Any]:
    (turn_id,) = post(client, message)["turn_ids"]
    return client.get(f"/v1/turns/{turn_id}").json()


def refused(client: TestClient, **message: Any) -> tuple[str, str]:
    body = {"user_id": "ann", "session_id": "s1", "turns": [turn("Fine."), message]}
    answer = client.post("/v1/turns", json=body)
    assert answer.status_code == 422, answer.text
    assert client.get("/v1/turns", params={"user_id": "ann"}).json()["items"] == []
    return answer.json()["field"], answer.json()["detail"]


class TestParts:
    @pytest.mark.parametrize(
        ("content", "kept"),
        [
            ([{"type": "text", "text": "I live in Oslo."}], "I live in Oslo."),
            (
                [{"type": "input_text", "text": "I live"}, {"type": "text", "text": "in Oslo."}],
                "I live\nin Oslo.",
            ),
            ([{"type": "output_text", "text": "Yes.", "annotations": []}], "Yes."),
            ([{"type": "output_text", "text": "Yes.", "annotations": None, "logprobs": []}], "Yes."),
            ([{"type": "refusal", "refusal": "I can't."}], "I can't."),
            ([{"type": "text", "text": ""}, {"type": "text", "text": "Oslo"}], "\nOslo"),
            ([{"type": "text", "text": "x"}] * 100, "\n".join(["x"] * 100)),
            ("[{'type': 'text'}]", "[{'type': 'text'}]"),
        ],
    )
    def test_text_is_joined(self, client: TestClient, content: Any, kept: str):
        assert stored(client, role="system", content=content)["content"] == kept

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ([{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}], "part 0 is no text"),
            (
                [{"type": "text", "text": "See"}, {"type": "input_audio", "input_audio": {}}],
                "part 1 is no text",
            ),
            ([{"type": "file", "file": {"file_id": "f"}}], "part 0 is no text"),
            ([{"type": "text", "text": "x", "annotations": [{"url": "u"}]}], "`annotations`"),
            ([{"type": "text", "text": "x", "image": "y"}], "`image`"),
            ([{"type": "text"}], "no string `text`"),
            ([{"type": "text", "text": 5}], "no string `text`"),
            ([{"type": "refusal", "text": "x"}], "`text`"),
            ([{"type": ["text"], "text": "x"}], "part 0 is no text"),
            (["text"], "part 0 is no text"),
            ([[]], "part 0 is no text"),
            ([None], "part 0 is no text"),
            ([{}], "part 0 is no text"),
            ([{"type": "text", "text": "x"}] * 101, "more than 100 parts"),
            ([{"type": "text", "text": "x" * 40_000}] * 2, "65536 bytes"),
            ([{"type": "text", "text": "\x00"}], "U+0000"),
            ([{"type": "text", "text": " "}], "blank"),
            ([], "at least 1 character"),
            ({"type": "text", "text": "x"}, "string"),
            (None, "string"),
            ("", "at least 1 character"),
            (5, "string"),
        ],
    )
    def test_what_is_no_text_is_refused_and_named(self, client: TestClient, content: Any, said: str):
        field, detail = refused(client, role="user", content=content)
        assert field == "turns[1].content"
        assert said in detail

    @pytest.mark.usefixtures("worker")
    def test_they_are_extracted_as_a_text_is(self, client: TestClient):
        remember(client, {"role": "user", "content": [{"type": "text", "text": "I live in Oslo."}]})
        (memory,) = client.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
        assert "Oslo" in memory["content"]


@pytest.mark.usefixtures("worker")
def test_what_a_developer_says_is_no_memory(client: TestClient):
    remember(client, {"role": "developer", "content": "I live in Oslo and I like rye."})
    (kept,) = client.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
    assert (kept["role"], kept["state"], kept["reason"]) == (
        "developer",
        "nothing",
        "a system turn is never extracted",
    )
    assert client.get("/v1/memories", params={"user_id": "ann"}).json()["items"] == []


class TestCalls:
    @pytest.mark.parametrize("missing", [{}, {"content": None}, {"content": ""}, {"content": []}])
    def test_a_call_without_text_is_a_turn_with_metadata(self, client: TestClient, missing: dict[str, Any]):
        kept = stored(client, role="assistant", tool_calls=[CALL], metadata={"a": 1}, **missing)
        assert kept["content"] == 'weather({"city": "Oslo"})'
        assert kept["metadata"] == {"a": 1, "tool_calls": [CALL]}
        assert (kept["state"], kept["reason"]) == ("nothing", "a call of a tool says nothing")

    @pytest.mark.usefixtures("worker")
    def test_its_job_ends(self, client: TestClient):
        job = remember(
            client,
            turn("What is the weather in Oslo?"),
            {"role": "assistant", "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": "Rain."},
        )
        assert job["progress"] == {"done": 3, "total": 3}
        assert [t["extracted"] for t in job["turns"]][1] == 0

    def test_a_text_beside_a_call_is_the_content(self, client: TestClient):
        kept = stored(client, role="assistant", content="I look it up.", tool_calls=[CALL])
        assert kept["content"] == "I look it up."
        assert kept.get("reason") != "a call of a tool says nothing"
        assert kept["metadata"] == {"tool_calls": [CALL]}

    def test_a_result_names_its_call(self, client: TestClient):
        kept = stored(client, role="tool", tool_call_id="call_1", content="Rain.")
        assert kept["metadata"] == {"tool_call_id": "call_1"}

    def test_a_custom_tool(self, client: TestClient):
        call = {"id": "c", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
        assert stored(client, role="assistant", tool_calls=[call])["content"] == "sql(SELECT 1)"

    def test_the_same_ref_twice_is_one_turn(self, client: TestClient):
        said = {"role": "assistant", "tool_calls": [CALL], "ref": "m1"}
        assert post(client, said)["turn_ids"] == post(client, said)["turn_ids"]

    @pytest.mark.parametrize(
        ("message", "field"),
        [
            ({"role": "user", "tool_calls": [CALL]}, "turns[1]"),
            ({"role": "user", "content": "x", "tool_call_id": "c"}, "turns[1]"),
            ({"role": "assistant", "tool_calls": []}, "turns[1].content"),
            ({"role": "assistant", "tool_calls": [], "content": None}, "turns[1].content"),
            ({"role": "assistant", "tool_calls": None}, "turns[1].content"),
            ({"role": "assistant", "tool_calls": "x"}, "turns[1].tool_calls"),
            ({"role": "assistant", "tool_calls": [5]}, "turns[1].tool_calls[0]"),
            ({"role": "assistant", "tool_calls": [{"id": "c"}]}, "turns[1].tool_calls[0]"),
            ({"role": "assistant", "tool_calls": [CALL | {"type": "custom"}]}, "turns[1].tool_calls[0]"),
            ({"role": "assistant", "tool_calls": [CALL | {"type": "mcp"}]}, "turns[1].tool_calls[0].type"),
            ({"role": "assistant", "tool_calls": [CALL | {"index": 0}]}, "turns[1].tool_calls[0].index"),
            ({"role": "assistant", "tool_calls": [CALL] * 65}, "turns[1].tool_calls"),
            (
                {"role": "assistant", "tool_calls": [CALL], "metadata": {"tool_calls": 1}},
                "turns[1]",
            ),
            (
                {
                    "role": "assistant",
                    "tool_calls": [CALL | {"function": {"name": "f", "arguments": "x" * 17_000}}],
                },
                "turns[1]",
            ),
            (
                {
                    "role": "assistant",
                    "tool_calls": [CALL | {"function": {"name": "f", "arguments": "\x00"}}],
                },
                "turns[1]",
            ),
            ({"role": "assistant", "function_call": {"name": "f"}}, "turns[1].function_call"),
            ({"role": "function", "content": "x"}, "turns[1].role"),
        ],
    )
    def test_what_is_no_call_is_refused(self, client: TestClient, message: dict[str, Any], field: str):
        assert refused(client, **message)[0] == field

    def test_a_large_body_is_read_the_same_way(self, client: TestClient):
        filler = [turn("x" * 60_000, role="system") for _ in range(20)]
        ids = post(client, *filler, {"role": "assistant", "tool_calls": [CALL]})["turn_ids"]
        assert client.get(f"/v1/turns/{ids[-1]}").json()["state"] == "nothing"

    def test_they_travel_in_a_bundle(self, client: TestClient, resources: Resources, tenant: str):
        stored(client, role="developer", content="Be brief.")
        stored(client, role="assistant", tool_calls=[CALL])
        bundle = client.get("/v1/users/ann/export").content
        with client_of(app_of(resources), make_key(resources, f"{tenant}-2")) as other:
            headers = {"Content-Type": "application/x-ndjson"}
            assert other.post("/v1/import", content=bundle, headers=headers).status_code == 200
            copied = other.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
        assert [t["role"] for t in copied] == ["developer", "assistant"]
        assert (copied[1]["state"], copied[1]["metadata"]) == ("nothing", {"tool_calls": [CALL]})
