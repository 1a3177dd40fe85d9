from odoo import api, fields, models

from ..tools.selections import ORDERABLE_STATES


class ResPartner(models.Model):
    """What keeps a supplier from being approved, ordered from, and paid."""

    _inherit = "res.partner"

    def _supplier_ready_problems(self):
        """Return what stops the submission and the approval of this supplier, as sentences.

        Override to add what another control knows (screening, duplicates). What is missing of
        the checklist is beside this: a supplier may be approved conditionally without it.

        :return: list of sentences, each saying what to do
        """
        self.ensure_one()
        problems = []
        if not self.name:
            problems.append(self.env._("The supplier has no name."))
        if self != self.commercial_partner_id:
            problems.append(
                self.env._(
                    "%(contact)s is a contact of %(company)s: submit the company.",
                    contact=self.name,
                    company=self.commercial_partner_id.name,
                )
            )
        return problems

    def _supplier_asked_sentence(self):
        """Return what a supplier is told in the portal where we have a question that it must not read."""
        return self.env._("We have a question about your company. Our procurement gets in touch with you.")

    def _supplier_problems(self, purpose, company, date=None):
        """Return why orders may not go to these partners, or payments.

        Batch. A contact has the problems of its company, and the other way round nothing is
        laundered: a partner that has a state of its own keeps it under another company.
        Override to add the reasons of another control; nothing here where the control of the
        company has not started.

        :param str purpose: ``order`` or ``pay``
        :param company: the ``res.company`` that orders or pays
        :param date: day that counts, default today
        :return: ``{partner_id: [sentences]}``, only of partners that have problems
        """
        problems = {}
        if not company._control_on("supplier_gate_date", date):
            return problems
        date = date or fields.Date.context_today(self)
        # sudo: whether a supplier is approved does not depend on who may read it
        for partner in self.sudo():
            owners = partner.commercial_partner_id | (partner if partner.supplier_state else partner.browse())
            sentences = [
                sentence for owner in owners if (sentence := owner._supplier_state_problem(purpose, date))
            ]
            if sentences:
                problems[partner.id] = sentences
        return problems

    def _supplier_state_problem(self, purpose, date):
        """Return the sentence by which this supplier's state stops a purpose, or ``""``."""
        self.ensure_one()
        state = self.supplier_state
        if purpose == "pay":
            if state != "blocked":
                return ""
            return self.env._(
                "%(supplier)s is blocked and is not paid%(reason)s",
                supplier=self.display_name,
                reason=self._supplier_reason_text(),
            )
        if state not in ORDERABLE_STATES:
            label = dict(self._fields["supplier_state"]._description_selection(self.env)).get(state)
            return self.env._(
                "%(supplier)s is not an approved supplier (%(state)s)%(reason)s",
                supplier=self.display_name,
                state=label or self.env._("never qualified"),
                reason=self._supplier_reason_text(),
            )
        if state == "conditional" and self.condition_until and self.condition_until < date:
            return self.env._(
                "%(supplier)s was approved on a condition until %(date)s. Approve it anew.",
                supplier=self.display_name,
                date=self.condition_until,
            )
        return ""

    def _supplier_reason_text(self):
        self.ensure_one()
        return f": {self.supplier_state_reason}" if self.supplier_state_reason else "."

    @api.model
    def _supplier_problem_text(self, problems):
        """Return the sentences of :meth:`_supplier_problems` in lines, each once."""
        return "\n".join(dict.fromkeys(line for lines in problems.values() for line in lines))
