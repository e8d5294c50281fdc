"""Where the CPU of the offline pipeline goes: embedding, parsing, rules, reconciliation, SQL; in the process.

Usage: python -m benchmarks.pipeline_profile [--turns 300] [--functions 25] [--locomo LOCOMO.json]
Starts a throw-away Postgres and Valkey, accepts the turns of `http_speed.py` or of a LoCoMo conversation, and
runs the two stages in this thread, as a worker does. A timer of CPU time looks at the stack, so the run is
hardly slowed; a sample counts for the innermost stage that is on the stack. Also prints how many statements
are sent to Postgres for a turn, which ones most, and the functions that are most often on the stack.
"""

import argparse
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import event

from app.cli.garbage_collection import make_collections_rare
from app.core.security import Principal
from app.core.settings import Settings
from app.core.vocabulary import KeyScope, Role
from app.db import migrate
from app.db.session import open_engine
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.valkey import EmbeddedValkey
from app.resources import Resources, open_resources
from app.schemas.ingestion.turns import AddTurns, NewTurn
from app.services.ingestion import accept_turns, embed_turns, extraction
from app.services.operations import operations
from app.services.platform import keys
from benchmarks import dialogues
from benchmarks.filling import TENANT
from benchmarks.http_speed import BATCH, sentence

WRITER = Principal(TENANT, scopes=frozenset([KeyScope.READ, KeyScope.WRITE]))
SAMPLE_SECONDS = 0.001
# (what is shown, the end of the file's path, the function); the innermost one on the stack counts.
STAGES = {
    ("llm/embeddings.py", "embed"): "embedding",
    ("llm/english_parser.py", "parse_texts"): "parsing",
    ("llm/sentence_judge.py", "estimate_worth"): "judge of worth",
    ("llm/sentence_judge.py", "estimate_changes"): "judge of changes",
    ("frames/turn_frames.py", "frame_turns"): "frames",
    ("offline/statements.py", "read_statements"): "statements",
    ("offline/clause_facts.py", "read_turn"): "facts of statements",
    ("text/dates/date_spans.py", ""): "dates",
    ("slots/strict_slots.py", ""): "slots",
    ("extraction/guard.py", "filter_facts"): "evidence",
    ("memories/identities.py", "resolve_facts"): "identity",
    ("reconciliation/reconcile.py", "reconcile_batch"): "reconciliation",
    ("memories/validity_replay.py", ""): "replay of slots",
    ("memories/change_set.py", ""): "writing",
    ("memories/unit_of_work.py", "flush"): "writing",
    ("sqlalchemy/engine/default.py", "do_execute"): "SQL, waiting and driver",
    ("sqlalchemy/engine/default.py", "do_executemany"): "SQL, waiting and driver",
    ("sqlalchemy/engine/base.py", "execute"): "SQL, SQLAlchemy",
    ("sqlalchemy/orm/session.py", "execute"): "SQL, SQLAlchemy",
    ("sqlalchemy/orm/session.py", "scalars"): "SQL, SQLAlchemy",
}


