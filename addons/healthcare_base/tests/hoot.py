"""What the component tests of addons with screens have in common."""

import logging
import re
import shutil

from odoo.tests import no_retry

_BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


class _Lines(logging.Handler):
    """Keeps what the browser wrote to its console."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


class HootSuite:
    """Runs an addon's component tests in a browser; for an ``HttpCase`` with ``_suite``.

    Odoo skips browser tests where it finds no browser, and HOOT runs every
    suite there is where the wanted one does not exist. Both would look like
    success, so both are made failures here.
    """

    # Odoo runs a class's own tests only, unless told.
    allow_inherited_tests_method = True

    #: Name of the suite in HOOT: the addon's, after an at sign.
    _suite = ""

    def setUp(self):
        super().setUp()
        try:
            import websocket  # noqa: F401  what Odoo drives the browser with
        except ImportError:
            self.fail("The Python package websocket-client is missing: install it.")
        if not any(shutil.which(browser) for browser in _BROWSERS):
            self.fail("No browser on PATH: install chromium.")

    @staticmethod
    def _hoot_id(name):
        """The id that HOOT gives to a suite (a 32-bit hash of its name)."""
        value = 0
        for char in name:
            value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
        return f"{value:08x}"

    def _run_suite(self, preset, touch):
        console = _Lines()
        logger = self._logger.getChild("browser")
        logger.addHandler(console)
        self.addCleanup(logger.removeHandler, console)
        self.touch_enabled = touch
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000&id={self._hoot_id(self._suite)}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
        text = "\n".join(console.lines)
        self.assertIn(f'"{self._suite}" ended', text, "HOOT did not run our suite")
        passed = re.search(r"Passed (\d+) tests", text)
        self.assertTrue(passed, f"HOOT does not say how many tests passed:\n{text}")
        self.assertGreaterEqual(int(passed[1]), 1)

    @no_retry
    def test_desktop(self):
        self._run_suite("desktop", touch=False)

    @no_retry
    def test_phone(self):
        self.browser_size = "375x667"
        self._run_suite("mobile", touch=True)
