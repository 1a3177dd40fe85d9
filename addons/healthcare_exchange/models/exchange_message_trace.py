import secrets

from odoo import api, fields, models


class HealthcareExchangeMessage(models.Model):
    """Traces (W3C Trace Context): the point in a trace at which a message came into being."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    traceparent = fields.Char(
        readonly=True,
        copy=False,
        help="Trace and span under which the message was queued or received; whatever happens to "
        "it later belongs below that span.",
    )

    def _prepare_outbound_vals(self, request, number, mappings, now):
        values = super()._prepare_outbound_vals(request, number, mappings, now)
        return {**values, "traceparent": _traceparent(values["trace_id"])}

    def _prepare_inbound_vals(self, endpoint, item):
        values = super()._prepare_inbound_vals(endpoint, item)
        return {**values, "traceparent": item.get("traceparent") or _traceparent(values["trace_id"])}

    @api.model
    def _claim_details(self, rows):
        details = super()._claim_details(rows)
        for row, detail in zip(rows, details, strict=True):
            detail["traceparent"] = row["traceparent"] or ""
            detail["created_at"] = row["create_date"].isoformat(timespec="milliseconds") + "Z"
        return details


def _traceparent(trace_id):
    """Return a new span of a trace, recorded by who looks at it, in the version 00 of the format."""
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"
