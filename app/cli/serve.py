"""`memcubed serve`: the API, in one process or in several."""

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from app.api.entrance.http_protocol import BoundedProtocol
from app.cli.api_processes import READY, ApiProcesses, ParentLink
from app.cli.environment import load_settings
from app.cli.garbage_collection import make_collections_rare
from app.cli.refusals import cli_errors
from app.core.logs import configure_logging
from app.core.settings import Settings
from app.main import create_app, run_startup_checks
from app.resources import Resources, open_resources
from app.services.portability import erasure_receipts

_STOP_SECONDS = 10


def run_api(processes: int) -> int:
    """Answer requests in that many processes until a signal; return the exit status."""
    settings = load_settings()
    configure_logging(settings.log_level)
    if processes == 1:
        with _open_service(settings) as resources:
            uvicorn.Server(_server_config(settings, resources, BoundedProtocol)).run()
        return 0

    def run_child(link: ParentLink) -> None:
        with cli_errors(), _open_service(settings, processes) as resources:
            _LinkedServer(settings, resources, link).run()

    return ApiProcesses(processes, settings.host, settings.port, run_child).run_until_signal()


@contextmanager
def _open_service(settings: Settings, processes: int = 1) -> Generator[Resources]:
    """Check the start-up conditions, and keep what requests need open for this block."""
    with open_resources(settings, process_count=processes) as resources:
        run_startup_checks(resources)
        make_collections_rare()
        with erasure_receipts.watch_erasures(resources):
            yield resources


def _server_config(
    settings: Settings, resources: Resources, protocol: type[asyncio.Protocol]
) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(settings, resources),
        host=settings.host,
        port=settings.port,
        http=protocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
        server_header=False,
    )


class _LinkedServer(uvicorn.Server):
    """A server that gets its connections from the parent process, and stops when the parent ends."""

    def __init__(self, settings: Settings, resources: Resources, link: ParentLink) -> None:
        class CountedProtocol(BoundedProtocol):
            def connection_lost(self, exc: Exception | None) -> None:
                link.closed.value += 1
                super().connection_lost(exc)

        super().__init__(_server_config(settings, resources, CountedProtocol))
        self._link, self._protocol = link, CountedProtocol
        self._taking: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn: begin to serve."""
        await super().startup(sockets or [])  # without any it opens none itself
        self._link.channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._link.channel, self._receive_connection)
        self._link.channel.send(READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by uvicorn: end gracefully."""
        asyncio.get_running_loop().remove_reader(self._link.channel)
        with suppress(OSError):  # the parent has ended
            self._link.channel.shutdown(socket.SHUT_RD)  # else it would pass connections that nobody takes
        await super().shutdown(sockets)

    def _receive_connection(self) -> None:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._link.channel, 1, 1)
        except BlockingIOError:
            return
        if not message:  # the parent has ended
            asyncio.get_running_loop().remove_reader(self._link.channel)
            self.should_exit = True
            return
        for descriptor in descriptors:
            task = asyncio.ensure_future(self._serve_connection(socket.socket(fileno=descriptor)))
            self._taking.add(task)
            task.add_done_callback(self._taking.discard)

    async def _serve_connection(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            await loop.connect_accepted_socket(
                lambda: self._protocol(
                    config=self.config,
                    server_state=self.server_state,
                    app_state=self.lifespan.state,
                    _loop=loop,
                ),
                connection,
            )
        except OSError:  # the client has gone meanwhile
            self._link.closed.value += 1
            connection.close()
