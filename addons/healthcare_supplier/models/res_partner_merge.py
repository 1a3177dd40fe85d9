from odoo import fields, models
from odoo.tools import SQL

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
        """Return what a merge keeps of this record, as JSON; the same in every language, for it is
        compared with what another person looked at."""
        self.ensure_one()
        self = self.with_context(lang=None)
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
        return {**values, **self._company_values()}

    def _company_values(self):
        """Return what this partner has of its own per company, for people:
        ``{"Label (company)": value}``."""
        self.ensure_one()
        names = [name for name, field in self._fields.items() if field.company_dependent and field.store]
        self.flush_recordset(names)
        self.env.cr.execute(
            SQL(
                "SELECT %s FROM res_partner WHERE id = %s",
                SQL(", ").join(SQL.identifier(name) for name in names),
                self.id,
            )
        )
        stored = dict(zip(names, self.env.cr.fetchone(), strict=True))
        # sudo: all companies; two people look at both records as they are
        companies = self.env["res.company"].sudo()
        values = {}
        for name in names:
            field = self._fields[name]
            label = field._description_string(self.env)
            for key, value in sorted((stored[name] or {}).items()):
                company = companies.browse(int(key)).exists()
                if not company or value in (None, False, "", 0):
                    continue
                if field.type == "many2one":
                    value = self.env[field.comodel_name].sudo().browse(value).exists().display_name or ""
                values[f"{label} ({company.name})"] = str(value)
        return values
