import logging

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: Suppliers per slice, each a transaction of its own.
SLICE = 500


class HealthcareScreeningRun(models.Model):
    """One screening of all suppliers against the loaded exclusion lists, with its result.

    New and changed suppliers are screened at once, without a run.
    """

    _name = "healthcare.screening.run"
    _description = "Exclusion Screening"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin"]
    _order = "id desc"
    _audit_fields = ("kind", "list_id", "state", "supplier_count", "match_count", "error")
    _audit_actions = ("create", "write")

    kind = fields.Selection(
        [("list", "New List"), ("manual", "By Hand")],
        required=True,
        readonly=True,
    )
    list_id = fields.Many2one("healthcare.exclusion.list", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [("running", "Running"), ("done", "Done"), ("failed", "Failed")],
        default="running",
        required=True,
        readonly=True,
        index=True,
    )
    supplier_count = fields.Integer(string="Suppliers Screened", readonly=True)
    total_count = fields.Integer(string="Suppliers", readonly=True)
    match_count = fields.Integer(string="New Matches", readonly=True)
    last_partner_id = fields.Integer(readonly=True, help="Where the scheduled job goes on.")
    finished_at = fields.Datetime(readonly=True)
    error = fields.Text(readonly=True)
    match_ids = fields.One2many("healthcare.screening.match", "run_id", string="Matches", readonly=True)

    @api.depends("kind", "create_date", "list_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for run in self:
            run.display_name = f"{kinds.get(run.kind, '')} {run.list_id.filename or run.create_date or ''}"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Screenings are started with their button."))
        return super(HealthcareScreeningRun, without_defaults(self)).create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su and any(not name.startswith(("message_", "activity_")) for name in vals):
            raise AccessError(self.env._("Screenings are evidence and are not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise AccessError(self.env._("Screenings are evidence and are kept."))

    @api.model
    def action_screen_all(self):
        """Screen all suppliers anew, by the scheduled job; for compliance officers."""
        if not self.env.su and not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(self.env._("A compliance officer starts a screening."))
        run = self._start()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": run.id,
            "views": [(False, "form")],
        }

    @api.model
    def _start(self, exclusion_list=None):
        """Have all suppliers screened by the scheduled job, because of a list or by hand."""
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        # sudo: who may start it is checked by the caller
        run = self.sudo().create(
            {
                "kind": "list" if exclusion_list else "manual",
                "list_id": exclusion_list.id if exclusion_list else False,
                "total_count": partners.search_count(partners._screened_domain()),
            }
        )
        self.env.ref("healthcare_supplier.cron_screening").sudo()._trigger()
        return run

    @api.model
    def _cron_screen(self):
        """Go on with screenings that are under way; Odoo runs the job again while some remains."""
        for run in self.search([("state", "=", "running")], order="id"):
            if not run._screen_on():
                return

    def _screen_on(self):
        """Screen from where this run stands.

        :return: whether there is time for more
        """
        self.ensure_one()
        partners = self.env["res.partner"].with_context(active_test=False)
        try:
            while some := partners.search(
                [*partners._screened_domain(), ("id", ">", self.last_partner_id)], order="id", limit=SLICE
            ):
                with self.env.cr.savepoint():
                    matches = some._screen(self)
                    self.write(
                        {
                            "last_partner_id": some[-1].id,
                            "supplier_count": self.supplier_count + len(some),
                            "match_count": self.match_count + len(matches),
                        }
                    )
                remaining = max(1, self.total_count - self.supplier_count)
                if not self.env["ir.cron"]._commit_progress(len(some), remaining=remaining):
                    return False
            with self.env.cr.savepoint():
                self._finish()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.exception("Screening %s stopped", self.id)
            self.write({"state": "failed", "error": str(error), "finished_at": fields.Datetime.now()})
        return bool(self.env["ir.cron"]._commit_progress(1, remaining=0))

    def _finish(self):
        """Close this run, and have compliance look at what it found."""
        self.write({"state": "done", "finished_at": fields.Datetime.now()})
        if self.match_count:
            officers = self.env.ref("healthcare_supplier.group_compliance").sudo().all_user_ids
            for officer in officers.filtered("active")[:1]:
                self.activity_schedule(
                    "mail.mail_activity_data_todo",
                    summary=self.env._("Decide %s possible exclusions", self.match_count),
                    user_id=officer.id,
                )
