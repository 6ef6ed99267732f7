"""One lane's HTTP client: posts one body and returns what came of it; raises nothing of httpx.

The client is synchronous, HTTP/1.1 with keep-alive, one connection. Redirects are not followed.
Certificates and proxies of the environment (`SSL_CERT_FILE`, `HTTPS_PROXY`, `NO_PROXY`) are
honoured, as a company network needs them; no proxy is used for a loopback endpoint.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx

from segment_assets.delivery.answers import MAX_ANSWER_BYTES, Answer, NoAnswer, Result
from segment_assets.delivery.options import DeliveryOptions
from segment_assets.delivery.regions import is_loopback

#: Errors raised before a connection stood: nothing of the request was sent. All other transport
#: errors leave it open what the server has had.
NEVER_CONNECTED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
#: Errors that the next try can only repeat: a wrong scheme, a request that is not HTTP.
_FINAL: Final = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
_ENDED: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


def tls_context(url: str) -> ssl.SSLContext:
    """Return the TLS settings that the clients of one run share: loading certificates is slow."""
    if url.startswith("https:"):
        return httpx.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; would trust nobody if it were


class LaneClient:
    """Posts for one lane. `abort` may be called from another thread, all else from one."""

    def __init__(self, url: str, options: DeliveryOptions, tls: ssl.SSLContext) -> None:
        self._url, self._options, self._tls = url, options, tls
        self._http: httpx.Client | None = None
        self._opened_at = 0.0
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_new = False
        self._is_aborted = False
        self._posting_since: float | None = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> Result:
        """Post one body. A connection that failed, or met a 5xx, is not used again."""
        http = self._open()
        with self._lock:
            self._is_new, self._is_aborted = False, False
            self._posting_since = time.monotonic()
        try:
            result = self._exchange(http, body, headers)
        except httpx.RequestError as error:
            result = no_answer(error, is_new=self._is_new)
        finally:
            with self._lock:
                self._posting_since = None
        if isinstance(result, NoAnswer) or result.status >= 500:  # noqa: PLR2004 - server errors
            self.close()  # the next try looks the host up again
        return result

    def _exchange(self, http: httpx.Client, body: bytes, headers: Mapping[str, str]) -> Result:
        extensions = {"trace": self._trace}
        with http.stream(
            "POST", self._url, content=body, headers=dict(headers), extensions=extensions
        ) as response:
            said, is_whole = bytearray(), True
            try:
                for piece in response.iter_bytes():
                    said += piece
                    if len(said) > MAX_ANSWER_BYTES:
                        is_whole = False
                        break
            except httpx.DecodingError:
                is_whole = False
            except httpx.TransportError as error:
                if response.is_success:  # half an answer: whether it says success is unknown
                    return NoAnswer(type(error).__name__, was_sent=True)
                is_whole = False
            return Answer(response.status_code, dict(response.headers), bytes(said), is_whole)

    def _open(self) -> httpx.Client:
        now = time.monotonic()
        if self._http is not None and now - self._opened_at > self._options.reconnect_seconds:
            self.close()
        if self._http is None:
            options = self._options
            self._opened_at = now
            self._http = httpx.Client(
                trust_env=not is_loopback(self._url),
                verify=self._tls,
                follow_redirects=False,
                timeout=httpx.Timeout(
                    connect=options.connect_seconds,
                    read=options.read_seconds,
                    write=options.write_seconds,
                    pool=options.connect_seconds,
                ),
                limits=httpx.Limits(max_connections=1, keepalive_expiry=15.0),
            )
        return self._http

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of a new connection's socket, which is what `abort` needs."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            with self._lock:
                self._socket = info["return_value"].get_extra_info("socket")
                self._is_new = True
                if self._is_aborted:
                    _cut(self._socket)

    def seconds_posting(self) -> float:
        """Return for how long the POST in flight has run; 0 if there is none."""
        since = self._posting_since
        return 0.0 if since is None else time.monotonic() - since

    def abort(self) -> None:
        """Cut the connection of the POST in flight, so that it ends now and not at its time-out.

        To close the client would not wake the thread that reads; to shut the socket down does.
        """
        with self._lock:
            if self._posting_since is not None:
                self._is_aborted = True
                _cut(self._socket)

    def close(self) -> None:
        """Drop the connection; the next POST opens another."""
        with self._lock:
            self._socket = None
        if self._http is not None:
            self._http.close()
            self._http = None


def no_answer(error: httpx.RequestError, *, is_new: bool) -> NoAnswer:
    """Turn an error of httpx into facts. Its text is left behind: it may hold an address."""
    was_sent = not isinstance(error, NEVER_CONNECTED)
    is_untrusted = _is_untrusted(error)
    return NoAnswer(
        "the server's certificate is not trusted" if is_untrusted else type(error).__name__,
        was_sent=was_sent,
        is_stale=was_sent and not is_new and isinstance(error, _ENDED),
        is_final=is_untrusted or isinstance(error, _FINAL),
    )


def _is_untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _cut(sock: socket.socket | None) -> None:
    if sock is None:
        return
    try:
        # Not the method of SSLSocket, which takes the TLS state from under the reading thread.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:  # closed already: there is nothing left to end
        return
