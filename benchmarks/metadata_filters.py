"""What a filter by metadata costs a search, and what looking into the rows of the index would cost.

Fills users of the given sizes into the database of a running service, with metadata in the rows, and prints
for each: the query of ids; the evaluation of every row's metadata in the process, from decoded rows; their
decoding, which a user pays who was just brought up from a snapshot; a search over HTTP without and with it.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import psycopg

from app.core.security import Principal
from app.core.settings import Settings
from app.db.repositories.search import metadata_filters
from app.embedded.runtime import read_runtime
from app.memory.metadata_filters import AllOf, Comparison, Condition, Not, Operator, matches
from app.resources import open_resources
from app.services.platform.user_context import UserContext
from benchmarks.filling import TENANT, Writer, fill
from benchmarks.scale import Client

# Half of the turns have metadata of their own; the memories inherit.
_FILL = """
UPDATE turns SET metadata = jsonb_build_object('project', 'p' || (position %% 7), 'level', position %% 100,
  'labels', jsonb_build_array('l' || (position %% 5), 'chat'),
  'client', jsonb_build_object('os', 'linux', 'build', position))
WHERE tenant_id = %s AND user_id = %s AND position %% 2 = 0"""
CONDITIONS: dict[str, tuple[Condition, dict[str, Any]]] = {
    "eq": (Comparison(("project",), Operator.EQ, "p2"), {"field": "project", "op": "eq", "value": "p2"}),
    "and_not": (
        AllOf((
            Comparison(("level",), Operator.GTE, 50),
            Not(Comparison(("labels",), Operator.CONTAINS, "l1")),
        )),
        {"and": [{"field": "level", "op": "gte", "value": 50},
                 {"not": {"field": "labels", "op": "contains", "value": "l1"}}]},
    ),
}  # fmt: skip


def median_ms(work: Callable[[], Any], times: int) -> float:
    """The median of so many runs, in ms."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return round(1e3 * statistics.median(taken), 2)


def measure(ctx: UserContext, connect: Callable[[], Client], times: int) -> dict[str, Any]:
    """The figures of one user."""
    with ctx.read_transaction() as user:
        rows = user.session.connection().exec_driver_sql(
            "SELECT metadata::text FROM turns WHERE tenant_id = %s AND user_id = %s"
            " UNION ALL SELECT metadata::text FROM memories WHERE tenant_id = %s AND user_id = %s",
            (ctx.tenant_id, ctx.user_id) * 2,
        )
        texts = [row[0] for row in rows]
    decoded = [orjson.loads(text) for text in texts]
    writer, found = Writer(seed=time.time_ns()), {}
    for name, (condition, message) in CONDITIONS.items():

        def ask_ids(condition: Condition = condition) -> None:
            with ctx.read_transaction() as user:
                metadata_filters.load_matching_rows(user, condition)

        def search(filters: dict[str, Any], client: Client) -> None:
            client.post(
                "/v1/search", {"user_id": ctx.user_id, "query": writer.question(), "filters": filters}
            )

        # The service closes a connection on which nothing comes for some seconds.
        client = connect()
        search({}, client)
        searches = {
            "search_ms": median_ms(lambda c=client: search({}, c), times),
            "filtered_search_ms": median_ms(lambda m=message, c=client: search({"metadata": m}, c), times),
        }
        found[name] = searches | {
            "query_of_ids_ms": median_ms(ask_ids, times),
            "evaluate_rows_ms": median_ms(lambda c=condition: [matches(c, own) for own in decoded], times),
            "decode_rows_ms": median_ms(lambda: [orjson.loads(text) for text in texts], times),
        }
    return {"rows": len(texts), "metadata_kb": sum(map(len, texts)) // 1024} | found


def main() -> None:
    """Fill, measure, print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path(".memcubed"))
    parser.add_argument("--rows", default="200,2000,10000", help="rows of each user")
    parser.add_argument("--times", type=int, default=15)
    args = parser.parse_args()
    runtime = read_runtime(args.data_dir.absolute())
    if runtime is None or runtime.database_owner_url is None:
        raise SystemExit(f"No service with an embedded database runs on {args.data_dir}.")
    key = (args.data_dir / "bootstrap-key").read_text().strip()
    writer, figures = Writer(), {}
    settings = Settings(
        database_url=runtime.database_url, redis_url=runtime.redis_url, data_dir=args.data_dir.absolute()
    )
    with open_resources(settings) as resources:
        for size in map(int, args.rows.split(",")):
            user_id = f"metadata-{size}"
            fill(runtime.database_owner_url, {user_id: size}, writer)
            with psycopg.connect(runtime.database_owner_url, autocommit=True) as connection:
                connection.execute(_FILL, (TENANT, user_id))
                connection.execute("VACUUM (ANALYZE) turns")
            ctx = UserContext(resources, Principal(TENANT), user_id)
            figures[user_id] = measure(ctx, lambda: Client(runtime.api_url, key), args.times)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
