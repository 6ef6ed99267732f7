"""Which plain YAML scalars are not text: YAML 1.2's idea, and text where that still surprises.

`on`, `yes`, `12:30`, `2024-01-31`, `0123`, `1_000` and `+4712345678` are the text that was
written. A number or a boolean is what JSON would also call one, and keeps its type.
"""

import re
from typing import Any, Final

import yaml

TAG: Final = "tag:yaml.org,2002:"
MERGE: Final = TAG + "merge"
#: 18 digits at most: any longer number may fit no 64-bit integer and stays text, digit by digit.
_INT: Final = re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$")
_FLOAT: Final = re.compile(
    r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][-+]?[0-9]{1,2})?|[eE][-+]?[0-9]{1,2})$"
)


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # C or Python
    """PyYAML's C parser (the Python one where there is none) with this module's resolvers."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 # PyYAML's class-level table


for _name, _pattern, _first in (
    ("null", re.compile(r"^(?:~|null|Null|NULL|)$"), ("~", "n", "N", "")),
    ("bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), tuple("tTfF")),
    ("int", _INT, tuple("-0123456789")),
    ("float", _FLOAT, tuple("-0123456789")),
    ("merge", re.compile(r"^<<$"), ("<",)),
):
    Loader.add_implicit_resolver(TAG + _name, _pattern, list(_first))


def scalar_value(tag: str, text: str) -> Any:
    """Return the value of a scalar. Raises `ValueError` for a tag that isn't read here."""
    if tag in {TAG + "str", MERGE}:
        return text
    if tag == TAG + "null":
        return None
    if tag == TAG + "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if tag == TAG + "int" and _INT.match(text):
        return int(text)
    if tag == TAG + "float" and (_FLOAT.match(text) or _INT.match(text)):
        return float(text)
    raise ValueError(tag)
