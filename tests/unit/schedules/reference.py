"""When a schedule is due, found by looking at every minute: slow, obvious, sharing no code."""

from datetime import UTC, datetime, timedelta

from tests.reference import zone

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def due(rule, after, until):
    """Return the instants in ``(after, until]``; both are whole minutes."""
    if rule.cadence == "hourly":
        return [at for at in minutes(after, until) if local(rule, at).minute == rule.minute]
    waiting = sorted(walls(rule, after - 3 * DAY, until + 3 * DAY))
    found = []
    # From before the first wall time, so that each is met where the clock first shows it or later.
    for at in minutes(after - 5 * DAY, until):
        while waiting and local(rule, at) >= waiting[0]:
            waiting.pop(0)
            found.append(at)
    return [at for at in found if after < at <= until]


def minutes(after, until):
    at = after
    while (at := at + MINUTE) <= until:
        yield at


def local(rule, at):
    return at.astimezone(zone(rule.zone)).replace(tzinfo=None)


def walls(rule, start, end):
    """Yield the wall times that are named, on the dates from start to end."""
    day = start.date()
    while day <= end.date():
        if chosen(rule, day):
            yield datetime(day.year, day.month, day.day, rule.hour, rule.minute)  # noqa: DTZ001
        day += DAY


def chosen(rule, day):
    if rule.cadence == "weekly":
        return day.isoweekday() == rule.weekday + 1
    if rule.cadence == "monthly":
        length = ((day.replace(day=28) + 4 * DAY).replace(day=1) - DAY).day
        return day.day == min(rule.day, length)
    return True


def instant(*parts):
    return datetime(*parts, tzinfo=UTC)
