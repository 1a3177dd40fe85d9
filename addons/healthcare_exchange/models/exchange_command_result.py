from markupsafe import Markup
from odoo import api, fields, models


class HealthcareExchangeCommand(models.Model):
    """A command's result, for people."""

    _inherit = "healthcare.exchange.command"  # pylint: disable=consider-merging-classes-inherited

    result_html = fields.Html(compute="_compute_result_html", sanitize=False)
    last_result = fields.Boolean(compute="_compute_last_result", help="It has ended.")

    @api.depends("state")
    def _compute_last_result(self):
        for command in self:
            command.last_result = command.state in ("done", "failed", "expired")

    @api.depends("result")
    def _compute_result_html(self):
        for command in self:
            result = command.result or {}
            command.result_html = Markup().join(
                [
                    self._checks_html(result.get("checks") or []),
                    *(self._sample_html(sample) for sample in result.get("samples") or []),
                ]
            )

    @api.model
    def _checks_html(self, checks):
        """Return checks (``{name, passed, detail}``) as a table; all text is escaped."""
        rows = Markup().join(
            Markup("<tr><td><span class='badge %s'>%s</span></td><td>%s</td><td>%s</td></tr>")
            % (
                "text-bg-success" if check.get("passed") else "text-bg-danger",
                self.env._("passed") if check.get("passed") else self.env._("failed"),
                check.get("name") or "",
                check.get("detail") or "",
            )
            for check in checks
        )
        return rows and Markup("<table class='table table-sm'>%s</table>") % rows

    @api.model
    def _sample_html(self, sample):
        """Return one sample's bytes and what became of them; all text is escaped."""
        outcome = sample.get("outcome") or {}
        said = " ".join(
            str(outcome[name]) for name in ("outcome", "httpStatus", "error", "message") if outcome.get(name)
        )
        return Markup("<h5>%s %s</h5><p>%s</p><p>%s</p><pre>%s</pre>") % (
            sample.get("document_type") or "",
            sample.get("number") or "",
            sample.get("problem")
            or self.env._("%(file)s, %(n)s bytes", file=sample.get("filename"), n=sample.get("size")),
            said,
            sample.get("text") or "",
        )

    def _open(self):
        """Return the action that shows this command and its result."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
