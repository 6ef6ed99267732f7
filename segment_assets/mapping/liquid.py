"""`@liquid`: a template in Segment's subset of Liquid, always giving text.

Source of the limits: mapping-kit (1,000 characters; no loops, includes or `case`; a list of
filters that are switched off). Segment bounds a rendering by 500 ms and 100 MB; here it is bounded
by the characters that it makes, because a clock would let the same row pass now and fail on a
retry. For the same reason there is no `now` and no random filter.

The engine is loaded when a mapping first uses it.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from segment_assets.handoff import Fault
from segment_assets.mapping.nodes import ALL_COLUMNS, Failed, Paths, map_values
from segment_assets.mapping.rows import Rows

if TYPE_CHECKING:
    from liquid import BoundTemplate

MAX_TEMPLATE_CHARACTERS: Final = 1_000
_SEGMENT_ID: Final = "__segment_id"


@dataclass(frozen=True, slots=True)
class LiquidNode:
    """A template with each row's root as its variables."""

    template: str

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Render the template for each row."""
        if not self.template:
            return [""] * len(rows)
        return map_values(self._render, rows.roots())

    def _render(self, root: Any) -> str:
        from segment_assets.mapping.liquid_engine import render  # noqa: PLC0415 - loaded if used

        variables = root if isinstance(root, dict) else {}
        broken = next((value for value in variables.values() if type(value) is Fault), None)
        if broken is not None:
            raise Failed(broken.message)
        return render(compiled(self.template), variables)

    def paths(self) -> Paths:
        """Read all columns, and the key only where the template names it."""
        names_key = _SEGMENT_ID in self.template
        return ALL_COLUMNS | {(_SEGMENT_ID,)} if names_key else ALL_COLUMNS


@functools.lru_cache(maxsize=256)
def compiled(template: str) -> "BoundTemplate":
    """Parse a template once per process. Raises `Failed`."""
    from segment_assets.mapping.liquid_engine import compile_template  # noqa: PLC0415 - as above

    return compile_template(template)


def template_mistake(template: str) -> str | None:
    """Return what is wrong with a template, or None."""
    try:
        if template:
            compiled(template)
    except Failed as error:
        return str(error)
    return None
