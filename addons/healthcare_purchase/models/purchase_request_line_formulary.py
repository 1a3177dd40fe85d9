from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

_FACTS = {"product_id", "name", "specifications", "estimated_cost", "request_id", "cancelled"}


class PurchaseRequestLine(models.Model):
    _inherit = "purchase.request.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_formulary_asked()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not _FACTS.isdisjoint(vals):
            self._check_formulary_asked()
        return result

    def _check_formulary_asked(self):
        self.filtered(lambda line: line.request_id.state in ("to_approve", "approved"))._check_formulary()

    def _check_formulary(self):
        """Refuse lines that may not be asked for.

        :raises UserError: naming each such line and why
        """
        if sentences := self._formulary_sentences():
            raise UserError("\n".join(sentences))

    def _formulary_sentences(self):
        """Return why lines may not be asked for; placeholders are governed always, the rest from
        the day on which the formularies hold."""
        lines = self.filtered(lambda line: not line.cancelled and line.product_id)
        held = lines.request_id.company_id._control_on("formulary_date")
        facilities = lines.request_id._formulary_facilities()
        names = {line: line.request_id.name or "" for line in lines}
        asked = {}
        for number, line in enumerate(lines):
            if line.request_id.company_id not in held:
                continue
            for user in line.request_id._formulary_users():
                asked[number, user.id] = {
                    "key": (number, user.id),
                    "product_id": line.product_id.id,
                    "facility_id": facilities[line.request_id].id,
                    "user_id": user.id,
                    "company_id": line.request_id.company_id.id,
                }
        problems = defaultdict(list)
        for (number, _user_id), found in (
            self.env["product.product"]._formulary_problems(list(asked.values())).items()
        ):
            problems[number] += found
        sentences = []
        for number, line in enumerate(lines):
            own = problems[number] + (line._placeholder_problems() if line.is_placeholder else [])
            sentences += [f"{names[line]}: {sentence}" for sentence in own]
        return list(dict.fromkeys(sentences))
