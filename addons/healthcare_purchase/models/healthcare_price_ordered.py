from odoo import api, models
from odoo.tools import SQL


class HealthcarePrice(models.AbstractModel):
    """Orders are for a facility, which buys at the price class of its account."""

    _inherit = "healthcare.price"

    @api.model
    def _ordered_class(self):
        """Return the class of the price that was valid then, else that of the facility's account.

        Own use is what everybody may ask for, as prices without a class.
        """
        self.env["purchase.order"].flush_model(["facility_id"])
        self.env["purchase.order.line"].flush_model(["price_evidence"])
        self.env["healthcare.facility.account"].flush_model()
        return SQL(
            """
            NULLIF(COALESCE(
                NULLIF(line.price_evidence->>'price_class', 'false'),
                (SELECT account.price_class
                   FROM healthcare_facility_account account
                   JOIN res_partner owner ON owner.id = account.partner_id
                  WHERE account.active AND account.facility_id = po.facility_id
                    AND owner.commercial_partner_id = partner.commercial_partner_id
                  ORDER BY account.price_class != 'own_use', account.id
                  LIMIT 1)
            ), 'own_use')
            """
        )
