"""Which columns the ledger's fingerprints are over, so that a mapping that reads others adopts.

A fingerprint says nothing about the columns that made it; the plan number of its ledger row does.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from segment_assets.seams import Session

_MAX_PLAN_NO: Final = 2**62
_KNOWN: Final = """
SELECT first_no, last_no, columns FROM (
  SELECT plan_no AS first_no, columns,
         coalesce(lead(plan_no) OVER (ORDER BY plan_no) - 1, {max_plan_no}) AS last_no
  FROM column_lists) AS lists
WHERE EXISTS (SELECT 1 FROM (SELECT DISTINCT plan_no FROM ledger WHERE generation = {generation})
              AS used WHERE used.plan_no BETWEEN lists.first_no AND lists.last_no)
ORDER BY first_no DESC
"""


@dataclass(frozen=True, slots=True)
class ColumnList:
    """Names of columns in the model's order, and the plans (first to last) that used them."""

    names: tuple[str, ...]
    first_plan_no: int
    last_plan_no: int


def used_lists(session: Session, generation: int) -> list[ColumnList]:
    """Return the lists that fingerprints in the ledger are over, newest first."""
    rows = session.fetch(_KNOWN.format(max_plan_no=_MAX_PLAN_NO, generation=generation))
    return [ColumnList(tuple(json.loads(text)), first, last) for first, last, text in rows]


def use_list(session: Session, plan_no: int, names: Sequence[str]) -> None:
    """Say that fingerprints from this plan on are over these columns."""
    text = json.dumps(list(names))
    session.execute(
        "INSERT INTO column_lists SELECT ?, ? WHERE ? IS DISTINCT FROM "
        "(SELECT arg_max(columns, plan_no) FROM column_lists)",
        [plan_no, text, text],
    )
