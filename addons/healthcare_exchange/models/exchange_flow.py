from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .exchange_message import NOW

_LONGEST_PAUSE_MINUTES = 7 * 24 * 60


class HealthcareExchangeFlow(models.Model):
    """What all workers share about one endpoint while documents leave for it.

    One row per endpoint, made with it. Written only in cursors of its own in READ COMMITTED, and
    only where something is counted or changes: an endpoint without limits whose partner answers
    costs no write at all.
    """

    _name = "healthcare.exchange.flow"
    _description = "Flow to an Endpoint"
    _log_access = False
    _rec_name = "endpoint_id"

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id")
    breaker = fields.Selection(
        [("closed", "Closed"), ("open", "Open"), ("half_open", "Half-open")],
        default="closed",
        required=True,
        readonly=True,
        help="Closed: documents flow. Open: the partner is taken to be down, nothing is sent. "
        "Half-open: one document tries whether it is back.",
    )
    breaker_since = fields.Datetime(readonly=True)
    open_until = fields.Datetime(readonly=True, help="When one document tries again.")
    opened_count = fields.Integer(readonly=True, help="Times in a row; each doubles the wait.")
    probe_id = fields.Many2one("healthcare.exchange.message", readonly=True, ondelete="set null")
    counted_from = fields.Integer(
        readonly=True, help="Attempts up to this one do not count: someone closed the breaker."
    )
    tokens = fields.Float(readonly=True, help="Documents that may leave at once; empty: as many as fit.")
    tokens_at = fields.Datetime(readonly=True)
    drain_until = fields.Datetime(readonly=True, help="Until then the drain rate is kept.")
    paused_until = fields.Datetime(
        readonly=True, help="Nothing leaves until then: the partner or an administrator asked for it."
    )

    _endpoint_unique = models.UniqueIndex("(endpoint_id)", "An endpoint has one flow.")

    def init(self):
        """Give endpoints that are older than this model their row."""
        if table_exists(self.env.cr, "healthcare_exchange_endpoint"):
            self.env.cr.execute(
                """
                INSERT INTO healthcare_exchange_flow (endpoint_id, breaker)
                SELECT id, 'closed' FROM healthcare_exchange_endpoint
                ON CONFLICT DO NOTHING
                """
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super().create(vals_list)

    def write(self, vals):
        self._check_inside()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_inside(self):
        """It goes with its endpoint only."""
        self._check_inside()

    def _check_inside(self):
        if not self.env.su:
            raise AccessError(self.env._("The flow to an endpoint is changed by the exchange itself."))

    # What administrators decide

    def _decide(self, action, assignments, then=None):
        """Change these flows by a person's will, in a cursor of its own, audited with it.

        :param assignments: SQL, the SET part of an UPDATE.
        :param then: function of the flows in that cursor, in superuser mode.
        """
        with self.env["healthcare.exchange.message"]._claim_cursor() as cr:
            env = api.Environment(cr, self.env.uid, {})
            cr.execute(
                SQL(
                    "SELECT f.endpoint_id, e.company_id, f.breaker, f.paused_until"
                    "  FROM healthcare_exchange_flow f"
                    "  JOIN healthcare_exchange_endpoint e ON e.id = f.endpoint_id"
                    " WHERE f.id = ANY(%s) ORDER BY f.id FOR UPDATE OF f",
                    self.ids,
                )
            )
            before = {row["endpoint_id"]: row for row in cr.dictfetchall()}
            cr.execute(
                SQL(
                    "UPDATE healthcare_exchange_flow f SET %s WHERE f.id = ANY(%s)"
                    " RETURNING endpoint_id, breaker, paused_until",
                    assignments,
                    self.ids,
                )
            )
            env["healthcare.audit.entry"]._record(
                [
                    {
                        "model": "healthcare.exchange.endpoint",
                        "res_id": row["endpoint_id"],
                        "action": action,
                        "changes": {
                            name: [
                                str(before[row["endpoint_id"]][name] or ""),
                                str(row[name] or ""),
                            ]
                            for name in ("breaker", "paused_until")
                        },
                        "company_id": before[row["endpoint_id"]]["company_id"],
                    }
                    for row in cr.dictfetchall()
                ]
            )
            flows = env[self._name].sudo().browse(self.ids)
            flows.invalidate_recordset()
            if then:
                then(flows)
            flows._tell()
            env["healthcare.exchange.message"].sudo()._wake()

    def _close_by_hand(self):
        """Let documents flow: breaker closed, no pause; earlier failures do not count. What has
        piled up leaves at the drain rate."""
        self._decide(
            "close_breaker",
            SQL(
                "breaker = 'closed', breaker_since = %(now)s, open_until = NULL, opened_count = 0,"
                " probe_id = NULL, paused_until = NULL, counted_from ="
                " COALESCE((SELECT max(id) FROM healthcare_exchange_attempt a"
                "            WHERE a.endpoint_id = f.endpoint_id), 0)",
                now=NOW,
            ),
            lambda flows: flows._recover(flows.endpoint_id.ids),
        )

    def _pause_by_hand(self, minutes):
        """Send nothing for some minutes (1 to a week's)."""
        minutes = self.env["healthcare.exchange.message"]._check_number(
            minutes, "minutes", 1, _LONGEST_PAUSE_MINUTES
        )
        self._decide("pause", SQL("paused_until = %s + make_interval(mins => %s)", NOW, minutes))

    def _tell(self):
        """Have what depends on the flow looked at: alerts, contingency."""
        watch = self.env.ref("healthcare_exchange.cron_watch", raise_if_not_found=False)
        if watch:
            watch.sudo()._trigger()
