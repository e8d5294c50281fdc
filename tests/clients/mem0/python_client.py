"""Every call of mem0's Python clients, run by the Python that has mem0: URL, key, sync or async."""

import asyncio
import inspect
import os
import sys
import time
from collections.abc import Callable
from typing import Any

os.environ["MEM0_TELEMETRY"] = "False"

from mem0 import AsyncMemoryClient, MemoryClient
from mem0.exceptions import MemoryError, MemoryNotFoundError, ValidationError

SECONDS = 60
URL, KEY, KIND = sys.argv[1:4]


async def done(value: Any) -> Any:
    """The answer of either client."""
    return await value if inspect.isawaitable(value) else value


async def raised(kind: type[Exception], call: Callable[[], Any]) -> str:
    """The text of what a call raises."""
    try:
        await done(call())
    except kind as exc:
        return str(exc)
    raise AssertionError(f"no {kind.__name__}")


async def remember(client: Any, text: str, **values: Any) -> list[Any]:
    """Add a text and wait for its event."""
    added = await done(client.add([{"role": "user", "content": text}], **values))
    assert added["status"] == "PENDING", added
    http = client.async_client if KIND == "async" else client.client
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        event = (await done(http.get(f"/v1/event/{added['event_id']}/"))).json()
        if event["status"] == "SUCCEEDED":
            return event["results"]
        time.sleep(0.2)
    raise AssertionError(event)


async def write_and_read(client: Any, ann: str) -> str:
    told = {"agent_id": "bot", "app_id": "web", "metadata": {"project": "apollo"}}
    results = await remember(
        client, "I live in Oslo.", user_id=ann, run_id=f"{ann}-1", timestamp=1_700_000_000, **told
    )
    assert [one["data"]["memory"] for one in results] == ["The user lives in Oslo"], results
    kept = await done(client.add("Ann rows on Sundays", user_id=ann, infer=False, metadata={"level": 3}))
    assert kept["results"][0]["event"] == "ADD", kept
    both = {"user_id": ann}
    found = (await done(client.search("Where does the user live?", filters=both, threshold=0.0)))["results"]
    assert {one["memory"] for one in found} == {"The user lives in Oslo", "Ann rows on Sundays"}, found
    assert all(0 <= one["score"] <= 1 for one in found)
    wanted = {"AND": [both, {"metadata": {"project": "apollo"}}, {"run_id": f"{ann}-1"}]}
    (oslo,) = (await done(client.search("Where?", filters=wanted, top_k=3, threshold=0.0)))["results"]
    assert (oslo["user_id"], oslo["agent_id"], oslo["app_id"], oslo["run_id"]) == (
        ann,
        "bot",
        "web",
        f"{ann}-1",
    )
    assert oslo["metadata"] == {"project": "apollo"}
    page = await done(client.get_all(filters=both, page=1, page_size=1))
    assert (page["count"], len(page["results"])) == (2, 1)
    assert page["next"]
    rows = await done(client.get_all(filters={"AND": [both, {"metadata": {"level": {"gte": 3}}}]}))
    assert [one["memory"] for one in rows["results"]] == ["Ann rows on Sundays"]
    assert (await done(client.get(oslo["id"])))["memory"] == "The user lives in Oslo"
    return rows["results"][0]["id"]


async def edit_and_delete(client: Any, ann: str, memory_id: str) -> None:
    changed = await done(client.update(memory_id, text="Ann rows on Mondays", metadata={"level": 4}))
    assert (changed["memory"], changed["metadata"]) == ("Ann rows on Mondays", {"level": 4})
    assert (await done(client.update(memory_id, expiration_date="2035-01-01")))[
        "expiration_date"
    ] == "2035-01-01"
    assert (await done(client.update(memory_id, expiration_date=None)))["expiration_date"] is None
    events = [one["event"] for one in await done(client.history(memory_id))]
    assert events[:2] == ["ADD", "UPDATE"], events
    assert (await done(client.feedback(memory_id, feedback="POSITIVE")))["feedback"] == "POSITIVE"
    batch = [{"memory_id": memory_id, "text": "Ann rows on Fridays"}]
    assert "1" in (await done(client.batch_update(batch)))["message"]
    assert "1" in (await done(client.batch_delete([{"memory_id": memory_id}])))["message"]
    await raised(MemoryNotFoundError, lambda: client.get(memory_id))
    (left,) = (await done(client.get_all(filters={"user_id": ann})))["results"]
    assert "deleted" in (await done(client.delete(left["id"], delete_linked=True)))["message"]
    await done(client.add("Ann reads", user_id=ann, infer=False))
    assert await raised(ValidationError, lambda: client.delete_all(filters={"user_id": ann}))
    assert "deleted" in (await done(client.delete_all(user_id=ann)))["message"]
    assert (await done(client.get_all(filters={"user_id": ann})))["count"] == 0


async def entities(client: Any, ann: str) -> None:
    await done(client.add("Ann reads", user_id=ann, agent_id=f"{ann}-bot", infer=False))
    await done(client.add("The oven is hot", agent_id=f"{ann}-cook", infer=False))
    named = {(one["type"], one["name"]) for one in (await done(client.users()))["results"]}
    assert {("user", ann), ("agent", f"{ann}-bot"), ("agent", f"{ann}-cook")} <= named, named
    await done(client.delete_users(agent_id=f"{ann}-cook"))
    await done(client.delete_users(user_id=ann))
    await raised(MemoryNotFoundError, lambda: client.delete_users(user_id=ann))
    await done(client.add("Ann reads", user_id=ann, agent_id=f"{ann}-bot", infer=False))
    assert "reset" in (await done(client.reset()))["message"]
    assert (await done(client.users()))["count"] == 0


async def refusals(client: Any, ann: str) -> None:
    for call in (
        lambda: client.add("x", user_id=ann, custom_instructions="only food"),
        lambda: client.add("x", user_id=ann, custom_categories=[{"a": "b"}]),
        lambda: client.create_memory_export(schema="{}", user_id=ann),
        lambda: client.get_memory_export(user_id=ann),
        lambda: client.get_summary(filters={"user_id": ann}),
        lambda: client.get_profile(ann),
        client.project.get,
        lambda: client.project.update(custom_instructions="x"),
        lambda: client.feedback("0192f3a4-0000-7000-8000-000000000001", feedback=None),
    ):
        assert "offer" in await raised(MemoryError, call) or "taken back" in await raised(MemoryError, call)
    await raised(ValidationError, lambda: client.search("x", filters={"colour": "red", "user_id": ann}))
    await raised(ValidationError, lambda: client.add("x"))


async def main() -> None:
    ann = f"ann-{KIND}"
    client: Any = (AsyncMemoryClient if KIND == "async" else MemoryClient)(api_key=KEY, host=URL)
    memory_id = await write_and_read(client, ann)
    await edit_and_delete(client, ann, memory_id)
    await refusals(client, ann)
    await entities(client, ann)
    sys.stdout.write("every call was answered\n")


def wrong_key() -> None:
    try:
        MemoryClient(api_key="mc_made-up", host=URL)
    except ValueError:
        return
    raise AssertionError("a made-up key was taken")


wrong_key()
asyncio.run(main())
