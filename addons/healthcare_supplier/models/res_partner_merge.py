from odoo import fields, models

from ..tools.party_identifiers import lookup_value
from .healthcare_partner_merge import KEPT


class ResPartner(models.Model):
    """Merges that made this supplier what it is."""

    _inherit = "res.partner"

    merge_ids = fields.One2many(
        "healthcare.partner.merge",
        "survivor_id",
        string="Merged Suppliers",
        domain=[("state", "=", "merged")],
        readonly=True,
        bypass_search_access=True,
    )

    def action_propose_merge(self):
        """Open the form in which merging two chosen suppliers is proposed."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Merge"),
            "res_model": "healthcare.partner.merge.propose",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_survivor_id": self[:1].commercial_partner_id.id,
                "default_source_id": self[1:2].commercial_partner_id.id,
            },
        }

    def _tax_number(self):
        """Return this supplier's tax number as it is compared; an empty text for none."""
        self.ensure_one()
        return lookup_value("vat", self.vat or "")

    def _merge_values(self):
        """Return what a merge keeps of this record, as JSON."""
        self.ensure_one()
        values = {}
        for name in KEPT:
            value = self[name]
            if isinstance(value, models.BaseModel):
                value = value.display_name if value else ""
            elif not isinstance(value, (int, str, bool)):
                value = str(value or "")
            values[name] = value or ""
        values["identifiers"] = ", ".join(
            f"{one.scheme} {one.value}" for one in self.identifier_ids.sorted("id")
        )
        values["bank_accounts"] = ", ".join(
            bank.masked_number or "" for bank in self.with_context(active_test=False).bank_ids.sorted("id")
        )
        return values
