"""When a mapping runs by itself: Segment's intervals and weekdays, cron, or after assets."""

import re
from typing import Any, Final

from segment_assets.declare.cron import cron_problem
from segment_assets.declare.names import KEY_RULE, is_asset_key, read_timezone
from segment_assets.declare.section import Section
from segment_assets.declare.spec import ScheduleSpec

#: Segment's own intervals (Reverse ETL, "Interval") as cron: `@every` is not known to Dagster.
EVERY: Final[dict[str, tuple[str, str]]] = {
    "15m": ("*/15 * * * *", "every 15 minutes"),
    "30m": ("*/30 * * * *", "every 30 minutes"),
    "1h": ("0 * * * *", "every hour"),
    "2h": ("0 */2 * * *", "every 2 hours"),
    "4h": ("0 */4 * * *", "every 4 hours"),
    "6h": ("0 */6 * * *", "every 6 hours"),
    "8h": ("0 */8 * * *", "every 8 hours"),
    "12h": ("0 */12 * * *", "every 12 hours"),
    "1d": ("0 0 * * *", "every day"),
}
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SCHEDULE_KEYS: Final = ("every", "cron", "days", "times", "timezone", "after")
FORMS: Final = (
    "{every: 1h}, {cron: '0 9 * * 1', timezone: Europe/Oslo}, "
    "{days: [monday], times: ['09:00'], timezone: Europe/Oslo} or {after: [shop/customers]}"
)
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def read_schedule(section: Section) -> ScheduleSpec | None:
    """Read a schedule; None where it has a mistake."""
    before = len(section.mistakes.found)
    section.refuse_unknown(SCHEDULE_KEYS)
    given = [key for key in ("every", "cron", "after") if section.has(key)]
    if section.has("days") or section.has("times"):
        given.append("times")
    if len(given) != 1:
        found = " and ".join(given) if given else "none"
        told = f"found {found} of every, cron, days and times, after; one is allowed"
        section.mistakes.add(section.path, f"{told}; write {FORMS}")
        return None
    timezone = read_timezone(section) or "UTC"
    if given == ["after"] and section.has("timezone"):
        section.note("timezone", "is only for a schedule by the clock; remove it")
    read = {"every": _read_every, "cron": _read_cron, "times": _read_times, "after": _read_after}
    schedule = read[given[0]](section, timezone)
    return schedule if len(section.mistakes.found) == before else None


def _read_every(section: Section, timezone: str) -> ScheduleSpec | None:
    every = section.choice("every", EVERY)
    if every is None:
        return None
    cron, words = EVERY[every]
    return ScheduleSpec(cron=cron, timezone=timezone, words=words)


def _read_cron(section: Section, timezone: str) -> ScheduleSpec | None:
    cron = section.text("cron")
    if cron is None:
        return None
    problem = cron_problem(cron)
    if problem:
        section.note("cron", f"{problem}; write one such as '0 9 * * 1-5'")
        return None
    cron = " ".join(cron.split())
    return ScheduleSpec(cron=cron, timezone=timezone, words=f"by cron '{cron}' ({timezone})")


def _read_times(section: Section, timezone: str) -> ScheduleSpec | None:
    """Read weekdays and times; times of one minute make one cron string."""
    days = _read_days(section)
    times = sorted({time for at in _read_list(section, "times") if (time := _time(section, at))})
    if not section.has("times"):
        section.note("times", "is missing; times of the day are required; write ['09:00']")
    if not times or not days:
        return None
    by_minute: dict[int, list[int]] = {}
    for hour, minute in times:
        by_minute.setdefault(minute, []).append(hour)
    # Cron counts Sunday as 0, and a week that begins on Monday as 1 to 6 and 0.
    weekdays = "*" if len(days) == len(DAYS) else ",".join(str((day + 1) % 7) for day in days)
    crons = [f"{minute} {','.join(map(str, hours))} * * {weekdays}"
             for minute, hours in by_minute.items()]  # fmt: skip
    told_days = (
        "every day"
        if weekdays == "*"
        else "on " + join_words([DAYS[day].capitalize() for day in days])
    )
    told_times = join_words([f"{hour:02}:{minute:02}" for hour, minute in times])
    return ScheduleSpec(
        cron=crons[0],
        timezone=timezone,
        words=f"{told_days} at {told_times} ({timezone})",
        more_crons=tuple(crons[1:]),
    )


def _read_days(section: Section) -> list[int]:
    """Return weekdays, Monday is 0; every day where none is given."""
    if not section.has("days"):
        return list(range(len(DAYS)))
    found: set[int] = set()
    for at, day in _read_list(section, "days"):
        text = day.lower() if isinstance(day, str) else ""
        matching = [n for n, name in enumerate(DAYS) if text in {name, name[:3]}]
        if matching:
            found.add(matching[0])
        else:
            days = Section({at: day}, section.at("days"), section.mistakes)
            days.wrong(at, f"allowed: {', '.join(DAYS)}", "write one of them")
    return sorted(found)


def _time(section: Section, item: tuple[int, Any]) -> tuple[int, int] | None:
    at, value = item
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        times = Section({at: value}, section.at("times"), section.mistakes)
        times.wrong(at, "a time from 00:00 to 23:59 is allowed", "write it in quotes, as '09:30'")
        return None
    return int(match[1]), int(match[2])


def _read_list(section: Section, key: str) -> list[tuple[int, Any]]:
    value = section.values.get(key)
    if isinstance(value, str):
        return [(0, value)]
    if value is not None and not (isinstance(value, list | tuple) and value):
        section.wrong(key, "a list is allowed", "write at least one")
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


def _read_after(section: Section, _timezone: str) -> ScheduleSpec | None:
    keys = section.texts("after", what="asset keys")
    for at, key in enumerate(keys):
        if not is_asset_key(key):
            Section({at: key}, section.at("after"), section.mistakes).wrong(at, KEY_RULE)
    if not keys:
        section.wrong("after", "a list of asset keys is allowed", "write at least one")
    return ScheduleSpec(after=keys, words=f"after {join_words(list(keys))}")


def join_words(words: list[str]) -> str:
    """Join words as a sentence does: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
