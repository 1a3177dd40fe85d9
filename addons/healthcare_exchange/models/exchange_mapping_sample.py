import json

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.canonical import unstorable

_MAX_TEXT = 500_000
#: What came of running it; written when the service has answered.
_RESULT = {"state", "actual_text", "difference", "run_digest", "run_at"}


class HealthcareExchangeMappingSample(models.Model):
    """An example of what a mapping must make of a document: the test of that version.

    The service runs it; what came of it holds for exactly the expression, input and expectation
    that it was run with.
    """

    _name = "healthcare.exchange.mapping.sample"
    _description = "Sample of an Exchange Mapping"
    _inherit = ["healthcare.exchange.part"]
    _part_of = "mapping_id"
    _order = "mapping_id, sequence, id"

    mapping_id = fields.Many2one("healthcare.exchange.mapping", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="mapping_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    input_text = fields.Text(
        string="Input",
        required=True,
        help="JSON. Outbound: a canonical document. Inbound: what the format reads out of the "
        "partner's bytes.",
    )
    expected_text = fields.Text(
        string="Expected",
        help="JSON that must come of it. Empty: run it, look at the result and take it over.",
    )
    document_time = fields.Char(
        default="2026-01-01T00:00:00Z", help="What $document_time is; ISO 8601, outbound only."
    )
    state = fields.Selection(
        [("new", "Not Run"), ("passed", "Passed"), ("failed", "Failed")],
        default="new",
        required=True,
        readonly=True,
        copy=False,
    )
    actual_text = fields.Text(string="Result", readonly=True, copy=False)
    difference = fields.Text(readonly=True, copy=False, help="Where the result is not what is expected.")
    run_digest = fields.Char(readonly=True, copy=False)
    run_at = fields.Datetime(string="Run On", readonly=True, copy=False)

    @api.constrains("input_text", "expected_text", "document_time")
    def _check_texts(self):
        for sample in self:
            for name in ("input_text", "expected_text"):
                sample._check_json(name)
            if sample.document_time:
                sample._check_time()

    def _check_json(self, name):
        text = self[name]
        if not text:
            return
        if len(text) > _MAX_TEXT:
            raise ValidationError(
                self.env._("Sample %(name)s: at most %(n)s characters.", name=self.name, n=_MAX_TEXT)
            )
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValidationError(
                self.env._(
                    "Sample %(name)s, %(field)s: this is not JSON: %(error)s",
                    name=self.name,
                    field=self._fields[name].string,
                    error=error,
                )
            ) from error
        reason = unstorable(value)
        if reason or not isinstance(value, dict):
            raise ValidationError(
                self.env._(
                    "Sample %(name)s, %(field)s: %(reason)s",
                    name=self.name,
                    field=self._fields[name].string,
                    reason=reason or self.env._("it must be one JSON object"),
                )
            )

    def _check_time(self):
        try:
            fields.Datetime.to_datetime(self.document_time.removesuffix("Z").replace("T", " "))
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "Sample %(name)s: the document time is written 2026-01-31T10:00:00Z.", name=self.name
                )
            ) from error

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_result_outside(vals)
        model = super(HealthcareExchangeMappingSample, without_defaults(self, _RESULT))
        samples = model.create(vals_list).with_env(self.env)
        samples.mapping_id._content_changed()
        return samples

    def write(self, vals):
        self._check_result_outside(vals)
        if vals.keys() - _RESULT:
            self.mapping_id._content_changed()
            vals = {**vals, "state": "new", "run_digest": False}
        result = super().write(vals)
        if "mapping_id" in vals:
            self.mapping_id._content_changed()
        return result

    def unlink(self):
        self.mapping_id._content_changed()
        return super().unlink()

    def _check_result_outside(self, vals):
        """Refuse results from outside: only the service's answer makes them."""
        given = {name for name in _RESULT & vals.keys() if (name, vals[name]) != ("state", "new")}
        if given and not self.env.su:
            raise AccessError(self.env._("The result of a sample comes from running it."))

    def _digest(self):
        """Return the SHA-256 of all that the result depends on."""
        self.ensure_one()
        return digest_of(
            {
                "mapping": self.mapping_id._content_digest(),
                "input": json.loads(self.input_text),
                "expected": json.loads(self.expected_text) if self.expected_text else None,
                "document_time": self.document_time or "",
            }
        )

    def _argument(self):
        """Return the sample as the service's command takes it."""
        self.ensure_one()
        return {
            "id": self.id,
            "digest": self._digest(),
            "input": json.loads(self.input_text),
            "expected": json.loads(self.expected_text) if self.expected_text else False,
            "document_time": self.document_time or "",
        }

    def action_take_result(self):
        """Expect what came of the last run, after a person looked at it. It has to run once more."""
        for sample in self:
            if not sample.actual_text:
                raise UserError(self.env._("Sample %s has not been run, or gave nothing.", sample.name))
            sample.expected_text = sample.actual_text
        return True
