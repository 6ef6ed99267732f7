"""What a parsed trigger is made of, and how its values compare.

Source of the rules: the evaluator of Segment's published subscriptions, for what it gets right,
and the documentation of FQL for the rest. A comparison with a number is false for what is no
number, also with `!=`; `!contains` and `!match` are false for what is no text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from segment_assets.handoff import MISSING
from segment_assets.mapping.path import Parts
from segment_assets.mapping.rows import Rows


class TriggerNode(Protocol):
    """One piece of a trigger."""

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Return one value per row."""

    def paths(self) -> frozenset[Parts]:
        """Return the paths that are read."""


def is_number(value: Any) -> bool:
    """Say whether a value is a number; a boolean is none."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Make two numbers comparable: a double meets a decimal as the text that it prints as."""
    if isinstance(left, float) and isinstance(right, Decimal):
        return Decimal(repr(left)), right
    if isinstance(left, Decimal) and isinstance(right, float):
        return left, Decimal(repr(right))
    return left, right


def equal(left: Any, right: Any) -> bool:
    """Say whether two values are of one type and equal; missing is null."""
    if is_number(left) and is_number(right):
        left, right = comparable(left, right)
        return bool(left == right)
    if left is None or left is MISSING:
        return right is None or right is MISSING
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, str | bool) and type(left) is type(right):
        return bool(left == right)
    return False


def differs(left: Any, right: Any) -> bool:
    """Say whether a value is another one; what is no number doesn't differ from a number."""
    if is_number(right) and not is_number(left):
        return False
    return not equal(left, right)


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        if not (is_number(left) and is_number(right)) or left != left or right != right:  # noqa: PLR0124 - NaN
            return False
        return test(*comparable(left, right))

    return compare


def _is_in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(equal(left, item) for item in right)


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": equal,
    "!=": differs,
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": _is_in,
}


@dataclass(frozen=True, slots=True)
class FieldNode:
    """The value of a field; a field that isn't there is null."""

    parts: Parts

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Hand out the rows' values."""
        return rows.get(self.parts)

    def paths(self) -> frozenset[Parts]:
        """Read the field."""
        return frozenset({self.parts})


@dataclass(frozen=True, slots=True)
class ConstantNode:
    """A text, number, boolean, null or list that is written in the trigger."""

    value: Any

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Repeat the value."""
        return [self.value] * len(rows)

    def paths(self) -> frozenset[Parts]:
        """Read nothing."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list with fields in it."""

    items: tuple[TriggerNode, ...]

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Make a list per row."""
        columns = [item.evaluate(rows) for item in self.items]
        return [list(values) for values in zip(*columns, strict=True)]

    def paths(self) -> frozenset[Parts]:
        """Read what the items read."""
        return frozenset().union(*(item.paths() for item in self.items))


@dataclass(frozen=True, slots=True)
class ComparisonNode:
    """Two values compared."""

    operator: str
    left: TriggerNode
    right: TriggerNode

    def evaluate(self, rows: Rows) -> Sequence[bool]:
        """Compare row by row; a written text on the right needs no look at types."""
        lefts = self.left.evaluate(rows)
        if isinstance(self.right, ConstantNode) and isinstance(self.right.value, str):
            sought = self.right.value
            if self.operator == "=":
                return [isinstance(left, str) and left == sought for left in lefts]
            if self.operator == "!=":
                return [not isinstance(left, str) or left != sought for left in lefts]
        return list(map(COMPARISONS[self.operator], lefts, self.right.evaluate(rows)))

    def paths(self) -> frozenset[Parts]:
        """Read both sides."""
        return self.left.paths() | self.right.paths()


@dataclass(frozen=True, slots=True)
class CallNode:
    """A function of values. All functions are pure."""

    function: Callable[..., Any]
    arguments: tuple[TriggerNode, ...]

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Call the function for each row."""
        return list(map(self.function, *(node.evaluate(rows) for node in self.arguments)))

    def paths(self) -> frozenset[Parts]:
        """Read what the arguments read."""
        return frozenset().union(*(node.paths() for node in self.arguments))


@dataclass(frozen=True, slots=True)
class NotNode:
    """The opposite of a condition; what is neither true nor false counts as false."""

    condition: TriggerNode

    def evaluate(self, rows: Rows) -> Sequence[bool]:
        """Turn each row's answer."""
        return [value is not True for value in self.condition.evaluate(rows)]

    def paths(self) -> frozenset[Parts]:
        """Read what the condition reads."""
        return self.condition.paths()


@dataclass(frozen=True, slots=True)
class GroupNode:
    """Conditions that must all hold, or of which one must."""

    all_of: bool
    conditions: tuple[TriggerNode, ...]

    def evaluate(self, rows: Rows) -> Sequence[bool]:
        """Join the answers of each row."""
        columns = [
            [value is True for value in condition.evaluate(rows)] for condition in self.conditions
        ]
        return list(map(all if self.all_of else any, zip(*columns, strict=True)))

    def paths(self) -> frozenset[Parts]:
        """Read what the conditions read."""
        return frozenset().union(*(condition.paths() for condition in self.conditions))
