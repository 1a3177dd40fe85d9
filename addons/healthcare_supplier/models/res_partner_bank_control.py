from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import html_escape as escape

from ..tools import inside


class ResPartner(models.Model):
    """Whose bank data are under control, and what waits because of a change of them."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    bank_change_ids = fields.One2many("healthcare.bank.change", "partner_id", string="Bank Changes")
    bank_change_count = fields.Integer(compute="_compute_bank_change_count", compute_sudo=True)
    bank_change_pending = fields.Boolean(
        string="Bank Change Waits", compute="_compute_bank_change_count", compute_sudo=True
    )

    @api.depends("bank_change_ids.state")
    def _compute_bank_change_count(self):
        for partner in self:
            changes = partner.commercial_partner_id.bank_change_ids
            partner.bank_change_count = len(changes)
            partner.bank_change_pending = bool(changes._waiting())

    def write(self, vals):
        if "name" not in vals:
            return super().write(vals)
        # Odoo renames the holder of accounts with the supplier; their numbers stay guarded.
        with inside.changing(self.env, "holder"):
            return super().write(vals)

    def _message_log(self, *, body="", **kwargs):
        """Show accounts by their last digits: Odoo names one that is deleted by its whole number."""
        # sudo: what is hidden does not depend on who may read it
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=False)
        for account in accounts.search([("partner_id", "in", self.ids)]) if body else ():
            body = body.replace(escape(account.acc_number), account.masked_number)
        return super()._message_log(body=body, **kwargs)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_bank_evidence(self):
        """Accounts that were paid to are evidence; deleting a contact would delete them."""
        accounts = self.env["res.partner.bank"].sudo().with_context(active_test=False)
        kept = accounts.search(
            [("partner_id", "in", self.ids), ("release_digest", "!=", False)], limit=1
        ).partner_id
        kept = kept or self.sudo().bank_change_ids[:1].partner_id
        if kept:
            raise UserError(
                self.env._(
                    "%s has bank accounts or changes of them that are kept as evidence. Archive it instead.",
                    kept.display_name,
                )
            )

    def action_request_bank_change(self):
        """Open the form in which a change of this supplier's bank data is asked for."""
        self.ensure_one()
        supplier = self.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Bank Change"),
            "res_model": "healthcare.bank.change.request",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_id": supplier.id},
        }

    def action_view_bank_changes(self):
        """Open the bank changes of this supplier."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bank Changes"),
            "res_model": "healthcare.bank.change",
            "view_mode": "list,form",
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
        }

    def _is_bank_supplier(self):
        """Return whether payments to this partner are payments to a supplier.

        Our own companies are none, unless they are kept as suppliers: their accounts belong to
        journals.
        """
        self.ensure_one()
        partner = self.sudo()
        owners = partner | partner.commercial_partner_id
        if any(owners.mapped("supplier_state")):
            return True
        return any(owner.supplier_rank > 0 for owner in owners) and not owners.ref_company_ids

    def _bank_controlled(self):
        """Return those of these partners whose bank data change by requests only.

        A supplier that several companies share is under control as soon as one of them has
        begun. In superuser mode.
        """
        suppliers = self.sudo().filtered(lambda partner: partner._is_bank_supplier())
        if not suppliers:
            return suppliers
        companies = self.env["res.company"]._bank_hold_companies()
        return suppliers.filtered(
            lambda partner: partner.company_id in companies if partner.company_id else bool(companies)
        )

    def _supplier_problems(self, purpose, company, date=None):
        """Payments wait while a change of bank data waits."""
        problems = super()._supplier_problems(purpose, company, date)
        if purpose != "pay" or company not in self.env["res.company"]._bank_hold_companies(date):
            return problems
        for partner_id, sentences in self._bank_waiting_sentences().items():
            problems.setdefault(partner_id, []).extend(sentences)
        return problems

    def _bank_waiting_sentences(self):
        """Return ``{partner id: [why payments wait]}`` of those with a bank change that waits."""
        # sudo: that payments wait does not depend on who may read the change
        partners = self.sudo()
        waiting = (
            self.env["healthcare.bank.change"].sudo()._waiting_by_partner(partners.commercial_partner_id)
        )
        return {
            partner.id: [waiting[partner.commercial_partner_id.id]._waiting_sentence()]
            for partner in partners
            if partner.commercial_partner_id.id in waiting
        }

    def _bank_changed(self):
        """Called in superuser mode when a bank change of these suppliers was released. Hook."""
