"""Each format: what its records become, and which faults are named."""

from typing import Any

import pytest

from app.cli.importing import fields, langmem
from app.cli.importing.fields import FieldFault
from app.cli.importing.files import Located
from app.cli.importing.message_trees import branch_paths
from app.cli.importing.options import ReadOptions
from app.cli.importing.records import Fault, ImportedConversation, ImportedMemory, ImportedRecord
from app.cli.importing.runner import FORMATS
from tests.cli.importing.samples import (
    SAMPLES,
    claude_conversation,
    claude_message,
    langmem_item,
    mem0_memory,
    openai_conversation,
    openai_node,
    webui_chat,
    zep_session,
)


def convert(source: str, value: Any, **options: Any) -> list[ImportedRecord]:
    return list(FORMATS[source].convert_record(Located("item 1", value), ReadOptions(**options)))


def said(source: str, value: Any, **options: Any) -> list[tuple[str, str]]:
    """Role and content of every turn."""
    records = convert(source, value, **options)
    assert all(isinstance(record, ImportedConversation) for record in records)
    return [(turn.role, turn.content) for record in records for turn in record.turns]


def changed(source: str, path: list[Any], value: Any) -> Any:
    """The sample with something else in one place."""

    def put(node: Any, rest: list[Any]) -> Any:
        if not rest:
            return value
        if isinstance(node, list):
            return [put(one, rest[1:]) if at == rest[0] else one for at, one in enumerate(node)]
        return {**node, rest[0]: put(node.get(rest[0]), rest[1:])}

    return put(SAMPLES[source], path)


class TestOpenai:
    def test_the_current_branch_is_read(self):
        assert said("openai-export", openai_conversation()) == [
            ("user", "I live in Oslo."),
            ("assistant", "Nice!"),
            ("user", "I have a dog."),
            ("assistant", "Good."),
        ]

    def test_other_branches_are_sessions_of_what_is_only_theirs(self):
        main, other = convert("openai-export", openai_conversation(), all_branches=True)
        assert (main.session_id, other.session_id) == ("conv-1", "conv-1~old")
        assert [turn.content for turn in other.turns] == ["I have a cat."]

    @pytest.mark.parametrize("current", [None, "gone", 7, {}])
    def test_without_a_current_node_the_last_leaf_counts(self, current: Any):
        assert ("user", "I have a dog.") in said("openai-export", openai_conversation(current_node=current))

    @pytest.mark.parametrize(
        ("node", "expected"),
        [
            (openai_node("n", None, "user", "Hello"), "Hello"),
            (
                openai_node("n", None, "user", "Hello", {"content_type": "image_asset_pointer"}, "there"),
                "Hello\nthere",
            ),
            (openai_node("n", None, "user", {"content_type": "audio_transcription", "text": "Hi"}), "Hi"),
            (openai_node("n", None, "user", ""), None),
            (openai_node("n", None, "user"), None),
            (openai_node("n", None, "system", "You are"), None),
            (openai_node("n", None, "tool", "result"), None),
            (openai_node("n", None, "assistant", "search(x)", recipient="browser"), None),
            (
                openai_node(
                    "n", None, "user", "About me", metadata={"is_visually_hidden_from_conversation": True}
                ),
                None,
            ),
            (
                openai_node("n", None, "assistant", "x", content={"content_type": "code", "text": "print()"}),
                None,
            ),
            (
                openai_node(
                    "n", None, "assistant", "x", content={"content_type": "thoughts", "thoughts": []}
                ),
                None,
            ),
            (openai_node("n", None, "user", "x", content=None), None),
            (openai_node("n", None, "user", "x", author=None), None),
            (openai_node("n", None, "user", "Hello", create_time=None), "Hello"),
        ],
    )
    def test_what_counts_as_said(self, node: dict[str, Any], expected: str | None):
        turns = said("openai-export", openai_conversation(mapping={"n": node}, current_node="n"))
        assert [content for _, content in turns] == ([expected] if expected is not None else [])

    def test_a_message_without_a_time_has_that_of_the_one_before(self):
        first, second = (
            openai_node("a", None, "user", "x", create_time=1.5),
            openai_node("b", "a", "user", "y", create_time=None),
        )
        (record,) = convert(
            "openai-export", openai_conversation(mapping={"a": first, "b": second}, current_node="b")
        )
        assert record.turns[1].observed_at == record.turns[0].observed_at

    def test_names_are_given(self):
        (record,) = convert("openai-export", openai_conversation(), user_name="Ann", assistant_name="GPT")
        assert [turn.name for turn in record.turns] == ["Ann", "GPT", "Ann", "GPT"]


