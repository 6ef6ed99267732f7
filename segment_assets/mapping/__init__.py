"""Columns become the fields of a call: the mapping language, triggers and the envelope.

The language is Segment's mapping-kit and its trigger language FQL, so that mappings exported
from Segment work unchanged. Everything is parsed once and evaluated a column at a time.
"""

from segment_assets.mapping.mapping import Mapping
from segment_assets.mapping.rows import DictRows, Envelope, Rows
from segment_assets.mapping.trigger import Trigger
from segment_assets.mapping.user_form import from_user_form

__all__ = ["DictRows", "Envelope", "Mapping", "Rows", "Trigger", "from_user_form"]
