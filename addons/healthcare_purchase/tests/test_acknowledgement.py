from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestAcknowledgement(PurchaseCommon):
    """A supplier's answer is kept, shown, and changes nothing without a decision."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order((self.gloves, 20, 5.0), (self.suture, 5, 12.0))
        self.line, self.suture_line = self.order.order_line

    def test_accepted(self):
        ack = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(self.line, {"status": "accepted", "promised_delivery_date": "2026-12-20"}),
                self.answer(self.suture_line, {"status": "accepted"}),
                supplier_order_number="SO-9",
                issued_at="2026-11-23",
            )
        )
        self.assertEqual(ack.order_id, self.order)
        self.assertEqual(ack.supplier_order_number, "SO-9")
        self.assertEqual(ack.message_id.state, "done")
        self.assertEqual(self.line.acknowledgement_status, "accepted")
        self.assertEqual(self.line.acknowledged_quantity, "20")
        self.assertEqual(str(self.line.promised_date), "2026-12-20")
        self.assertEqual(self.order.acknowledgement_state, "accepted")
        self.assertFalse(self.order.activity_ids)
        self.assertEqual(self.order.exchange_message_count, 2)

    def test_part_of_the_lines(self):
        self.take_in(self.acknowledgement(self.order, self.answer(self.line, {"status": "accepted"})))
        self.assertEqual(self.order.acknowledgement_state, "partial")

    def test_a_changed_price_waits_for_a_decision(self):
        ack = self.change_price("5.20")
        self.assertEqual(self.line.price_unit, 5.0)
        self.assertEqual(self.line.acknowledged_price, "5.2")
        self.assertEqual(self.line.agreed_price, "5")
        self.assertEqual(self.order.acknowledgement_state, "changed")
        self.assertEqual(self.order.activity_ids.user_id, self.clerk)
        self.assertIn("price 5.2 instead of 5", ack.line_ids.explanation)

    def test_accepting_a_price(self):
        ack = self.change_price("5.20")
        ack.line_ids.with_user(self.clerk).action_decide("accepted", "New contract price")
        self.assertEqual(self.line.agreed_price, "5.2")
        self.assertEqual(self.line.price_unit, 5.0)
        self.assertFalse(self.order.changed_since_sent)
        self.assertEqual(self.line.acknowledgement_decision, "accepted")
        self.assertEqual(ack.line_ids.decided_by_id, self.clerk)
        [entry] = self.audit_entries(ack.line_ids, "accepted")
        self.assertIn("New contract price", entry.changes)
        self.assertEqual(entry.login, self.clerk.login)
        # the decision outlives a change of quantity, and ends with a change of price
        self.line.product_qty = 30
        self.assertEqual(self.line.agreed_price, "5.2")
        self.line.price_unit = 4.5
        self.assertEqual(self.line.agreed_price, "4.5")

    def test_refusing_a_price(self):
        ack = self.change_price("5.20")
        ack.line_ids.with_user(self.clerk).action_decide("refused", "Contract says 5.00")
        self.assertEqual(self.line.agreed_price, "5")
        self.assertEqual(self.line.acknowledgement_decision, "refused")
        self.assertTrue(self.audit_entries(ack.line_ids, "refused"))

    def test_price_per_another_unit(self):
        ack = self.change_price("50.00", unit="XBX")
        self.assertEqual(self.line.acknowledged_price, "5")
        self.assertFalse(ack.line_ids.changes_price)
        ack = self.change_price("333", base_quantity="100", number="ACK-2")
        self.assertEqual(self.line.acknowledged_price, "3.33")

    def change_price(self, amount, number="ACK-1", **price):
        return self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(
                    self.line,
                    {"status": "accepted_with_change", "price": {"amount": amount, **price}},
                ),
                number=number,
            )
        )

    def test_quantities_in_another_unit(self):
        self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(
                    self.line,
                    {"status": "accepted", "quantity": "1", "unit": "XBX"},
                    {"status": "backordered", "quantity": "10", "unit": "EA"},
                ),
            )
        )
        self.assertEqual(self.line.acknowledged_quantity, "10")
        self.assertEqual(self.line.backordered_quantity, "10")
        self.assertEqual(self.line.acknowledgement_decision, "none")
        self.assertEqual(self.line.acknowledgement_status, "backordered")

    def test_accepting_a_quantity_changes_the_order(self):
        ack = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(
                    self.line,
                    {"status": "accepted", "quantity": "12"},
                    {"status": "rejected", "quantity": "8"},
                ),
            )
        )
        self.assertEqual(self.line.product_qty, 20)
        ack.line_ids.with_user(self.clerk).action_decide("accepted", "Enough")
        self.assertEqual((self.line.product_qty, self.line.price_unit), (12, 5.0))
        self.assertEqual(sum(self.line.move_ids.mapped("product_uom_qty")), 12)
        self.assertFalse(self.order.changed_since_sent)

    def test_rejected_line(self):
        ack = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(self.line, {"status": "rejected", "reason_code": "R4"}),
                self.answer(self.suture_line, {"status": "rejected"}),
            )
        )
        self.assertEqual(self.order.acknowledgement_state, "changed")
        ack.line_ids.with_user(self.clerk).action_decide("accepted", "Bought elsewhere")
        self.assertEqual(self.order.acknowledgement_state, "rejected")
        self.assertEqual(self.order.order_line.mapped("product_qty"), [0, 0])

    def test_substitute(self):
        other = self.make_product("Vinyl gloves", "GLV-2")
        self.make_supplierinfo(other, self.supplier, "S-VIN", 4)
        ack = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(
                    self.line,
                    {"status": "substituted", "substitute": {"supplier_code": "S-VIN"}},
                ),
            )
        )
        self.assertEqual(ack.line_ids.substitute_product_id, other)
        self.assertTrue(ack.line_ids.changes_item)
        self.assertEqual(self.line.acknowledgement_decision, "pending")

    def test_unknown_unit(self):
        ack = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(self.line, {"status": "accepted", "quantity": "2", "unit": "XPK"}),
            )
        )
        line = ack.line_ids.with_user(self.clerk)
        self.assertTrue(line.unit_unknown)
        self.assertFalse(self.line.acknowledged_quantity)
        with self.assertRaisesRegex(UserError, "XPK"):
            line.action_decide("accepted", "ok")
        self.make_packaging(self.gloves, "XPK", 10)
        ack.with_user(self.clerk).action_evaluate()
        self.assertEqual(self.line.acknowledged_quantity, "20")
        self.assertEqual(line.decision, "none")

    def test_unknown_line_is_kept(self):
        answer = self.answer(self.line, {"status": "accepted"})
        answer.update(line_number="77", item={"buyer_code": "NO-SUCH"})
        ack = self.take_in(self.acknowledgement(self.order, answer))
        self.assertEqual(ack.line_ids.problem, "order_line_not_found")
        self.assertEqual(self.order.acknowledgement_state, "changed")
        with self.assertRaisesRegex(UserError, "fits no order line"):
            ack.line_ids.with_user(self.clerk).action_decide("accepted", "ok")
        ack.line_ids.with_user(self.clerk).action_decide("refused", "Wrong line")
        self.assertEqual(self.order.acknowledgement_state, "partial")

    def test_no_lines_at_all(self):
        self.take_in(self.acknowledgement(self.order))
        self.assertEqual(self.order.acknowledgement_state, "partial")
        self.assertIn("no lines", self.order.activity_ids.summary)

    def test_an_answer_to_the_order_as_a_whole(self):
        ack = self.take_in(self.acknowledgement(self.order, status="accepted"))
        self.assertEqual(ack.line_ids.mapped("from_header"), [True, True])
        self.assertEqual(self.order.acknowledgement_state, "accepted")
        self.assertEqual(self.suture_line.acknowledged_quantity, "5")
        self.take_in(self.acknowledgement(self.order, number="ACK-2", status="rejected"))
        self.assertEqual(self.order.acknowledgement_state, "changed")

    def test_the_same_again_has_no_second_effect(self):
        document = self.acknowledgement(self.order, self.answer(self.line, {"status": "accepted"}))
        first = self.take_in(document)
        [again] = self.receive(self.endpoint, document, raw=b"another envelope")
        self.assertEqual(again["status"], "accepted")
        self.assertEqual(again["res_id"], first.id)
        self.assertEqual(self.order.acknowledgement_ids, first)

    def test_a_later_answer_replaces_an_earlier_one(self):
        first = self.change_price("5.20")
        second = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(self.line, {"status": "accepted", "price": {"amount": "5.00"}}),
                number="ACK-2",
                supersedes="ACK-1",
            )
        )
        self.assertEqual((first.state, second.state), ("superseded", "current"))
        self.assertEqual(first.line_ids.decision, "superseded")
        self.assertEqual(self.line.acknowledgement_line_id, second.line_ids)
        with self.assertRaisesRegex(UserError, "nothing to decide"):
            first.line_ids.with_user(self.clerk).action_decide("accepted", "late")

    def test_an_older_answer_that_arrives_late(self):
        newer = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(self.line, {"status": "accepted"}),
                number="ACK-2",
                issued_at="2026-11-23T10:00:00Z",
            )
        )
        older = self.take_in(
            self.acknowledgement(
                self.order,
                self.answer(self.line, {"status": "backordered"}),
                issued_at="2026-11-23T09:00:00Z",
            )
        )
        self.assertEqual((newer.state, older.state), ("current", "superseded"))
        self.assertEqual(self.line.acknowledgement_status, "accepted")

    def test_another_currency_is_another_price(self):
        answer = self.answer(self.line, {"status": "accepted", "price": {"amount": "5.00"}})
        ack = self.take_in(self.acknowledgement(self.order, answer, currency="CHF"))
        self.assertTrue(ack.line_ids.changes_price)
        with self.assertRaisesRegex(UserError, "CHF"):
            ack.line_ids.with_user(self.clerk).action_decide("accepted", "ok")

    def test_rejections(self):
        line = self.answer(self.line, {"status": "accepted"})
        document = self.acknowledgement(self.order, line)
        self.assertEqual(self.refused({**document, "order_reference": "P-NONE"}), ["order_not_found"])
        self.assertEqual(self.refused(document, self.other_endpoint), ["order_of_other_supplier"])
        del document["order_reference"]
        self.assertEqual(self.refused(document), ["order_not_found"])
        self.assertFalse(self.order.acknowledgement_ids)

    def test_who_may_decide(self):
        lines = self.change_price("5.20").line_ids
        for role in ("requester", "approver", "accounts_payable", "storeroom", "auditor", "service"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                lines.with_user(self.users[role]).action_decide("accepted", "because")
        for decision, reason in (("accepted", " "), ("accepted", None), ("maybe", "x")):
            with self.subTest(decision=decision, reason=reason), self.assertRaises(UserError):
                lines.with_user(self.clerk).action_decide(decision, reason)
        self.assertEqual(lines.decision, "pending")

    def test_evidence_does_not_change(self):
        ack = self.change_price("5.20")
        for record, vals in (
            (ack, {"name": "X"}),
            (ack.line_ids, {"price_amount": "1"}),
            (ack.line_ids.response_ids, {"quantity": "1"}),
        ):
            with self.subTest(record=record), self.assertRaises(UserError):
                record.sudo().write(vals)
        with self.assertRaises(AccessError):
            ack.line_ids.with_user(self.clerk).write({"decision": "accepted"})
        administrator = self.users["administrator"]
        with self.assertRaises(AccessError):
            ack.line_ids.with_user(administrator).write({"decision": "accepted"})

    def test_the_dialog(self):
        ack = self.change_price("5.20")
        action = ack.line_ids.with_user(self.clerk).action_open_decide()
        form = Form(self.env[action["res_model"]].with_user(self.clerk).with_context(**action["context"]))
        form.decision = "refused"
        form.reason = "Too dear"
        form.save().action_confirm()
        self.assertEqual(ack.line_ids.decision, "refused")
        self.assertEqual(ack.line_ids.decision_reason, "Too dear")
