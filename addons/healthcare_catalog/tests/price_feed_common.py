from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.addons.healthcare_exchange.tests.common import ExchangeBuilders, canonical


class PriceFeedCommon(ExchangeBuilders, HealthcareCommon):
    """A supplier with an endpoint that sends price lists.

    Before any list: gloves at 5.00 per EA, suture at 12.00 per EA, both made by hand.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        # the cron commits; here its slices stay in the test's transaction
        cls.endpoint = cls.make_endpoint(
            cls,
            "FEED",
            documents=(("catalog", "inbound"),),
            partner_id=cls.supplier.id,
            company_id=cls.company.id,
        )
        cls.feeds = cls.env["healthcare.price.feed"]
        cls.clerk, cls.approver = cls.users["clerk"], cls.users["approver"]
        cls.second_clerk = cls.make_user("test_second_clerk", "healthcare_base.group_clerk")

    def line(self, number, code=None, amount=None, unit="EA", *, item=None, price=None, **values):
        """Return a canonical line with one price, or none where there is no amount."""
        line = {
            "line_number": str(number),
            "item": {"supplier_code": code} if item is None else item,
            **values,
        }
        if amount is not None:
            line["prices"] = [{"amount": str(amount), "unit": unit, **(price or {})}]
        return line

    def catalog(self, *lines, number="PL-1", **values):
        """Return a canonical catalog."""
        return canonical(
            "catalog", number, currency=self.company.currency_id.name, lines=list(lines), **values
        )

    def deliver(self, *documents):
        """Let the supplier send documents; return the feed that the last one belongs to."""
        answers = self.receive(self.endpoint, *documents)
        for answer in answers:
            self.assertEqual(answer["status"], "accepted", answer["errors"])
        return self.feeds.browse(answers[-1]["res_id"])

    def work(self, feed):
        """Do what the cron does with a feed."""
        while feed._work_step():
            pass
        return feed

    def feed(self, *lines, **values):
        """Return a feed of these lines, compared."""
        return self.work(self.deliver(self.catalog(*lines, **values)))

    def apply(self, feed):
        """Approve what is not flagged, and apply it."""
        feed.with_user(self.clerk).action_approve_unflagged()
        return self.work(feed)

    def request(self, feed):
        """Return the pending approval request of a feed."""
        return feed.approval_request_ids.filtered(lambda request: request.state == "pending")

    def roll_back(self, feed, reason):
        """Let a clerk ask to roll a feed back, and an approver agree."""
        feed.with_user(self.clerk).action_roll_back(reason)
        self.request(feed).with_user(self.approver).action_approve()

    def lines(self, feed):
        """Return ``{line number: line}`` of what counts; generated lines under ``None``."""
        return {line.line_number or None: line for line in feed.line_ids if not line.superseded}

    def flags(self, line):
        """Return what was found about a line, as a set."""
        return set((line.flags or "").split())

    def prices(self, product, partner=None, on=None):
        """Return ``[(text of the price, unit code, first day, last day)]`` of live rows, oldest first."""
        infos = self.env["product.supplierinfo"].search(
            [("product_id", "=", product.id), ("partner_id", "=", (partner or self.supplier).id)], order="id"
        )
        live = infos.filtered(
            lambda i: (
                not (i.date_start and i.date_end and i.date_end < i.date_start)
                and (
                    not on
                    or (not i.date_start or i.date_start <= on)
                    and (not i.date_end or on <= i.date_end)
                )
            )
        )
        return [
            (
                i.exact_price or f"{i.price:g}",
                i.unit_code or i.product_uom_id.unit_code,
                i.date_start,
                i.date_end,
            )
            for i in live
        ]
