from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..tools.windows import WEEKDAYS, is_open


def window(days="", hour_from=0.0, hour_to=24.0, date_from=None, date_to=None):
    """Return a window; ``days`` as in "monday friday"."""
    return {
        "hour_from": hour_from,
        "hour_to": hour_to,
        "date_from": date_from,
        "date_to": date_to,
        **{day: day in days.split() for day in WEEKDAYS},
    }


@tagged("post_install", "-at_install")
class TestWindows(BaseCase):
    """Times are UTC; 2026-03-29 and 2026-10-25 are when Berlin's clocks change."""

    def check(self, given, zone, cases):
        for text, expected in cases.items():
            with self.subTest(text):
                self.assertEqual(is_open(given, zone, datetime.fromisoformat(text)), expected)

    def test_daily_hours_in_the_partners_time_zone(self):
        given = window("monday tuesday wednesday thursday friday", 9, 17.5)
        cases = {
            "2026-01-05 07:59": False,
            "2026-01-05 08:00": True,
            "2026-01-05 16:29": True,
            "2026-01-05 16:30": False,
            "2026-01-04 12:00": False,
        }
        self.check(given, "Europe/Berlin", cases)
        self.check(given, "America/Chicago", {"2026-01-05 14:59": False, "2026-01-05 15:00": True})

    def test_the_partners_day_is_not_ours(self):
        given = window("monday")
        cases = {"2026-01-04 10:59": False, "2026-01-04 11:00": True, "2026-01-05 11:00": False}
        self.check(given, "Pacific/Auckland", cases)

    def test_across_midnight(self):
        given = window("friday", 22, 4)
        cases = {
            "2026-01-09 21:59": False,
            "2026-01-09 22:00": True,
            "2026-01-10 03:59": True,
            "2026-01-10 04:00": False,
            "2026-01-09 03:00": False,
            "2026-01-10 23:00": False,
        }
        self.check(given, "UTC", cases)

    def test_whole_day_from_noon_to_noon(self):
        cases = {"2026-01-05 11:59": False, "2026-01-06 11:59": True, "2026-01-06 12:00": False}
        self.check(window("monday", 12, 12), "UTC", cases)

    def test_clock_goes_forward(self):
        # 02:15 to 02:45 does not exist on that day: it takes place all the same.
        cases = {"2026-03-29 00:14": False, "2026-03-29 01:00": True, "2026-03-29 01:45": False}
        self.check(window("sunday", 2.25, 2.75), "Europe/Berlin", cases)
        # 23:00 to 05:00 is an hour shorter.
        cases = {"2026-03-28 22:00": True, "2026-03-29 02:59": True, "2026-03-29 03:00": False}
        self.check(window("saturday", 23, 5), "Europe/Berlin", cases)

    def test_clock_goes_back(self):
        # 02:00 to 03:00 comes twice.
        cases = {
            "2026-10-24 23:59": False,
            "2026-10-25 00:00": True,
            "2026-10-25 01:59": True,
            "2026-10-25 02:00": False,
        }
        self.check(window("sunday", 2, 3), "Europe/Berlin", cases)

    def test_dates_are_one_span(self):
        given = window("", 22, 6, date(2026, 1, 9), date(2026, 1, 12))
        cases = {
            "2026-01-09 21:59": False,
            "2026-01-09 22:00": True,
            "2026-01-11 12:00": True,
            "2026-01-12 05:59": True,
            "2026-01-12 06:00": False,
        }
        self.check(given, "UTC", cases)
