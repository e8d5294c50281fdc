"""An OpenAI-compatible server that answers extraction with the facts that LoCoMo has for the turns.

Usage: python -m benchmarks.locomo_replay --data LOCOMO.json [--port 9100]
       MEMCUBED_LLM_BASE_URL=http://127.0.0.1:9100/v1 MEMCUBED_LLM_MODEL=locomo-replay memcubed up
LoCoMo's `observation` are facts that a strong LLM wrote for each session, each with the turns that prove
it; so extraction, reconciliation and search by facts run on real dialogue without an LLM. Data is only read.
All fields of the contract are written, as a server that enforces the schema makes a model do, so that the
tokens are those of such a server; `GET /tokens` tells them for 1,000 turns.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.scripted_llm import serve

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


def reply(asked: Mapping[str, Any], known: Mapping[str, list[tuple[str, list[str]]]]) -> dict[str, Any]:
    """The facts of the turns in the request; pairs are unrelated, statements are their own summaries."""
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
                facts += [_entry(turn["n"], _telling_part(text, content), content) for content in contents]
                break
    return {"facts": facts}


def _telling_part(text: str, content: str) -> str:
    """The sentence of a turn that shares most words with a fact: a model quotes what proves it, not all."""
    words = set(re.findall(r"\w{4,}", content.lower()))
    sentences = re.findall(r"[^.!?]+[.!?]*", text) or [text]
    return max(sentences, key=lambda one: len(words & set(re.findall(r"\w{4,}", one.lower())))).strip()


def _entry(turn: int, quote: str, content: str) -> dict[str, Any]:
    """A fact with all fields of the contract; the data has neither properties nor dates."""
    subject = content.split(maxsplit=1)[0].removesuffix("'s")
    rest = {"kind": "fact", "subject": subject, "attribute": None, "value": None, "when": None}
    return {"turn": turn, "quote": quote, "content": content, **rest, "mode": "is", "changes": []}


def main() -> None:
    """Serve the endpoint until interrupted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=9100)
    args = parser.parse_args()
    known = facts_by_turn(json.loads(args.data.read_text(encoding="utf-8")))
    facts = sum(len(contents) for part in known.values() for _, contents in part)
    serve(args.port, lambda asked: reply(asked, known), f"{facts} facts")


if __name__ == "__main__":
    main()
