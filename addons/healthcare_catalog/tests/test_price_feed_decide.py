from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedDecide(PriceFeedCommon):
    """Who decides what of a list."""

    def suspicious(self):
        """Return a feed with one line beyond doubt, one suspicious and one broken."""
        return self.feed(
            self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "120"), self.line(3, "NOBODY", "1")
        )

    def test_all_but_the_flagged(self):
        """A clerk approves what is beyond doubt; the rest stays open, and can be decided later."""
        feed = self.apply(self.suspicious())
        self.assertEqual(
            (feed.state, feed.applied_count, feed.open_count, feed.broken_count), ("applied", 1, 1, 1)
        )
        self.assertEqual([price[0] for price in self.prices(self.suture)], ["12"])

    def test_flagged_needs_a_second_person(self):
        """A clerk proposes, an approver agrees, and only then it is applied."""
        feed = self.suspicious()
        line = self.lines(feed)["2"]
        line.with_user(self.clerk).action_approve("The supplier confirmed it")
        self.assertEqual((line.decision, feed.state), ("proposed", "review"))
        feed.with_user(self.clerk).action_request_approval("See the letter")
        self.assertEqual(feed.state, "waiting_approval")
        request = self.request(feed)
        self.assertEqual(request.kind, "price_batch")
        self.assertIn("S-SUT", request.proposal_text)
        with self.assertRaises(UserError):
            line.with_user(self.clerk).action_refuse("Changed my mind")
        for user in (self.clerk, self.second_clerk):
            with self.assertRaises(AccessError):
                request.with_user(user).action_approve()
        request.with_user(self.approver).action_approve()
        self.work(feed)
        self.assertEqual((feed.state, line.decision), ("applied", "approved"))
        self.assertEqual([price[0] for price in self.prices(self.suture)], ["12", "120"])
        self.assertEqual([price[0] for price in self.prices(self.gloves)], ["5"], "nobody approved it")

    def test_proposer_does_not_approve(self):
        """An approver who is a clerk, too, does not approve what they proposed."""
        both = self.make_user("test_both", "healthcare_base.group_clerk,healthcare_base.group_approver")
        feed = self.suspicious()
        self.lines(feed)["2"].with_user(both).action_approve()
        feed.with_user(self.clerk).action_request_approval("Please")
        with self.assertRaises(AccessError):
            self.request(feed).with_user(both).action_approve()

    def test_refused_and_withdrawn(self):
        """Without a second person's yes the lines are open again, and nothing is applied."""
        feed = self.suspicious()
        line = self.lines(feed)["2"]
        line.with_user(self.clerk).action_approve()
        feed.with_user(self.clerk).action_request_approval("Please")
        self.request(feed).with_user(self.approver).action_refuse("No")
        self.assertEqual((feed.state, line.decision), ("review", "open"))
        line.with_user(self.clerk).action_approve()
        feed.with_user(self.clerk).action_request_approval("Please")
        self.request(feed).with_user(self.clerk).action_cancel()
        self.assertEqual((feed.state, line.decision), ("review", "open"))
        self.work(feed)
        self.assertEqual([price[0] for price in self.prices(self.suture)], ["12"])

    def test_too_much_at_once_needs_a_second_person(self):
        """A list that ends more than its share waits, however harmless each line is."""
        products = [self.make_product(f"Item {n}", f"IT-{n}") for n in range(20)]
        for product in products:
            self.make_supplierinfo(product, self.supplier, f"S-{product.default_code}", 3)
        feed = self.feed(
            self.line(0, "S-GLV", "5"),
            self.line(1, "S-SUT", "12"),
            *(self.line(n, f"S-IT-{n}", "3") for n in range(18)),
            scope="full",
        )
        self.assertEqual((feed.ended_count, feed.current_count, feed.ended_share), (2, 22, "9.09"))
        with self.assertRaisesRegex(UserError, "9.09"):
            feed.with_user(self.clerk).action_approve_unflagged()
        line = feed.line_ids.filtered("generated")[:1]
        line.with_user(self.clerk).action_approve()
        self.assertEqual(line.decision, "proposed", "line by line is no way around it")
        feed.with_user(self.clerk).action_request_approval("They left the market")
        self.assertEqual(feed.proposed_count, 2)
        self.request(feed).with_user(self.approver).action_approve()
        self.work(feed)
        self.assertEqual((feed.state, feed.applied_count), ("applied", 2))

    def test_changed_share(self):
        """So does one that changes more than its share."""
        products = [self.make_product(f"Item {n}", f"IT-{n}") for n in range(20)]
        for product in products:
            self.make_supplierinfo(product, self.supplier, f"S-{product.default_code}", 3)
        feed = self.feed(*(self.line(n, f"S-IT-{n}", "3.05") for n in range(7)))
        self.assertTrue(feed.approval_reasons)
        self.assertEqual(feed.changed_share, "31.82")

    def test_who_gave_in_the_file(self):
        """They do not approve it alone, not even what is beyond doubt."""
        feed = self.feed(self.line(1, "S-GLV", "5.20"))
        feed.submitter_id = self.clerk
        with self.assertRaises(AccessError):
            feed.with_user(self.clerk).action_approve_unflagged()
        review = self.env["healthcare.price.feed.review"]
        shown = review.with_user(self.clerk).load(feed.id)
        self.assertFalse(shown["may"]["approve_unflagged"])
        self.assertIn("you gave in its file", shown["approval_reasons"][0])
        self.assertFalse(review.with_user(self.second_clerk).load(feed.id)["approval_reasons"])
        line = feed.line_ids
        line.with_user(self.clerk).action_approve()
        self.assertEqual(line.decision, "proposed")
        line.with_user(self.clerk).action_reopen()
        feed.with_user(self.second_clerk).action_approve_unflagged()
        self.assertEqual(feed.state, "approved")

    def test_who_brings_lines_of_a_suppliers_list_again(self):
        """A person whose file joins the supplier's own list has given in its prices."""
        feed = self.feed(self.line(1, "S-GLV", "5.20"))
        self.assertEqual(feed, self.work(self.deliver(self.catalog(self.line(1, "S-GLV", "5.40")))))
        upload = self.env["healthcare.exchange.upload"]._take(
            self.supplier, "catalog", "again.csv", b"x", requested_by=self.clerk
        )
        feed.exchange_message_ids.sorted("id")[-1].upload_id = upload
        self.assertFalse(feed.submitter_id)
        with self.assertRaises(AccessError):
            feed.with_user(self.clerk).action_approve_unflagged()
        line = feed.line_ids.filtered(lambda line: not line.superseded)
        line.with_user(self.clerk).action_approve()
        self.assertEqual(line.decision, "proposed")
        self.assertIn(self.clerk, feed._approval_changers("price_batch"))
        line.with_user(self.clerk).action_reopen()
        feed.with_user(self.second_clerk).action_approve_unflagged()

    def test_refuse(self):
        """Refused lines change nothing, and have their reason."""
        feed = self.suspicious()
        lines = self.lines(feed)
        with self.assertRaises(UserError):
            lines["2"].with_user(self.clerk).action_refuse("")
        (lines["2"] | lines["3"]).with_user(self.clerk).action_refuse("Wrong")
        self.assertEqual((feed.open_count, feed.broken_count, feed.refused_count), (1, 0, 2))
        feed.with_user(self.clerk).action_refuse("All of it")
        self.assertEqual(feed.state, "refused")
        with self.assertRaises(UserError):
            feed.with_user(self.clerk).action_approve_unflagged()

    def test_correction(self):
        """A person's correction stands beside what was sent, and needs a second person."""
        feed = self.feed(self.line(1, "S-GLV", "-5.20"), self.line(2, "NOBODY", "12.50"))
        lines = self.lines(feed)
        lines["1"].with_user(self.clerk).action_correct({"amount": "5.20"})
        lines["2"].with_user(self.clerk).action_correct({"product_id": self.suture.id})
        self.assertEqual(
            [(line.kind, self.flags(line), line.amount_sent, line.amount) for line in lines.values()],
            [
                ("suspicious", {"corrected"}, "-5.20", "5.2"),
                ("suspicious", {"corrected"}, "12.50", "12.5"),
            ],
        )
        self.assertEqual((feed.state, feed.broken_count), ("review", 0))
        for line in lines.values():
            line.with_user(self.second_clerk).action_approve()
        feed.with_user(self.second_clerk).action_request_approval("Corrected by telephone")
        self.clerk.group_ids = [Command.link(self.env.ref("healthcare_base.group_approver").id)]
        with self.assertRaises(AccessError):
            self.request(feed).with_user(self.clerk).action_approve()
        self.request(feed).with_user(self.approver).action_approve()
        self.work(feed)
        self.assertEqual(self.prices(self.gloves)[-1][0], "5.2")

    def test_correction_taken_back(self):
        """Going back to what was sent brings back what was found."""
        feed = self.feed(self.line(1, "S-GLV", "-5.20"))
        line = feed.line_ids
        line.with_user(self.clerk).action_correct({"amount": "5.20"})
        line.with_user(self.clerk).action_correct({"amount": None})
        self.assertEqual((line.kind, line.correction), ("broken", False))

    def test_wrong_corrections(self):
        """What cannot be is refused, and so is what is decided."""
        feed = self.feed(self.line(1, "S-GLV", "5.20"))
        line = feed.line_ids.with_user(self.clerk)
        for values in (
            {},
            {"kind": "unchanged"},
            {"amount": "cheap"},
            {"amount": 5.2},
            {"valid_from": "tomorrow"},
            {"product_id": 0},
            {"product_id": "1"},
            {"unit": "a box"},
            {"gtin": "123"},
        ):
            with self.assertRaises(ValidationError, msg=values):
                line.action_correct(values)
        self.apply(feed)
        with self.assertRaises(UserError):
            line.action_correct({"amount": "1"})

    def test_correction_of_a_unit_by_a_packaging(self):
        """A unit without a factor is understood once there is a packaging, without a correction."""
        feed = self.feed(self.line(1, "S-SUT", "430", "XBX"))
        self.assertEqual(self.flags(feed.line_ids), {"unit_unknown"})
        self.make_packaging(self.suture, "XBX", 36)
        feed.with_user(self.clerk).action_compare_again()
        self.work(feed)
        self.assertEqual(feed.line_ids.kind, "new")

    def test_sent_again(self):
        """Broken lines sent again under the number of the list take the place of the broken ones."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "-1")))
        again = self.work(self.deliver(self.catalog(self.line(1, "S-SUT", "12.40"))))
        self.assertEqual(again, feed)
        self.assertEqual(feed.broken_count, 0)
        self.assertEqual((feed.state, feed.open_count), ("applied", 1))
        old = feed.line_ids.filtered("superseded")
        self.assertEqual((old.amount_sent, len(feed.line_ids)), ("-1", 3))
        self.apply(feed)
        self.assertEqual(self.prices(self.suture)[-1][0], "12.4")

    def test_number_used_for_the_next_list(self):
        """A list that brings more than broken lines is a list of its own."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "-1")))
        other = self.work(
            self.deliver(self.catalog(self.line(1, "S-GLV", "5.30"), self.line(2, "S-SUT", "12.1")))
        )
        self.assertNotEqual(other, feed)


