from odoo import fields, models

from ..models.record_owner import SYSTEMS


class HealthcareRecordOwnerProposal(models.TransientModel):
    """A change of a row of the system-of-record matrix, on its way to a second person."""

    _name = "healthcare.record.owner.proposal"
    _description = "Proposed System of Record"

    row_id = fields.Many2one("healthcare.record.owner", required=True, ondelete="cascade")
    owner = fields.Selection(SYSTEMS, required=True)
    initiates = fields.Selection(SYSTEMS, required=True)
    confirms = fields.Selection(SYSTEMS, required=True)
    field_names = fields.Char(string="Fields")
    connected_by = fields.Selection(
        selection="_selection_connected_by",
        string="In Force Once Connected By",
        help="In force by itself in each company that has an endpoint of the owner's system which "
        "brings these documents.",
    )
    enforced = fields.Boolean(help="In force whatever is connected. Off: declared only.")
    active = fields.Boolean(default=True)
    reason = fields.Text(help="Why; for the one who decides.")

    def _selection_connected_by(self):
        return self.env["healthcare.record.owner"]._selection_connected_by()

    def action_propose(self):
        """Ask a second person."""
        self.ensure_one()
        self.row_id.check_access("write")
        row = self.row_id
        today = fields.Date.to_string(fields.Date.context_today(self))
        date_from = fields.Date.to_string(row.date_from) if row.date_from else today
        values = {
            "owner": self.owner,
            "initiates": self.initiates,
            "confirms": self.confirms,
            "field_names": self.field_names or False,
            "date_from": date_from if self.enforced else False,
            "connected_by": self.connected_by or False,
            "active": self.active,
        }
        return row._propose(values, self.reason or "")
