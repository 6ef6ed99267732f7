"""The HTTP face: the Tracking API's endpoints, the key's settings, and what the network does.

Endpoints, statuses and limits: the HTTP Tracking API page of Segment's documentation. It answers
200 to nearly everything, also to what it drops; that is the behaviour a sender has to survive.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from email.utils import formatdate
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from segment_assets.emulator.control import control_routes
from segment_assets.emulator.faults import Fault, FaultPlan
from segment_assets.emulator.intake import REFUSALS, is_known_key, read_intake
from segment_assets.emulator.rules import CALL_TYPES
from segment_assets.emulator.store import RequestRecord, Store

#: A body is read to its end, and kept up to this size: four times what any request may have.
_MAX_WIRE_BYTES: Final = 2_000_000
_SECRET_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_NO_HEADERS: Final[dict[str, str]] = {}


def build_app(
    store: Store,
    *,
    write_keys: AbstractSet[str] | None = None,
    faults: FaultPlan | None = None,
) -> Starlette:
    """Build the ASGI application.

    write_keys -- the sources' keys; None takes any text without white space for a known key.
    faults -- what goes wrong; an empty plan by default, filled over `/_emulator/faults`.

    A fault that resets the connection calls `app.state.hang_up(client address)`: the server sets
    it, since an ASGI application can't reach its transport. Without it such a fault answers 500.
    """
    plan = faults if faults is not None else FaultPlan()
    api = _TrackingApi(store, write_keys, plan)
    app = Starlette(
        routes=[
            *(
                Route(f"/v1/{kind}", api.receive, methods=["POST"], name=kind)
                for kind in ("batch", *sorted(CALL_TYPES))
            ),
            Route("/v1/projects/{key}/settings", api.show_settings, methods=["GET"]),
            *control_routes(store, plan),
        ],
        exception_handlers={404: api.refuse_path, 405: api.refuse_path},
    )
    # A redirect would hide a wrong path: the real API has no such courtesy.
    app.router.redirect_slashes = False
    app.state.hang_up = None
    return app


class _TrackingApi:
    """Handlers of the API's endpoints over one store."""

    def __init__(
        self, store: Store, write_keys: AbstractSet[str] | None, faults: FaultPlan
    ) -> None:
        self._store, self._write_keys, self._faults = store, write_keys, faults

    async def receive(self, request: Request) -> Response:
        """Take one call or one batch."""
        wire_body, wire_bytes = await _read_body(request)
        kind = request.url.path.rpartition("/")[2]
        intake = read_intake(
            wire_body,
            kind=kind,
            content_encoding=request.headers.get("content-encoding"),
            authorization=request.headers.get("authorization"),
            write_keys=self._write_keys,
        )
        fault = self._faults.take("calls", wire_bytes=wire_bytes, body=intake.body)
        if fault is not None and await _is_cut_short(fault.latency_seconds):
            return _answer_fault(Fault(reset=True), request)
        calls, note = intake.calls, intake.refusal or intake.drop_all
        if fault is not None and fault.takes_over:
            calls, note = calls[: fault.share(len(calls))], "scripted_fault"
            response = _answer_fault(fault, request)
        elif intake.refusal is not None:
            response = _json(400, {"success": False, "message": REFUSALS[intake.refusal]})
        else:
            response = _json(200, {"success": True})
        self._store.take_calls(calls, intake.drop_all)
        self._note(
            request,
            response,
            events=len(intake.calls),
            body_bytes=len(intake.body),
            wire_bytes=wire_bytes,
            sent_at=intake.sent_at,
            note=note,
            body=intake.body if self._store.record_bodies else None,
        )
        return response

    async def show_settings(self, request: Request) -> Response:
        """Answer the proof of a write key: 200 for a known one, 404 for any other."""
        fault = self._faults.take("settings")
        if fault is not None and await _is_cut_short(fault.latency_seconds):
            return _answer_fault(Fault(reset=True), request)
        if fault is not None and fault.takes_over:
            response = _answer_fault(fault, request)
        elif is_known_key(request.path_params["key"], self._write_keys):
            response = _json(200, {"integrations": {"Segment.io": {}}, "plan": {}})
        else:
            response = _json(404, {"success": False, "message": "no such project"})
        self._note(request, response, path="/v1/projects/***/settings")
        return response

    async def refuse_path(self, request: Request, error: Exception) -> Response:
        """Answer a path or method that the API doesn't have."""
        status = getattr(error, "status_code", 404)
        response = _json(status, {"success": False, "message": "no such endpoint"})
        path = request.url.path
        self._note(request, response, path="/v1/projects/***" if "/projects/" in path else path)
        return response

    def _note(
        self, request: Request, response: Response, *, path: str | None = None, **facts: Any
    ) -> None:
        self._store.note_request(
            RequestRecord(
                received_at=self._store.clock(),
                method=request.method,
                path=path or request.url.path,
                status=0 if isinstance(response, _Reset) else response.status_code,
                headers={
                    name: value
                    for name, value in request.headers.items()
                    if name not in _SECRET_HEADERS
                },
                **facts,
            )
        )


async def _read_body(request: Request) -> tuple[bytes | None, int]:
    """Read the body to its end; (None, size) where it is longer than anything could be."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= _MAX_WIRE_BYTES:
            chunks.append(chunk)
    return (b"".join(chunks) if size <= _MAX_WIRE_BYTES else None), size


async def _is_cut_short(latency_seconds: float) -> bool:
    """Wait; True where the server stops meanwhile: the sender then sees a broken connection."""
    try:
        await asyncio.sleep(latency_seconds)
    except asyncio.CancelledError:
        # The server cancels what is in flight when it stops. Ending with the exception would
        # make it answer 500, which a sender could take for the API's own word.
        return True
    return False


def _json(status: int, content: Any) -> Response:
    return _with_date(Response(orjson.dumps(content), status, media_type="application/json"))


def _answer_fault(fault: Fault, request: Request) -> Response:
    hang_up: Callable[[Any], None] | None = request.app.state.hang_up
    if fault.reset and hang_up is not None:
        return _Reset(hang_up)
    status = fault.status if fault.status is not None else 500
    body = fault.body if fault.body is not None else '{"success":false}'
    named = {name.lower() for name in fault.headers}
    media_type = _NO_HEADERS if "content-type" in named else {"content-type": "application/json"}
    return _with_date(Response(body, status, headers={**media_type, **fault.headers}))


def _with_date(response: Response) -> Response:
    """Add Date, which senders compare with their own clock; a fault may give a wrong one."""
    response.headers.setdefault("date", formatdate(usegmt=True))
    return response


class _Reset(Response):
    """Hangs up instead of answering."""

    def __init__(self, hang_up: Callable[[Any], None]) -> None:
        super().__init__()
        self._hang_up = hang_up

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        self._hang_up(scope["client"])
        # Wait until the server has seen the end of the connection: returning any sooner looks
        # to it like an application that forgot to answer.
        while (await receive())["type"] != "http.disconnect":
            pass
