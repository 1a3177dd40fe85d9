from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import canonical

#: Documents that bring prices: what is bought at when they do not come is a question of its own.
PRICE_FEEDS = {"catalog", "contract"}


class HealthcareExchangeEndpointDocument(models.Model):
    """A document type that an endpoint sends or takes. What is not listed is refused."""

    _name = "healthcare.exchange.endpoint.document"
    _description = "Document Type of an Endpoint"
    _inherit = ["healthcare.exchange.part", "healthcare.audit.mixin"]
    _order = "endpoint_id, direction, document_type"
    _audit_fields = (
        "endpoint_id",
        "document_type",
        "direction",
        "active",
        "timing",
        "contingency",
        "contingency_after_minutes",
        "reroute_endpoint_id",
        "price_valid_days",
        "keep_payload_days",
    )

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    document_type = fields.Selection(selection="_selection_document_type", required=True)
    direction = fields.Selection([("inbound", "Inbound"), ("outbound", "Outbound")], required=True)
    active = fields.Boolean(default=True)
    contingency = fields.Selection(
        [
            ("queue", "Queue and wait"),
            ("reroute", "Another endpoint"),
            ("manual", "E-mail and a person"),
            ("last_price", "Last approved price"),
            ("stop_buying", "Stop buying"),
        ],
        string="When Unreachable",
        help="What happens while the partner cannot be reached. Without it the endpoint cannot "
        "become active.",
    )
    contingency_after_minutes = fields.Integer(
        string="After (minutes)",
        default=60,
        help="How long the partner has to be unreachable before documents go another way.",
    )
    reroute_endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint",
        string="Other Endpoint",
        ondelete="restrict",
        help="An endpoint of the same partner that sends this document type, perhaps in another format.",
    )
    price_valid_days = fields.Integer(
        string="Prices Valid (days)",
        help="Days for which the last approved prices may be used when no price feed comes.",
    )
    keep_payload_days = fields.Integer(
        string="Keep Contents (days)",
        help="Days after which the contents of finished messages are removed; checksums, numbers, "
        "states and attempts are kept. At least 30; 0: for ever.",
    )

    _document_unique = models.Constraint(
        "UNIQUE (endpoint_id, document_type, direction)",
        "An endpoint lists a document type once per direction.",
    )
    _days_check = models.Constraint(
        "CHECK (contingency_after_minutes BETWEEN 0 AND 525600 AND price_valid_days >= 0"
        " AND (keep_payload_days = 0 OR keep_payload_days >= 30))",
        "Minutes: 0 to one year. Contents are kept for 30 days at least; 0: for ever.",
    )

    def _selection_document_type(self):
        return [(name, name.replace("_", " ").capitalize()) for name in canonical.document_types()]

    @api.constrains(
        "active", "contingency", "document_type", "direction", "reroute_endpoint_id", "price_valid_days"
    )
    def _check_contingency(self):
        for row in self:
            problem = row._contingency_problem()
            if problem:
                raise ValidationError(problem)

    def _contingency_problem(self):
        """Return why this policy cannot work, as a sentence; empty where it can, or may still be
        missing."""
        self.ensure_one()
        names = {"code": self.endpoint_id.code, "type": self.document_type}
        if not self.contingency and self.active and self.endpoint_id.state == "active":
            return self.endpoint_id._contingency_missing(self)
        if self.contingency in ("reroute", "manual") and self.direction != "outbound":
            return self.env._(
                "Endpoint %(code)s, inbound %(type)s: what the partner sends cannot be rerouted by us; "
                "choose to queue and wait.",
                **names,
            )
        if self.contingency in ("last_price", "stop_buying") and (
            self.document_type not in PRICE_FEEDS or self.direction != "inbound"
        ):
            return self.env._(
                "Endpoint %(code)s, %(type)s: prices are what inbound catalogs and contracts bring; "
                "choose another policy for this document type.",
                **names,
            )
        if self.contingency == "last_price" and not self.price_valid_days:
            return self.env._(
                "Endpoint %(code)s, %(type)s: say for how many days the last approved prices may be used.",
                **names,
            )
        if self.contingency == "reroute":
            return self._reroute_problem(self.reroute_endpoint_id)
        return ""

    def _reroute_problem(self, target):
        """Return why documents of this row cannot go to ``target``; empty where they can."""
        self.ensure_one()
        return self.endpoint_id._reroute_problem(target, {self.document_type})
