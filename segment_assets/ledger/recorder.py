"""Marks: what is written before and after each POST. Each method is one short transaction."""

import time
from collections.abc import Callable
from typing import Final

from segment_assets.handoff import SeqRange
from segment_assets.ledger.plans import PlanRow
from segment_assets.seams import Session, StateStore

_TOKEN_POLL_SECONDS: Final = 1.0


class LedgerRecorder:
    """Writes the marks of one plan under one token; a stale token stops the sender."""

    def __init__(
        self,
        store: StateStore,
        plan: PlanRow,
        token: str,
        should_stop: Callable[[], str | None] | None = None,
    ) -> None:
        self._store, self._plan, self._token = store, plan, token
        self._marks = store.marks()
        self._should_stop = should_stop
        self._polled = time.monotonic()
        self._reason: str | None = None

    def _mark(self, batch: SeqRange, status: str, attempt: int, code: str | None = None) -> None:
        self._marks.add(
            self._plan.plan_id, batch, status, attempt=attempt, token=self._token, code=code
        )

    def intent(self, batch: SeqRange, attempt: int) -> None:
        """Say that a batch is about to be posted."""
        self._mark(batch, "intent", attempt)

    def accepted(self, batch: SeqRange, attempt: int) -> None:
        """Say that the API accepted exactly this batch."""
        self._mark(batch, "accepted", attempt)

    def refused(self, batch: SeqRange, attempt: int, found: str) -> None:
        """Say that the API refused this one call while it accepted others."""
        self._mark(batch, "refused", attempt, found[:500])

    def returned(self, batch: SeqRange, attempt: int, code: str) -> None:
        """Take an intent back: the whole request was refused each time."""
        self._mark(batch, "returned", attempt, code)

    def close(self) -> None:
        """Let go of the marks: nothing more is posted."""
        self._marks.close()

    def should_stop(self) -> str | None:
        """Return why delivery must stop now, else None. Looks at the plan's token once a second."""
        if self._reason is None and self._should_stop is not None:
            self._reason = self._should_stop()
        if self._reason is None and time.monotonic() - self._polled >= _TOKEN_POLL_SECONDS:
            self._polled = time.monotonic()
            with self._store.session() as session:
                self._reason = _stale(session, self._plan.plan_no, self._token)
        return self._reason


def _stale(session: Session, plan_no: int, token: str) -> str | None:
    rows = session.fetch(
        "SELECT token FROM plans WHERE plan_no = ? AND status = 'sending' ORDER BY rowid DESC "
        "LIMIT 1",
        [plan_no],
    )
    if rows and rows[0][0] == token:
        return None
    return "another sender has claimed this plan"
