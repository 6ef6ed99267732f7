"""Parse a trigger: `type = "track" and (properties.total > 10 or !match(event, "Test*"))`.

`or` binds least, then `and`, then `!` (or `not`), then comparisons; parentheses nest. What is
parsed is checked to be a condition, so that an invalid trigger fails before anything runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from segment_assets.mapping.trigger_functions import FUNCTIONS, Glob, contains, match
from segment_assets.mapping.trigger_lexer import Token, path_parts, refused, tokens_of
from segment_assets.mapping.trigger_nodes import (
    COMPARISONS,
    CallNode,
    ComparisonNode,
    ConstantNode,
    FieldNode,
    GroupNode,
    ListNode,
    NotNode,
    TriggerNode,
)

MAX_DEPTH: Final = 50
_WORDS: Final = {"true": True, "false": False, "null": None}
_KEYWORDS: Final = frozenset({"and", "or", "not", "in", *_WORDS})


@dataclass(frozen=True, slots=True)
class _TextTest:
    """`contains` and `match` under `!`: still false for what is no text."""

    call: Any

    def __call__(self, value: Any, other: Any) -> bool:
        return isinstance(value, str) and not self.call(value, other)


@dataclass(frozen=True, slots=True)
class _GlobTest:
    """`match` with a written pattern, which is compiled once."""

    glob: Glob
    wanted: bool = True

    def __call__(self, value: Any) -> bool:
        return isinstance(value, str) and self.glob.matches(value) is self.wanted


class TriggerParser:
    """Reads the tokens of one trigger from left to right."""

    def __init__(self, fql: str) -> None:
        self._tokens: Sequence[Token] = tokens_of(fql)
        self._place = 0
        self._depth = 0

    def parse(self) -> TriggerNode:
        """Return the condition. Raises `MappingError`."""
        if self._now.kind == "end":
            raise refused("a trigger can't be empty: leave it out to send every record", 1)
        node = self._any_of()
        if self._now.text:
            raise self._unexpected('"and", "or" or the end')
        return node

    @property
    def _now(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._now
        self._place += bool(token.text)
        return token

    def _takes(self, *texts: str) -> bool:
        """Take the next token if it is one of these words or signs."""
        if self._now.kind != "text" and self._now.text in texts:
            self._place += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._unexpected(f"{sign!r}")

    def _unexpected(self, wanted: str) -> Exception:
        token = self._now
        found = repr(token.text) if token.text else "the end"
        hint = ""
        if token.text.lower() in _KEYWORDS and token.text not in _KEYWORDS:
            hint = f"; write {token.text.lower()!r} in lower case"
        return refused(f"expected {wanted} but found {found}{hint}", token.column)

    def _any_of(self) -> TriggerNode:
        return self._group("or", lambda: self._group("and", self._negation))

    def _group(self, word: str, part: Any) -> TriggerNode:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        # Segment's evaluator leaves `contains` and `match` of the field `type` out of a group. A
        # record's type is the mapping's own, so the same answer matters more than a better one.
        parts = [part for part in parts if not _tests_type(part)] or parts
        return parts[0] if len(parts) == 1 else GroupNode(word == "and", tuple(parts))

    def _negation(self) -> TriggerNode:
        turned = False
        while self._takes("!", "not"):
            turned = not turned
        column = self._now.column
        node = self._comparison()
        if isinstance(node, ConstantNode) and not isinstance(node.value, bool | None):
            raise refused("a text, number or list alone is no condition", column)
        if isinstance(node, ListNode) or (isinstance(node, CallNode) and not _answers(node)):
            raise refused("expected a condition: compare the value with something", column)
        return _opposite(node) if turned else node

    def _comparison(self) -> TriggerNode:
        left = self._operand()
        token = self._now
        if token.kind in {"operator", "path"} and token.text in COMPARISONS:
            self._place += 1
            right = self._operand()
            return ComparisonNode(token.text, left, right)
        return left

    def _operand(self) -> TriggerNode:
        token = self._next()
        if token.kind == "text":
            return ConstantNode(token.text[1:-1])
        if token.kind == "number":
            return ConstantNode(float(token.text) if "." in token.text else int(token.text))
        if token.text in {"(", "["}:
            return self._nested(token)
        if token.kind == "path" and token.text in _WORDS:
            return ConstantNode(_WORDS[token.text])
        if token.kind == "path" and token.text not in _KEYWORDS:
            if self._takes("("):
                return self._call(token)
            return FieldNode(path_parts(token.text, token.column))
        self._place -= bool(token.text)
        raise self._unexpected("a field, a value or a function")

    def _nested(self, token: Token) -> TriggerNode:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused(f"is nested more than {MAX_DEPTH} levels deep", token.column)
        node = self._any_of() if token.text == "(" else self._list()
        self._expect(")" if token.text == "(" else "]")
        self._depth -= 1
        # In parentheses a test of text is a condition like any other: `!` turns it round.
        return GroupNode(all_of=True, conditions=(node,)) if _tests_text(node) else node

    def _list(self) -> TriggerNode:
        items: list[TriggerNode] = []
        while self._now.text != "]" or self._now.kind == "text":
            items.append(self._operand())
            if not self._takes(","):
                break
        if all(isinstance(item, ConstantNode) for item in items):
            return ConstantNode([item.value for item in items if isinstance(item, ConstantNode)])
        return ListNode(tuple(items))

    def _call(self, name: Token) -> TriggerNode:
        function = FUNCTIONS.get(name.text)
        if function is None:
            allowed = ", ".join(FUNCTIONS)
            raise refused(
                f"unknown function {name.text!r}; the functions are {allowed}", name.column
            )
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused(f"is nested more than {MAX_DEPTH} levels deep", name.column)
        arguments: list[TriggerNode] = []
        columns: list[int] = []
        while self._now.text != ")" or self._now.kind == "text":
            columns.append(self._now.column)
            arguments.append(self._operand())
            if not self._takes(","):
                break
        self._expect(")")
        self._depth -= 1
        if len(arguments) != function.takes:
            raise refused(
                f"{name.text} takes {function.takes} value{'s' * (function.takes > 1)} "
                f"but got {len(arguments)}",
                name.column,
            )
        if function.takes == 2:  # noqa: PLR2004 - contains and match
            return _text_test(name.text, arguments, columns[1])
        return CallNode(function.call, tuple(arguments))


def _text_test(name: str, arguments: Sequence[TriggerNode], column: int) -> TriggerNode:
    value, other = arguments
    if isinstance(other, ConstantNode) and not isinstance(other.value, str):
        raise refused(f"{name} needs a text as its second value", column)
    if name == "match" and isinstance(other, ConstantNode):
        try:
            return CallNode(_GlobTest(Glob(other.value)), (value,))
        except ValueError as error:
            raise refused(f"the pattern can't be read: {error}", column) from error
    return CallNode(FUNCTIONS[name].call, (value, other))


def _tests_text(node: TriggerNode) -> bool:
    """Say whether a condition is `contains` or `match`."""
    return isinstance(node, CallNode) and (
        isinstance(node.function, _GlobTest | _TextTest) or node.function in (contains, match)
    )


def _tests_type(node: TriggerNode) -> bool:
    """Say whether a condition is `contains` or `match` of the field `type`."""
    return (
        isinstance(node, CallNode)
        and _tests_text(node)
        and node.arguments[0] == FieldNode(("type",))
    )


def _answers(node: CallNode) -> bool:
    """Say whether a function answers true or false."""
    return _tests_text(node) or node.function is FUNCTIONS["bool"].call


def _opposite(node: TriggerNode) -> TriggerNode:
    """Turn a condition. Directly before a test of text, `!` keeps it false for what is none."""
    if isinstance(node, CallNode) and isinstance(node.function, _GlobTest):
        return CallNode(_GlobTest(node.function.glob, wanted=False), node.arguments)
    if isinstance(node, CallNode) and len(node.arguments) > 1:
        return CallNode(_TextTest(node.function), node.arguments)
    return NotNode(node)
