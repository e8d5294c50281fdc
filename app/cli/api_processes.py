"""Several processes that answer requests on one port, and the parent that hands connections to them.

Python computes in one thread at a time, so one process uses one core. The parent accepts every connection and
passes it to the child that has the fewest: children that accept on a shared socket take what they find first,
and eight connections may well end up six to two. A request passes through no more hands than before.
"""

import gc
import os
import selectors
import signal
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from mmap import mmap
from types import FrameType

import structlog

from app.core.errors import StartupRefused

BACKLOG = 2_048
RESTARTS, RESTARTS_SECONDS = 5, 60.0
STOP_SECONDS = 13.0  # longer than a child's graceful stop, shorter than what a supervisor waits for this one
READY = b"r"
_SLOT = struct.Struct("=q")

log = structlog.get_logger(__name__)


class ClosedCounter:
    """The number of connections that one child has closed: written by the child, read by the parent."""

    def __init__(self, shared: mmap, at: int) -> None:
        self._shared, self._offset = shared, at * _SLOT.size

    @property
    def value(self) -> int:
        """The count."""
        return _SLOT.unpack_from(self._shared, self._offset)[0]

    @value.setter
    def value(self, count: int) -> None:
        _SLOT.pack_into(self._shared, self._offset, count)


@dataclass(frozen=True, slots=True)
class ParentLink:
    """A child's ends: the channel by which connections come, and the count of those that it has closed."""

    channel: socket.socket
    closed: ClosedCounter


@dataclass
class _ApiProcess:
    closed: ClosedCounter
    pid: int = 0
    channel: socket.socket | None = None
    passed: int = 0
    is_ready: bool = False

    @property
    def open_connections(self) -> int:
        return self.passed - self.closed.value


@dataclass
class ApiProcesses:
    """The parent: forks `count` children, passes connections, starts again what dies, stops all together.

    `run_child` runs in each child until it stops. The parent must have no threads and no open connections
    when `run_until_signal` is called, because a child begins as its copy; so what it has loaded by then is in
    memory once for all.
    """

    count: int
    host: str
    port: int
    run_child: Callable[[ParentLink], None]
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _listeners: list[socket.socket] = field(default_factory=list[socket.socket])
    _processes: list[_ApiProcess] = field(default_factory=list["_ApiProcess"])
    _deaths: deque[float] = field(default_factory=lambda: deque[float](maxlen=RESTARTS + 1))
    _is_stopping: bool = False

    def run_until_signal(self) -> int:
        """Serve until SIGINT, SIGTERM or SIGHUP; return the exit status. Raises `StartupRefused`.

        The first child alone checks the start-up conditions first, so the others start when it is ready.
        """
        self._listeners = _open_listeners(self.host, self.port)
        shared = mmap(-1, self.count * _SLOT.size)
        self._processes = [_ApiProcess(ClosedCounter(shared, at)) for at in range(self.count)]
        woken, waker = socket.socketpair()
        woken.setblocking(False)
        waker.setblocking(False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        signal.set_wakeup_fd(waker.fileno())
        self._selector.register(woken, selectors.EVENT_READ)
        gc.collect()
        gc.freeze()  # a collection would touch, and so copy, the pages that are shared with the children
        try:
            self._start(self._processes[0])
            return self._serve_until_signal(woken)
        finally:
            self._stop_all()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _serve_until_signal(self, woken: socket.socket) -> int:
        while not self._is_stopping:
            for key, _ in self._selector.select(timeout=1.0):
                if key.fileobj is woken:
                    with suppress(BlockingIOError):
                        woken.recv(4096)
                elif isinstance(key.data, _ApiProcess):
                    status = self._hear(key.data)
                    if status is not None:
                        return status
                elif isinstance(key.fileobj, socket.socket):
                    self._accept(key.fileobj)
        return 0

    def _hear(self, process: _ApiProcess) -> int | None:
        """Hear of a child that it is ready or has ended; return the exit status if all shall end."""
        assert process.channel is not None
        try:
            said = process.channel.recv(1)
        except OSError:  # it has ended without taking all that was passed
            said = b""
        if said == READY:
            was_first = not self._is_accepting
            process.is_ready = True
            if was_first:
                for listener in self._listeners:
                    self._selector.register(listener, selectors.EVENT_READ)
                for other in self._processes[1:]:
                    self._start(other)
            return None
        status = self._bury(process)
        if self._is_stopping:
            return None
        if not self._is_accepting:
            return status or 1  # it has said itself why it could not start
        now = time.monotonic()
        self._deaths.append(now)
        log.error("api_process_died", process=process.pid, status=status)
        if sum(now - death < RESTARTS_SECONDS for death in self._deaths) > RESTARTS:
            return 1
        self._start(process)
        return None

    @property
    def _is_accepting(self) -> bool:
        return any(listener in self._selector.get_map() for listener in self._listeners)

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # the client has gone meanwhile
        ready = [process for process in self._processes if process.is_ready]
        with connection:
            for process in sorted(ready, key=lambda one: (one.open_connections, one.passed)):
                assert process.channel is not None
                try:
                    socket.send_fds(process.channel, [b"c"], [connection.fileno()])
                except OSError:  # it has ended, or takes none at present
                    continue
                process.passed += 1
                return

    def _start(self, process: _ApiProcess) -> None:
        ours, theirs = socket.socketpair()
        process.closed.value, process.passed, process.is_ready = 0, 0, False
        process.pid = os.fork()
        if process.pid == 0:
            ours.close()
            self._become_child(ParentLink(theirs, process.closed))
        theirs.close()
        ours.setblocking(False)
        process.channel = ours
        self._selector.register(ours, selectors.EVENT_READ, process)

    def _become_child(self, link: ParentLink) -> None:
        """Give up what belongs to the parent, run, and end this process.

        A child that kept the parent's end of another's channel would hide the parent's death from it.
        """
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        channels = [process.channel for process in self._processes if process.channel is not None]
        self._selector.close()
        for owned in (*self._listeners, *channels):
            owned.close()
        status = 1
        try:
            self.run_child(link)
            status = 0
        except SystemExit as exc:
            status = exc.code if isinstance(exc.code, int) else 1
        except BaseException as exc:  # this frame must not return into the code of the parent
            log.error("api_process_failed", exc_info=exc)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _bury(self, process: _ApiProcess) -> int:
        """Reap a child that has ended; return its exit status, negative for a signal."""
        process.is_ready = False
        if process.channel is not None:
            self._selector.unregister(process.channel)
            process.channel.close()
            process.channel = None
        _, status = os.waitpid(process.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _stop_all(self) -> None:
        """Take no more connections, let the children finish, and kill those that do not."""
        for listener in self._listeners:
            listener.close()
        running = [process for process in self._processes if process.channel is not None]
        for process in running:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while running and time.monotonic() < deadline:
            running = [process for process in running if os.waitpid(process.pid, os.WNOHANG)[0] == 0]
            time.sleep(0.02)
        for process in running:
            os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)


def _open_listeners(host: str, port: int) -> list[socket.socket]:
    """A listening socket for each address of the host. Raises `StartupRefused`."""
    listeners: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in dict.fromkeys(found):
            listener = socket.socket(family, kind, protocol)
            listeners.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
            listener.setblocking(False)
    except OSError as exc:
        for listener in listeners:
            listener.close()
        raise StartupRefused(f"Port {port} on {host} can't be used: {exc.strerror}.") from exc
    return listeners
