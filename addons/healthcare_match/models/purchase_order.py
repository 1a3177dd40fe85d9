from odoo import models


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    # For orders that bills name: suppliers write them with other case, spaces and punctuation.
    _match_name_index = models.Index("(regexp_replace(upper(name), '[^0-9A-Z]', '', 'g'))")

    def write(self, vals):
        changed = self.browse()
        if "state" in vals:
            changed = self.filtered(lambda order: order.state != vals["state"])
        result = super().write(vals)
        changed.filtered(lambda order: order.state in ("purchase", "cancel"))._match_touch_bills()
        return result

    def _match_touch_bills(self):
        """Judge anew the open bills of these suppliers that found no order, or found these."""
        if not self:
            return
        bills = self.env["account.move"].sudo()  # buyers do not read bills
        orphans = bills._match_orphan_domain(self.partner_id.commercial_partner_id.ids)
        found = bills._match_touched_domain(self.order_line.ids, self.ids)
        bills.search(bills._match_open_domain() & (orphans | found))._match_touched()
