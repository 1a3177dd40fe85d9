from odoo import api, models
from odoo.addons.healthcare_exchange.exceptions import DocumentPostponed


class HealthcareDocumentCatalog(models.AbstractModel):
    """Takes in catalogs: a supplier's price list, in one document or in portions.

    Any format delivers the same document. It takes effect as a price feed: staged here, compared
    by the cron, decided by people.
    """

    _name = "healthcare.document.catalog"
    _description = "Catalog"
    _inherit = "healthcare.document"
    _document_type = "catalog"
    _inbound = True

    @api.model
    def _ordering_key(self, document, endpoint):
        """See the base: portions of one feed are taken in one after the other."""
        portion = document.get("portion")
        feed = portion.get("feed") if isinstance(portion, dict) else None
        return f"catalog:{endpoint.id}:{feed or document.get('number')}"

    @api.model
    def _from_canonical(self, documents, messages):
        """See the base: stages each document's lines in the price feed that it belongs to."""
        results = []
        for document, message in zip(documents, messages, strict=True):
            partner = self._resolve_supplier(document, message.endpoint_id)
            feed = self._stage(document, message, partner)
            results.append({"record": feed, "exceptions": []})
        return results

    @api.model
    def _stage(self, document, message, partner):
        """Return the feed that the document's lines now stand in."""
        currency = self._feed_currency(document, partner)
        portion = document.get("portion") or {}
        feeds = self.env["healthcare.price.feed"]
        feed = feeds._find_open(partner, message.company_id, portion.get("feed") or document["number"])
        if feed and feed.state in ("approved", "applying"):
            raise DocumentPostponed(
                self.env._("%s is being applied; what belongs to it is taken in afterwards.", feed.name)
            )
        if not feed:
            feed = feeds._for_resubmission(partner, document, message) or feeds.create(
                feeds._prepare_from_document(document, message, partner, currency)
            )
        self._check_same_feed(feed, document, currency)
        feed._stage_document(document, message)
        return feed

    @api.model
    def _feed_currency(self, document, partner):
        """Return the currency of the prices: named, else the one that we buy in from the supplier.

        :raise DocumentRejected: ``currency_unknown``.
        """
        code = document.get("currency")
        if not code:
            company = self.env.company
            return partner.with_company(company).property_purchase_currency_id or company.currency_id
        currency = self.env["res.currency"].search([("name", "=", code)])
        if not currency:
            self._reject(
                "currency_unknown",
                self.env._(
                    "Price list %(number)s is in %(code)s, which is not an active currency here. An "
                    "administrator can activate it.",
                    number=document["number"],
                    code=code,
                ),
                path="currency",
            )
        return currency

    @api.model
    def _check_same_feed(self, feed, document, currency):
        """What belongs to one feed agrees on what all its lines share."""
        if feed.currency_id != currency:
            self._reject(
                "currency_mismatch",
                self.env._(
                    "Price list %(number)s came in %(old)s and goes on in %(new)s. Send all of it in one "
                    "currency, or the rest under a number of its own.",
                    number=feed.number,
                    old=feed.currency_id.name,
                    new=currency.name,
                ),
                path="currency",
            )
        portion = document.get("portion")
        if portion and (portion["number"] > portion["of"] or feed.portion_count not in (0, 1, portion["of"])):
            self._reject(
                "portion_mismatch",
                self.env._(
                    "Portion %(number)s of %(of)s does not belong to price list %(feed)s, which has "
                    "%(count)s portions. Send the list again under a new number.",
                    number=portion["number"],
                    of=portion["of"],
                    feed=feed.number,
                    count=feed.portion_count,
                ),
                path="portion",
            )
