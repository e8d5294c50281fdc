from typing import Any
def measure_mem0(runtime: Any, asked: Any) -> None:
    return None
