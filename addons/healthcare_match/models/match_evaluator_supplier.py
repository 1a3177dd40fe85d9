from odoo import api, models

from ..engine import Finding, texts
from ..engine.evaluate import value_of

#: States of a supplier whose bills a person looks at before they are paid.
STOPPED_STATES = ("blocked", "suspended")


class HealthcareMatchEvaluator(models.AbstractModel):
    """Bills of suppliers that compliance has stopped."""

    _inherit = "healthcare.match.evaluator"

    @api.model
    def _further_findings(self, bill, case, verdict):
        findings = super()._further_findings(bill, case, verdict)
        duplicate = any(finding.type == "duplicate_invoice" for finding in verdict.findings)
        finding = None if duplicate else self._supplier_stopped(bill, case)
        return [*findings, finding] if finding else findings

    @api.model
    def _supplier_stopped(self, bill, case):
        """Return the finding for a supplier that is blocked or suspended today, else None.

        The whole bill is at stake. Only where the company's control of suppliers has started.
        """
        supplier = bill.commercial_partner_id
        if supplier.supplier_state not in STOPPED_STATES:
            return None
        if not bill.company_id._control_on("supplier_gate_date"):
            return None
        states = dict(supplier._fields["supplier_state"]._description_selection(self.env))
        return Finding(
            type="supplier_blocked",
            template=texts.SUPPLIER_STOPPED,
            params={
                "supplier": supplier.display_name,
                "state": states[supplier.supplier_state],
                "reason": supplier.supplier_state_reason or "–",
            },
            stake=value_of(case),
            line_ids=tuple(line.id for line in case.lines),
            facts={"supplier_id": str(supplier.id), "supplier_state": supplier.supplier_state},
            proposed="dispute",
        )