class Sampler:
    """Counts the stacks of this thread by its CPU time."""

    def __init__(self) -> None:
        self.stages, self.functions, self.lines = Counter[str](), Counter[str](), Counter[str]()
        self.samples = 0

    def look(self, _number: int, frame: FrameType | None) -> None:
        """Note the stack of one moment."""
        self.samples += 1
        stage, seen, innermost = "", set[str](), frame
        while frame is not None:
            code = frame.f_code
            path = "/".join(code.co_filename.rsplit("/", 3)[1:])
            if not stage:
                stage = next(
                    (
                        name
                        for (file, function), name in STAGES.items()
                        if path.endswith(file) and function in ("", code.co_name)
                    ),
                    "",
                )
            seen.add(f"{path}:{code.co_qualname}")
            frame = frame.f_back
        self.stages[stage or "other"] += 1
        self.functions.update(seen)
        if innermost is not None:
            code = innermost.f_code
            self.lines["/".join(code.co_filename.rsplit("/", 3)[1:]) + ":" + code.co_qualname] += 1

    @contextmanager
    def running(self) -> Generator[None]:
        """Look each millisecond of this process's CPU time."""
        signal.signal(signal.SIGPROF, self.look)
        signal.setitimer(signal.ITIMER_PROF, SAMPLE_SECONDS, SAMPLE_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


@contextmanager
def service(folder: Path) -> Generator[Resources]:
    """The resources of a worker beside servers of its own."""
    postgres, valkey = EmbeddedPostgres(folder).start(), EmbeddedValkey(folder).start()
    try:
        owner = open_engine(postgres.owner_url, pool_size=1)
        migrate.upgrade_schema(owner, postgres.service_url)
        owner.dispose()
        settings = Settings(
            database_url=postgres.service_url,
            redis_url=valkey.redis_url,
            data_dir=folder,
        )
        with open_resources(settings) as resources:
            operations.check_startup(resources)
            keys.bootstrap_admin_key(resources)
            yield resources
    finally:
        valkey.stop()
        postgres.stop()


def post(resources: Resources, user: str, sessions: Sequence[tuple[str, Sequence[NewTurn]]]) -> None:
    """Accept the turns of sessions, in parts as `http_speed.py` posts them."""
    for name, turns in sessions:
        for start in range(0, len(turns), BATCH):
            body = AddTurns(user_id=user, session_id=name, turns=list(turns[start : start + BATCH]))
            accept_turns.accept_turns(resources, WRITER, body, None)


def run_stages(resources: Resources, user: str) -> None:
    """Embed and extract until nothing waits."""
    count = "SELECT count(*) FROM jobs WHERE user_id = %s AND status NOT IN ('succeeded', 'failed', 'dead')"
    while True:
        embed_turns.run_embedding(resources)
        extraction.run_extraction(resources)
        with resources.open_transaction(Principal(TENANT)) as session:
            waiting = session.connection().exec_driver_sql(count, (user,)).scalar_one()
        if not waiting:
            return


def read_sessions(locomo: Path | None, turns: int, seed: int) -> list[tuple[str, list[NewTurn]]]:
    """The sessions to post: made-up sentences, or those of the first LoCoMo conversation."""
    if locomo is None:
        chance = random.Random(seed)
        made = [NewTurn(role=Role.USER, name="Ann", content=sentence(chance)) for _ in range(turns)]
        return [(f"s{at}", made[at : at + BATCH]) for at in range(0, turns, BATCH)]
    sessions: dict[str, list[NewTurn]] = {}
    for turn in next(iter(dialogues.locomo(locomo))).turns[:turns]:
        one = NewTurn(role=turn.role, name=turn.name, content=turn.content, observed_at=turn.observed_at)
        sessions.setdefault(turn.session_id, []).append(one)
    return list(sessions.items())


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--locomo", type=Path)
    parser.add_argument("--functions", type=int, default=25)
    args = parser.parse_args()
    statements = Counter[str]()

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements[" ".join(statement.split())[:100]] += 1

    with tempfile.TemporaryDirectory(prefix="mcp-") as folder, service(Path(folder)) as resources:
        make_collections_rare()
        post(resources, "warm", read_sessions(None, BATCH, 0))
        run_stages(resources, "warm")
        sessions = read_sessions(args.locomo, args.turns, 1)
        turns = sum(len(of_session) for _, of_session in sessions)
        post(resources, "cost", sessions)
        event.listen(resources.autocommit_engine, "before_cursor_execute", count)
        sampler, started, used = Sampler(), time.perf_counter(), time.process_time()
        with sampler.running():
            run_stages(resources, "cost")
        used, seconds = time.process_time() - used, time.perf_counter() - started
    print(f"{turns} turns: {used:.2f} s of CPU in this process, {seconds:.2f} s in all")
    print(f"{sum(statements.values()) / turns:.2f} statements for a turn")
    for name, samples in sampler.stages.most_common():
        print(f"{1e3 * used * samples / sampler.samples / turns:8.2f} ms for a turn  {name}")
    for title, counted in (("on the stack", sampler.functions), ("innermost", sampler.lines)):
        print(f"\nFunctions {title}, ms for a turn")
        for name, samples in counted.most_common(args.functions):
            print(f"{1e3 * used * samples / sampler.samples / turns:8.2f}  {name}")
    print("\nStatements")
    for statement, number in statements.most_common(args.functions):
        print(f"{number:8}  {statement}")


if __name__ == "__main__":
    main()
