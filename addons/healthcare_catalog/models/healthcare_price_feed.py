from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError

#: States in which lines may be decided, corrected and sent again.
OPEN_STATES = ("review", "applied")
#: States in which the cron has something to do.
WORK_STATES = ("staging", "comparing", "approved", "applying")


class HealthcarePriceFeed(models.Model):
    """One price list of a supplier, from its first portion to its application.

    Nobody writes feeds or their lines: documents, the cron and the methods below do. A feed may
    be applied in several rounds: what is beyond doubt first, what a second person decided later.
    """

    _name = "healthcare.price.feed"
    _description = "Price Feed"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.approval.mixin", "healthcare.audit.mixin"]
    _order = "id desc"
    _audit_fields = ("partner_id", "number", "state", "scope", "state_reason")

    name = fields.Char(compute="_compute_name", store=True)
    number = fields.Char(required=True, readonly=True, help="The supplier's number of the price list.")
    title = fields.Char(readonly=True, help="The supplier's name of the price list.")
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", readonly=True, ondelete="restrict")
    owner_id = fields.Many2one("res.users", readonly=True, help="Who sees to what needs a person.")
    submitter_id = fields.Many2one(
        "res.users",
        string="Given In By",
        readonly=True,
        help="The person who gave in the file; they do not approve it. Empty: it came from the supplier.",
    )
    scope = fields.Selection(
        [("full", "Whole Catalog"), ("changes", "Changes Only")],
        required=True,
        readonly=True,
        default="changes",
        help="Whole catalog: what is not in it ends. Changes only: only what it names changes.",
    )
    valid_from = fields.Date(readonly=True)
    valid_to = fields.Date(readonly=True)
    state = fields.Selection(
        [
            ("received", "Received"),
            ("staging", "Incomplete"),
            ("comparing", "Being Compared"),
            ("review", "In Review"),
            ("waiting_approval", "Waiting for Approval"),
            ("approved", "Approved"),
            ("applying", "Being Applied"),
            ("applied", "Applied"),
            ("rolled_back", "Rolled Back"),
            ("refused", "Refused"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="received",
        index=True,
        tracking=True,
    )
    state_reason = fields.Char(string="Why", readonly=True)
    failed_state = fields.Char(readonly=True, help="State to go on from after a failure.")
    portion_count = fields.Integer(readonly=True, help="Portions the feed consists of.")
    portions = fields.Json(readonly=True, help="Numbers of the portions that are in.")
    complete_by = fields.Datetime(readonly=True, help="When a feed with missing portions counts as failed.")
    exchange_message_ids = fields.Many2many(
        "healthcare.exchange.message", string="Documents", readonly=True, copy=False
    )
    line_ids = fields.One2many("healthcare.price.feed.line", "feed_id", readonly=True)
    thresholds = fields.Json(readonly=True, help="The policy as it was when the feed was compared.")
    approval_reasons = fields.Json(
        readonly=True, help="Why even what is not flagged needs a second person; empty: it does not."
    )
    line_count = fields.Integer(readonly=True)
    compared_count = fields.Integer(readonly=True)
    new_count = fields.Integer(string="New", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    ended_count = fields.Integer(string="Ended", readonly=True)
    unchanged_count = fields.Integer(string="Unchanged", readonly=True)
    suspicious_count = fields.Integer(string="Suspicious", readonly=True)
    broken_count = fields.Integer(string="Broken", readonly=True)
    ignored_count = fields.Integer(string="Ignored", readonly=True)
    open_count = fields.Integer(string="To Decide", readonly=True)
    proposed_count = fields.Integer(string="Proposed", readonly=True)
    approved_count = fields.Integer(string="Approved Lines", readonly=True)
    refused_count = fields.Integer(string="Refused Lines", readonly=True)
    applied_count = fields.Integer(string="Applied Lines", readonly=True)
    current_count = fields.Integer(
        string="Prices Before", readonly=True, help="Prices of the supplier that were valid before."
    )
    progress = fields.Float(compute="_compute_progress", help="Of the step that runs, in percent.")
    changed_share = ExactDecimal(string="Changed (%)", readonly=True)
    ended_share = ExactDecimal(string="Ended (%)", readonly=True)
    digest = fields.Char(readonly=True, help="SHA-256 of all that was applied.")
    received_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    compared_at = fields.Datetime(readonly=True)
    applied_at = fields.Datetime(readonly=True)
    rolled_back_at = fields.Datetime(readonly=True)
    rolled_back_by_id = fields.Many2one("res.users", readonly=True)

    # One list of a number at a time that portions and corrected lines can belong to.
    _open_unique = models.UniqueIndex(
        "(company_id, partner_id, number)"
        " WHERE state IN ('received', 'staging', 'comparing', 'review', 'waiting_approval',"
        " 'approved', 'applying')",
        "A price feed of this supplier with this number is being worked on already.",
    )

    @api.depends("number", "partner_id")
    def _compute_name(self):
        for feed in self:
            feed.name = f"{feed.partner_id.name or ''} {feed.number or ''}".strip()

    @api.depends("state", "line_count", "compared_count", "approved_count", "applied_count")
    def _compute_progress(self):
        for feed in self:
            done, total = 0, 0
            if feed.state == "comparing":
                done, total = feed.compared_count, feed.line_count
            elif feed.state == "applying":
                done, total = feed.applied_count, feed.approved_count
            elif feed.state == "staging":
                done, total = len(feed.portions or ()), feed.portion_count
            feed.progress = 100.0 * done / total if total else 0.0

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Price feeds come in as documents; give in a file to make one."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Price feeds change by decisions only."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Price feeds are evidence and are kept."))

    # What a feed may be asked for, by people

    def _as_clerk(self):
        """Return these feeds in superuser mode, locked, once the user may work on them.

        :raise AccessError: neither clerk nor administrator, or a feed of another company.
        """
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Price feeds are reviewed by procurement clerks."))
        return self._locked()

    def _locked(self):
        """Return these feeds in superuser mode with their rows locked against the cron.

        sudo: feeds are written by their methods alone; who may is checked by who calls this.
        """
        self.check_access("read")
        feeds = self.sudo().with_context(active_test=False)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id FROM healthcare_price_feed WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [self.ids]
        )
        feeds.invalidate_recordset()
        return feeds

    def _check_open(self):
        for feed in self:
            if feed.state not in OPEN_STATES:
                raise UserError(
                    self.env._(
                        "%(feed)s is in state “%(state)s”: its lines are decided and corrected while it is "
                        "in review.",
                        feed=feed.name,
                        state=feed._state_label(),
                    )
                )

    def _state_label(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _check_reason(self, reason):
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why: the reason is kept with the decision."))
        return reason.strip()[:1000]

    def action_open_lines(self):
        """Open the lines of this feed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "healthcare.price.feed.line",
            "view_mode": "list,form,pivot",
            "domain": [("feed_id", "=", self.id)],
            "context": {"search_default_to_look_at": 1},
        }
