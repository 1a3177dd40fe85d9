from odoo import api, models

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
        """Refuse lines that may not be asked for; placeholders are governed always, the rest from
        the day on which the formularies hold.

        :raises UserError: naming each such line and why
        """
        lines = self.filtered(lambda line: not line.cancelled and line.product_id)
        held = lines.company_id._control_on("formulary_date")
        facilities = lines.request_id._formulary_facilities()
        asked = [
            {
                "key": (line.id, user.id),
                "product_id": line.product_id.id,
                "facility_id": facilities[line.request_id].id,
                "user_id": user.id,
                "company_id": line.company_id.id,
            }
            for line in lines
            if line.company_id in held
            for user in line.request_id._formulary_users()
        ]
        problems = self.env["product.product"]._formulary_problems(asked)
        sentences = [
            f"{line.request_id.name}: {sentence}"
            for line in lines
            for (line_id, _user_id), found in problems.items()
            if line_id == line.id
            for sentence in found
        ]
        for line in lines.filtered("is_placeholder"):
            sentences += [f"{line.request_id.name}: {sentence}" for sentence in line._placeholder_problems()]
        self.request_id._raise_formulary(sentences)
