"""The one list of reason codes: what each means, who acts, and what mends it.

Row codes reject one record and never stop another. Warning codes are notes on a record that is
sent. Run codes stop the run; its rows stay pending or uncertain. The README shows this table.
"""

from dataclasses import dataclass
from typing import Literal

Scope = Literal["row", "warning", "run"]


@dataclass(frozen=True, slots=True)
class Code:
    """One reason code: `scope` says what it stops, `actor` who must act."""

    name: str
    scope: Scope
    meaning: str
    actor: str
    remedy: str


_TABLE: tuple[tuple[str, Scope, str, str, str], ...] = (
    ("missing_id", "row", "neither user_id nor anonymous_id has a value",
     "owner of the model", "map an id column that is never null, or filter such rows in the model"),
    ("missing_group_id", "row", "a group call without group_id",
     "owner of the model", "map group_id to a column that is never null"),
    ("missing_event_name", "row", "a track call whose event name is empty",
     "owner of the mapping", "map event_name to text, or to a column that is never empty"),
    ("missing_previous_id", "row", "an alias call without previous_id",
     "owner of the model", "map previous_id to a column that is never null"),
    ("placeholder_id", "row", "an id that stands for nothing (nan, none, null, undefined, ...)",
     "owner of the model", "turn it into NULL in the model, or set allow_placeholder_ids: true"),
    ("lossy_id", "row", "an id from a binary float of 2^53 or more: digits are already lost",
     "owner of the model", "store or cast the id as text or as an integer"),
    ("invalid_type", "row", "a value that can't be the field's type",
     "owner of the mapping", "map a column of that type, or convert it in the model"),
    ("invalid_timestamp", "row", "not an ISO 8601 date or date-time",
     "owner of the model",
     "give a timestamp column, or convert it in the model (epoch numbers too)"),
    ("nonexistent_time", "row", "a local time that the model's timezone skips",
     "owner of the model", "store the instant with its zone, or correct the model's timezone"),
    ("invalid_consent", "row", "a consent category that is neither a boolean nor null",
     "owner of the model", "map each category to a boolean column"),
    ("invalid_text", "row", "text with a NUL character or half a surrogate pair",
     "owner of the model", "remove the character in the model"),
    ("non_finite_number", "row", "an infinite number, which JSON can't hold",
     "owner of the model", "turn it into NULL or a finite number in the model"),
    ("unserialisable_value", "row", "a value with no JSON form, such as bytes",
     "owner of the model", "cast it to text, or encode it as base64 in the model"),
    ("function_failed", "row", "a directive or function of the mapping failed on this row",
     "owner of the mapping", "read the message and mend the mapping or the row"),
    ("event_too_large", "row", "the call is over 32,768 bytes of JSON",
     "owner of the mapping", "map fewer or shorter columns"),
    ("message_id_too_long", "row", "a mapped messageId of over 100 characters",
     "owner of the mapping", "map a shorter id, or leave message_id to segment_assets"),
    ("duplicate_message_id", "row", "two records of one plan with one mapped messageId",
     "owner of the mapping", "map message_id to a column that is unique"),
    ("null_key", "row", "the primary key is null or empty",
     "owner of the model", "give each row a key, or filter such rows in the model"),
    ("duplicate_key", "row", "one primary key on rows of different content",
     "owner of the model", "make the key unique in the model"),
    ("rejected_by_api", "row", "the API refused this one call with 400 and took others",
     "owner of the mapping", "look at the call with test-mapping; it is tried again in 5 syncs"),
    ("lossy_number", "warning",
     "a number that JavaScript would round: sent as text; in a number field as the nearest double",
     "owner of the mapping", "cast the column to text in the model to say so on purpose"),
    ("untrimmed_id", "warning", "an id with white space at an end is sent as it is",
     "owner of the model", "trim it in the model if the space is not part of the id"),
    ("unknown_column", "run", "the mapping reads a column that the model doesn't have",
     "owner of the mapping", "correct the name, or add the column to the model"),
    ("key_type_changed", "run", "the primary key's text form changed with its type",
     "owner of the model", "cast the key to text in the model as it was before"),
    ("invalid_write_key", "run", "the write key is missing, malformed or unknown to Segment",
     "owner of the destination", "set the environment variable to the source's write key"),
    ("unauthorized", "run", "the API answered 401 or 403",
     "owner of the destination", "check the write key and the region"),
    ("unexpected_redirect", "run", "the API host answered with a redirect",
     "owner of the destination", "check endpoint, region and proxy; redirects are never followed"),
    ("unexpected_response", "run", "a 200 that the Tracking API doesn't give, such as HTML",
     "owner of the destination", "check for a proxy or login page between here and the API"),
    ("endpoint_error", "run", "the endpoint could not be reached, or kept failing",
     "owner of the destination", "check the network and the API's status; the next run goes on"),
    ("all_rejected", "run", "the API refused every call of the plan with 400",
     "owner of the destination", "check the write key and the endpoint; no row was given up"),
    ("clock_skew", "run", "this machine's clock differs from the API's by over 5 minutes",
     "owner of the machine", "set the clock: Segment shifts event times by the difference"),
)  # fmt: skip

CODES: dict[str, Code] = {row[0]: Code(*row) for row in _TABLE}
