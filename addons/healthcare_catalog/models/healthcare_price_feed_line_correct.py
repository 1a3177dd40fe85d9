from datetime import date

from odoo import fields, models
from odoo.addons.healthcare_base.tools.exact import ExactError, numeric_text
from odoo.addons.healthcare_base.tools.identifiers import gtin_problem, normalise_gtin
from odoo.addons.healthcare_base.tools.units import normalise_unit_code
from odoo.exceptions import UserError, ValidationError

#: What a person may put in place of what was sent.
_DECIMALS = ("amount", "base_quantity", "min_quantity")
_DATES = ("valid_from", "valid_to")
CORRECTABLE = ("product_id", "unit", "gtin", *_DECIMALS, *_DATES)


class HealthcarePriceFeedLine(models.Model):
    """Corrections by people: beside what was sent, never in its place.

    A corrected line is suspicious by itself: another person has to agree.
    """

    _inherit = "healthcare.price.feed.line"  # pylint: disable=consider-merging-classes-inherited

    def action_correct(self, values):
        """Correct this line, and compare it again.

        :param dict values: of ``product_id`` (id), ``unit`` (code), ``gtin`` (text, empty takes it
            out), ``amount``, ``base_quantity``, ``min_quantity`` (decimal text), ``valid_from``,
            ``valid_to`` (ISO dates); ``None`` goes back to what was sent
        :raise UserError: the line is decided or applied, or the feed not in review
        :raise ValidationError: a value cannot be what it says it is
        """
        self.ensure_one()
        feed = self.feed_id._as_clerk()
        feed._check_open()
        line = feed.line_ids.browse(self.id)
        if line.applied_at or line.superseded or line.generated or line.decision in ("approved", "proposed"):
            raise UserError(
                self.env._("%s is decided already, or was not sent by the supplier.", line.line_label)
            )
        if not isinstance(values, dict) or not values or set(values) - set(CORRECTABLE):
            raise ValidationError(
                self.env._("What can be corrected of a line is: %s.", ", ".join(CORRECTABLE))
            )
        correction = dict(line.correction or {})
        for name, value in values.items():
            if value is None:
                correction.pop(name, None)
            else:
                correction[name] = line._check_correction(name, value)
        before = line.correction
        line.write(
            {
                "correction": correction or False,
                "corrected_by_id": self.env.uid if correction else False,
                "corrected_at": fields.Datetime.now() if correction else False,
            }
        )
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": line._name,
                    "res_id": line.id,
                    "res_name": f"{feed.name} {line.line_label}",
                    "action": "price_feed_line_corrected",
                    "company_id": feed.company_id.id,
                    "changes": {"correction": [before or None, correction or None]},
                }
            ]
        )
        feed._compare_again(line)
        return True

    def _check_correction(self, name, value):
        """Return a corrected value as it is kept, or raise a ``ValidationError``."""
        try:
            if name in _DECIMALS:
                return numeric_text(value)
            if name in _DATES:
                return date.fromisoformat(value).isoformat()
        except (ExactError, TypeError, ValueError) as error:
            raise ValidationError(
                self.env._("%(value)s: %(reason)s.", value=value, reason=str(error))
            ) from error
        if name == "product_id":
            product = self.env["product.product"].browse(value if isinstance(value, int) else ()).exists()
            if not product or product.company_id not in (self.env["res.company"], self.feed_id.company_id):
                raise ValidationError(self.env._("There is no such item."))
            return product.id
        if name == "unit":
            code = normalise_unit_code(value)
            if not code:
                raise ValidationError(self.env._("%s is not a unit code such as EA or XBX.", value))
            return code
        if value == "":
            return ""
        if gtin_problem(value):
            raise ValidationError(self.env._("%s is not a GTIN: compare it with the label.", value))
        return normalise_gtin(value)
