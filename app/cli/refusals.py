"""Report operator errors as one line on stderr with an exit status, instead of a stack trace."""

from collections.abc import Generator
from contextlib import contextmanager

from app.core.errors import MemcubedError


@contextmanager
def cli_errors() -> Generator[None]:
    """Report what was refused and end the process: 1 for the service's own errors, 2 for settings."""
    try:
        yield
    except MemcubedError as exc:
        _print_refusal(exc.message)
        raise SystemExit(1) from exc
    except ValueError as exc:
        # pydantic is imported only here: an error of the settings has loaded it already, and importing it
        # takes as long as all of `--help` may take.
        from pydantic import ValidationError

        if not isinstance(exc, ValidationError):
            raise
        _print_refusal("; ".join(f"MEMCUBED_{str(e['loc'][-1]).upper()}: {e['msg']}" for e in exc.errors()))
        raise SystemExit(2) from exc


def _print_refusal(message: str) -> None:
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True).print(f"memcubed: {escape(message)}", style="red")
