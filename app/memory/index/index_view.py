"""Immutable array view of a user index, derived once after each change and shared by queries."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.memory.index.inverted_index import PostingList, bm25_length_norms
from app.memory.index.link_graph import LinkGraph, LinkTable
from app.memory.index.tables import MemoryTable, TurnTable
from app.memory.numeric import FloatArray, standardise_scores

SAMPLE_SIZE = 8_000  # turns by which it is known how far windows of a large user lie apart


@dataclass(frozen=True, slots=True)
class IndexView:
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

    previous_turn: NDArray[np.intp]
    next_turn: NDArray[np.intp]
    turn_norms: FloatArray
    window_norms: FloatArray
    session_norms: FloatArray
    session_turn: NDArray[np.intp]
    session_sizes: FloatArray
    sample_turns: NDArray[np.intp]
    length: FloatArray
    recency: FloatArray
    current_pair_memories: NDArray[np.int32]
    current_pair_turns: NDArray[np.int32]
    pair_memories: NDArray[np.int32]
    pair_turns: NDArray[np.int32]
    pair_offsets: NDArray[np.intp]
    orphan_memories: NDArray[np.intp]
    contested_mask: NDArray[np.bool_]
    recap_mask: NDArray[np.bool_]
    link_graph: LinkGraph
    term_score_cache: dict[str, tuple[PostingList, PostingList, PostingList]] = field(
        default_factory=dict[str, tuple[PostingList, PostingList, PostingList]]
    )
    sampled_vectors: list[FloatArray] = field(default_factory=list[FloatArray])
    window_frequencies: dict[str, int] = field(default_factory=dict[str, int])


def build_index_view(
    turns: TurnTable,
    memories: MemoryTable,
    turn: NDArray[np.int32],
    memory: NDArray[np.int32],
    links: LinkTable,
) -> IndexView:
    """The rows of two tables as arrays; memory[i] says turn[i], (p,) each."""
    before, after = turns.adjacent_turns()
    order = np.argsort(turn, kind="stable")
    turn, memory = turn[order], memory[order]
    current = memories.current_mask[memory]
    lengths = turns.inverted_index.document_lengths
    said_at = turns.columns["said_at"].as_array
    length = np.log1p(lengths)
    of_session = np.zeros(int(turns.session_codes.max(initial=-1)) + 1, np.intp)
    of_session[turns.session_codes] = np.arange(len(lengths))
    return IndexView(
        previous_turn=before,
        next_turn=after,
        turn_norms=bm25_length_norms(lengths),
        window_norms=bm25_length_norms(
            lengths + neighbour_values(lengths, before) + neighbour_values(lengths, after)
        ),
        session_norms=bm25_length_norms(np.bincount(turns.session_codes, lengths).astype(np.float32)),
        session_turn=of_session,
        session_sizes=np.bincount(turns.session_codes).astype(np.float32),
        sample_turns=stratified_sample(len(lengths), SAMPLE_SIZE),
        length=length - length.mean() if len(length) else length,
        recency=standardise_scores(np.argsort(np.argsort(said_at, kind="stable")).astype(np.float32)),
        current_pair_memories=memory[current],
        current_pair_turns=turn[current],
        pair_memories=memory,
        pair_turns=turn,
        pair_offsets=np.searchsorted(turn, np.arange(len(turns) + 1)),
        orphan_memories=np.flatnonzero(np.bincount(memory, minlength=len(memories)) == 0),
        contested_mask=memories.contested_mask(),
        recap_mask=memories.recap_mask(),
        link_graph=links.build_graph(memories.current_mask),
    )


def neighbour_values(values: FloatArray, neighbours: NDArray[np.intp]) -> FloatArray:
    """The value of each row's neighbour, (n,); 0 where it has none and names row n."""
    return np.append(values, np.float32(0))[neighbours]


def stratified_sample(row_count: int, count: int) -> NDArray[np.intp]:
    """About `count` of so many rows, in order, at uneven steps: even ones may meet one speaker only."""
    if row_count <= count:
        return np.arange(row_count)
    within = np.random.default_rng(row_count).random(count)
    return np.unique(((np.arange(count) + within) * (row_count / count)).astype(np.intp))
