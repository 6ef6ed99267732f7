"""The emulator's own paths, which the real API doesn't have: counts, calls, faults, the page."""

import base64
import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from segment_assets.emulator.faults import Fault, FaultPlan
from segment_assets.emulator.intake import REFUSALS
from segment_assets.emulator.rules import DROP_REASONS
from segment_assets.emulator.store import CallRecord, RequestRecord, Store

_PAGE: Final = Path(__file__).with_name("debugger.html")
_MEANINGS: Final = {
    **DROP_REASONS,
    **REFUSALS,
    "scripted_fault": "a fault of the script answered in the API's place",
}
_MAX_SHOWN: Final = 2_000
_IDS_PER_CHUNK: Final = 10_000
#: The page shows calls of strangers: only its own script runs, and nothing else can be loaded.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def control_routes(store: Store, faults: FaultPlan) -> list[BaseRoute]:
    """Return the routes of the debugger page and of `/_emulator/...`."""
    control = _Control(store, faults)
    return [
        Route("/", control.show_page),
        Route("/_emulator/counts", control.show_counts),
        Route("/_emulator/message_ids", control.show_message_ids),
        Route("/_emulator/calls", control.show_calls),
        Route("/_emulator/requests", control.show_requests),
        Route("/_emulator/faults", control.show_faults, methods=["GET"]),
        Route("/_emulator/faults", control.add_faults, methods=["POST"]),
        Route("/_emulator/faults", control.clear_faults, methods=["DELETE"]),
        Route("/_emulator/reset", control.reset, methods=["POST"]),
    ]


class _Control:
    """Handlers of the emulator's own paths."""

    def __init__(self, store: Store, faults: FaultPlan) -> None:
        self._store, self._faults = store, faults

    async def show_page(self, _request: Request) -> Response:
        page = _PAGE.read_text(encoding="utf-8")
        script = page.partition("<script>")[2].partition("</script>")[0]
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        headers = {**_PAGE_HEADERS, "content-security-policy": _POLICY.format(digest)}
        return Response(page, media_type="text/html", headers=headers)

    async def show_counts(self, _request: Request) -> Response:
        return _json(self._store.counts())

    async def show_message_ids(self, _request: Request) -> Response:
        return StreamingResponse(_lines(self._store.message_ids()), media_type="text/plain")

    async def show_calls(self, request: Request) -> Response:
        """`?type=&outcome=&since=<number>&limit=`: kept calls, newest first."""
        query = request.query_params
        try:
            since, limit = int(query.get("since") or 0), int(query.get("limit") or 100)
        except ValueError:
            return _refuse("since and limit must be whole numbers")
        records = self._store.calls(
            kind=query.get("type") or None,
            outcome=query.get("outcome") or None,
            since=since,
            limit=min(max(limit, 0), _MAX_SHOWN),
        )
        return _json({"run": self._store.run, "calls": [_show_call(item) for item in records]})

    async def show_requests(self, request: Request) -> Response:
        """`?limit=`: kept requests, newest first."""
        try:
            limit = int(request.query_params.get("limit") or 100)
        except ValueError:
            return _refuse("limit must be a whole number")
        records = self._store.requests(min(max(limit, 0), _MAX_SHOWN))
        return _json({"run": self._store.run, "requests": _show_requests(reversed(records))})

    async def show_faults(self, _request: Request) -> Response:
        return _json({"faults": self._faults.left()})

    async def add_faults(self, request: Request) -> Response:
        """Take one fault, or a list of them, all or none."""
        if _is_foreign(request):
            return _refuse("only the emulator's own page may do this", status=403)
        try:
            given = orjson.loads(await request.body())
            faults = [Fault.parse(item) for item in (given if isinstance(given, list) else [given])]
        except ValueError as error:
            return _refuse(str(error))
        self._faults.add(*faults)
        return _json({"faults": self._faults.left()})

    async def clear_faults(self, request: Request) -> Response:
        if _is_foreign(request):
            return _refuse("only the emulator's own page may do this", status=403)
        self._faults.clear()
        return _json({"faults": []})

    async def reset(self, request: Request) -> Response:
        """Forget calls, requests, ids, counts and faults."""
        if _is_foreign(request):
            return _refuse("only the emulator's own page may do this", status=403)
        self._faults.clear()
        self._store.reset()
        return _json({"run": self._store.run})


def _is_foreign(request: Request) -> bool:
    """Say whether a browser sends this for a page of another site (tools send no Origin)."""
    origin = request.headers.get("origin")
    return origin is not None and origin.rpartition("//")[2] != request.headers.get("host")


def _json(content: Any) -> Response:
    # A call may hold anything JSON can: text keys are ensured by the parser it came from.
    return Response(
        orjson.dumps(content), media_type="application/json", headers={"cache-control": "no-store"}
    )


def _refuse(message: str, *, status: int = 400) -> Response:
    return JSONResponse({"error": message}, status_code=status)


async def _lines(message_ids: list[str]) -> AsyncIterator[str]:
    """Yield ids one a line; an id that itself holds a line end is written with backslash-n."""
    for start in range(0, len(message_ids), _IDS_PER_CHUNK):
        part = message_ids[start : start + _IDS_PER_CHUNK]
        text = "\n".join(part)
        if text.count("\n") >= len(part):
            text = "\n".join(item.replace("\n", "\\n") for item in part)
        yield text + "\n"


def _show_call(record: CallRecord) -> dict[str, Any]:
    call = {name: value for name, value in record.call.items() if name != "writeKey"}
    return {
        **record._asdict(),
        "received_at": _iso(record.received_at),
        "meaning": _MEANINGS.get(record.reason or ""),
        "call": call,
    }


def _show_requests(records: Iterable[RequestRecord]) -> list[dict[str, Any]]:
    shown = []
    for record in records:
        facts = asdict(record)
        del facts["body"]
        meaning = _MEANINGS.get(record.note or "")
        shown.append({**facts, "received_at": _iso(record.received_at), "meaning": meaning})
    return shown


def _iso(epoch_seconds: float) -> str:
    text = datetime.fromtimestamp(epoch_seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
