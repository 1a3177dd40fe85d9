from odoo import fields, models


class HealthcareExclusionName(models.Model):
    """A name of an excluded party as it is compared: its own, and those it is also known by."""

    _name = "healthcare.exclusion.name"
    _description = "Name of an Excluded Party"
    _log_access = False
    _rec_name = "name_key"

    entry_id = fields.Many2one("healthcare.exclusion.entry", required=True, readonly=True, ondelete="cascade")
    name_key = fields.Char(required=True, readonly=True)
    name_core = fields.Char(readonly=True, help="The name without common words, by which it is found.")

    # Also finds the names of an entry.
    _entry_name_unique = models.UniqueIndex("(entry_id, name_key)", "The entry has this name already.")
    # For screening by name.
    # Without fastupdate: what a file adds would be read one by one until the next vacuum.
    _name_core_index = models.Index("USING gin (name_core gin_trgm_ops) WITH (fastupdate = off)")
