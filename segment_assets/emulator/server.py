"""Running the emulator: in the background for tests and demos, or in the foreground."""

import asyncio
import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from starlette.applications import Starlette

from segment_assets.emulator.app import build_app
from segment_assets.emulator.faults import FaultPlan
from segment_assets.emulator.store import Store

#: Longer than the client keeps an idle connection, so that the client is the one who closes it.
_KEEP_ALIVE_SECONDS: Final = 65
_START_SECONDS: Final = 10.0
_BACKLOG: Final = 2_048
#: l_onoff = 1, l_linger = 0: closing sends a reset, as a crashed peer or a firewall does.
_LINGER_RESET: Final = struct.pack("ii", 1, 0)


class Emulator:
    """An emulator in a background thread, for use in a `with` statement.

    `url` is where it listens (port 0 = any free port), `store` what it has seen, `faults` what
    goes wrong. Leaving the block ends it at once, requests in flight included.

    >>> with Emulator(write_keys={"demo"}) as emulator:
    ...     emulator.store.counts()["accepted"]
    0
    """

    def __init__(
        self,
        *,
        write_keys: AbstractSet[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        store: Store | None = None,
        faults: FaultPlan | None = None,
    ) -> None:
        self.store = store if store is not None else Store()
        self.faults = faults if faults is not None else FaultPlan()
        self._app = build_app(self.store, write_keys=write_keys, faults=self.faults)
        self._host, self._port = host, port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._url: str | None = None

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end. Raises `RuntimeError` before the start."""
        if self._url is None:
            raise RuntimeError("the emulator isn't running: use it in a with statement")
        return self._url

    def start(self) -> Self:
        """Start listening and return once requests are answered. Raises `OSError` (port taken)."""
        listener = _listen(self._host, self._port)
        self._url = _url_of(listener)
        self._server = _build_server(self._app)
        self._thread = threading.Thread(
            target=_run, args=(self._server, listener), name="segment-emulator"
        )
        self._thread.start()
        ready = threading.Event()
        waited = 0.0
        while not self._server.started and self._thread.is_alive() and waited < _START_SECONDS:
            ready.wait(0.005)
            waited += 0.005
        if not self._server.started:
            self.stop()
            raise RuntimeError(f"the emulator did not start within {_START_SECONDS:.0f} seconds")
        return self

    def stop(self) -> None:
        """End the server and its thread. Calling it again does nothing."""
        if self._server is not None and self._thread is not None:
            self._server.force_exit = True
            self._server.should_exit = True
            self._thread.join()
        self._server = self._thread = self._url = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    host: str = "127.0.0.1",
    port: int = 8765,
    *,
    write_keys: AbstractSet[str] | None = None,
    store: Store | None = None,
    faults: FaultPlan | None = None,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve until Ctrl+C or SIGTERM. Raises `OSError` where the port can't be had.

    `announce` is called once with the URL, as soon as connections are taken.
    """
    app = build_app(store if store is not None else Store(), write_keys=write_keys, faults=faults)
    server = _build_server(app)
    listener = _listen(host, port)
    if announce is not None:
        announce(_url_of(listener))
    with contextlib.suppress(KeyboardInterrupt):
        _run(server, listener)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only on sockets that name it, and
    # accepted ones inherit it: without, every answer waits 40 ms for a delayed ACK.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _build_server(app: Starlette) -> uvicorn.Server:
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            # No access log: the settings path holds the write key. And no logging set-up of
            # uvicorn's own, which would reach into the logging of the program around it.
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
        )
    )

    def hang_up(client: Any) -> None:
        for connection in list(server.server_state.connections):
            peer: Any = connection
            if getattr(peer, "client", None) == tuple(client):
                peer.transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET
                )
                peer.transport.abort()

    app.state.hang_up = hang_up
    return server


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    """Run the server in this thread on a plain asyncio loop: no global loop policy is touched."""
    asyncio.run(server.serve(sockets=[listener]))
