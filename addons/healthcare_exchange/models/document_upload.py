from odoo import api, models


class HealthcareDocument(models.AbstractModel):
    """Whose document an imported file holds."""

    _inherit = "healthcare.document"

    @api.model
    def _endpoint_partner(self, endpoint):
        """The supplier that the file was handed in for, else the endpoint's.

        The context is the server's own: handlers run in superuser mode, in an environment that
        the exchange makes.
        """
        partner_id = self.env.su and self.env.context.get("exchange_partner_id")
        if partner_id:
            return self.env["res.partner"].browse(partner_id)
        return super()._endpoint_partner(endpoint)
