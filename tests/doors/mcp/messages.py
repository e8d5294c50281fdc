"""Messages of the protocol over HTTP, as a client sends them."""

from typing import Any

from fastapi.testclient import TestClient

HEADERS = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}

MODERN = "2026-07-28"
MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
}


def modern_headers(method: str, name: str | None = None) -> dict[str, str]:
    """The headers of a request without a handshake, which repeat what its body says."""
    return {"MCP-Protocol-Version": MODERN, "Mcp-Method": method} | ({"Mcp-Name": name} if name else {})


def send(client: TestClient, method: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
    """The HTTP answer to a request; `X_Memcubed_User` is the header of that name."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params or {}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/mcp", json=body, headers=HEADERS | named)


def ask(client: TestClient, method: str, params: dict[str, Any] | None = None, **headers: str) -> Any:
    """The result of a request."""
    answer = send(client, method, params, **headers)
    assert answer.status_code == 200, answer.text
    message = answer.json()
    assert "result" in message, message
    return message["result"]


def call(client: TestClient, tool: str, user: str | None = "ann", /, **arguments: Any) -> Any:
    """The result of a call, as the connection of a user."""
    headers = {} if user is None else {"X_Memcubed_User": user}
    return ask(client, "tools/call", {"name": tool, "arguments": arguments}, **headers)


def data(client: TestClient, tool: str, user: str | None = "ann", /, **arguments: Any) -> Any:
    """The structured answer of a call that went well."""
    result = call(client, tool, user, **arguments)
    assert not result["isError"], result
    return result["structuredContent"]


def refusal(client: TestClient, tool: str, user: str | None = "ann", /, **arguments: Any) -> str:
    """The text of a call that was refused."""
    result = call(client, tool, user, **arguments)
    assert result["isError"], result
    assert "structuredContent" not in result
    return result["content"][0]["text"]
