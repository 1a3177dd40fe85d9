from odoo import models


class HealthcareExchangePart(models.AbstractModel):
    """A row of an endpoint's configuration: nobody hands it to an endpoint that is not theirs.

    Odoo asks the access rules before a write only, so that a row of one's own could be moved to
    the endpoint of another company.
    """

    _name = "healthcare.exchange.part"
    _description = "Part of an Endpoint's Configuration"

    # Many2one to what the row is a part of.
    _part_of = "endpoint_id"

    def write(self, vals):
        result = super().write(vals)
        if self._part_of in vals:
            self.check_access("write")
        return result
