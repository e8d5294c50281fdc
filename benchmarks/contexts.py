"""How much of LoCoMo's evidence a block of a fixed number of tokens shows, with and without neighbours.

Usage: python -m benchmarks.contexts --locomo dev.json
The service's own index, search and packing, called in the process as `quality.py` does: no last turns and no
important memories beside what the search finds. Recall: the share of a question's evidence of which the block
has the turn or a memory that it says. Tokens: what the block has of them, in the mean.
"""

import argparse
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from app.llm.embeddings import LocalEmbedder, count_tokens
from app.memory.index.documents import TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.context_budget import ContextLine, fill_token_budget
from app.memory.ranking.deduplication import SearchResult
from app.memory.ranking.neighbours import find_neighbour_turns
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results import search_index
from benchmarks.dialogues import locomo
from benchmarks.quality import NOW, Asked, index, refs_of

BUDGETS = (1_000, 2_000, 4_000)
WAYS = ((30, 0), (30, 1), (30, 2), (45, 0), (45, 1), (60, 0))


def lines_of(
    scope: UserIndex, wanted: SearchQuery, found: Sequence[SearchResult], reach: int
) -> tuple[list[ContextLine], dict[str, list[str]]]:
    """The lines of a block, best first, and the turns (refs) that each shows."""
    lines: list[ContextLine] = []
    refs: dict[str, list[str]] = {}
    for item in found:
        if item.memory is None and item.turn is not None:
            lines.append(_turn_line(item.turn))
        elif item.memory is not None:
            at = item.turn.observed_at.isoformat() if item.turn is not None else ""
            lines.append(ContextLine(str(item.id), True, at, item.memory.content))
        refs[str(item.id)] = refs_of(scope, item)
    for item, near in zip(found, find_neighbour_turns(scope, wanted, found, reach), strict=True):
        lines += [_turn_line(one.turn, str(item.id)) for one in near]
        refs |= {str(one.turn.id): [one.turn.ref or ""] for one in near}
    return lines, refs


count = cache(count_tokens)  # the same lines come again and again


def _turn_line(turn: TurnRow, near: str | None = None) -> ContextLine:
    text = f"{turn.name or turn.role}: {turn.content}"
    return ContextLine(str(turn.id), False, turn.observed_at.isoformat(), text, neighbour_of=near)


def measure(asked: Sequence[Asked], k: int, reach: int) -> list[tuple[float, float]]:
    """(recall, tokens) in the mean, for each budget."""
    rows: list[list[tuple[float, float]]] = []
    for one in asked:
        at = one.question.asked_at or NOW
        wanted = SearchQuery(text=one.question.text, vector=one.vector, count=k, reference_time=at)
        lines, refs = lines_of(one.scope, wanted, search_index(one.scope, wanted), reach)
        row: list[tuple[float, float]] = []
        for budget in BUDGETS:
            _, tokens, used = fill_token_budget(lines, "markdown", budget, count)
            shown = {ref for line in used for ref in refs[line.id]}
            evidence = one.question.evidence
            row.append((len(evidence & shown) / len(evidence), tokens))
        rows.append(row)
    return [(float(recall), float(tokens)) for recall, tokens in np.array(rows).mean(axis=0)]


def main() -> None:
    """Index, ask, pack, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--locomo", type=Path, required=True)
    args = parser.parse_args()
    asked = index(list(locomo(args.locomo)), LocalEmbedder(threads=2))
    print(f"{len(asked)} questions" + "".join(f"{f'{budget} tokens':>18}" for budget in BUDGETS))
    for k, reach in WAYS:
        cells = [f"{recall:10.3f} {tokens:7.0f}" for recall, tokens in measure(asked, k, reach)]
        print(f"k={k:<4} ±{reach}      " + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