@tagged("post_install", "-at_install")
class TestPriceFeedRights(PriceFeedCommon):
    """Roles, and ways around them."""

    def setUp(self):
        super().setUp()
        self.list = self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "120"))

    def test_matrix(self):
        """Nobody writes feeds or lines; the policy is the administrator's."""
        readers = dict.fromkeys(("clerk", "approver", "accounts_payable", "auditor", "administrator"), "r")
        self.assertAccessMatrix(
            {
                "healthcare.price.feed": readers,
                "healthcare.price.feed.line": readers,
                "healthcare.price.feed.ending": readers,
                "healthcare.price.feed.policy": {**readers, "administrator": "crud"},
                "healthcare.price.feed.decide": dict.fromkeys(("clerk", "approver", "administrator"), "crud"),
                "healthcare.price.feed.correct": dict.fromkeys(("clerk", "administrator"), "crud"),
            }
        )

    def test_nobody_writes(self):
        """Not through RPC, not as administrator, not by defaults of a context."""
        for user in (self.clerk, self.users["administrator"]):
            feed, line = self.list.with_user(user), self.list.line_ids[:1].with_user(user)
            with self.assertRaises(AccessError):
                feed.write({"state": "approved"})
            with self.assertRaises(AccessError):
                feed.write({"line_ids": [Command.update(line.id, {"decision": "approved"})]})
            with self.assertRaises(AccessError):
                line.write({"decision": "approved"})
            with self.assertRaises(AccessError):
                line.create({"feed_id": feed.id, "decision": "approved"})
            with self.assertRaises(AccessError):
                feed.with_context(default_state="approved").create({"number": "X"})
            with self.assertRaises(UserError):
                feed.unlink()
            with self.assertRaises(UserError):
                line.unlink()

    def test_evidence_is_not_deleted_by_anybody(self):
        """Not even by superuser code."""
        with self.assertRaises(UserError):
            self.list.line_ids.unlink()
        with self.assertRaises(UserError):
            self.list.unlink()

    def test_who_may_ask(self):
        """Decisions are a clerk's; auditors and accounts payable read."""
        for role in ("auditor", "accounts_payable", "approver"):
            feed = self.list.with_user(self.users[role])
            self.assertEqual(feed.state, "review")
            for call in (
                feed.action_approve_unflagged,
                lambda feed=feed: feed.action_refuse("No"),
                lambda feed=feed: feed.action_request_approval("Please"),
                lambda feed=feed: feed.line_ids[:1].action_approve(),
                lambda feed=feed: feed.line_ids[:1].action_correct({"amount": "1"}),
                feed.action_retry,
                feed.action_compare_again,
            ):
                with self.assertRaises(AccessError):
                    call()

    def test_feed_fields_of_prices(self):
        """Nobody claims that a price came from a feed."""
        manager = self.users["administrator"]
        infos = self.env["product.supplierinfo"].with_user(manager)
        values = {
            "partner_id": self.other_supplier.id,
            "product_id": self.gloves.id,
            "product_tmpl_id": self.gloves.product_tmpl_id.id,
            "price": 1,
        }
        for name, value in (("feed_id", self.list.id), ("exact_price", "1"), ("price_class", "gpo")):
            with self.assertRaises(AccessError):
                infos.create({**values, name: value})
            made = infos.with_context(**{f"default_{name}": value}).create(values)
            self.assertFalse(made[name])
            with self.assertRaises(AccessError):
                made.write({name: value})
            made.unlink()
        with self.assertRaises(UserError):
            self.gloves.product_tmpl_id.with_user(manager).write(
                {"seller_ids": [Command.create({"partner_id": self.supplier.id, "feed_id": self.list.id})]}
            )

    def test_other_company(self):
        """A clerk of another company neither sees nor decides it."""
        company = self.make_company("Elsewhere")
        clerk = self.make_user(
            "test_elsewhere",
            "healthcare_base.group_clerk",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        feed = self.list.with_user(clerk).with_context(allowed_company_ids=company.ids)
        self.assertFalse(feed.search([("id", "=", feed.id)]))
        with self.assertRaises(AccessError):
            feed.action_approve_unflagged()
        with self.assertRaises(AccessError):
            feed.line_ids.browse(self.list.line_ids.ids).action_approve()
        with self.assertRaises(AccessError):
            self.env["healthcare.price.feed.review"].with_user(clerk).with_context(
                allowed_company_ids=company.ids
            ).load(feed.id)

    def test_policy_needs_a_second_person(self):
        """A policy is active by approval, and does not change afterwards."""
        admin = self.users["administrator"]
        policies = self.env["healthcare.price.feed.policy"].with_user(admin)
        policy = policies.with_context(default_state="active").create(
            {"partner_id": self.supplier.id, "company_id": self.company.id, "increase_percent": "80"}
        )
        self.assertEqual(policy.state, "draft")
        self.assertEqual(policies.create({"company_id": self.company.id, "state": "active"}).state, "draft")
        with self.assertRaises(AccessError):
            policy.write({"state": "active"})
        policy.action_request_activation("Volatile goods")
        request = policy.sudo().approval_request_ids
        with self.assertRaises(AccessError):
            request.with_user(admin).action_approve()
        with self.assertRaises(UserError):
            policy.write({"increase_percent": "99"})
        request.with_user(self.approver).action_approve()
        self.assertEqual(policy.state, "active")
        with self.assertRaises(UserError):
            policy.write({"increase_percent": "99"})
        with self.assertRaises(UserError):
            policy.unlink()
        policy.action_request_retirement("Calm again")
        self.assertEqual(policy.state, "active")

    def test_screen(self):
        """The screen's calls answer by rights, page by page, and refuse what they do not know."""
        review = self.env["healthcare.price.feed.review"].with_user(self.clerk)
        feed = review.load(self.list.id)
        self.assertEqual((feed["counts"]["changed"], feed["counts"]["suspicious"]), (1, 1))
        self.assertEqual(feed["counts"]["unflagged"], 1)
        self.assertTrue(feed["may"]["approve_unflagged"])
        self.assertFalse(
            self.env["healthcare.price.feed.review"]
            .with_user(self.approver)
            .load(self.list.id)["may"]["decide"]
        )
        page = review.load_lines(self.list.id, {}, 0, 1)
        self.assertEqual((len(page["lines"]), page["total"]), (1, 2))
        rest = review.load_lines(self.list.id, {}, page["next_cursor"], 10)
        self.assertEqual((len(rest["lines"]), rest["total"], rest["next_cursor"]), (1, 2, False))
        self.assertEqual(rest["lines"][0]["before"]["amount"], "12")
        found = review.load_lines(self.list.id, {"flags": ["decimal_slip"], "search": "suture"}, 0, 10)
        self.assertEqual(found["total"], 1)
        self.assertEqual(review.load_lines(self.list.id, {"search": "S-_LV"}, 0, 10)["total"], 0)
        for filters in ({"kinds": ["x"]}, {"where": "1=1"}, {"flags": ["' OR 1=1"]}, {"product_id": "1"}):
            with self.assertRaises(ValidationError):
                review.load_lines(self.list.id, filters, 0, 10)
        with self.assertRaises(ValidationError):
            review.load_lines(self.list.id, {}, 0, 100000)
        with self.assertRaises(ValidationError):
            review.decide(self.list.id, {"sql": "TRUE"}, "approved")
        decided = review.decide(self.list.id, {"filters": {"kinds": ["suspicious"]}}, "approved", "Sure")
        self.assertEqual((decided["decided"], decided["feed"]["counts"]["proposed"]), (1, 1))
        self.assertEqual(review.approve_unflagged(self.list.id)["state"], "approved")

    def test_lines_of_another_feed(self):
        """Lines are decided with their own feed only."""
        other = self.feed(self.line(1, "S-SUT", "12.10"), number="OTHER")
        review = self.env["healthcare.price.feed.review"].with_user(self.clerk)
        decided = review.decide(self.list.id, {"line_ids": other.line_ids.ids}, "refused", "No")
        self.assertEqual(decided["decided"], 0)
        with self.assertRaises(UserError):
            (other.line_ids | self.list.line_ids).with_user(self.clerk).action_refuse("No")
