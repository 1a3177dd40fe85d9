from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    formulary_date = fields.Date(
        string="Formularies From",
        copy=False,
        help="From this day only approved items are requested and ordered, by those whom the "
        "formularies allow. Empty: the control is off.",
    )

    @api.model
    def _control_date_fields(self):
        return (*super()._control_date_fields(), "formulary_date")

    def _formulary_effects(self):
        """Return in sentences what the formularies would stop today, for "Start of Controls"."""
        self.ensure_one()
        products = self.env["product.template"].search(
            [
                ("purchase_ok", "=", True),
                ("item_state", "in", (False, "proposed")),
                ("company_id", "in", (False, self.id)),
                ("seller_ids", "!=", False),
            ],
            order="default_code, name",
        )
        effects = []
        if products:
            effects.append(
                self.env._(
                    "%(count)s products that are bought are not approved items, such as %(names)s. Take them "
                    "over into the catalog before the start, or propose them.",
                    count=len(products),
                    names=", ".join(products[:5].mapped("display_name")),
                )
            )
        lines = self.env["purchase.order.line"].search(
            [
                ("company_id", "=", self.id),
                ("state", "in", ("draft", "sent", "to approve")),
                ("display_type", "=", False),
                ("product_id", "!=", False),
            ]
        )
        problems = self.env["product.product"]._formulary_problems(
            [
                {
                    "key": line.id,
                    "product_id": line.product_id.id,
                    "facility_id": False,
                    "user_id": line.order_id.create_uid.id,
                    "company_id": self.id,
                    "purpose": "order",
                }
                for line in lines
            ]
        )
        for line in lines:
            effects += [f"{line.order_id.name}: {sentence}" for sentence in problems[line.id]]
        return effects
