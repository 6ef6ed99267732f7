"""Deliver calls to the Tracking API: batches, rate, retry, one HTTP client per lane.

The way of a batch: `batcher` cuts it, `lane` posts it, `answers` says what the answer means,
`retry` says whether to try again, `books` writes it into the ledger; `run` is what lanes share.
"""

from segment_assets.delivery.clock import Clock, SystemClock
from segment_assets.delivery.deliver import deliver
from segment_assets.delivery.keys import ProofResult, check_write_key, prove_key
from segment_assets.delivery.options import DeliveryOptions, RetryPolicy
from segment_assets.delivery.rate import effective_rate

__all__ = [
    "Clock",
    "DeliveryOptions",
    "ProofResult",
    "RetryPolicy",
    "SystemClock",
    "check_write_key",
    "deliver",
    "effective_rate",
    "prove_key",
]
