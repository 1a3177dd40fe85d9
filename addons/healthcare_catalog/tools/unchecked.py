"""A reference that the database does not check."""

from odoo import fields


class UncheckedMany2one(fields.Many2one):
    """A ``Many2one`` without a foreign key, for columns that are written by the hundred thousand.

    Checking a key costs as much as the row itself. Only for records that are never deleted, or
    that something else with a foreign key keeps.
    """

    def update_db_foreign_key(self, model, column):
        """See the base: there is none."""
