"""How much of LoCoMo's evidence a context of a fixed token budget contains, with and without neighbours.

Usage: python -m benchmarks.contexts --locomo dev.json
The service's own index, search and token budget, called in the process as `quality.py` does: no last turns
and no important memories beside the results. Recall: the share of a question's evidence of which the context
has the turn or a memory that it states. Tokens: the mean number of tokens.
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
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.results.neighbours import build_neighbours, collect_neighbours
from app.memory.ranking.search_index import search_index
from app.memory.text.dates.date_spans import add_absolute_dates
from benchmarks.dialogues import locomo
from benchmarks.quality import NOW, Asked, index, refs_of

BUDGETS = (1_000, 2_000, 4_000)
WAYS = ((30, 0), (30, 1), (30, 2), (45, 0), (45, 1), (60, 0))


def lines_of(
    user_index: UserIndex, query: SearchQuery, results: Sequence[SearchResult], reach: int
) -> tuple[list[ContextLine], dict[str, list[str]]]:
    """(the lines of a context, best first, the turns (refs) that each represents)."""
    lines: list[ContextLine] = []
    refs: dict[str, list[str]] = {}
    for result in results:
        if result.memory is None and result.turn is not None:
            lines.append(_turn_line(result.turn))
        elif result.memory is not None:
            at = result.turn.observed_at.isoformat() if result.turn is not None else ""
            lines.append(ContextLine(str(result.id), True, at, result.memory.content))
        refs[str(result.id)] = refs_of(user_index, result)
    documents = Documents.of_index(user_index)
    nearby = collect_neighbours(documents, results, reach)
    neighbours = build_neighbours(query, documents, results, nearby)
    for result, near in zip(results, neighbours, strict=True):
        lines += [_turn_line(neighbour.turn, str(result.id)) for neighbour in near]
        refs |= {str(neighbour.turn.id): [neighbour.turn.ref or ""] for neighbour in near}
    return lines, refs


count = cache(count_tokens)  # the same lines recur


def _turn_line(turn: TurnRow, near: str | None = None) -> ContextLine:
    text = f"{turn.name or turn.role}: {add_absolute_dates(turn.content, turn.observed_at)}"
    return ContextLine(str(turn.id), False, turn.observed_at.isoformat(), text, neighbour_of=near)


def measure(asked: Sequence[Asked], k: int, reach: int) -> list[tuple[float, float]]:
    """(recall, tokens), mean over all questions, for each budget."""
    rows: list[list[tuple[float, float]]] = []
    for one in asked:
        at = one.question.asked_at or NOW
        query = SearchQuery(text=one.question.text, count=k, reference_time=at, **one.embedded._asdict())
        lines, refs = lines_of(one.user_index, query, search_index(one.user_index, query), reach)
        row: list[tuple[float, float]] = []
        for budget in BUDGETS:
            _, tokens, used = fill_token_budget(lines, "markdown", budget, count)
            shown = {ref for line in used for ref in refs[line.id]}
            evidence = one.question.evidence
            row.append((len(evidence & shown) / len(evidence), tokens))
        rows.append(row)
    return [(float(recall), float(tokens)) for recall, tokens in np.array(rows).mean(axis=0)]


def main() -> None:
    """Index, search, fill the budgets, print."""
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
