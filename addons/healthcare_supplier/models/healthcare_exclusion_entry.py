from odoo import api, fields, models
from odoo.exceptions import AccessError

SOURCES = [("leie", "OIG LEIE"), ("sam", "SAM.gov")]


class HealthcareExclusionEntry(models.Model):
    """Somebody with whom a hospital that bills federal programs may not do business, as a list has it.

    Written by loading files only. An entry that leaves its list is ended, never deleted.
    LEIE: 42 USC 1320a-7. SAM: 2 CFR part 180.
    """

    _name = "healthcare.exclusion.entry"
    _description = "Exclusion Entry"
    _order = "name, id"

    source = fields.Selection(SOURCES, required=True, readonly=True)
    identity = fields.Char(
        required=True, readonly=True, help="Digest of what names this entry across the files of its list."
    )
    facts_digest = fields.Char(readonly=True, help="Digest of what is compared with suppliers.")
    name = fields.Char(required=True, readonly=True)
    classification = fields.Selection(
        [
            ("individual", "Individual"),
            ("firm", "Firm"),
            ("vessel", "Vessel"),
            ("other", "Special Entity Designation"),
        ],
        readonly=True,
    )
    name_ids = fields.One2many(
        "healthcare.exclusion.name", "entry_id", string="Names as Compared", readonly=True
    )
    street = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    state_code = fields.Char(string="State", readonly=True)
    zip = fields.Char(string="Postal Code", readonly=True)
    country = fields.Char(readonly=True)
    street_key = fields.Char(readonly=True)
    city_key = fields.Char(readonly=True)
    zip_key = fields.Char(readonly=True)
    npi = fields.Char(string="NPI", readonly=True)
    uei = fields.Char(string="UEI", readonly=True)
    cage = fields.Char(string="CAGE", readonly=True)
    upin = fields.Char(string="UPIN", readonly=True)
    birth_date = fields.Date(readonly=True)
    exclusion_type = fields.Char(readonly=True)
    program = fields.Char(readonly=True)
    agency = fields.Char(readonly=True)
    date_from = fields.Date(string="Excluded Since", readonly=True)
    date_to = fields.Date(string="Until", readonly=True, help="Empty: indefinite.")
    waiver_date = fields.Date(readonly=True)
    waiver_state = fields.Char(readonly=True, help="The state in which a waiver holds.")
    raw = fields.Json(string="As Sent", readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    first_list_id = fields.Many2one(
        "healthcare.exclusion.list", string="First Seen In", readonly=True, ondelete="restrict"
    )
    last_list_id = fields.Many2one(
        "healthcare.exclusion.list", string="Last Seen In", readonly=True, ondelete="restrict"
    )
    ended_on = fields.Date(readonly=True, help="Reinstated, or gone from the list.")
    ended_list_id = fields.Many2one(
        "healthcare.exclusion.list", string="Ended By", readonly=True, ondelete="restrict"
    )

    _identity_unique = models.UniqueIndex("(source, identity)", "The list has this entry already.")
    # For screening by number.
    _npi_index = models.Index("(npi) WHERE active AND npi <> ''")
    _uei_index = models.Index("(uei) WHERE active AND uei <> ''")
    _cage_index = models.Index("(cage) WHERE active AND cage <> ''")
    # For names that are less alike, at the same place.
    _zip_key_index = models.Index("(zip_key) WHERE active AND zip_key <> ''")
    # For what a full file no longer has.
    _last_list_index = models.Index("(source, last_list_id) WHERE active")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super().create(vals_list)

    def write(self, vals):
        self._check_inside()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise AccessError(self.env._("Entries of exclusion lists are evidence and are kept."))

    def _check_inside(self):
        if not self.env.su:
            raise AccessError(self.env._("Entries come from exclusion files; load a file."))

    def _evidence(self):
        """Return what a match keeps of this entry, as JSON."""
        self.ensure_one()
        lists = self.last_list_id
        return {
            "source": self.source,
            "identity": self.identity,
            "name": self.name,
            "classification": self.classification,
            "as_sent": self.raw,
            "file": lists.filename,
            "file_sha256": lists.sha256,
            "loaded_at": fields.Datetime.to_string(lists.loaded_at or lists.create_date),
        }
