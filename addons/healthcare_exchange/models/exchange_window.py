from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.windows import WEEKDAYS, is_open


class HealthcareExchangeWindow(models.Model):
    """When documents leave for an endpoint (batch), or must not (maintenance).

    In the endpoint's time zone: either each week, on the days that are set, or once, from one
    date to another.
    """

    _name = "healthcare.exchange.window"
    _description = "Exchange Window"
    _inherit = ["healthcare.exchange.part", "healthcare.audit.mixin"]
    _order = "endpoint_id, kind, date_from, hour_from, id"
    _audit_fields = (
        "endpoint_id",
        "kind",
        *WEEKDAYS,
        "date_from",
        "date_to",
        "hour_from",
        "hour_to",
        "active",
        "note",
    )

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("batch", "Batch"), ("maintenance", "Maintenance")],
        required=True,
        default="batch",
        help="Batch: documents that are sent in batches leave only then. Maintenance: nothing leaves.",
    )
    monday = fields.Boolean(string="Mon")
    tuesday = fields.Boolean(string="Tue")
    wednesday = fields.Boolean(string="Wed")
    thursday = fields.Boolean(string="Thu")
    friday = fields.Boolean(string="Fri")
    saturday = fields.Boolean(string="Sat")
    sunday = fields.Boolean(string="Sun")
    date_from = fields.Date(string="First Day")
    date_to = fields.Date(string="Last Day")
    hour_from = fields.Float(string="From", required=True, default=0.0)
    hour_to = fields.Float(
        string="To",
        required=True,
        default=24.0,
        help="By weekdays: not later than the beginning means on the following day.",
    )
    note = fields.Char()
    when = fields.Char(compute="_compute_when")

    _hours_check = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < 24 AND hour_to >= 0 AND hour_to <= 24)",
        "A window begins between 0:00 and 23:59 and ends between 0:00 and 24:00.",
    )

    @api.depends("date_from", "date_to", "hour_from", "hour_to", *WEEKDAYS)
    def _compute_when(self):
        for window in self:
            days = [window._fields[day]._description_string(self.env) for day in WEEKDAYS if window[day]]
            begin, end = _clock(window.hour_from), _clock(window.hour_to)
            if window.date_from:
                window.when = f"{window.date_from} {begin} – {window.date_to} {end}"
            else:
                window.when = f"{' '.join(days)} {begin}–{end}"

    @api.depends("kind", "when")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for window in self:
            window.display_name = f"{kinds.get(window.kind, '')}: {window.when}"

    @api.constrains("date_from", "date_to", "hour_from", "hour_to", *WEEKDAYS)
    def _check_days(self):
        for window in self:
            dated = window.date_from or window.date_to
            weekly = any(window[day] for day in WEEKDAYS)
            if bool(dated) == weekly or bool(window.date_from) != bool(window.date_to):
                raise ValidationError(
                    self.env._(
                        "Window at %s: set either weekdays, or both a first and a last day.",
                        window.endpoint_id.code,
                    )
                )
            if dated and (window.date_from, window.hour_from) >= (window.date_to, window.hour_to):
                raise ValidationError(
                    self.env._("Window at %s: it ends before it begins.", window.endpoint_id.code)
                )

    @api.model
    def _now_open(self, endpoint_ids, moment=None):
        """Return what the windows of endpoints say about a moment.

        Reads the database and not the cache: callers work in a cursor of their own.

        :param moment: naive UTC; default: now, by the database's clock.
        :return: ``(maintenance, batch)``: a set of the endpoints in maintenance, and one of those
            where batches may leave, which are also those without any batch window.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT w.*, e.tz, COALESCE(%s, timezone('UTC', statement_timestamp())) AS moment
                  FROM healthcare_exchange_window w
                  JOIN healthcare_exchange_endpoint e ON e.id = w.endpoint_id
                 WHERE w.endpoint_id = ANY(%s) AND w.active
                """,
                moment,
                list(endpoint_ids),
            )
        )
        having = {"batch": set(), "maintenance": set()}
        now_open = {"batch": set(), "maintenance": set()}
        for row in self.env.cr.dictfetchall():
            having[row["kind"]].add(row["endpoint_id"])
            if is_open(row, row["tz"] or "UTC", row["moment"]):
                now_open[row["kind"]].add(row["endpoint_id"])
        return now_open["maintenance"], now_open["batch"] | (set(endpoint_ids) - having["batch"])


def _clock(hour):
    hours, minutes = divmod(round(hour * 60), 60)
    return f"{hours}:{minutes:02}"
