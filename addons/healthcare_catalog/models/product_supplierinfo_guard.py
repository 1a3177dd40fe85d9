from odoo import api, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

#: What only a feed writes.
_FEED_FIELDS = {
    "exact_price",
    "base_quantity",
    "unit_code",
    "price_class",
    "contract_number",
    "buying_group_number",
    "feed_id",
    "feed_line_id",
    "ended_by_feed_id",
}
#: What of a price that a feed brought nobody changes by hand.
_PRICE_FIELDS = {
    "partner_id",
    "product_id",
    "product_tmpl_id",
    "product_uom_id",
    "min_qty",
    "price",
    "discount",
    "currency_id",
    "company_id",
    "date_start",
    "date_end",
    "sequence",
    "product_code",
}


class ProductSupplierinfo(models.Model):
    """Prices that a feed brought change by a feed, or by its roll-back, and by nothing else."""

    _inherit = "product.supplierinfo"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        if any(_FEED_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("What a price feed says is written by price feeds only."))
        infos = super(ProductSupplierinfo, without_defaults(self, _FEED_FIELDS)).create(vals_list)
        infos._check_beside_feed()
        return infos.with_env(self.env)

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        if _FEED_FIELDS & vals.keys():
            raise AccessError(self.env._("What a price feed says is written by price feeds only."))
        if _PRICE_FIELDS & vals.keys():
            self._check_not_fed()
        result = super().write(vals)
        if _PRICE_FIELDS & vals.keys():
            self._check_beside_feed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fed(self):
        if not self.env.su:
            self._check_not_fed()

    def _check_not_fed(self):
        """Raise where a price feed brought or ended one of these prices."""
        # sudo: that a price is a feed's does not depend on who may read feeds
        fed = self.sudo().filtered(lambda info: info.feed_id or info.ended_by_feed_id)[:1]
        if fed:
            feed = fed.ended_by_feed_id or fed.feed_id
            raise UserError(
                self.env._(
                    "The price of %(item)s is kept by the price list %(feed)s. It changes by another list, "
                    "or by rolling that one back.",
                    item=(fed.product_id or fed.product_tmpl_id).display_name,
                    feed=feed.name,
                )
            )

    def _check_beside_feed(self):
        """Raise where one of these hand-made prices would stand beside one that a feed keeps: it
        would be used instead of the approved one, silently."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT mine.id, fed.feed_id
              FROM product_supplierinfo mine
              JOIN res_partner supplier ON supplier.id = mine.partner_id
              JOIN product_supplierinfo fed
                ON fed.product_tmpl_id = mine.product_tmpl_id AND fed.feed_id IS NOT NULL
               AND (mine.product_id IS NULL OR fed.product_id = mine.product_id)
               AND (mine.company_id IS NULL OR fed.company_id = mine.company_id)
               AND fed.date_start <= COALESCE(fed.date_end, 'infinity')
               AND COALESCE(fed.date_end, 'infinity') >= CURRENT_DATE
               AND COALESCE(mine.date_start, '-infinity') <= COALESCE(fed.date_end, 'infinity')
               AND COALESCE(mine.date_end, 'infinity') >= fed.date_start
              JOIN res_partner owner ON owner.id = fed.partner_id
               AND owner.commercial_partner_id = supplier.commercial_partner_id
             WHERE mine.id = ANY(%s) AND mine.feed_id IS NULL
             LIMIT 1
            """,
            [self.ids],
        )
        if row := self.env.cr.fetchone():
            # sudo: the name of the list says what to do
            info = self.sudo().browse(row[0])
            feed = self.env["healthcare.price.feed"].sudo().browse(row[1])
            raise UserError(
                self.env._(
                    "%(item)s has prices of %(supplier)s from the price list %(feed)s. A price beside them "
                    "would be used instead of the approved ones; have the supplier send a list, or roll "
                    "that one back.",
                    item=(info.product_id or info.product_tmpl_id).display_name,
                    supplier=info.partner_id.display_name,
                    feed=feed.name,
                )
            )