class TestClaude:
    def test_a_conversation(self):
        assert said("claude-export", claude_conversation()) == [
            ("user", "I live in Oslo."),
            ("assistant", "Nice!"),
            ("user", "I have a dog."),
        ]

    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            ({"text": "Hello"}, "Hello"),
            ({"text": "", "content": [{"type": "text", "text": "Hi"}]}, "Hi"),
            ({"text": "both", "content": [{"type": "text", "text": "Hi"}]}, "Hi"),
            (
                {"text": "", "content": [{"type": "tool_use", "input": {}}, {"type": "text", "text": "Hi"}]},
                "Hi",
            ),
            ({"text": "", "content": [{"type": "tool_result", "text": "x"}]}, None),
            ({"text": "", "content": [{"type": "thinking", "thinking": "x"}]}, None),
            ({"text": "", "content": ["x", None, 7]}, None),
            ({"text": " "}, None),
            ({"text": "", "attachments": [{"extracted_content": "a file"}]}, None),
        ],
    )
    def test_what_counts_as_said(self, message: dict[str, Any], expected: str | None):
        one = claude_message("m", "human", "x") | message
        turns = said("claude-export", claude_conversation(chat_messages=[one]))
        assert [content for _, content in turns] == ([expected] if expected is not None else [])

    def test_branches(self):
        messages = [
            claude_message("a", "human", "one", parent_message_uuid="00000000-0000-4000-8000-000000000000"),
            claude_message("b", "assistant", "old", parent_message_uuid="a"),
            claude_message("c", "assistant", "new", parent_message_uuid="a"),
        ]
        conversation = claude_conversation(chat_messages=messages)
        assert said("claude-export", conversation) == [("user", "one"), ("assistant", "new")]
        current = claude_conversation(chat_messages=messages, current_leaf_message_uuid="b")
        assert said("claude-export", current)[-1] == ("assistant", "old")
        assert len(convert("claude-export", conversation, all_branches=True)) == 2


class TestOpenWebui:
    def test_the_current_branch(self):
        (record,) = convert("open-webui", webui_chat())
        assert [turn.content for turn in record.turns] == ["I live in Oslo.", "Nice!"]
        assert (record.user_id, record.session_id) == ("u-1", "chat-1")

    def test_all_branches(self):
        assert ("assistant", "Old.") in said("open-webui", webui_chat(), all_branches=True)

    def test_an_older_chat_has_a_list(self):
        chat = {"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]}
        assert said("open-webui", webui_chat(chat=chat)) == [("user", "Hello"), ("assistant", "Hi")]

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ("Hello", "Hello"),
            ([{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {}}], "Hi"),
            (None, None),
            ("", None),
            (7, None),
            ([None], None),
        ],
    )
    def test_what_counts_as_said(self, content: Any, expected: str | None):
        node = {"id": "a", "parentId": None, "role": "user", "content": content}
        chat = {"history": {"messages": {"a": node}, "currentId": "a"}}
        turns = said("open-webui", webui_chat(chat=chat))
        assert [text for _, text in turns] == ([expected] if expected is not None else [])


class TestMem0:
    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({}, {"user_id": "ann", "content": "Ann owns thing 1", "source_id": "m-1"}),
            ({"memory": None, "data": "Ann rows"}, {"content": "Ann rows"}),
            ({"user_id": None, "agent_id": "bot"}, {"user_id": "agent:bot", "agent_id": "bot"}),
            ({"user_id": None, "app_id": "web"}, {"user_id": "app:web"}),
            ({"user_id": None}, {"user_id": None}),
            ({"user_id": 7}, {"user_id": "7"}),
            ({"id": 12}, {"source_id": "12"}),
            ({"categories": ["food", "", None]}, {"tags": ["food"]}),
            ({"run_id": "r"}, {"metadata": {"project": "apollo", "mem0": {"run_id": "r"}}}),
            ({"session_id": "r", "metadata": None}, {"metadata": {"mem0": {"run_id": "r"}}}),
        ],
    )
    def test_memories(self, more: dict[str, Any], expected: dict[str, Any]):
        (record,) = convert("mem0", mem0_memory(**more))
        assert {name: getattr(record, name) for name in expected} == expected

    def test_times(self):
        (record,) = convert("mem0", mem0_memory(expiration_date="2030-06-30"))
        assert record.asserted_at.isoformat() == "2024-03-01T10:00:00-08:00"
        assert record.expires_at.isoformat() == "2030-07-01T00:00:00+00:00"


