"""A Tracking API on a raw socket that does to each POST what its script says.

It records every POST (headers, body after gunzip, time), keeps connections alive like a real
server, and can be rude in ways that HTTP frameworks can't: reset, half an answer, silence.
"""

import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Deed = Literal["answer", "reset", "close", "silence", "half_head", "half_body"]
ACCEPTED = b'{"success": true}'


@dataclass(frozen=True)
class Act:
    """What happens to one POST after it was read: an answer, after `latency`, or a deed."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = ACCEPTED
    latency: float = 0.0
    deed: Deed = "answer"
    drip_seconds: float = 0.0


OK = Act()
RESET = Act(deed="reset")
SILENCE = Act(deed="silence")


@dataclass
class Post:
    """One request as it arrived. `is_readable`: Content-Encoding says what the body is."""

    method: str
    path: str
    headers: dict[str, str]
    wire_bytes: int
    body: bytes
    is_readable: bool
    at: float
    connection: int

    @property
    def envelope(self) -> dict[str, Any]:
        """The decoded body."""
        return json.loads(self.body)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls of the batch, in order."""
        return self.envelope["batch"]

    @property
    def ids(self) -> list[str]:
        """The messageIds of the batch, in order."""
        return [call["messageId"] for call in self.calls]


Script = Callable[[Post], Act] | Iterable[Act]


class ScriptedServer:
    """Listens on a free port of the loopback address while its `with` block is open."""

    def __init__(self, script: Script = (), *, port: int = 0) -> None:
        self.posts: list[Post] = []
        self.others: list[Post] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._steps = None if callable(script) else iter(script)
        self._choose = script if callable(script) else self._next_step
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    @property
    def ids(self) -> list[str]:
        """Every messageId that was posted, in order of arrival, repeats included."""
        return [name for post in self.posts for name in post.ids]

    def _next_step(self, _: Post) -> Act:
        return next(self._steps, OK) if self._steps is not None else OK

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            with self._lock:
                self._connections.append(connection)
            self._start(self._serve, connection, number)

    def _serve(self, connection: socket.socket, number: int) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as stream:
            while not self._closing.is_set():
                post = _read(stream, number)
                if post is None:
                    return
                with self._lock:
                    (self.posts if post.method == "POST" else self.others).append(post)
                    act = self._choose(post)
                if not self._do(act, connection):
                    return

    def _do(self, act: Act, connection: socket.socket) -> bool:
        """Carry an act out; False where the connection is over."""
        if act.latency:
            self._closing.wait(act.latency)
        if act.deed == "silence":
            self._closing.wait()
        if act.deed == "reset":
            _reset(connection)
        if act.deed in {"silence", "reset", "close"}:
            return False
        answer = _head(act) + act.body
        if act.deed in {"half_head", "half_body"}:
            connection.sendall(answer[: 12 if act.deed == "half_head" else -len(act.body) // 2])
            return False
        if not act.drip_seconds:
            connection.sendall(answer)
            return True
        for place in range(len(answer)):
            connection.sendall(answer[place : place + 1])
            if self._closing.wait(act.drip_seconds):
                return False
        return True


def _head(act: Act) -> bytes:
    """Write status line and headers; the body is JSON unless the act says otherwise."""
    headers = {"Content-Type": "application/json", "Content-Length": str(len(act.body))}
    lines = [f"{name}: {value}" for name, value in (headers | act.headers).items()]
    return "\r\n".join([f"HTTP/1.1 {act.status} Scripted", *lines, "", ""]).encode()


def _reset(connection: socket.socket) -> None:
    """Make the close of this connection a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read(stream: Any, number: int) -> Post | None:
    line = stream.readline().decode("latin-1").split()
    if not line:
        return None
    headers = {}
    while (text := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    wire = stream.read(int(headers.get("content-length", 0)))
    body, is_readable = wire, True
    if (headers.get("content-encoding") == "gzip") != wire.startswith(b"\x1f\x8b"):
        is_readable = False
    elif wire.startswith(b"\x1f\x8b"):
        body = zlib.decompress(wire, 31)
    return Post(line[0], line[1], headers, len(wire), body, is_readable, time.monotonic(), number)
