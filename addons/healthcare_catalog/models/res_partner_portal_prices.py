from odoo import models
from odoo.exceptions import UserError

#: States in which a supplier's prices are of use.
_STATES = ("draft", "in_review", "approved", "conditional")
#: Most files and lines that a page of the portal shows.
_MAX_FILES = 50
_MAX_LINES = 200


class ResPartner(models.Model):
    """A supplier's price files in the portal.

    Called by the portal's pages in superuser mode, for the supplier of the login. The files go
    the way of any partner's documents; that they are this supplier's is not theirs to say.
    """

    _inherit = "res.partner"

    def _portal_take_prices(self, filename, content):
        """Take a price file in.

        :param str filename: as the supplier calls it
        :param bytes content: the file
        :return: the ``healthcare.exchange.upload``
        :raises UserError: when nothing is taken now, or the file cannot be
        """
        self.ensure_one()
        if self.supplier_state not in _STATES:
            raise UserError(self.env._("Prices are not taken now. Write to our procurement."))
        return self.env["healthcare.exchange.upload"]._take(
            self, "catalog", filename, content, requested_by=self.env.user
        )

    def _portal_price_uploads(self):
        """Return the price files that this supplier's people handed in, newest first."""
        self.ensure_one()
        return self.env["healthcare.exchange.upload"].search(
            [
                ("partner_id", "=", self.id),
                ("document_type", "=", "catalog"),
                ("requested_by_id.partner_id.commercial_partner_id", "=", self.id),
            ],
            limit=_MAX_FILES,
        )

    def _portal_price_feeds(self, upload):
        """Return what became of a file, for the portal.

        :return: list of ``{state, lines, broken, problems}``; ``problems`` are the lines that
            could not be taken: ``{line, code, text}``, at most 200. What is said about prices
            that do hold stays in the house.
        """
        self.ensure_one()
        feeds = self.env["healthcare.price.feed"].search(
            [("partner_id", "=", self.id), ("exchange_message_ids", "in", upload.message_ids.ids)]
        )
        return [
            {
                "state": feed.state,
                "lines": feed.line_count,
                "broken": feed.broken_count,
                "problems": [
                    {
                        "line": line.line_number or "",
                        "code": line.supplier_code or line.gtin or line.manufacturer_code or "",
                        "text": line.explanation or "",
                    }
                    for line in feed.line_ids.search(
                        [("feed_id", "=", feed.id), ("kind", "=", "broken"), ("superseded", "=", False)],
                        order="id",
                        limit=_MAX_LINES,
                    )
                ],
            }
            for feed in feeds
        ]
