import gc
from collections.abc import Iterator

import pytest

from app.cli.garbage_collection import make_collections_rare


@pytest.fixture(autouse=True)
def usual_collections() -> Iterator[None]:
    usual = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


def test_what_is_loaded_is_not_looked_at_again():
    kept = [[number] for number in range(1_000)]
    before = gc.get_freeze_count()
    make_collections_rare()
    assert gc.get_freeze_count() >= before + len(kept)


def test_garbage_in_cycles_is_still_found():
    make_collections_rare()
    collected: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "stop":
            collected.append(info["collected"])

    gc.callbacks.append(note)
    try:
        for _ in range(2 * gc.get_threshold()[0]):
            cycle: list[object] = []
            cycle.append(cycle)
    finally:
        gc.callbacks.remove(note)
    assert sum(collected) > gc.get_threshold()[0] / 2
    assert len(collected) < 10
