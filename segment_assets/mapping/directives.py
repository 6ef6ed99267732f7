"""What each directive takes: one parse function per name, and the table of them all."""

import importlib
from dataclasses import replace
from typing import Any, Final

from segment_assets.handoff import MISSING
from segment_assets.mapping.language import Directive, Parser, Place, is_directive, is_falsy_literal
from segment_assets.mapping.liquid import MAX_TEMPLATE_CHARACTERS, LiquidNode, template_mistake
from segment_assets.mapping.nodes import (
    ColumnNode,
    DynamicPathNode,
    FailingNode,
    LiteralNode,
    Node,
    PathNode,
    kind_of,
)
from segment_assets.mapping.path import code_units, split_path
from segment_assets.mapping.python_function import PythonNode
from segment_assets.mapping.structure_directives import (
    ArrayPathNode,
    ExcludeWhenNullNode,
    FlattenNode,
    IfNode,
    MergeNode,
    PrunedNode,
    TransformNode,
)
from segment_assets.mapping.text_directives import (
    CaseNode,
    DynamicTemplateNode,
    JsonNode,
    Replacement,
    ReplaceNode,
    TemplateNode,
    split_template,
)

#: Longest pattern and replacement of `@replace`, in UTF-16 code units.
MAX_REPLACE_CHARACTERS: Final = 10
_NOTHING: Final = LiteralNode(MISSING)
_UNREADABLE: Final = FailingNode("the directive could not be parsed")


def parse_path(parser: Parser, value: Any, place: Place) -> Node:
    """`"@path": "$.traits.email"`, or a directive that gives the path."""
    if isinstance(value, str):
        return PathNode(split_path(value))
    inner = parser.text_or_directive(value, replace(place.raw(), listed=False))
    return DynamicPathNode(inner) if inner else _UNREADABLE


def parse_column(parser: Parser, value: Any, place: Place) -> Node:
    """`"@column": "odd name.with dots"`: this product's own, for names that a path can't say."""
    return ColumnNode(value) if parser.text(value, place) else _UNREADABLE


def parse_template(parser: Parser, value: Any, place: Place) -> Node:
    """`"@template": "Hello {{name}}"`, or a directive that gives the template."""
    if isinstance(value, str):
        return TemplateNode(split_template(value))
    inner = parser.text_or_directive(value, replace(place.raw(), listed=False))
    return DynamicTemplateNode(inner) if inner else _UNREADABLE


def parse_literal(parser: Parser, value: Any, place: Place) -> Node:
    """`"@literal": anything`: directives inside still work, as at Segment."""
    return parser.value(value, place)


def parse_if(parser: Parser, value: Any, place: Place) -> Node:
    """`"@if": {exists | blank, then, else}`."""
    fields = parser.arguments(value, place, (), ("exists", "blank", "then", "else"))
    if fields is None:
        return _UNREADABLE
    exists, blank = fields.get("exists", MISSING), fields.get("blank", MISSING)
    nodes: dict[str, Node] = {}
    for name in ("exists", "blank", "then", "else"):
        inside = place.at(name) if name in {"exists", "blank"} else place.at(name).unsure()
        if name in fields:
            nodes[name] = parser.value(fields[name], inside)
    if is_falsy_literal(exists) and is_falsy_literal(blank):
        return parser.fails(place, 'should have an "exists" or a "blank" with a value or directive')
    asked = "blank" if exists is MISSING else "exists"
    otherwise = None if is_falsy_literal(fields.get("else", MISSING)) else nodes["else"]
    return IfNode(nodes[asked], asked == "blank", nodes.get("then"), otherwise)


def parse_case(parser: Parser, value: Any, place: Place) -> Node:
    """`"@case": {operator: lower | upper, value}`."""
    fields = parser.arguments(value, place, ("operator",), ("value",))
    if fields is None or not parser.choice(
        fields["operator"], place.at("operator"), ("lower", "upper")
    ):
        return _UNREADABLE
    if _is_no_value(fields.get("value", ""), place):
        return _NOTHING
    inner = parser.text_or_directive(fields["value"], place.at("value"))
    change = str.lower if fields["operator"] == "lower" else str.upper
    return CaseNode(change, inner) if inner else _UNREADABLE


