"""A scope's rows as the arrays that every question reads."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.memory.index.inverted_index import Column, norms_of
from app.memory.index.link_graph import Graph, Links
from app.memory.index.tables import MemoryTable, TurnTable
from app.memory.numeric import Array, standardise

SAMPLE = 8_000  # turns by which it is known how far windows of a large user lie apart


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of turns and memories as arrays, made anew for the first query after a change.

    `before` and `after` are a turn's neighbours in its session (n at an end), (n,) each. `norms` (n,),
    `window_norms` (n,) and `session_norms` (s,) are those of BM25; `of_session` (s,) is a turn of each
    session and `session_sizes` (s,) how many it has; `sample` are some turns of all times, in order.
    `length` and `recency`, the standardised place in the order of when turns were said, are
    features, (n,). `said` and `saying` pair each current memory with the turns that say it, (p,) each.
    `told[first[i]:first[i + 1]]` are the memories, current or not, that turn i says; `telling` are those
    turns. `orphans` stand for no turn here. `contested` are the memories whose slot another current one has,
    `recounting` those that only say again what others say, (m,) each. `graph` are the links of current
    memories, none of a large user. `around` keeps what each term that was asked for adds to the BM25 of
    turns, windows and sessions; `windows`, of a large user, how many windows have it. `sampled` keeps the
    vectors of some turns and of their windows, (k, d) each.
    """

    before: NDArray[np.intp]
    after: NDArray[np.intp]
    norms: Array
    window_norms: Array
    session_norms: Array
    of_session: NDArray[np.intp]
    session_sizes: Array
    sample: NDArray[np.intp]
    length: Array
    recency: Array
    said: NDArray[np.int32]
    saying: NDArray[np.int32]
    told: NDArray[np.int32]
    telling: NDArray[np.int32]
    first: NDArray[np.intp]
    orphans: NDArray[np.intp]
    contested: NDArray[np.bool_]
    recounting: NDArray[np.bool_]
    graph: Graph
    around: dict[str, tuple[Column, Column, Column]] = field(
        default_factory=dict[str, tuple[Column, Column, Column]]
    )
    sampled: list[Array] = field(default_factory=list[Array])
    windows: dict[str, int] = field(default_factory=dict[str, int])


def placed(
    turns: TurnTable, memories: MemoryTable, turn: NDArray[np.int32], memory: NDArray[np.int32], links: Links
) -> Places:
    """The rows of two tables as arrays; memory[i] says turn[i], (p,) each."""
    before, after = turns.neighbours()
    order = np.argsort(turn, kind="stable")
    turn, memory = turn[order], memory[order]
    current = memories.current[memory]
    lengths = turns.words.lengths
    said_at = turns.columns["said_at"].rows
    length = np.log1p(lengths)
    of_session = np.zeros(int(turns.sessions.max(initial=-1)) + 1, np.intp)
    of_session[turns.sessions] = np.arange(len(lengths))
    return Places(
        before=before,
        after=after,
        norms=norms_of(lengths),
        window_norms=norms_of(lengths + beside(lengths, before) + beside(lengths, after)),
        session_norms=norms_of(np.bincount(turns.sessions, lengths).astype(np.float32)),
        of_session=of_session,
        session_sizes=np.bincount(turns.sessions).astype(np.float32),
        sample=spaced(len(lengths), SAMPLE),
        length=length - length.mean() if len(length) else length,
        recency=standardise(np.argsort(np.argsort(said_at, kind="stable")).astype(np.float32)),
        said=memory[current],
        saying=turn[current],
        told=memory,
        telling=turn,
        first=np.searchsorted(turn, np.arange(len(turns) + 1)),
        orphans=np.flatnonzero(np.bincount(memory, minlength=len(memories)) == 0),
        contested=memories.contested(),
        recounting=memories.recounting(),
        graph=links.graph(memories.current),
    )


def beside(values: Array, neighbours: NDArray[np.intp]) -> Array:
    """The value of each row's neighbour, (n,); 0 where it has none and names row n."""
    return np.append(values, np.float32(0))[neighbours]


def spaced(rows: int, count: int) -> NDArray[np.intp]:
    """About `count` of so many rows, in order, at uneven steps: even ones may meet one speaker only."""
    if rows <= count:
        return np.arange(rows)
    within = np.random.default_rng(rows).random(count)
    return np.unique(((np.arange(count) + within) * (rows / count)).astype(np.intp))
