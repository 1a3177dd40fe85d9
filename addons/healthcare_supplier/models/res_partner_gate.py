from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

#: How many documents a refusal names.
NAMED = 10


class ResPartner(models.Model):
    """The gates: where documents are refused because of their supplier."""

    _inherit = "res.partner"

    @api.model
    def _check_supplier_gate(self, purpose, documents):
        """Refuse documents whose supplier may not be ordered from, or not be paid.

        :param str purpose: ``order`` or ``pay``
        :param documents: iterable of ``(company, partner, name of the document)``
        :raises UserError: naming the documents, why, and what to do
        """
        by_company = defaultdict(list)
        for company, partner, name in documents:
            by_company[company].append((partner, name))
        lines = []
        for company, named in by_company.items():
            partners = self.browse({partner.id for partner, _name in named if partner})
            problems = partners._supplier_problems(purpose, company)
            lines += [
                f"{name}: {' '.join(problems[partner.id])}"
                for partner, name in named
                if partner.id in problems
            ]
        if not lines:
            return
        lines = list(dict.fromkeys(lines))
        text = "\n".join(lines[:NAMED])
        if len(lines) > NAMED:
            text += "\n" + self.env._("and %(count)s more", count=len(lines) - NAMED)
        if purpose == "order":
            raise UserError(
                self.env._(
                    "No order goes to these suppliers:\n%s\n"
                    "Have the supplier approved, or order from an approved one.",
                    text,
                )
            )
        raise UserError(
            self.env._("These suppliers are not paid now:\n%s\nCompliance or finance clears it.", text)
        )
