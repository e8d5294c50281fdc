"""Conversations that are trees: an edited message or a second answer begins a branch."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

ParentOf = Callable[[Mapping[str, Any]], Any]


def branch_paths(
    nodes: Mapping[str, Mapping[str, Any]], current: Any, parent_of: ParentOf, *, with_others: bool
) -> Iterator[tuple[str | None, list[str]]]:
    """Yield the ids of the current branch from its root on, as (None, ids); then, if wanted, of every other
    leaf what no branch before it had, as (leaf, ids).

    A cycle and a parent that is not there end a branch.
    """
    parents = {node_id: parent_of(node) for node_id, node in nodes.items()}
    inner = {parent for parent in parents.values() if isinstance(parent, str)}
    leaves = [node_id for node_id in nodes if node_id not in inner]
    if not isinstance(current, str) or current not in nodes:
        current = leaves[-1] if leaves else next(iter(nodes), None)
    seen: set[str] = set()
    if current is not None:
        yield None, _climb(current, parents, seen)
    if with_others:
        for leaf in leaves:
            path = _climb(leaf, parents, seen)
            if path:
                yield leaf, path


def _climb(leaf: str, parents: Mapping[str, Any], seen: set[str]) -> list[str]:
    path: list[str] = []
    node: Any = leaf
    while isinstance(node, str) and node in parents and node not in seen:
        seen.add(node)
        path.append(node)
        node = parents[node]
    return path[::-1]
