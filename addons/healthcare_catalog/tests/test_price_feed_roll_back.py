from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedRollBack(PriceFeedCommon):
    """What a list applied is taken back in one step, by two people."""

    def test_in_one_step(self):
        """What was ended goes on, what was begun never was; the rows stay as evidence."""
        before = self.prices(self.gloves) + self.prices(self.suture)
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", status="obsolete")))
        self.assertNotEqual(self.prices(self.gloves) + self.prices(self.suture), before)
        with self.assertRaises(UserError):
            feed.with_user(self.clerk).action_roll_back("  ")
        self.roll_back(feed, "The supplier sent the wrong list")
        self.assertEqual(self.prices(self.gloves) + self.prices(self.suture), before)
        self.assertEqual((feed.state, feed.rolled_back_by_id), ("rolled_back", self.approver))
        self.assertEqual(feed.state_reason, "The supplier sent the wrong list")
        rows = self.env["product.supplierinfo"].search([("feed_id", "=", feed.id)])
        self.assertEqual(len(rows), 1)
        self.assertLess(rows.date_end, rows.date_start)
        seller = self.gloves._select_seller(partner_id=self.supplier, quantity=1, date=date.today())
        self.assertEqual(seller.price, 5.0)
        with self.assertRaises(UserError):
            feed.with_user(self.clerk).action_roll_back("Again")
        entries = self.env["healthcare.audit.entry"].search(
            [("model", "=", feed._name), ("res_id", "=", feed.id), ("action", "=", "price_feed_rolled_back")]
        )
        self.assertEqual(len(entries), 1)

    def test_nobody_does_it_alone(self):
        """Who asks does not agree, whatever roles they have; until then the prices stay."""
        both = self.make_user("test_both", "healthcare_base.group_clerk,healthcare_base.group_approver")
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20")))
        applied = self.prices(self.gloves)
        feed.with_user(both).action_roll_back("Wrong list")
        self.assertEqual((feed.state, self.prices(self.gloves)), ("waiting_approval", applied))
        request = self.request(feed)
        self.assertIn("are taken back", request.proposal_text)
        for user in (both, self.clerk, self.second_clerk):
            with self.assertRaises(AccessError):
                request.with_user(user).action_approve()
        request.with_user(self.approver).action_approve()
        self.assertEqual((feed.state, self.prices(self.gloves)), ("rolled_back", [("5", "EA", False, False)]))

    def test_not_agreed(self):
        """Refused or withdrawn, the list stays applied, and what is proposed stays proposed."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "120")))
        line = self.lines(feed)["2"]
        line.with_user(self.clerk).action_approve("Confirmed")
        feed.with_user(self.clerk).action_roll_back("Wrong list")
        with self.assertRaises(UserError):
            line.with_user(self.clerk).action_reopen()
        self.request(feed).with_user(self.approver).action_refuse("It is the right one")
        self.assertEqual((feed.state, line.decision), ("applied", "proposed"))
        feed.with_user(self.clerk).action_roll_back("Wrong list, really")
        self.request(feed).with_user(self.clerk).action_cancel()
        self.assertEqual((feed.state, line.decision), ("applied", "proposed"))
        self.assertEqual([price[0] for price in self.prices(self.gloves, on=date.today())], ["5.2"])

    def test_who_may_ask(self):
        """Clerks and approvers; nobody else."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20")))
        for role in ("auditor", "accounts_payable", "storeroom"):
            with self.assertRaises(AccessError, msg=role):
                feed.with_user(self.users[role]).action_roll_back("No")
        feed.with_user(self.approver).action_roll_back("Wrong list")
        with self.assertRaises(AccessError):
            self.request(feed).with_user(self.approver).action_approve()

    def test_what_was_built_upon(self):
        """The later list goes first; after it the earlier one can be rolled back, too."""
        first = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), number="A"))
        with freeze_time(date.today() + timedelta(days=5)):
            second = self.apply(self.feed(self.line(1, "S-GLV", "5.30"), number="B"))
        with self.assertRaisesRegex(UserError, second.name):
            first.with_user(self.clerk).action_roll_back("Wrong")
        self.roll_back(second, "Wrong")
        self.assertEqual([price[0] for price in self.prices(self.gloves, on=date.today())], ["5.2"])
        self.roll_back(first, "Wrong, too")
        self.assertEqual(self.prices(self.gloves), [("5", "EA", False, False)])

    def test_built_upon_while_it_waited(self):
        """A list that is applied before the second person agrees goes first, too."""
        first = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), number="A"))
        first.with_user(self.clerk).action_roll_back("Wrong")
        second = self.apply(self.feed(self.line(1, "S-GLV", "5.30"), number="B"))
        with self.assertRaisesRegex(UserError, second.name):
            self.request(first).with_user(self.approver).action_approve()
        self.assertEqual([price[0] for price in self.prices(self.gloves, on=date.today())], ["5.3"])
