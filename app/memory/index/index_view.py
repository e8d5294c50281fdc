"""Immutable array view of a user index, derived once after each change and shared by queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.memory.index.inverted_index import PostingCache, bm25_length_norms
from app.memory.index.link_graph import LinkGraph, LinkTable
from app.memory.index.tables import MemoryTable, TurnTable
from app.memory.numeric import FloatArray, standardise_scores


@dataclass(frozen=True, slots=True)
class IndexView:
    """Immutable array view of a user index, derived for the first query after a change.

    n turns, m memories, s sessions, p pairs of a memory and a turn that states it. `previous_turn` and
    `next_turn` are a turn's neighbours in its session (n at an end), (n,) each. `turn_norms` (n,),
    `window_norms` (n,) and `session_norms` (s,) are BM25 length norms; `session_turn` (s,) is one turn of
    each session. `replies` marks the turns before which somebody else asks something. `length` and `recency`
    (the standardised rank by time) are features, (n,). `current_pair_memories` and `current_pair_turns` are
    the pairs of current memories, (p,) each. pair_memories[pair_offsets[i]:pair_offsets[i + 1]] are the
    memories, current or not, that turn i states; `pair_turns` are those turns. `orphan_memories` have no turn
    in the index. `contested_mask` marks memories whose slot another current one shares, `recap_mask` those
    that restate others, `current_mask` those that are regarded as true now, (m,) each. `link_graph` has the
    links of current memories; `successors` has the memories that superseded a memory. `term_score_cache` has
    each queried term's BM25 contributions to turns, windows and sessions. `sampled_vectors` has the vectors
    of a sample of turns and of their windows, (k, d) each.
    """

    previous_turn: NDArray[np.intp]
    next_turn: NDArray[np.intp]
    turn_norms: FloatArray
    window_norms: FloatArray
    session_norms: FloatArray
    session_turn: NDArray[np.intp]
    replies: NDArray[np.bool_]
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
    current_mask: NDArray[np.bool_]
    link_graph: LinkGraph
    successors: Mapping[int, Sequence[int]]
    term_score_cache: PostingCache = field(default_factory=PostingCache)
    sampled_vectors: list[FloatArray] = field(default_factory=list[FloatArray])

    def window_sides(
        self, turns: NDArray[np.intp]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
        """The turns, and those before and after each in its session, (c,) each; n where there is none."""
        return turns, self.previous_turn[turns], self.next_turn[turns]

    def memories_of(self, turn: int) -> list[int]:
        """Doc ids of the memories, current or not, that a turn states."""
        return self.pair_memories[self.pair_offsets[turn] : self.pair_offsets[turn + 1]].tolist()


def build_index_view(
    turns: TurnTable,
    memories: MemoryTable,
    turn: NDArray[np.int32],
    memory: NDArray[np.int32],
    links: LinkTable,
    successors: Mapping[int, Sequence[int]],
) -> IndexView:
    """Derive the view from two tables; memory[i] is stated by turn[i], (p,) each."""
    before, after = turns.adjacent_turns()
    order = np.argsort(turn, kind="stable")
    turn, memory = turn[order], memory[order]
    current = memories.current_mask[memory]
    lengths = turns.inverted_index.document_lengths
    said_at = turns.columns["said_at"].as_array
    length = np.log1p(lengths)
    session_turn = np.zeros(int(turns.session_codes.max(initial=-1)) + 1, np.intp)
    session_turn[turns.session_codes] = np.arange(len(lengths))
    return IndexView(
        previous_turn=before,
        next_turn=after,
        turn_norms=bm25_length_norms(lengths),
        window_norms=bm25_length_norms(
            lengths + neighbour_values(lengths, before) + neighbour_values(lengths, after)
        ),
        session_norms=bm25_length_norms(np.bincount(turns.session_codes, lengths).astype(np.float32)),
        session_turn=session_turn,
        replies=_mark_replies(turns, before),
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
        current_mask=memories.current_mask.copy(),
        link_graph=links.build_graph(memories.current_mask),
        successors=successors,
    )


def _mark_replies(turns: TurnTable, before: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which turns follow a question of another speaker in their session, (n,)."""
    replies = np.zeros(len(turns), np.bool_)
    rows = np.flatnonzero(before < len(turns))
    speakers, asks = turns.categorical_columns["speaker"].codes, turns.columns["asks"].as_array
    replies[rows] = asks[before[rows]] & (speakers[before[rows]] != speakers[rows])
    return replies


def neighbour_values(values: FloatArray, neighbours: NDArray[np.intp]) -> FloatArray:
    """The value of each row's neighbour, (n,); 0 where the neighbour is n, which stands for none."""
    return np.append(values, np.float32(0))[neighbours]
