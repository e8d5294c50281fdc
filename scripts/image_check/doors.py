"""What the image serves beside the API, each asked as its clients do: pages, console, MCP, chats, imports."""

import json
import re
from html import unescape
from typing import Any

import httpx

from scripts.image_check.container import Container
from tests.cli.importing.samples import SAMPLES
from tests.fakes import Answer, ScriptedLLM

LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
REPLY = "You live in Bergen."
MOST_SCREENS = 60
EXPORT = "srv/export.json"
MCP_HEADERS = {"Accept": "application/json, text/event-stream", "X-Memcubed-User": "ann"}


def message(method: str, **params: Any) -> dict[str, Any]:
    """A request of the Model Context Protocol."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


INITIALIZE = message(
    "initialize",
    protocolVersion="2025-11-25",
    capabilities={},
    clientInfo={"name": "image-check", "version": "1"},
)
SEARCH = message("tools/call", name="search_memory", arguments={"query": "Where does Ann live?"})


def check_pages(http: httpx.Client) -> None:
    """The start page, the documents, all that they load, and what monitoring reads."""
    seen = {"/openapi.json", "/metrics", "/docs"}
    for page in ("/", "/docs"):
        seen |= set(LINK.findall(http.get(page).text))
    assert len(seen) > 6, seen
    for path in sorted(seen):
        answer = http.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        assert answer.content, f"{path} is empty"
    print(f"   {len(seen)} pages and files")


def check_console(url: str, key: str) -> None:
    """Log in with the key, and open each screen that the console links to, with what the screens load."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as browser:
        token = CSRF.search(browser.get("/console/login").text)
        assert token is not None, "the login page has no form"
        entered = browser.post("/console/login", data={"csrf": token[1], "key": key})
        assert entered.status_code == 303, entered.text
        waiting = ["/console", "/console/user?user=ann"]
        seen = dict.fromkeys(waiting)
        for path in waiting:
            answer = browser.get(path, follow_redirects=True)
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            if len(seen) < MOST_SCREENS and "text/html" in answer.headers["content-type"]:
                links = {unescape(link) for link in LINK.findall(answer.text)} - seen.keys()
                waiting += sorted(link for link in links if link.startswith("/console"))
                seen = dict.fromkeys(waiting)
    screens = {path.split("?")[0] for path in seen if "/static/" not in path}
    assert len(screens) > 12, screens
    assert any("/static/" in path for path in seen), seen
    print(f"   {len(screens)} screens, {len(seen) - len(screens)} files and filters")


def check_mcp(http: httpx.Client, container: Container, key: str) -> None:
    """Greet, list the tools and search, over HTTP and through `memcubed mcp --stdio`."""
    answers = [
        http.post("/mcp", json=body, headers=MCP_HEADERS).json()
        for body in (INITIALIZE, message("tools/list"), SEARCH)
    ]
    _check_mcp_answers(answers)
    lines = "".join(json.dumps(body | {"id": at}) + "\n" for at, body in enumerate((INITIALIZE, SEARCH)))
    settings = {"MEMCUBED_URL": str(http.base_url), "MEMCUBED_API_KEY": key, "MEMCUBED_USER": "ann"}
    status, said = container.run(*container.entrypoint, "mcp", "--stdio", given=lines, **settings)
    assert status == 0, said
    _check_mcp_answers([json.loads(line) for line in said.splitlines() if line.startswith("{")])


def _check_mcp_answers(answers: list[dict[str, Any]]) -> None:
    assert answers[0]["result"]["serverInfo"]["name"] == "memcubed", answers
    assert len(answers) > 1, answers
    assert "Bergen" in json.dumps(answers[-1]["result"]["structuredContent"]), answers


def check_chat(http: httpx.Client, llm: ScriptedLLM) -> None:
    """A chat that is shown what is remembered, whole and in events, and remembered itself."""
    chat = {"model": "m", "user": "ann", "messages": [{"role": "user", "content": "Where do I live?"}]}
    for streamed in (False, True):
        llm.queue.append(Answer(text=REPLY))
        answer = http.post("/v1/chat/completions", json=chat | {"stream": streamed})
        assert answer.status_code == 200, answer.text
        shown = json.dumps(llm.chats()[-1]["messages"])
        assert "Bergen" in shown, shown
        assert ("data: [DONE]" in answer.text) is streamed, answer.text
        if not streamed:
            assert answer.json()["choices"][0]["message"]["content"] == REPLY
    turns = http.get("/v1/turns", params={"user_id": "ann"}).json()["items"]
    assert REPLY in {turn["content"] for turn in turns}, turns


def check_mem0(http: httpx.Client, key: str) -> None:
    """A search by mem0's own path and key."""
    headers = {"Authorization": f"Token {key}"}
    question = {"query": "Where does Ann live?", "filters": {"user_id": "ann"}}
    found = http.post("/compat/mem0/v2/memories/search/", json=question, headers=headers)
    assert found.status_code == 200, found.text
    assert "Bergen" in found.text, found.text


def check_imports(http: httpx.Client, container: Container, key: str) -> None:
    """A small export of each format, imported by the image's own command."""
    options = ["--url", str(http.base_url), "--key", key]
    for source, record in SAMPLES.items():
        (container.root / EXPORT).write_text(json.dumps([record]))
        command = [*container.entrypoint, "import", source, f"/{EXPORT}", *options]
        if source in {"openai-export", "claude-export", "open-webui"}:
            command += ["--user", f"from-{source}"]
        status, said = container.run(*command, MEMCUBED_DATA_DIR="/tmp/data")  # noqa: S108
        assert status == 0, f"{source}: {said}"
    for source in ("openai-export", "claude-export", "open-webui"):
        turns = http.get("/v1/turns", params={"user_id": f"from-{source}"}).json()["items"]
        assert turns, f"{source} stored no turn"
    print(f"   {len(SAMPLES)} formats")
