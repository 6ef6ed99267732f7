"""The Liquid engine of `@liquid`, set up to print and compute as Segment's does (liquidjs)."""

import functools
from collections.abc import Mapping
from typing import Any, ClassVar, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.echo_tag import EchoNode, EchoTag
from liquid.exceptions import LiquidError

from segment_assets.mapping.liquid_filters import VALUE_FILTERS
from segment_assets.mapping.liquid_text_filters import TEXT_FILTERS
from segment_assets.mapping.liquid_values import budget, printed
from segment_assets.mapping.nodes import Failed

DISABLED_TAGS: Final = ("case", "for", "include", "layout", "render", "tablerow")
DISABLED_FILTERS: Final = frozenset(
    {
        "array_to_sentence_string", "concat", "find", "find_exp", "find_index", "find_index_exp",
        "group_by", "group_by_exp", "has", "has_exp", "map", "newline_to_br", "reject",
        "reject_exp", "reverse", "sample", "sort", "sort_natural", "type", "uniq", "where_exp",
    }
)  # fmt: skip
#: Characters that one rendering may make. A call holds 32,768 bytes, so this bounds the work only.
MAX_CHARACTERS: Final = 1_000_000
#: Names that the engine itself would fill with the time of day.
_CLOCK: Final[dict[str, None]] = {"now": None, "today": None}


class PrintedNode(OutputNode):
    """`{{ ... }}`, printed as JavaScript does."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value's text."""
        return buffer.write(printed(self.expression.evaluate(context)))


class PrintedEchoNode(EchoNode):
    """`{% echo ... %}`, printed as JavaScript does."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value's text."""
        return buffer.write(printed(self.expression.evaluate(context)))


class PrintedOutput(Output):
    """The tag of `{{ ... }}`."""

    node_class = PrintedNode


class PrintedEcho(EchoTag):
    """The tag of `{% echo ... %}`."""

    node_class = PrintedEchoNode


class SegmentEnvironment(Environment):
    """Liquid with the limits of `@liquid`."""

    output_stream_limit: ClassVar[int | None] = 4 * MAX_CHARACTERS
    string_first_and_last = True
    string_sequences = True
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what Segment leaves switched on, and nothing else."""
        super().setup_tags_and_filters(extra=extra)
        for name in (*DISABLED_TAGS, "ifchanged", "doc"):
            self.tags.pop(name, None)
        for tag in (PrintedOutput, PrintedEcho):
            self.add_tag(tag)
        self.filters.clear()
        self.filters.update(VALUE_FILTERS | TEXT_FILTERS)


@functools.cache
def environment() -> SegmentEnvironment:
    """Return the one environment: it is never changed, so threads share it."""
    return SegmentEnvironment(strict_filters=False)


def compile_template(template: str) -> BoundTemplate:
    """Parse a template and refuse the filters that are off. Raises `Failed`."""
    try:
        parsed = environment().from_string(template)
        used = sorted(DISABLED_FILTERS.intersection(parsed.analyze().filters))
    except (LiquidError, RecursionError) as error:
        raise Failed(f"can't be parsed as Liquid: {_sentence(error)}") from error
    if used:
        raise Failed(f"uses a Liquid filter that is switched off: {', '.join(used)}")
    return parsed


def render(template: BoundTemplate, variables: Mapping[str, Any]) -> str:
    """Render a template with a row's root as variables. Raises `Failed`."""
    try:
        with budget(MAX_CHARACTERS):
            return template.render(_CLOCK | dict(variables))
    except Failed:
        raise
    except Exception as error:
        # A template can fail in as many ways as Python: the row is rejected with the reason.
        raise Failed(f"@liquid failed: {_sentence(error)}") from error


def _sentence(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