class TestZep:
    def test_a_session_and_its_facts(self):
        conversation, fact = convert("zep", zep_session())
        assert [(turn.role, turn.name) for turn in conversation.turns] == [
            ("user", "Ann"),
            ("assistant", None),
        ]
        assert (fact.content, fact.user_id) == ("Ann lives in Oslo", "ann")

    @pytest.mark.parametrize(
        ("value", "content"),
        [
            ({"fact": "Ann rows", "uuid": "f", "user_id": "ann"}, "Ann rows"),
            (
                {"fact": "Ann rows", "uuid": "f", "invalid_at": "2024-05-01T00:00:00Z"},
                "Ann rows (until 2024-05-01)",
            ),
        ],
    )
    def test_facts_of_a_graph(self, value: dict[str, Any], content: str):
        (fact,) = convert("zep", value)
        assert isinstance(fact, ImportedMemory)
        assert fact.content == content

    @pytest.mark.parametrize(
        ("message", "role"),
        [
            ({"role": "user"}, "user"),
            ({"role": "human"}, "user"),
            ({"role": "AI"}, "assistant"),
            ({"role": "function"}, "tool"),
            ({"role": "Bob", "role_type": "assistant"}, "assistant"),
            ({"role_type": "norole"}, "user"),
            ({}, "user"),
            ({"role": "king"}, "user"),
        ],
    )
    def test_roles(self, message: dict[str, Any], role: str):
        (conversation,) = convert("zep", zep_session(messages=[{"content": "x"} | message], facts=None))
        assert conversation.turns[0].role == role

    def test_threads_and_plain_facts(self):
        thread = {"thread_id": "t", "user_id": "ann", "messages": [], "facts": ["Ann rows", "Ann reads"]}
        conversation, *facts = convert("zep", thread)
        assert conversation.session_id == "t"
        assert [fact.source_id for fact in facts] == ["t-fact-0", "t-fact-1"]


class TestLangmem:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ({"content": "Ann rows"}, "Ann rows"),
            ({"kind": "Memory", "content": {"content": "Ann rows"}}, "Ann rows"),
            ({"text": "Ann rows"}, "Ann rows"),
            ({"data": "Ann rows", "level": 3}, "Ann rows"),
            ({"name": "Ann", "age": 41}, "name: Ann; age: 41"),
            (
                {"kind": "Profile", "content": {"name": "Ann", "likes": ["tea", "rowing"]}},
                "name: Ann; likes: tea, rowing",
            ),
            ({"vegan": True, "smoker": False}, "vegan: yes; smoker: no"),
            ({"home": {"town": "Oslo"}}, "home: town: Oslo"),
            ({"a": None, "b": "", "c": []}, ""),
            ({}, ""),
        ],
    )
    def test_what_a_value_says(self, value: dict[str, Any], text: str):
        assert langmem.to_text(value) == text

    @pytest.mark.parametrize(
        ("namespace", "part", "user"),
        [
            (["memories", "ann"], -1, "ann"),
            (["memories", "ann", "travel"], 1, "ann"),
            ("memories.ann", -1, "ann"),
            (["ann"], 0, "ann"),
            ([], -1, None),
            (["ann"], 3, None),
        ],
    )
    def test_users(self, namespace: Any, part: int, user: str | None):
        (record,) = convert("langmem", langmem_item(namespace=namespace), namespace_part=part)
        assert record.user_id == user


FAULTS: list[tuple[str, list[Any], Any, str]] = [
    ("mem0", [], [], ""),
    ("mem0", [], "x", ""),
    ("mem0", ["id"], None, "id"),
    ("mem0", ["id"], [1], "id"),
    ("mem0", ["memory"], 1.5, "memory"),
    ("mem0", ["metadata"], [1], "metadata"),
    ("mem0", ["created_at"], "yesterday", "created_at"),
    ("mem0", ["created_at"], True, "created_at"),
    ("mem0", ["created_at"], {"a": 1}, "created_at"),
    ("mem0", ["created_at"], "0001-01-01", "created_at"),
    ("mem0", ["categories"], "food", "categories"),
    ("mem0", ["expiration_date"], "soon", "expiration_date"),
    ("zep", ["session_id"], None, "session_id"),
    ("zep", ["messages"], {}, "messages"),
    ("zep", ["messages", 1], "x", "messages[1]"),
    ("zep", ["messages", 0, "content"], {}, "messages[0].content"),
    ("zep", ["messages", 0, "created_at"], "x", "messages[0].created_at"),
    ("zep", ["facts", 0], 7, "facts[0]"),
    ("zep", ["facts", 0, "uuid"], "", "facts[0].uuid"),
    ("langmem", ["key"], None, "key"),
    ("langmem", ["value"], "x", "value"),
    ("langmem", ["namespace"], [1], "namespace"),
    ("langmem", ["namespace"], 7, "namespace"),
    ("openai-export", ["id"], None, "id"),
    ("openai-export", ["mapping"], [], "mapping"),
    ("openai-export", ["mapping", "new"], "x", "mapping.new"),
    ("openai-export", ["mapping", "new", "message"], "x", "mapping.new.message"),
    ("openai-export", ["mapping", "new", "message", "create_time"], "x", "mapping.new.message.create_time"),
    ("openai-export", ["mapping", "new", "message", "create_time"], 1e30, "mapping.new.message.create_time"),
    (
        "openai-export",
        ["mapping", "new", "message", "content", "parts"],
        "x",
        "mapping.new.message.content.parts",
    ),
    ("openai-export", ["mapping", "new", "message", "author"], [], "mapping.new.message.author"),
    ("claude-export", ["uuid"], None, "uuid"),
    ("claude-export", ["chat_messages"], "x", "chat_messages"),
    ("claude-export", ["chat_messages", 2], None, "chat_messages[2]"),
    ("claude-export", ["chat_messages", 2, "sender"], "robot", "chat_messages[2].sender"),
    ("claude-export", ["chat_messages", 2, "text"], ["x"], "chat_messages[2].text"),
    ("claude-export", ["chat_messages", 2, "created_at"], "x", "chat_messages[2].created_at"),
    ("open-webui", ["id"], None, "id"),
    ("open-webui", ["chat"], "x", "chat"),
    ("open-webui", ["chat", "history"], [], "chat.history"),
    ("open-webui", ["chat", "history", "messages", "c"], 7, "chat.history.messages.c"),
    (
        "open-webui",
        ["chat", "history", "messages", "c", "timestamp"],
        "x",
        "chat.history.messages.c.timestamp",
    ),
]


