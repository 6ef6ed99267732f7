"""The filters of `@liquid` that change texts. Source: liquidjs 10's string and url filters."""

import html
import re
import urllib.parse
from collections.abc import Callable
from typing import Final

from segment_assets.mapping.liquid_values import Filter, number, paid, printed, spend


def _on_texts(change: Callable[..., str]) -> Filter:
    """Make a filter that sees every value as text."""
    return paid(lambda *values: change(*map(printed, values)))


def _replace(text: str, sought: str, put: str) -> str:
    parts = text.split(sought) if sought else list(text)
    spend(max(0, (len(parts) - 1) * len(put)))
    return put.join(parts)


def _replace_last(text: str, sought: str, put: str) -> str:
    place = text.rfind(sought)
    return text if place < 0 else text[:place] + put + text[place + len(sought) :]


def _truncate_words(text: str, words: str = "15", end: str = "...") -> str:
    count = max(1, int(number(words)))
    parts = text.lstrip().split()
    return " ".join(parts[:count]) + (end if len(parts) >= count else "")


def _strip_html(text: str) -> str:
    for start, end in (
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<!--", "-->"),
        ("<", ">"),
    ):
        text = _cut(text, start, end)
    return text


def _cut(text: str, start: str, end: str) -> str:
    """Cut out what stands between two marks, in one pass: a pattern could take hours."""
    made: list[str] = []
    place = 0
    while (opened := text.find(start, place)) >= 0 and (closed := text.find(end, opened)) >= 0:
        made.append(text[place:opened])
        place = closed + len(end)
    return "".join([*made, text[place:]])


def _encode_component(text: str) -> str:
    return urllib.parse.quote(text, safe="!'()*-._~")


TEXT_FILTERS: Final[dict[str, Filter]] = {
    name: _on_texts(change)  # type: ignore[arg-type] # all take and give texts
    for name, change in {
        "append": lambda text, end: text + end,
        "prepend": lambda text, start: start + text,
        "downcase": str.lower,
        "upcase": str.upper,
        "capitalize": lambda text: text[:1].upper() + text[1:].lower(),
        "strip": lambda text, chars="": text.strip(chars or None),
        "lstrip": lambda text, chars="": text.lstrip(chars or None),
        "rstrip": lambda text, chars="": text.rstrip(chars or None),
        "strip_newlines": lambda text: re.sub(r"\r?\n", "", text),
        "squish": lambda text: " ".join(text.split()),
        "normalize_whitespace": lambda text: re.sub(r"\s+", " ", text),
        "remove": lambda text, sought: _replace(text, sought, ""),
        "remove_first": lambda text, sought: text.replace(sought, "", 1),
        "remove_last": lambda text, sought: _replace_last(text, sought, ""),
        "replace": _replace,
        "replace_first": lambda text, sought, put: text.replace(sought, put, 1),
        "replace_last": _replace_last,
        "truncatewords": _truncate_words,
        "escape": lambda text: (
            html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        ),
        "escape_once": lambda text: (
            html.escape(html.unescape(text)).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        ),
        "strip_html": _strip_html,
        "url_encode": lambda text: _encode_component(text).replace("%20", "+"),
        "url_decode": urllib.parse.unquote_plus,
        "cgi_escape": urllib.parse.quote_plus,
        "uri_escape": lambda text: urllib.parse.quote(text, safe="!'()*-._~;/?:@&=+$,#[]"),
    }.items()
}
TEXT_FILTERS["xml_escape"] = TEXT_FILTERS["escape"]