def parse_replace(parser: Parser, value: Any, place: Place) -> Node:
    """`"@replace": {pattern, replacement, pattern2, replacement2, ignorecase, global, value}`."""
    fields = parser.arguments(
        value,
        place,
        ("pattern", "value"),
        ("replacement", "pattern2", "replacement2", "ignorecase", "global"),
    )
    if fields is None:
        return _UNREADABLE
    right = [
        _short_text(parser, fields[name], place.at(name), least)
        for name, least in (("pattern", 1), ("replacement", 0))
        if name in fields
    ]
    right += [
        _short_text(parser, fields[name], place.at(name), 0)
        for name in ("pattern2", "replacement2")
        if fields.get(name) is not None
    ]
    right += [
        parser.flag(fields[name], place.at(name))
        for name in ("ignorecase", "global")
        if name in fields
    ]
    if _is_no_value(fields["value"], place):
        return _NOTHING if all(right) else _UNREADABLE
    inner = parser.text_or_directive(fields["value"], place.at("value").raw())
    if not all(right) or inner is None:
        return _UNREADABLE
    steps = [(fields["pattern"], fields.get("replacement", ""))]
    if fields.get("pattern2"):
        steps.append((fields["pattern2"], fields.get("replacement2") or ""))
    ignore_case, everywhere = fields.get("ignorecase", False), fields.get("global", True)
    return ReplaceNode(
        tuple(Replacement(sought, put, ignore_case, everywhere) for sought, put in steps), inner
    )


def _is_no_value(value: Any, place: Place) -> bool:
    """Say whether a written value makes the field missing, as at Segment."""
    return value == "" or (place.listed and is_falsy_literal(value))


def _short_text(parser: Parser, value: Any, place: Place, least: int) -> bool:
    if not parser.text(value, place):
        return False
    if least <= code_units(value) <= MAX_REPLACE_CHARACTERS:
        return True
    parser.refuse(place, f"should have {least} to {MAX_REPLACE_CHARACTERS} characters")
    return False


def parse_array_path(parser: Parser, value: Any, place: Place) -> Node:
    """`"@arrayPath": [path or directive, shape of each item]`."""
    if not isinstance(value, list) or not 1 <= len(value) <= 2:  # noqa: PLR2004 - path and shape
        found = "a list of another length" if isinstance(value, list) else kind(value)
        return parser.refuse(place, f"should be a list of a path and a shape but it is {found}")
    root = parser.text_or_directive(value[0], replace(place.at("0").raw(), listed=False))
    if isinstance(value[0], str):
        root = PathNode(split_path(value[0]))
    shape = value[1] if len(value) > 1 else None
    shaped = parser.value(shape, place.at("1").unsure())
    if root is None:
        return _UNREADABLE
    if isinstance(shape, dict) and shape:
        return ArrayPathNode(root, shaped, keep=not place.clean)
    return _pruned(root, place) if is_directive(value[0]) else root


def parse_flatten(parser: Parser, value: Any, place: Place) -> Node:
    """`"@flatten": {value, separator, omitArrays}`."""
    fields = parser.arguments(value, place, ("value", "separator"), ("omitArrays",))
    if fields is None or not parser.text(fields["separator"], place.at("separator")):
        return _UNREADABLE
    inner = parser.value(fields["value"], place.at("value").raw())
    if not fields["separator"]:
        return parser.fails(place.at("separator"), "should be a text of at least one character")
    omit = not is_falsy_literal(fields.get("omitArrays", False))
    return FlattenNode(inner, fields["separator"], omit, keep=not place.clean)


def parse_json(parser: Parser, value: Any, place: Place) -> Node:
    """`"@json": {mode: encode | decode, value}`."""
    fields = parser.arguments(value, place, ("mode", "value"))
    if fields is None or not parser.choice(fields["mode"], place.at("mode"), ("encode", "decode")):
        return _UNREADABLE
    inner = parser.value(fields["value"], place.at("value"))
    if is_falsy_literal(fields["value"]):
        return parser.fails(place.at("value"), "should be a directive or a value, not nothing")
    return JsonNode(fields["mode"] == "encode", inner)


