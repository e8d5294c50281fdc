"""Whether search can detect that there is no answer, by the relevance of its results.

Usage: python -m benchmarks.abstention [--locomo dev.json] [--longmemeval FOLDER]
Answerable are questions with evidence. Without an answer are: those of the next conversation (`elsewhere`;
in LoCoMo with its speakers renamed to those who speak here), LoCoMo's adversarial ones and LongMemEval's
`_abs` ones, which ask for a detail that was never mentioned of a topic that was. Per set: the area under the
ROC curve of the greatest relevance of the first ten results against the answerable ones (.5 = chance), and
the share that the service abstains from for `no_match`.
"""

import argparse
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.core.vocabulary import AbstainReason
from app.llm.embeddings import LocalEmbedder
from app.memory.index.user_index import UserIndex
from app.memory.ranking.abstention import choose_abstain_reason
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.relevance import score_relevance
from app.memory.ranking.search_index import search_index
from benchmarks.dialogues import Dialogue, Question, locomo, longmemeval
from benchmarks.quality import NOW, embed_question, indexed

FIRST = 10
Judged = tuple[float, bool]


def judge(scope: UserIndex, question: Question, embedder: LocalEmbedder) -> Judged:
    """(the greatest relevance, whether the service abstains with `no_match`)."""
    wanted = SearchQuery(
        text=question.text,
        count=FIRST,
        reference_time=question.asked_at or NOW,
        **embed_question(question.text, scope, embedder)._asdict(),
    )
    found = search_index(scope, wanted)
    documents = Documents.of_index(scope)
    plan = plan_query(scope, wanted)
    relevance = score_relevance(plan, documents, found)
    reason = choose_abstain_reason(plan, documents, found, relevance)
    best = relevance.best if relevance is not None else None
    return best or 0.0, reason is AbstainReason.NO_MATCH


def elsewhere(here: Dialogue, other: Dialogue) -> Iterable[Question]:
    """The questions of another conversation, with its speakers renamed to those of this one."""
    speakers = [sorted({turn.name for turn in one.turns if turn.name}) for one in (other, here)]
    for question in other.questions:
        text = question.text
        for theirs, ours in zip(*speakers, strict=False):
            text = re.sub(rf"\b{re.escape(theirs)}\b", ours, text)
        yield replace(question, text=text)


def auroc(answerable: Sequence[Judged], without: Sequence[Judged]) -> float:
    """The share of pairs in which the answerable question has the greater relevance; ties count half."""
    more, less = (np.array([near for near, _ in judged]) for judged in (answerable, without))
    return float(np.mean(more[:, None] > less) + np.mean(more[:, None] == less) / 2)


def table(name: str, dialogues: Sequence[Dialogue], embedder: LocalEmbedder) -> None:
    """Evaluate and print one set."""
    scopes = [indexed(dialogue, embedder) for dialogue in dialogues]
    asking = [number for number, dialogue in enumerate(dialogues) if dialogue.questions]
    after = dict(zip(asking, [*asking[1:], *asking[:1]], strict=True))
    sets: dict[str, list[Judged]] = {"answerable": [], "elsewhere": [], "never told": []}
    for number, (dialogue, scope) in enumerate(zip(dialogues, scopes, strict=True)):
        sets["answerable"] += [judge(scope, question, embedder) for question in dialogue.questions]
        sets["never told"] += [judge(scope, question, embedder) for question in dialogue.unanswerable]
        if number in after:
            others = elsewhere(dialogue, dialogues[after[number]])
            sets["elsewhere"] += [judge(scope, question, embedder) for question in others]
    print(f"\n{name:14}{'n':>6}{'AUROC':>8}{'abstained':>11}")
    for kind, judged in sets.items():
        share = float(np.mean([no_match for _, no_match in judged]))
        area = "" if kind == "answerable" else f"{auroc(sets['answerable'], judged):.3f}"
        print(f"{kind:14}{len(judged):6}{area:>8}{share:11.3f}")


def main() -> None:
    """Print a table for each file named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--locomo", type=Path)
    parser.add_argument("--longmemeval", type=Path)
    args = parser.parse_args()
    embedder = LocalEmbedder()
    if args.locomo is not None:
        table("LoCoMo", list(locomo(args.locomo)), embedder)
    if args.longmemeval is not None:
        table("LongMemEval-S", list(longmemeval(args.longmemeval)), embedder)


if __name__ == "__main__":
    main()
