from odoo import api, fields, models

from ..tools import minimisation


class HealthcareExchangeMessage(models.Model):
    """What governs a message's document: which fields leave, codes, mapping versions, whose data
    it may change."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    withheld = fields.Char(
        string="Withheld Fields",
        readonly=True,
        copy=False,
        help="Fields of the record's document that this endpoint does not get.",
    )

    def _prepare_outbound_vals(self, request, number, mappings, now):
        vals = super()._prepare_outbound_vals(request, number, mappings, now)
        document = vals["document"]
        allowed = self.env["healthcare.exchange.minimisation"]._allowed(
            request["endpoint"].sudo(), vals["document_type"]
        )
        vals["document"] = minimisation.minimise(document, allowed)
        withheld = sorted(minimisation.paths_of(document) - allowed)
        vals["withheld"] = ", ".join(withheld[:50]) or False
        return vals

    def _prepare_inbound_vals(self, endpoint, item):
        vals = super()._prepare_inbound_vals(endpoint, item)
        version = item.get("mapping_version")
        if not version:
            return vals
        mapping = endpoint.mapping_ids.filtered(
            lambda one: (
                (one.direction, one.document_type, one.version) == ("inbound", vals["document_type"], version)
            )
        )
        return {**vals, "mapping_id": mapping.id, "mapping_version": mapping.version}

    @api.model
    def _claim_details(self, rows):
        details = super()._claim_details(rows)
        endpoints = self.env["healthcare.exchange.endpoint"].browse({row["endpoint_id"] for row in rows})
        tables = self.env["healthcare.exchange.code"]._tables(endpoints, "outbound")
        for row, detail in zip(rows, details, strict=True):
            detail["code_tables"] = tables.get(row["endpoint_id"], {})
        return details

    @api.model
    def _directory_entry(self, endpoint):
        """Add what is needed to read an endpoint's documents: the partner's codes, mappings."""
        tables = {}
        for row in endpoint.code_ids:
            if row.direction in ("both", "inbound"):
                tables.setdefault(row.table, {})[row.partner_code] = row.code
        return {
            **super()._directory_entry(endpoint),
            "code_tables": tables,
            "mappings": [
                {
                    "document_type": mapping.document_type,
                    "version": mapping.version,
                    "expression": mapping.expression or "",
                }
                for mapping in endpoint.inbound_mapping_ids._by_key().values()
            ],
        }

    def _take_in(self):
        # What the document changes, the endpoint's system changes.
        with self.env["healthcare.record.owner"]._acting_for(self.endpoint_id):
            return super()._take_in()
