"""Odoo's command line, with every test run after everything is loaded.

Odoo runs its `at_install` tests when their module is loaded, before the
modules that depend on it. In a database that has those, their columns are
there and their defaults are not, so such tests fail for a reason of their
own. To compare Odoo's suites with and without ours, all tests run at the end.
"""

import odoo.cli
from odoo.tests import loader

make_suite = loader.make_suite


def make_late_suite(module_names, position="at_install"):
    """Return nothing while modules are loaded, and the tests of both positions afterwards."""
    if position == "at_install":
        return loader.OdooSuite()
    tests = [*make_suite(module_names, "at_install"), *make_suite(module_names, "post_install")]
    return loader.OdooSuite(sorted(tests, key=lambda test: getattr(test, "test_sequence", 0)))


loader.make_suite = make_late_suite
odoo.cli.main()
