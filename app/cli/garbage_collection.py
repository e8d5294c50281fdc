"""How often a process looks for garbage in cycles."""

import gc


def make_collections_rare() -> None:
    """Make collections rare, because a process has hundreds of thousands of long-lived objects.

    With a collection at each 700 new objects, building a search index takes twice as long (the figure "cold"
    of `benchmarks/scale.py`), and what a worker does for a turn a twentieth longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
