from odoo import api, models
from odoo.exceptions import AccessError, UserError

#: States of an endpoint in which contents of its messages are at stake.
IN_USE = ("active", "suspended")


class HealthcareExchangeEndpointDocument(models.Model):
    """How long contents are kept: longer at once; shorter with a second person's consent, where
    the endpoint is in use, for the next removal takes all that is older."""

    _name = "healthcare.exchange.endpoint.document"
    _inherit = ["healthcare.exchange.endpoint.document", "healthcare.approval.mixin"]
    _approval_fields = ("endpoint_id", "document_type", "direction", "keep_payload_days")

    @api.depends("endpoint_id.code", "document_type", "direction")
    def _compute_display_name(self):
        ways = dict(self._fields["direction"]._description_selection(self.env))
        types = dict(self._fields["document_type"]._description_selection(self.env))
        for row in self:
            way, kind = ways.get(row.direction, ""), types.get(row.document_type, "")
            row.display_name = f"{row.endpoint_id.code} {kind} ({way})"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        # Looked at afterwards: a default of the caller's context counts as well.
        rows._check_kept({})
        return rows

    def write(self, vals):
        before = {row.id: row._kept() for row in self}
        result = super().write(vals)
        if not set(self._approval_fields).isdisjoint(vals):
            self._check_kept(before)
        return result

    def _kept(self):
        """Return ``(which contents, days)``; 0: for ever."""
        self.ensure_one()
        return (self.endpoint_id.id, self.document_type, self.direction), self.keep_payload_days

    def _check_kept(self, before):
        """Refuse that contents in use are kept for a shorter time by one person's will.

        :param before: ``{id: what _kept said}``; contents that it does not name were kept for ever.
        """
        if self.env.su:
            return
        for row in self:
            what, days = row._kept()
            was, days_before = before.get(row.id, (what, 0))
            shorter = days and (was != what or not days_before or days < days_before)
            if shorter and row.endpoint_id.state in IN_USE:
                raise AccessError(
                    self.env._(
                        "%s is in use: keeping contents for a shorter time takes a second person. Ask "
                        "for it with 'Keep Contents Shorter'.",
                        row.display_name,
                    )
                )

    def _keep(self, days, reason=""):
        """Keep contents for so many days (0: for ever): at once where that is longer or the
        endpoint not in use, else when a second person has agreed.

        :return: the approval request, empty where none was needed.
        :raise UserError: fewer than 30 days.
        """
        self.ensure_one()
        self.check_access("write")
        shorter = days and (not self.keep_payload_days or days < self.keep_payload_days)
        if not shorter or self.endpoint_id.state not in IN_USE:
            self.keep_payload_days = days
            return self.env["healthcare.approval.request"]
        if days < 30:
            raise UserError(self.env._("Contents are kept for 30 days at least; 0: for ever."))
        return self._request_approval("policy", {"keep_payload_days": days}, reason)

    def _approval_title(self, kind, proposed_values):
        return self.env._(
            "Keep contents of %(name)s for %(days)s days only",
            name=self.display_name,
            days=proposed_values.get("keep_payload_days"),
        )
