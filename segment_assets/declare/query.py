"""One statement per query: it is put inside another, as at Segment, where a `;` breaks it."""

import re
from typing import Final

#: Segment's own limit (Reverse ETL, "Limits").
MAX_QUERY_CHARS: Final = 65_535
#: Literals, quoted names, dollar-quoted text and comments: a `;` inside them ends nothing.
_SKIPPED: Final = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/""", re.DOTALL
)
_COMMENTS: Final = re.compile(r"\s+|--[^\n]*|/\*.*?\*/", re.DOTALL)
_READS: Final = ("select", "with", "from", "values", "table", "pivot", "unpivot", "(")


def one_statement(query: str) -> tuple[str, str]:
    """Return the query without what follows its end, and what is wrong with it, if anything."""
    if len(query) > MAX_QUERY_CHARS:
        told = f"has {len(query):,} characters; up to {MAX_QUERY_CHARS:,} are allowed"
        return query, f"{told}; make it a view in the warehouse and name that under `table`"
    blanked = _SKIPPED.sub(lambda found: _blank(found[0]), query)
    end = blanked.find(";")
    if end >= 0:
        if _COMMENTS.sub("", query[end + 1 :]).strip("; \n\t"):
            return query, "found more than one statement; one is allowed; keep the last SELECT only"
        query, blanked = query[:end], blanked[:end]
    start = blanked.split(None, 1)[0].lower() if blanked.strip() else ""
    if not start:
        return query, "found no statement; a SELECT is allowed; write one"
    if not start.startswith(_READS):
        return query, "found a statement that doesn't read; a SELECT is allowed; write one"
    return query.rstrip(), ""


def _blank(text: str) -> str:
    """Replace a literal or comment by as many characters that mean nothing."""
    is_comment = text.startswith(("--", "/*"))
    return " " * len(text) if is_comment else "x" * len(text)
