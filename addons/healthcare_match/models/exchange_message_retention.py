from odoo import models
from odoo.tools import SQL


class ExchangeMessage(models.Model):
    """Contents that show what a bill rests on are kept until it is paid."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    def _retention_blocked(self):
        """See the base: the bill's own message, and those of its orders, their acknowledgements
        and ship notices."""
        blocked = super()._retention_blocked()
        rest = self - blocked
        if not rest:
            return blocked
        self.env.flush_all()
        unpaid = SQL("b.state <> 'cancel' AND b.payment_state NOT IN ('paid', 'in_payment', 'reversed')")
        self.env.cr.execute(
            SQL(
                """
                WITH about AS (
                    SELECT m.id, m.res_id AS order_id FROM healthcare_exchange_message m
                     WHERE m.id = ANY(%(ids)s) AND m.res_model = 'purchase.order'
                     UNION
                    SELECT a.message_id, a.order_id FROM healthcare_order_acknowledgement a
                     WHERE a.message_id = ANY(%(ids)s)
                     UNION
                    SELECT n.message_id, l.order_id FROM healthcare_ship_notice n
                      JOIN healthcare_ship_notice_line l ON l.notice_id = n.id
                     WHERE n.message_id = ANY(%(ids)s))
                SELECT b.exchange_message_id FROM account_move b
                 WHERE b.exchange_message_id = ANY(%(ids)s) AND %(unpaid)s
                 UNION
                SELECT about.id FROM about
                  JOIN purchase_order_line line ON line.order_id = about.order_id
                 WHERE EXISTS (
                       SELECT 1 FROM account_move_line i JOIN account_move b ON b.id = i.move_id
                        WHERE i.purchase_line_id = line.id AND %(unpaid)s)
                    OR EXISTS (
                       SELECT 1 FROM healthcare_match_allocation i JOIN account_move b ON b.id = i.move_id
                        WHERE i.purchase_line_id = line.id AND %(unpaid)s)
                """,
                ids=rest.ids,
                unpaid=unpaid,
            )
        )
        return blocked | self.browse([message_id for (message_id,) in self.env.cr.fetchall()])
