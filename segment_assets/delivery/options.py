"""The numbers of delivery, each with its source."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long one batch is tried. The numbers are those of Segment's Python library 2.4.0.

    `backoff_budget_seconds` differs: the library keeps a batch for 12 hours, since it has no
    memory but its own; here the ledger keeps it, so that a run ends and the next one goes on.
    `first_contact_seconds` is this product's own.

    max_retries -- tries after the first; a wait that the server named is not counted.
    first_backoff_seconds -- the second retry's wait, doubled from retry to retry (the first
        retry is immediate), up to `max_backoff_seconds`, plus up to `jitter_share` of itself.
    max_stated_seconds -- a longer Retry-After is cut to this.
    stated_budget_seconds -- sum of the waits that the server may name for one batch.
    first_contact_seconds -- failing time after which a run ends in which no POST was ever
        answered: a wrong host or port is no outage to sit out, and a person may be waiting.
    """

    max_retries: int = 10
    first_backoff_seconds: float = 0.5
    max_backoff_seconds: float = 60.0
    jitter_share: float = 0.1
    max_stated_seconds: float = 300.0
    stated_budget_seconds: float = 1_800.0
    backoff_budget_seconds: float = 900.0
    first_contact_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """What may be set about a delivery. Seconds are of real time.

    read_seconds -- silence of the server after which a POST ends (the Python library: 15).
    post_seconds -- length of a whole POST: a server that drips bytes never is silent.
    grace_seconds -- what a POST in flight gets after a cancel before its connection is cut.
    reconnect_seconds -- age of a connection at which it is made anew: Segment asks to look its
        host up again at least once a day.
    max_lone_refusals -- calls refused on their own while none was accepted, then the run ends.
    max_set_aside -- batches that a run leaves behind while others are accepted, then it ends.
    """

    gzip: bool = True
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    connect_seconds: float = 4.0
    read_seconds: float = 15.0
    write_seconds: float = 15.0
    post_seconds: float = 60.0
    grace_seconds: float = 5.0
    reconnect_seconds: float = 3_600.0
    max_lone_refusals: int = 20
    max_set_aside: int = 5