@pytest.mark.parametrize(
    ("source", "path", "value", "field"), FAULTS, ids=[f"{c[0]} {c[3]} {c[2]!r:.20}" for c in FAULTS]
)
def test_faults_name_the_field(source: str, path: list[Any], value: Any, field: str):
    with pytest.raises(FieldFault) as fault:
        convert(source, changed(source, path, value))
    assert fault.value.field == field


@pytest.mark.parametrize(
    ("source", "path"), [("mem0", ["memory"]), ("zep", ["facts", 0, "fact"]), ("langmem", ["value"])]
)
def test_what_says_nothing_is_a_fault(source: str, path: list[Any]):
    assert any(isinstance(record, Fault) for record in convert(source, changed(source, path, None)))


class TestTrees:
    @pytest.mark.parametrize(
        ("parents", "current", "with_others", "expected"),
        [
            ({}, None, True, []),
            ({"a": None}, "a", False, [(None, ["a"])]),
            ({"a": None, "b": "a"}, "b", True, [(None, ["a", "b"])]),
            ({"a": None, "b": "a", "c": "a"}, "c", True, [(None, ["a", "c"]), ("b", ["b"])]),
            ({"a": None, "b": "a", "c": "a"}, "a", True, [(None, ["a"]), ("b", ["b"]), ("c", ["c"])]),
            ({"a": "b", "b": "a"}, "a", True, [(None, ["b", "a"])]),
            ({"a": "a"}, "a", True, [(None, ["a"])]),
            ({"a": "gone"}, "a", True, [(None, ["a"])]),
            ({"a": 7}, "a", True, [(None, ["a"])]),
            ({"a": None, "b": None}, "a", True, [(None, ["a"]), ("b", ["b"])]),
            ({"a": None, "b": None}, "a", False, [(None, ["a"])]),
        ],
    )
    def test_paths(self, parents: dict[str, Any], current: Any, with_others: bool, expected: Any):
        nodes = {key: {"parent": parent} for key, parent in parents.items()}
        found = branch_paths(nodes, current, lambda node: node["parent"], with_others=with_others)
        assert list(found) == expected

    def test_a_long_one(self):
        nodes = {str(at): {"parent": str(at - 1)} for at in range(20_000)}
        ((_, path),) = branch_paths(nodes, "19999", lambda node: node["parent"], with_others=True)
        assert len(path) == 20_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        (0, "1970-01-01T00:00:00+00:00"),
        (1_700_000_000, "2023-11-14T22:13:20+00:00"),
        (1_700_000_000.5, "2023-11-14T22:13:20.500000+00:00"),
        (1_700_000_000_000, "2023-11-14T22:13:20+00:00"),
        (1_700_000_000_000_000_000, "2023-11-14T22:13:20+00:00"),
        ("2024-03-01", "2024-03-01T00:00:00+00:00"),
        ("2024-03-01T10:00:00", "2024-03-01T10:00:00+00:00"),
        ("2024-03-01T10:00:00.123456789Z", "2024-03-01T10:00:00.123456+00:00"),
        ("2024-03-01T10:00:00-08:00", "2024-03-01T10:00:00-08:00"),
    ],
)
def test_times(value: Any, expected: str | None):
    at = fields.instant_of({"at": value}, "at", "at")
    assert (at.isoformat() if at is not None else None) == expected
