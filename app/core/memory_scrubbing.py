"""Overwrites freed heap memory, so that erased text does not remain in the process."""

import ctypes
import gc
import re
import sys
import threading

_CLASSES = range(48, 513, 16)  # CPython pools blocks of up to 512 bytes by size; a text needs at least 48
_OF_CLASS = 8 * 2**20
_HEADER = sys.getsizeof(b"")
_LARGE = [size for power in range(9, 17) for size in range(2**power + 16, 2 ** (power + 1), 2**power // 8)]
_OF_LARGE = 4 * 2**20
_THREADS = 4  # glibc has two arenas here (MALLOC_ARENA_MAX), which it assigns to threads in turn


def overwrite() -> None:
    """Allocate free blocks of every size, fill them with zeros and free them; takes about a second.

    Memory that other threads use meanwhile, and pools of libraries, are not reached.
    """
    re.purge()
    gc.collect()
    for size in _CLASSES:
        _fill_blocks(size - _HEADER, _OF_CLASS // size)
    for _ in range(_THREADS):
        thread = threading.Thread(target=_fill_large_blocks)
        thread.start()
        thread.join()
    trim_heap()


def trim_heap() -> None:
    """Return whole free pages to the system, which clears them; only glibc can, and musl cannot."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


def _fill_large_blocks() -> None:
    for size in _LARGE:
        _fill_blocks(size - _HEADER, _OF_LARGE // size)


def _fill_blocks(size: int, count: int) -> None:
    blocks = [bytes(size) for _ in range(count)]
    blocks.clear()