def parse_merge(parser: Parser, value: Any, place: Place) -> Node:
    """`"@merge": {objects: [...], direction: left | right}`."""
    fields = parser.arguments(value, place, ("objects", "direction"))
    if fields is None or not parser.choice(
        fields["direction"], place.at("direction"), ("left", "right")
    ):
        return _UNREADABLE
    if not isinstance(fields["objects"], list):
        return parser.refuse(
            place.at("objects"), f"should be a list but it is {kind(fields['objects'])}"
        )
    nodes: list[Node] = []
    for number, item in enumerate(fields["objects"]):
        inside = replace(place.at("objects").at(str(number)).raw(), listed=False)
        if not isinstance(item, dict):
            parser.refuse(inside, f"should be an object or a directive but it is {kind(item)}")
        nodes.append(parser.value(item, inside))
    if fields["direction"] == "left":
        nodes.reverse()
    return _pruned(MergeNode(tuple(nodes)), place)


def parse_transform(parser: Parser, value: Any, place: Place) -> Node:
    """`"@transform": {apply, mapping}`: the mapping sees what `apply` makes as its root."""
    fields = parser.arguments(value, place, ("apply", "mapping"))
    if fields is None:
        return _UNREADABLE
    right = True
    for name in ("apply", "mapping"):
        if not isinstance(fields[name], dict):
            parser.refuse(
                place.at(name),
                f"should be an object or a directive but it is {kind(fields[name])}",
            )
            right = False
    if not right:
        return _UNREADABLE
    apply = parser.value(fields["apply"], replace(place.at("apply").raw(), listed=False))
    mapping = parser.value(fields["mapping"], place.at("mapping"))
    return _pruned(TransformNode(apply, mapping), place)


def parse_exclude_when_null(parser: Parser, value: Any, place: Place) -> Node:
    """`"@excludeWhenNull": anything`."""
    return ExcludeWhenNullNode(parser.value(value, place), keep=not place.clean)


def parse_liquid(parser: Parser, value: Any, place: Place) -> Node:
    """`"@liquid": "{{ name | upcase }}"`."""
    if not parser.text(value, place):
        return _UNREADABLE
    if code_units(value) > MAX_TEMPLATE_CHARACTERS:
        return parser.refuse(place, f"should have at most {MAX_TEMPLATE_CHARACTERS} characters")
    mistake = template_mistake(value)
    return parser.fails(place, mistake) if mistake else LiquidNode(value)


def parse_python(parser: Parser, value: Any, place: Place) -> Node:
    """`"@python": "package.module:function"`: this product's own, called with the row's columns."""
    if not parser.text(value, place):
        return _UNREADABLE
    module_name, _, name = value.partition(":")
    if not module_name or not name:
        return parser.refuse(place, f"should be 'package.module:function' but it is {value!r}")
    try:
        function = getattr(importlib.import_module(module_name), name)
    except Exception as error:  # noqa: BLE001 - a user's module may raise anything when imported
        found = f"{type(error).__name__}: {error}"
        return parser.refuse(place, f"can't import {value!r} ({found})")
    if not callable(function):
        return parser.refuse(place, f"{value!r} is not a function")
    return PythonNode(value, function)


def _pruned(node: Node, place: Place) -> Node:
    return PrunedNode(node) if place.clean else node


def kind(value: Any) -> str:
    """Name a piece of a mapping for a sentence."""
    return "a directive" if is_directive(value) else kind_of(value)


DIRECTIVES: Final[dict[str, Directive]] = {
    "@path": parse_path,
    "@column": parse_column,
    "@template": parse_template,
    "@literal": parse_literal,
    "@if": parse_if,
    "@case": parse_case,
    "@replace": parse_replace,
    "@arrayPath": parse_array_path,
    "@flatten": parse_flatten,
    "@json": parse_json,
    "@merge": parse_merge,
    "@transform": parse_transform,
    "@excludeWhenNull": parse_exclude_when_null,
    "@liquid": parse_liquid,
    "@python": parse_python,
}
