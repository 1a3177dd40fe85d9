from odoo import api, models


class HealthcarePriceFeed(models.Model):
    """What contracts say of the prices that a supplier announces."""

    _inherit = "healthcare.price.feed"

    @api.model
    def _contract_prices(self, line_ids):
        """Return the contract price beside each announced one.

        A list is for nobody in particular, so it is held against the highest price that any
        facility of the company has in the supplier's contracts on the line's first day: what is
        above that is above what everybody has agreed to. A line that names a contract is held
        against that one.
        """
        found = super()._contract_prices(line_ids)
        self.env.cr.execute(
            """
            SELECT line.id, line.product_id, line.unit_code, line.base_quantity::text,
                   COALESCE(line.min_quantity, 0)::text, COALESCE(line.valid_from, feed.received_at::date),
                   line.price_class, line.contract_number, feed.company_id, partner.commercial_partner_id,
                   line.currency_id
              FROM healthcare_price_feed_line line
              JOIN healthcare_price_feed feed ON feed.id = line.feed_id
              JOIN res_partner partner ON partner.id = feed.partner_id
             WHERE line.id = ANY(%s) AND line.product_id IS NOT NULL AND line.unit_code IS NOT NULL
            """,
            [list(line_ids)],
        )
        rows = self.env.cr.fetchall()
        prices = self.env["healthcare.price"].sudo()._highest_contract_prices(rows)
        return {**found, **prices}
