"""SQL of memories, their links, history, conflicts, snapshots and derivations."""
