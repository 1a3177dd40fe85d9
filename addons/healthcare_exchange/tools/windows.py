"""Whether a window of time is open, in the partner's own time zone."""

from datetime import datetime, time, timedelta

import pytz

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_open(window, zone, moment):
    """Return whether ``moment`` lies in a window; its end is outside.

    With dates, one span from ``hour_from`` of ``date_from`` to ``hour_to`` of ``date_to``. With
    weekdays, each such day from ``hour_from`` to ``hour_to``, which is the next day's where it is
    not later than ``hour_from``.

    Where the clock is changed: a beginning that comes twice, or not at all, is the earlier of the
    two possible moments, an end the later. So a window never falls away.

    :param window: dict with ``hour_from`` and ``hour_to`` (hours from midnight, 0 to 24),
        ``date_from`` and ``date_to`` (or None), and the seven ``WEEKDAYS`` (bool).
    :param zone: name of the time zone.
    :param moment: datetime, naive, UTC.
    """
    tz = pytz.timezone(zone)
    if window["date_from"]:
        spans = [(window["date_from"], window["date_to"])]
    else:
        today = pytz.utc.localize(moment).astimezone(tz).date()
        overnight = timedelta(days=window["hour_to"] <= window["hour_from"])
        days = (today - timedelta(days=1), today)
        spans = [(day, day + overnight) for day in days if window[WEEKDAYS[day.weekday()]]]
    return any(
        _utc(tz, first, window["hour_from"], earlier=True)
        <= moment
        < _utc(tz, last, window["hour_to"], earlier=False)
        for first, last in spans
    )


def _utc(tz, day, hour, earlier):
    local = datetime.combine(day, time.min) + timedelta(minutes=round(hour * 60))
    return tz.localize(local, is_dst=earlier).astimezone(pytz.utc).replace(tzinfo=None)
