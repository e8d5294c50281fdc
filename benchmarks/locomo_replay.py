"""An OpenAI-compatible server that answers extraction with the facts that LoCoMo has for the turns.

Usage: python benchmarks/locomo_replay.py --data LOCOMO.json [--port 9100]
       MEMCUBED_LLM_BASE_URL=http://127.0.0.1:9100/v1 MEMCUBED_LLM_MODEL=locomo-replay memcubed up
LoCoMo's `observation` are facts that a strong LLM wrote for each session, each with the turns that prove
it; so extraction, reconciliation and search by facts run on real dialogue without an LLM. Data is only read.
Tokens are counted as a fourth of the characters.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEAD = 60


def facts_by_turn(conversations: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[str, list[str]]]]:
    """{the head of a turn's text: (its text, its facts) of all turns that begin so}."""
    found: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for sample in conversations:
        told: dict[str, list[str]] = defaultdict(list)
        for session in sample["observation"].values():
            for facts in session.values():
                for content, evidence in facts:
                    for ref in re.findall(r"D\d+:\d+", json.dumps(evidence))[:1]:
                        told[ref].append(content)
        for session in sample["conversation"].values():
            for turn in session if isinstance(session, list) else ():
                if isinstance(turn, dict) and turn.get("text") and told[turn["dia_id"]]:
                    found[turn["text"][:HEAD]].append((turn["text"], told[turn["dia_id"]]))
    return found


def reply(
    messages: list[Mapping[str, str]], known: Mapping[str, list[tuple[str, list[str]]]]
) -> dict[str, Any]:
    """The facts of the turns in the request; pairs are unrelated, statements are their own summaries."""
    asked = json.loads(messages[1]["content"])
    if "pairs" in asked:
        return {"verdicts": [{"pair": pair["pair"], "verdict": "unrelated"} for pair in asked["pairs"]]}
    if "statements" in asked:
        return {"summary": " ".join(asked["statements"])}
    if "statements_to_conclude_from" in asked:
        return {"insight": None, "sources": []}
    if "statements_about_the_person" in asked:
        return {"portrait": " ".join(asked["statements_about_the_person"])}
    facts = []
    for turn in asked.get("turns", []):
        for text, contents in known.get(turn["content"][:HEAD], []):
            if turn["content"].startswith(text):
                quote = text.strip()
                facts += [{"turn": turn["n"], "content": content, "quote": quote} for content in contents]
                break
    return {"facts": facts}


def main() -> None:
    """Serve the endpoint until interrupted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True)
    parser.add_argument("--port", type=int, default=9100)
    args = parser.parse_args()
    with open(args.data, encoding="utf-8") as file:
        known = facts_by_turn(json.load(file))

    class Handler(BaseHTTPRequestHandler):
        """Answers chat completions; other paths are not served."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content = json.dumps(reply(body["messages"], known), ensure_ascii=False)
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": content},
                "finish_reason": "stop",
            }
            asked = sum(len(message["content"]) for message in body["messages"])
            usage = {"prompt_tokens": asked // 4, "completion_tokens": len(content) // 4}
            answer = json.dumps({"model": body["model"], "choices": [choice], "usage": usage}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    print(
        f"{sum(len(c) for part in known.values() for _, c in part)} facts on http://127.0.0.1:{args.port}/v1"
    )
    ThreadingHTTPServer(("127.0.0.1", args.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
