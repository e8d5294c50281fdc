"""Reports operator errors as one line on stderr with an exit status, instead of a stack trace."""

from collections.abc import Generator
from contextlib import contextmanager

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from app.core.errors import MemcubedError


@contextmanager
def cli_errors() -> Generator[None]:
    """Tell what was refused and end the process: 1 for the service's own errors, 2 for settings."""
    try:
        yield
    except MemcubedError as exc:
        Console(stderr=True).print(f"memcubed: {escape(exc.message)}", style="red")
        raise SystemExit(1) from exc
    except ValidationError as exc:
        lines = [f"MEMCUBED_{str(error['loc'][-1]).upper()}: {error['msg']}" for error in exc.errors()]
        Console(stderr=True).print("memcubed: " + escape("; ".join(lines)), style="red")
        raise SystemExit(2) from exc
