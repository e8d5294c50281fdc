"""Chat completions for somebody else: bytes go to the endpoint and come back as they are."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from app.core.settings import Settings
from app.llm.client import CONNECT_TIMEOUT, MAX_ANSWER_BYTES, EndpointFailed, tls_context

_TIMED_OUT = 504


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where chat completions are asked for; `models` maps the names of callers to those of the endpoint."""

    base_url: str
    api_key: str | None
    models: Mapping[str, str]
    default_model: str
    read_timeout: float

    @classmethod
    def from_settings(cls, settings: Settings) -> "ChatEndpoint | None":
        """The endpoint of the chat proxy: its own, or that of the LLM; None without either."""
        base_url, key = settings.chat_base_url, settings.chat_api_key
        if base_url is None:
            base_url, key = settings.llm_base_url, settings.llm_api_key
        if base_url is None:
            return None
        return cls(
            base_url.rstrip("/"),
            key.get_secret_value() if key is not None else None,
            settings.chat_models,
            settings.llm_model,
            settings.llm_timeout_seconds,
        )


@dataclass(frozen=True, slots=True)
class ChatExchange:
    """An answer of the endpoint whose head has come."""

    response: httpx.Response

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.response.status_code

    @property
    def is_stream(self) -> bool:
        """Whether the answer is server-sent events."""
        return self.response.is_success and "text/event-stream" in self.header("content-type")

    def header(self, name: str) -> str:
        """A header of the answer, "" if it has none of that name."""
        return self.response.headers.get(name, "")

    async def read(self) -> bytes:
        """The whole body. Raises `EndpointFailed`."""
        parts: list[bytes] = []
        async for part in self.iter_bytes():
            parts.append(part)
        return b"".join(parts)

    async def iter_bytes(self) -> AsyncGenerator[bytes]:
        """Yield the body as it comes. Raises `EndpointFailed`."""
        size = 0
        async for part in self.response.aiter_bytes():
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise EndpointFailed("The model endpoint's answer is too long.", retryable=False)
            yield part


@asynccontextmanager
async def open_exchange(
    endpoint: ChatEndpoint, method: str, path: str, body: bytes | None = None
) -> AsyncGenerator[ChatExchange]:
    """Ask the endpoint, and yield its answer before the body is read; the call ends with the block.

    Raises `EndpointFailed`, with the status 504 where the endpoint was silent for too long.
    """
    headers = {"Accept-Encoding": "identity"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if endpoint.api_key is not None:
        headers["Authorization"] = f"Bearer {endpoint.api_key}"
    timeout = httpx.Timeout(endpoint.read_timeout, connect=CONNECT_TIMEOUT)
    try:
        # A client of its own belongs to one event loop and leaves nothing open.
        async with (
            httpx.AsyncClient(headers=headers, timeout=timeout, verify=tls_context()) as client,
            client.stream(method, endpoint.base_url + path, content=body) as response,
        ):
            yield ChatExchange(response)
    except httpx.TimeoutException as exc:
        raise EndpointFailed("The model endpoint did not answer in time.", http_status=_TIMED_OUT) from exc
    except httpx.RequestError as exc:
        raise EndpointFailed(f"The model endpoint can't be reached ({type(exc).__name__}).") from exc
