"""The form that users write in YAML: mapping-kit, plus a shorthand for paths.

A text that starts with `$.` is a path wherever a value may stand, and only there: names, modes,
patterns, templates and the text of `@literal` are left as they are.
"""

from collections.abc import Mapping
from typing import Any, Final

#: Arguments of directives that are values, so that the shorthand holds in them.
_VALUE_ARGUMENTS: Final[dict[str, tuple[str, ...]]] = {
    "@if": ("exists", "blank", "then", "else"),
    "@case": ("value",),
    "@replace": ("value",),
    "@flatten": ("value",),
    "@json": ("value",),
    "@merge": ("objects",),
    "@transform": ("apply", "mapping"),
}
_MAX_DEPTH: Final = 100

Problem = tuple[str, str]


def from_user_form(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the mapping-kit form and the problems found, as (slash path, sentence) pairs.

    What mapping-kit itself checks is left to `Mapping.parse`. The input is not changed.
    """
    problems: list[Problem] = []
    if not isinstance(fields, Mapping):
        return {}, [("", "fields should be an object of field keys")]
    if any(isinstance(key, str) and key.startswith("@") for key in fields):
        problems.append(("", "should be field keys, each with its value, not a directive"))
        return {}, problems
    return {key: _value(value, f"/{key}", problems, 0) for key, value in fields.items()}, problems


def _value(value: Any, path: str, problems: list[Problem], depth: int) -> Any:
    """Translate what stands where a value may stand."""
    if depth > _MAX_DEPTH:
        problems.append((path, f"is nested more than {_MAX_DEPTH} levels deep"))
        return None
    if isinstance(value, str):
        return {"@path": value} if value.startswith("$.") else value
    if isinstance(value, list):
        return [
            _value(item, f"{path}/{number}", problems, depth + 1)
            for number, item in enumerate(value)
        ]
    if not isinstance(value, Mapping):
        return value
    return {
        key: _argument(key, inner, f"{path}/{key}", problems, depth + 1)
        if isinstance(key, str) and key.startswith("@")
        else _value(inner, f"{path}/{key}", problems, depth + 1)
        for key, inner in value.items()
    }


def _argument(name: str, value: Any, path: str, problems: list[Problem], depth: int) -> Any:
    """Translate the argument of a directive."""
    if name == "@literal":
        return value
    if name == "@excludeWhenNull":
        return _value(value, path, problems, depth)
    if name == "@arrayPath" and isinstance(value, list):
        # The list's own path is a path already; the shape is made of values.
        return [
            _inner_directive(value[0], f"{path}/0", problems, depth),
            *(_value(item, f"{path}/1", problems, depth) for item in value[1:]),
        ] if value else value  # fmt: skip
    if name in _VALUE_ARGUMENTS and isinstance(value, Mapping):
        values = _VALUE_ARGUMENTS[name]
        return {
            key: _value(inner, f"{path}/{key}", problems, depth + 1) if key in values else inner
            for key, inner in value.items()
        }
    return _inner_directive(value, path, problems, depth)


def _inner_directive(value: Any, path: str, problems: list[Problem], depth: int) -> Any:
    """Translate inside a directive that stands where a text is expected; leave the text."""
    return _value(value, path, problems, depth) if isinstance(value, Mapping) else value
