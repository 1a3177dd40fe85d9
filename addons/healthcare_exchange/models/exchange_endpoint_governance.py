from odoo import api, fields, models

from ..tools import minimisation

#: What decides which systems are connected, and with that what the system-of-record matrix says.
_CONNECTING = {"state", "active", "system", "direction", "company_id"}


class HealthcareExchangeEndpoint(models.Model):
    """What governs an endpoint's documents: mappings, code tables, which fields may leave."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    system = fields.Selection(
        [
            ("supplier", "Supplier"),
            ("erp", "Finance ERP"),
            ("compliance", "Compliance"),
            ("inventory", "Inventory"),
            ("other", "Other"),
        ],
        default="supplier",
        required=True,
        help="What this system is: it may change what the system-of-record matrix says is its own.",
    )
    code_ids = fields.One2many("healthcare.exchange.code", "endpoint_id", string="Codes")
    minimisation_ids = fields.One2many(
        "healthcare.exchange.minimisation", "endpoint_id", string="Fields That May Leave"
    )
    inbound_mapping_ids = fields.One2many(
        "healthcare.exchange.mapping",
        "endpoint_id",
        domain=[("direction", "=", "inbound"), ("state", "in", ("production", "test"))],
    )

    @api.model_create_multi
    def create(self, vals_list):
        endpoints = super().create(vals_list)
        self.env.registry.clear_cache()
        return endpoints

    def write(self, vals):
        result = super().write(vals)
        if _CONNECTING & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def _protected_fields(self):
        return super()._protected_fields() | {"system"}

    def _configuration(self):
        """What leaves is part of what is certified and approved."""
        return {
            **super()._configuration(),
            "system": self.system,
            "minimisation": {
                row.document_type: row.allowed_paths
                for row in self.minimisation_ids
                if set(row.allowed_paths) != minimisation.default_paths(row.document_type)
            },
        }

    def _approval_describe(self, kind, proposed_values, snapshot):
        """Who approves an endpoint reads which fields it takes out of Odoo's hands."""
        lines = super()._approval_describe(kind, proposed_values, snapshot)
        if kind == "endpoint":
            rows = self.env["healthcare.record.owner"]._brought_into_force_by(self)
            lines += [
                self.env._(
                    "In force from then on in %(company)s: %(row)s belong to %(owner)s (%(fields)s)",
                    company=self.company_id.display_name,
                    row=row.display_name,
                    owner=dict(row._fields["owner"]._description_selection(self.env))[row.owner],
                    fields=row.fields_text,
                )
                for row in rows
            ]
        return lines

    def _activation_problems(self):
        return super()._activation_problems() + self._mapping_problems()

    def _mapping_problems(self):
        """Return one sentence per mapping that exists and would not apply."""
        self.ensure_one()
        mappings = self.mapping_ids
        applies = {
            (kind, way)
            for way in ("inbound", "outbound")
            for (_endpoint, kind) in mappings.filtered(lambda one, w=way: one.direction == w)._by_key()
        }
        waiting = {}
        for mapping in mappings.filtered(lambda one: one.state in ("draft", "test", "certified")):
            key = (mapping.document_type, mapping.direction)
            if key not in applies and self._carries(*key):
                waiting[key] = mapping
        labels = dict(mappings._fields["state"]._description_selection(self.env))
        return [
            self.env._(
                "Mapping %(name)s is in stage %(state)s and no version of it is in production: documents "
                "would pass untranslated. Promote it, or delete it.",
                name=mapping.display_name,
                state=labels[mapping.state],
            )
            for mapping in waiting.values()
        ]
