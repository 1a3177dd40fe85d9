from odoo import models


class HealthcareApprovalRequest(models.Model):
    _inherit = "healthcare.approval.request"

    def _finish(self, state, reason):
        """See the base. A feed or policy whose request was withdrawn is free again."""
        result = super()._finish(state, reason)
        if state == "cancelled":
            for request in self.filtered(
                lambda r: r.model in ("healthcare.price.feed", "healthcare.price.feed.policy")
            ):
                request._record()._approval_withdrawn(request.kind)
        return result
