from odoo import fields, models


class HealthcareExchangeMessage(models.Model):
    """When a message may leave, besides its own schedule."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    batch = fields.Boolean(
        readonly=True,
        copy=False,
        help="Waits for a batch window of the endpoint. Pinned when it is queued; urgent messages "
        "never wait.",
    )
    in_place_of_id = fields.Many2one(
        "healthcare.exchange.message",
        string="In the Place Of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The message whose place it has in the order of its ordering key, since it was "
        "rerouted: what followed that one follows this one.",
    )
    spared_count = fields.Integer(
        string="Attempts Not Counted",
        readonly=True,
        copy=False,
        help="Failures that do not bring the message nearer to a dead letter: the partner was known "
        "to be down, or asked us to wait.",
    )

    def _prepare_outbound_vals(self, request, number, mappings, now):
        """Pin whether the message waits for a batch window, and its place in the order.

        A request may name ``in_place_of``, the message that this one is sent instead of.
        """
        values = super()._prepare_outbound_vals(request, number, mappings, now)
        row = request["endpoint"].sudo()._document(request["document_type"], "outbound")
        values["batch"] = row.timing == "batch" and values["priority"] > 0
        instead = request.get("in_place_of")
        if instead:
            # The first of a chain: its id is the place.
            first = instead.sudo()
            values["in_place_of_id"] = (first.in_place_of_id or first).id
        return values
