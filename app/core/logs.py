"""Logs: one JSON object per line with ids and counts, and nothing that a user said.

All library logs and all exceptions pass through here. The text of either may contain a message, a memory or a
key (a driver's error quotes its parameters). So an exception is logged by its types and code locations only,
and a library's line by its constant words and numbers only.
"""

import logging
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from app.core.telemetry import REQUEST_ID

_HIDDEN = "…"
_MOST_FRAMES, _MOST_CAUSES = 12, 5
_NOISY = ("httpx", "httpcore", "uvicorn.access", "celery.worker.strategy", "celery.app.trace")
# Lines without arguments may have been formatted from anything: only these are known to be constant.
_CONSTANT = {
    "Waiting for application startup.",
    "Application startup complete.",
    "Waiting for application shutdown.",
    "Application shutdown complete.",
    "Shutting down",
    "Waiting for connections to close. (CTRL+C to force quit)",
    "Waiting for background tasks to complete. (CTRL+C to force quit)",
    "Invalid HTTP request received.",
}

log = structlog.get_logger(__name__)


def describe_exception(error: BaseException) -> dict[str, Any]:
    """The loggable parts of an exception: its types and those of its causes, SQLSTATE, and code locations."""
    types: list[str] = []
    codes: list[str] = []
    cause: BaseException | None = error
    innermost = error
    while cause is not None and len(types) < _MOST_CAUSES:
        types.append(type(cause).__name__)
        code = getattr(cause, "sqlstate", None)
        if isinstance(code, str):
            codes.append(code)
        innermost = cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    description: dict[str, Any] = {"error": types[0], "at": _frame_locations(error.__traceback__)}
    if len(types) > 1:
        description["causes"] = types[1:]
        description["cause_at"] = _frame_locations(innermost.__traceback__)
    if codes:
        description["sqlstate"] = codes[0]
    return description


def _frame_locations(trace: TracebackType | None) -> list[str]:
    """File, line and function of the innermost frames; no source line and no value."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(trace)]
    return [f"{_short_path(code.co_filename)}:{line} {code.co_name}" for code, line in frames[-_MOST_FRAMES:]]


def _short_path(path: str) -> str:
    return "/".join(path.rsplit("/", 3)[1:])


def _add_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event["request_id"] = request_id
    return event


def _hide_text(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A library's line with its strings hidden."""
    record: logging.LogRecord = event["_record"]
    event["event"] = _format_constant_part(record.msg, event.pop("positional_args", None) or ())
    event["line"] = f"{_short_path(record.pathname)}:{record.lineno}"
    return event


def _format_constant_part(message: object, arguments: Any) -> str:
    if not isinstance(message, str):
        return type(message).__name__
    if not arguments:
        return message if message in _CONSTANT else _HIDDEN
    try:
        if isinstance(arguments, dict):
            return message % {name: _redact_argument(value) for name, value in arguments.items()}
        return message % tuple(_redact_argument(value) for value in arguments)
    except (TypeError, ValueError, KeyError):
        return message


def _redact_argument(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else _HIDDEN


def _replace_exception(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace the exception in the event by its loggable parts."""
    exc_info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if isinstance(error, BaseException):
        for name, value in describe_exception(error).items():
            event.setdefault(name, value)
    return event


def configure_logging(level: str) -> None:
    """Log one JSON object per line on standard error.

    This covers memcubed's, the libraries' and Python's own loggers.
    """
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                _replace_exception,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=[_hide_text, *common],
            pass_foreign_args=True,
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # it would print the arguments of a line that can't be formatted
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    _install_hooks()


def _install_hooks() -> None:
    """Log what Python would print itself with the texts of exceptions and warnings."""
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    sys.unraisablehook = _log_unraisable
    warnings.showwarning = _log_warning


def _log_uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    log.critical("uncaught", exc_info=error)


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        log.error("uncaught_in_thread", exc_info=args.exc_value)


def _log_unraisable(args: "sys.UnraisableHookArgs") -> None:
    log.error("unraisable", exc_info=args.exc_value)


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    log.warning("warned", category=category.__name__, line=f"{_short_path(filename)}:{lineno}")
