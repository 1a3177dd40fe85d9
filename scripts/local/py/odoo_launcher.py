"""Starts Odoo's command line.

A file of its own, because `python -m odoo` cannot start its event process
when Odoo runs with workers.
"""

import odoo.cli

odoo.cli.main()
