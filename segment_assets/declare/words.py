"""What a mapping does, in words: for descriptions of assets and for people who review it."""

from typing import Final

from segment_assets.declare.spec import MappingSpec

_OP_WORDS: Final = {"added": "was added", "updated": "was updated", "deleted": "was deleted"}


def describe_mapping(spec: MappingSpec) -> str:
    """Return one sentence for people.

    Such as: Sends an identify call for each record of shop/customers that was added or updated,
    every hour.
    """
    sync = spec.sync
    article = "an" if sync.action[0] in "aeiou" else "a"
    changes = [words for op, words in _OP_WORDS.items() if op in sync.when]
    sentence = f"Sends {article} {sync.action} call for each record of {spec.source} that "
    sentence += _either(changes)
    if sync.trigger is not None:
        sentence += f" and matches `{' '.join(sync.trigger.split())}`"
    return f"{sentence}, {describe_schedule(spec)}."


def describe_schedule(spec: MappingSpec) -> str:
    """Return when a mapping runs, such as 'every hour' or 'when it is started by hand'."""
    if spec.schedule is None:
        return "when it is started by hand"
    words = spec.schedule.words
    zone = spec.schedule.timezone
    if spec.schedule.cron is not None and zone != "UTC" and zone not in words:
        words = f"{words} ({zone})"
    return words if spec.enabled else f"{words} once it is enabled"


def _either(changes: list[str]) -> str:
    """Join: was added; was added or updated; was added, updated or deleted."""
    first, *rest = changes
    if not rest:
        return first
    participles = [first, *(change.removeprefix("was ") for change in rest)]
    return f"{', '.join(participles[:-1])} or {participles[-1]}"
