"""A sink for benchmarks: answers every POST with 200 and counts distinct messageIds.

Runs as a process of its own, so that its CPU is nobody's. `GET /count` prints how many distinct
ids and requests it has seen and forgets them; it also answers the key proof.
"""

import gzip
import json
import re
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler

_ID = re.compile(rb'"messageId": ?"([^"]+)"')
_OK = b'{"success": true}'


class Counter:
    """What the sink has seen."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ids: set[bytes] = set()
        self.requests = 0
        self.largest = 0


COUNTER = Counter()


class Handler(BaseHTTPRequestHandler):
    """One connection; keep-alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a log line a request would be measured too."""

    def do_POST(self) -> None:
        """Count the ids of a body."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        found = _ID.findall(body)
        with COUNTER.lock:
            COUNTER.ids.update(found)
            COUNTER.requests += 1
            COUNTER.largest = max(COUNTER.largest, len(body))
        self._answer(_OK)

    def do_GET(self) -> None:
        """Print the counts, or answer the key proof."""
        if not self.path.startswith("/count"):
            self._answer(b"{}")
            return
        with COUNTER.lock:
            facts = {
                "ids": len(COUNTER.ids),
                "requests": COUNTER.requests,
                "largest": COUNTER.largest,
            }
            COUNTER.ids, COUNTER.requests, COUNTER.largest = set(), 0, 0
        self._answer(json.dumps(facts).encode())

    def _answer(self, body: bytes) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)


class Server(socketserver.ThreadingTCPServer):
    """A thread per connection."""

    daemon_threads = True
    allow_reuse_address = True


def main() -> None:
    """Listen on a free port, print it, serve until killed."""
    with Server(("127.0.0.1", 0), Handler) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
