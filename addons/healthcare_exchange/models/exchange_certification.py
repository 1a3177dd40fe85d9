from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import canonical
from ..tools.text import clean_text

_MAX_CHECKS = 500


class HealthcareExchangeCertification(models.Model):
    """One run of the conformance suite over an endpoint as it was configured then: evidence."""

    _name = "healthcare.exchange.certification"
    _description = "Endpoint Certification"
    _order = "id desc"
    _rec_name = "run_at"

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    digest = fields.Char(required=True, readonly=True, help="SHA-256 of the configuration that was tested.")
    passed = fields.Boolean(readonly=True)
    current = fields.Boolean(
        compute="_compute_current", help="The endpoint's configuration has not changed since."
    )
    checks = fields.Json(readonly=True)
    checks_html = fields.Html(compute="_compute_checks_html", sanitize=False)
    summary = fields.Char(readonly=True)
    run_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    run_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")

    # The endpoint's latest one.
    _endpoint_idx = models.Index("(endpoint_id, id DESC)")

    def _compute_current(self):
        for certification in self:
            endpoint = certification.endpoint_id
            certification.current = certification.digest == endpoint._configuration_digest()

    @api.depends("checks")
    def _compute_checks_html(self):
        for certification in self:
            certification.checks_html = self.env["healthcare.exchange.command"]._checks_html(
                certification.checks or []
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A certification is evidence and does not change."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Evidence is never deleted."""
        raise UserError(self.env._("A certification is evidence and cannot be deleted."))

    def _check_inside(self):
        """Refuse writers from outside; superuser mode cannot be had by RPC."""
        if not self.env.su:
            raise AccessError(self.env._("Certifications come from the conformance suite."))

    @api.model
    def record_certification(self, endpoint_code, report):
        """Store a run of the conformance suite (``hcp certify``).

        :param endpoint_code: an endpoint that the caller may serve.
        :param report: ``{digest, passed, checks: [{name, passed, detail, duration_ms}]}``;
            ``digest`` as the service was told with the endpoint's configuration.
        :return: ``{id, passed, current, state}``: of the certification, and the endpoint's state.
        :raise AccessError: the caller is not the service; who configures does not certify.
        :raise ValidationError: an unknown endpoint, or a report of another shape.
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        endpoint = messages._reachable_endpoints([endpoint_code]) if endpoint_code else None
        if not endpoint:
            raise ValidationError(self.env._("There is no endpoint '%s' that you may use.", endpoint_code))
        # The caller's right was checked; evidence is written in superuser mode only.
        certification = self.sudo()._store(endpoint, report, self.env.user)
        return {
            "id": certification.id,
            "passed": certification.passed,
            "current": certification.current,
            "state": endpoint.state,
        }

    def _store(self, endpoint, report, user):
        """Store a report, and move a draft or certified endpoint accordingly."""
        values = self._check_report(report)
        certification = self.create({**values, "endpoint_id": endpoint.id, "run_by_id": user.id})
        endpoint.invalidate_recordset(["certification_ids"])
        if endpoint.state in ("draft", "certified"):
            good = certification.passed and certification.current
            endpoint.sudo().write({"state": "certified" if good else "draft"})
        return certification

    def _check_report(self, report):
        checks = report.get("checks") if isinstance(report, dict) else None
        if (
            not isinstance(checks, list)
            or not 0 < len(checks) <= _MAX_CHECKS
            or canonical.unstorable(checks)
            or not all(isinstance(check, dict) and check.get("name") for check in checks)
            or not isinstance(report.get("digest"), str)
        ):
            raise ValidationError(
                self.env._("A certification has a digest and 1 to %s checks with names.", _MAX_CHECKS)
            )
        kept = [
            {
                "name": clean_text(check["name"], 200),
                "passed": check.get("passed") is True,
                "detail": clean_text(check.get("detail"), 2000),
                "duration_ms": max(0, int(check.get("duration_ms") or 0)),
            }
            for check in checks
        ]
        failed = [check["name"] for check in kept if not check["passed"]]
        return {
            "digest": clean_text(report["digest"], 64),
            # What failed counts, whatever the report says of itself.
            "passed": not failed and report.get("passed") is True,
            "checks": kept,
            "summary": self.env._("failed: %s", ", ".join(failed))[:1000]
            if failed
            else self.env._("%s checks passed", len(kept)),
        }
