"""Parse a mapping: Segment's mapping-kit, with every mistake collected.

Source of the rules: mapping-kit's validator and its directives, in Segment's published
destinations. Where the published evaluator would fail on every row, the mapping is refused here;
in a place that not every row comes to, the rows that do come fail instead. Names that mapping-kit
would quietly ignore (an argument that doesn't exist) are refused too.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from segment_assets.handoff import MISSING
from segment_assets.mapping.nodes import (
    ArrayNode,
    FailingNode,
    LiteralNode,
    Node,
    ObjectNode,
    kind_of,
)

ROOT_DIRECTIVE: Final = "__segment_internal_directive"
MAX_DEPTH: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a mapping something stands, and what becomes of its value."""

    path: str = ""
    #: The value goes into the call as it is, so that nothing missing may stay inside it.
    clean: bool = True
    #: Every row comes here.
    sure: bool = True
    #: Inside a list, where mapping-kit checks nothing: a value of `@case` or `@replace` may be
    #: anything there.
    listed: bool = False
    depth: int = 0

    def at(self, key: str) -> "Place":
        """Return the place of a key inside."""
        return replace(self, path=f"{self.path}/{key}", depth=self.depth + 1)

    def raw(self) -> "Place":
        """Return the same place for a value that a directive takes in."""
        return replace(self, clean=False)

    def in_list(self, number: int) -> "Place":
        """Return the place of an item of a list of values."""
        return replace(self.at(str(number)), listed=True)

    def unsure(self) -> "Place":
        """Return the same place, but not every row comes to it."""
        return replace(self, sure=False)


Directive = Callable[["Parser", Any, Place], Node]


@dataclass(slots=True)
class Parser:
    """Turns JSON values into nodes. `problems` are (slash path, sentence) pairs."""

    directives: Mapping[str, Directive]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, place: Place, sentence: str) -> Node:
        """Note a mistake; the node stands in for what could not be parsed."""
        self.problems.append((place.path, sentence))
        return FailingNode(sentence)

    def fails(self, place: Place, sentence: str) -> Node:
        """Refuse what fails on every row that comes here; where none may come, wait and see."""
        return self.refuse(place, sentence) if place.sure else FailingNode(sentence)

    def value(self, value: Any, place: Place) -> Node:
        """Parse a directive, an object or list of values, or a literal."""
        if place.depth > MAX_DEPTH:
            return self.refuse(place, f"is nested more than {MAX_DEPTH} levels deep")
        if is_directive(value):
            return self.directive(value, place)
        if isinstance(value, dict):
            return self._object(value, place)
        if isinstance(value, list):
            children = tuple(
                self.value(item, place.in_list(number)) for number, item in enumerate(value)
            )
            return ArrayNode(children, keep=not place.clean)
        return self.literal(value, place)

    def literal(self, value: Any, place: Place) -> Node:
        """Parse a scalar."""
        if value is None or isinstance(value, str | bool | int | float | Decimal):
            return LiteralNode(value)
        return self.refuse(place, f"should be a JSON value but it is {kind_of(value)}")

    def _object(self, value: dict[Any, Any], place: Place) -> Node:
        names = [name for name in value if not isinstance(name, str)]
        for name in names:
            self.refuse(place, f"should have texts as keys but it has {name!r}")
        if names:
            return FailingNode("a key is no text")
        children = tuple(self.value(value[name], place.at(name)) for name in value)
        return ObjectNode(tuple(value), children, keep=not place.clean)

    def directive(self, value: dict[str, Any], place: Place) -> Node:
        """Parse an object with one @-key."""
        keys = [key for key in value if key != "_metadata"]
        if len(keys) > 1:
            listed = ", ".join(map(repr, keys))
            return self.refuse(
                place, f"should have one @-key and no other but it has {len(keys)}: {listed}"
            )
        name = keys[0]
        parse = self.directives.get(name)
        if parse is None:
            allowed = ", ".join(self.directives)
            hint = nearest(name, self.directives)
            return self.refuse(
                place, f"has an unknown directive {name!r}{hint}; the directives are {allowed}"
            )
        return parse(self, value[name], place.at(name))

    def text_or_directive(self, value: Any, place: Place) -> Node | None:
        """Parse an argument that is a text or a directive; note anything else."""
        if isinstance(value, str):
            return LiteralNode(value)
        if is_directive(value) or place.listed:
            return self.value(value, place)
        self.refuse(place, f"should be a text or a directive but it is {kind_of(value)}")
        return None

    def arguments(
        self, value: Any, place: Place, required: Sequence[str], optional: Sequence[str] = ()
    ) -> "dict[str, Any] | None":
        """Check that a directive's argument is an object of known names; None if it isn't."""
        if not isinstance(value, dict) or is_directive(value):
            found = "a directive" if is_directive(value) else kind_of(value)
            self.refuse(place, f"should be an object but it is {found}")
            return None
        known = [*required, *optional]
        right = True
        for name in value:
            if name not in known and name != "_metadata":
                allowed = ", ".join(known)
                self.refuse(
                    place,
                    f"has an unknown field {name!r}{nearest(name, known)}; "
                    f"the fields are {allowed}",
                )
                right = False
        for name in required:
            if name not in value:
                self.refuse(place, f"should have a field {name!r} but it doesn't")
                right = False
        return value if right else None

    def choice(self, value: Any, place: Place, allowed: Sequence[str]) -> bool:
        """Check that an argument is one of a few words."""
        if isinstance(value, str) and value in allowed:
            return True
        found = repr(value) if isinstance(value, str) else kind_of(value)
        self.refuse(place, f"should be one of {', '.join(allowed)} but it is {found}")
        return False

    def text(self, value: Any, place: Place) -> bool:
        """Check that an argument is a text."""
        if isinstance(value, str):
            return True
        self.refuse(place, f"should be a text but it is {kind_of(value)}")
        return False

    def flag(self, value: Any, place: Place) -> bool:
        """Check that an argument is a boolean."""
        if isinstance(value, bool):
            return True
        self.refuse(place, f"should be true or false but it is {kind_of(value)}")
        return False


def is_directive(value: Any) -> bool:
    """Say whether a value is an object with an @-key."""
    return isinstance(value, dict) and any(
        isinstance(key, str) and key.startswith("@") for key in value
    )


def is_falsy_literal(value: Any) -> bool:
    """Say whether JavaScript takes a piece of a mapping for false: containers are true."""
    return value is MISSING or (not isinstance(value, dict | list) and not value)


def nearest(name: Any, names: "Sequence[str] | Mapping[str, Any]") -> str:
    """Return `, did you mean 'x'?` where a name is close to one of `names`, else nothing."""
    found = difflib.get_close_matches(str(name), list(names), n=1, cutoff=0.6)
    return f" (did you mean {found[0]!r}?)" if found else ""
