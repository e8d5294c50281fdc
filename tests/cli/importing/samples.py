"""Small exports of each format, made for these tests."""

from typing import Any

SECONDS = 1_700_000_000  # 2023-11-14T22:13:20Z


def openai_node(node_id: str, parent: str | None, role: str, *parts: Any, **message: Any) -> dict[str, Any]:
    """A node of ChatGPT's tree."""
    said = {
        "id": node_id,
        "author": {"role": role},
        "create_time": SECONDS,
        "content": {"content_type": "text", "parts": list(parts)},
    }
    return {"id": node_id, "parent": parent, "children": [], "message": said | message}


def openai_conversation(**more: Any) -> dict[str, Any]:
    """A conversation whose second message was edited: `old` and `new` follow `hello`."""
    nodes = [
        {"id": "root", "parent": None, "children": ["hello"], "message": None},
        openai_node("hello", "root", "user", "I live in Oslo."),
        openai_node("reply", "hello", "assistant", "Nice!"),
        openai_node("old", "reply", "user", "I have a cat."),
        openai_node("new", "reply", "user", "I have a dog."),
        openai_node("end", "new", "assistant", "Good."),
    ]
    mapping = {node["id"]: node for node in nodes}
    conversation = {
        "id": "conv-1",
        "title": "Where I live",
        "create_time": SECONDS,
        "current_node": "end",
        "mapping": mapping,
    }
    return conversation | more


def claude_conversation(**more: Any) -> dict[str, Any]:
    """A conversation of Claude's."""
    messages = [
        claude_message("m1", "human", "I live in Oslo."),
        claude_message("m2", "assistant", "Nice!"),
        claude_message("m3", "human", "I have a dog."),
    ]
    return {"uuid": "conv-1", "name": "Home", "chat_messages": messages} | more


def claude_message(uuid: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
    at = "2023-11-14T22:13:20.000000Z"
    return {"uuid": uuid, "sender": sender, "text": text, "created_at": at} | more


def webui_chat(**more: Any) -> dict[str, Any]:
    """A chat of Open WebUI's with two answers to one question."""
    messages = {
        "a": {
            "id": "a",
            "parentId": None,
            "role": "user",
            "content": "I live in Oslo.",
            "timestamp": SECONDS,
        },
        "b": {"id": "b", "parentId": "a", "role": "assistant", "content": "Old.", "timestamp": SECONDS},
        "c": {"id": "c", "parentId": "a", "role": "assistant", "content": "Nice!", "timestamp": SECONDS},
    }
    chat = {"title": "Home", "history": {"messages": messages, "currentId": "c"}}
    return {"id": "chat-1", "user_id": "u-1", "title": "Home", "chat": chat} | more


def mem0_memory(at: int = 1, **more: Any) -> dict[str, Any]:
    """A memory of mem0's."""
    memory = {
        "id": f"m-{at}",
        "memory": f"Ann owns thing {at}",
        "user_id": "ann",
        "metadata": {"project": "apollo"},
        "created_at": "2024-03-01T10:00:00-08:00",
    }
    return memory | more


def zep_session(**more: Any) -> dict[str, Any]:
    """A session of Zep's with a fact."""
    messages = [
        {
            "uuid": "z1",
            "role": "Ann",
            "role_type": "user",
            "content": "I live in Oslo.",
            "created_at": "2024-03-01T10:00:00Z",
        },
        {"uuid": "z2", "role": "assistant", "content": "Nice!", "created_at": "2024-03-01T10:00:05Z"},
    ]
    facts = [{"uuid": "f1", "fact": "Ann lives in Oslo", "valid_at": "2024-03-01T10:00:00Z"}]
    return {"session_id": "s-1", "user_id": "ann", "messages": messages, "facts": facts} | more


def langmem_item(at: int = 1, **more: Any) -> dict[str, Any]:
    """An item of a LangGraph store as langmem writes it."""
    item = {
        "namespace": ["memories", "ann"],
        "key": f"k-{at}",
        "value": {"kind": "Memory", "content": {"content": f"Ann likes thing {at}"}},
        "created_at": "2024-03-01T10:00:00+00:00",
        "updated_at": "2024-03-01T10:00:00+00:00",
    }
    return item | more


SAMPLES: dict[str, dict[str, Any]] = {
    "mem0": mem0_memory(),
    "zep": zep_session(),
    "langmem": langmem_item(),
    "openai-export": openai_conversation(),
    "claude-export": claude_conversation(),
    "open-webui": webui_chat(),
}
