"""What the unchanged `openai` package does against the chat proxy; it prints what it saw as JSON."""

import asyncio
import json
import sys
from typing import Any

import openai

BASE_URL, KEY = sys.argv[1:3]
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def ask(content: str, **more: Any) -> dict[str, Any]:
    return {"model": "m", "user": "ann", "messages": [{"role": "user", "content": content}]} | more


def main() -> None:
    client = openai.OpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0)
    seen: dict[str, Any] = {"models": [one.id for one in client.models.list()]}
    seen["plain"] = client.chat.completions.create(**ask("Say hello.")).choices[0].message.content
    raw = client.chat.completions.with_raw_response.create(**ask("Where do I live?"))
    seen["context"] = raw.headers["x-memcubed-context"]
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = list(client.chat.completions.create(**ask("Stream it.", **options)))
    seen["streamed"] = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    seen["usage"] = chunks[-1].usage.prompt_tokens if chunks[-1].usage else None
    called = client.chat.completions.create(**ask("Use a tool.", tools=[TOOL])).choices[0].message
    seen["tool"] = called.tool_calls[0].function.arguments if called.tool_calls else None
    with client.chat.completions.stream(**ask("Stream a tool.", tools=[TOOL])) as events:
        message = events.get_final_completion().choices[0].message
    seen["streamed_tool"] = message.tool_calls[0].function.arguments if message.tool_calls else None
    for name, content in (("limited", "Be limited."), ("bad", "Be bad.")):
        try:
            client.chat.completions.create(**ask(content))
        except openai.APIStatusError as error:
            seen[name] = [type(error).__name__, error.status_code, error.code, error.message]
    try:
        openai.OpenAI(base_url=BASE_URL, api_key="mc_no", max_retries=0).chat.completions.create(
            **ask("Hello")
        )
    except openai.AuthenticationError as error:
        seen["no_key"] = error.code
    seen["async"] = asyncio.run(asynchronously())
    sys.stdout.write(json.dumps(seen))


async def asynchronously() -> list[str]:
    async with openai.AsyncOpenAI(base_url=BASE_URL, api_key=KEY, max_retries=0) as client:
        plain = await client.chat.completions.create(**ask("Say hello."))
        stream = await client.chat.completions.create(**ask("Stream it.", stream=True))
        parts = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
    return [plain.choices[0].message.content or "", "".join(parts)]


if __name__ == "__main__":
    main()
