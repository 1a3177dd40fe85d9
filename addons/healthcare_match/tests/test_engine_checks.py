"""The engine's checks, one rule after another, on hand-worked numbers."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from odoo.tests.common import BaseCase, tagged

from ..engine import Limit, Limits, evaluate
from .engine_common import (
    BILLED,
    GLOVES,
    SUTURE,
    bill,
    bill_line,
    case,
    charge,
    order_line,
    other_bill,
    receipt,
    stopped_lot,
    types,
)


@tagged("post_install", "-at_install")
class TestEnginePrice(BaseCase):
    """Price against the agreed one."""

    def test_equal_matches(self):
        verdict = evaluate(case())
        self.assertEqual(verdict.state, "matched")
        self.assertFalse(verdict.findings)
        self.assertEqual(verdict.portions[0].quantity, 20)
        self.assertEqual(verdict.portions[0].move_id, 1)

    def test_boxes_against_each(self):
        verdict = evaluate(case([bill_line(quantity="2", price="50.00", unit="XBX")]))
        self.assertEqual(verdict.state, "matched", verdict.findings)
        self.assertEqual(verdict.portions[0].quantity, 20)

    def test_price_too_high(self):
        verdict = evaluate(case([bill_line(price="5.50")]))
        self.assertEqual(types(verdict), ["price_variance"])
        finding = verdict.findings[0]
        self.assertEqual(finding.stake, 10)
        self.assertEqual(finding.facts["difference"], "0.5")
        self.assertIn("0.50 × 20 EA = 10.00 USD", finding.arithmetic)
        self.assertIn("5.50", finding.explanation)
        self.assertEqual(verdict.state, "exception")

    def test_price_too_low_has_no_stake(self):
        finding = evaluate(case([bill_line(price="4.99")])).findings[0]
        self.assertEqual((finding.type, finding.stake), ("price_variance", 0))

    def test_free_of_charge(self):
        verdict = evaluate(case([bill_line(price="0")], [order_line(price="0")]))
        self.assertEqual(verdict.state, "matched")

    def test_price_basis(self):
        line = bill_line(price="500.00", price_base=Decimal(100))
        self.assertEqual(evaluate(case([line])).state, "matched")

    def test_price_of_another_unit(self):
        line = bill_line(price="50.00", price_unit="XBX", price_factors={GLOVES: 10})
        self.assertEqual(evaluate(case([line])).state, "matched")

    def test_catch_weight(self):
        ordered = order_line(quantity="2", unit="XCS", price="117.00", factor=1)
        line = bill_line(
            quantity="2",
            unit="XCS",
            factors={GLOVES: 1},
            price="10.00",
            price_unit="KGM",
            priced_quantity=Decimal("23.4"),
        )
        verdict = evaluate(case([line], [ordered], [receipt(quantity=2)]))
        self.assertEqual(verdict.state, "matched", verdict.findings)

    def test_list_price_less_discount(self):
        line = bill_line(price="6.00", charges=(charge("20.00", "discount", "allowance"),))
        self.assertEqual(evaluate(case([line])).state, "matched")

    def test_price_that_cannot_be_written_exactly(self):
        ordered = order_line(quantity="1", unit="XCS", factor=144, price="50.00")
        good = bill_line(quantity="144", price="0.3472", amount=Decimal("50.00"))
        verdict = evaluate(case([good], [ordered], [receipt(quantity=144)]))
        self.assertEqual(verdict.state, "matched", verdict.findings)
        bad = bill_line(quantity="144", price="0.35", amount=Decimal("50.40"))
        verdict = evaluate(case([bad], [ordered], [receipt(quantity=144)]))
        self.assertEqual(types(verdict), ["price_variance"])
        self.assertEqual(verdict.findings[0].stake, Fraction("0.4"))

    def test_limit_holds_for_the_order_line(self):
        limits = {1: Limits(price=Limit(upper=Fraction(1)))}
        within = [bill_line(quantity="20", price="5.05")]
        verdict = evaluate(case(within, limits=limits))
        self.assertEqual(verdict.state, "matched_tolerance")
        split = [bill_line(i, quantity="10", price="5.06") for i in (1, 2)]
        verdict = evaluate(case(split, limits=limits))
        self.assertEqual(types(verdict), ["price_variance", "price_variance"])

    def test_service_by_amount(self):
        service = order_line(quantity="2", price="250.00", by_amount=True)
        line = bill_line(quantity="1", price="500.00")
        self.assertEqual(evaluate(case([line], [service], [])).state, "matched")
        before = {1: Fraction(100)}
        verdict = evaluate(case([line], [service], [], billed_amount=before))
        self.assertEqual(types(verdict), ["price_variance"])
        self.assertEqual(verdict.findings[0].stake, 100)


@tagged("post_install", "-at_install")
class TestEngineQuantity(BaseCase):
    """Quantity against receipts and order, and the wait."""

    def test_over_received(self):
        verdict = evaluate(case(moves=[receipt(quantity=15)]))
        self.assertEqual(types(verdict), ["quantity_over_received"])
        self.assertEqual(verdict.findings[0].stake, 25)
        self.assertEqual(verdict.findings[0].facts["excess"], "5")

    def test_beyond_both_by_the_same(self):
        verdict = evaluate(case([bill_line(quantity="23")]))
        self.assertEqual(types(verdict), ["quantity_over_received"])

    def test_beyond_both_differently(self):
        verdict = evaluate(case([bill_line(quantity="23")], moves=[receipt(quantity=18)]))
        self.assertEqual(types(verdict), ["quantity_over_ordered", "quantity_over_received"])

    def test_over_delivery_is_over_ordered(self):
        verdict = evaluate(case([bill_line(quantity="23")], moves=[receipt(quantity=23)]))
        self.assertEqual(types(verdict), ["quantity_over_ordered"])

    def test_not_received(self):
        verdict = evaluate(case(moves=[]))
        self.assertEqual(types(verdict), ["not_received"])
        self.assertEqual(verdict.findings[0].stake, 100)

    def test_waiting_last_day_included(self):
        promised = order_line(promised_on=date(2026, 3, 20))
        for today, state in ((20, "waiting"), (21, "exception")):
            verdict = evaluate(case(order_lines=[promised], moves=[], today=date(2026, 3, today)))
            self.assertEqual(verdict.state, state)

    def test_waiting_counts_from_the_bill_if_later(self):
        early = order_line(promised_on=date(2026, 3, 2))
        verdict = evaluate(case(order_lines=[early], moves=[], today=BILLED))
        self.assertEqual(verdict.state, "waiting")
        self.assertEqual(verdict.waiting_until, {1: "2026-03-10"})

    def test_rest_of_a_partial_receipt_waits(self):
        verdict = evaluate(case(moves=[receipt(quantity=15)], today=BILLED))
        self.assertEqual(verdict.state, "waiting")

    def test_nothing_to_come_does_not_wait(self):
        verdict = evaluate(case([bill_line(quantity="23")], today=BILLED))
        self.assertEqual(types(verdict), ["quantity_over_received"])

    def test_billed_before(self):
        verdict = evaluate(case(billed={1: Fraction(5)}))
        self.assertEqual(types(verdict), ["quantity_over_received"])
        self.assertEqual(verdict.findings[0].stake, 25)

    def test_returns_count_only_before_the_bill(self):
        back = receipt(id=2, quantity=4, is_return=True, moved_on=date(2026, 3, 9))
        verdict = evaluate(case(moves=[receipt(), back]))
        self.assertEqual(types(verdict), ["quantity_over_received"])
        later = receipt(id=2, quantity=4, is_return=True, moved_on=BILLED)
        self.assertEqual(evaluate(case(moves=[receipt(), later])).state, "matched")

    def test_receipts_first_in_first_out(self):
        moves = [
            receipt(id=3, quantity=10, moved_on=date(2026, 3, 5)),
            receipt(id=2, quantity=10, moved_on=date(2026, 3, 7)),
        ]
        taken = evaluate(case([bill_line(quantity="8")], moves=moves, billed={1: Fraction(5)})).portions
        self.assertEqual([(p.move_id, p.quantity) for p in taken], [(3, 5), (2, 3)])

    def test_named_delivery_comes_first(self):
        moves = [
            receipt(id=3, quantity=10, moved_on=date(2026, 3, 5)),
            receipt(id=2, quantity=10, moved_on=date(2026, 3, 7), reference="ASN9"),
        ]
        named = case([bill_line(quantity="8")], moves=moves, bill=bill(delivery_reference="ASN9"))
        self.assertEqual([p.move_id for p in evaluate(named).portions], [2])

    def test_stakes_of_price_and_quantity_do_not_overlap(self):
        verdict = evaluate(case([bill_line(price="6.00")], moves=[receipt(quantity=15)]))
        self.assertEqual(sum(f.stake for f in verdict.findings), 20 * 6 - 15 * 5)


@tagged("post_install", "-at_install")
class TestEngineUnit(BaseCase):
    """Units solved from price and quantity together."""

    def test_box_billed_as_each(self):
        verdict = evaluate(case([bill_line(quantity="2", price="50.00")]))
        self.assertEqual(types(verdict), ["uom_mismatch"])
        finding = verdict.findings[0]
        self.assertEqual(finding.facts["factor"], "10")
        self.assertFalse(finding.facts["suspected"])
        self.assertEqual((finding.stake, finding.proposed), (0, "convert_unit"))

    def test_each_billed_as_box(self):
        verdict = evaluate(case([bill_line(quantity="20", price="5.00", unit="XBX")]))
        self.assertEqual(types(verdict), ["uom_mismatch"])
        self.assertEqual(verdict.findings[0].facts["factor"], "1")

    def test_split_box_billed_as_each(self):
        lines = [bill_line(i, quantity="1", price="50.00") for i in (1, 2)]
        verdict = evaluate(case(lines))
        self.assertEqual(types(verdict), ["uom_mismatch"])
        self.assertEqual(verdict.findings[0].line_ids, (1, 2))

    def test_only_price_fits(self):
        verdict = evaluate(case([bill_line(quantity="20", price="50.00")]))
        self.assertEqual(types(verdict), ["uom_mismatch"])
        self.assertTrue(verdict.findings[0].facts["suspected"])
        self.assertEqual(verdict.findings[0].stake, 900)

    def test_only_quantity_fits(self):
        verdict = evaluate(case([bill_line(quantity="200")]))
        self.assertEqual(types(verdict), ["uom_mismatch"])
        self.assertTrue(verdict.findings[0].facts["suspected"])
        self.assertEqual(verdict.findings[0].stake, 900)

    def test_no_stake_is_no_suspicion(self):
        verdict = evaluate(case([bill_line(price="0.50")]))
        self.assertEqual(types(verdict), ["price_variance"])

    def test_unknown_unit(self):
        unknown = bill_line(quantity="2", price="50.00", unit="XBX", factors={})
        finding = evaluate(case([unknown])).findings[0]
        self.assertEqual((finding.type, finding.proposed), ("uom_mismatch", "convert_unit"))
        self.assertEqual(finding.facts["factor"], "10")
        odd = bill_line(quantity="3", price="50.00", unit="XBX", factors={})
        finding = evaluate(case([odd])).findings[0]
        self.assertTrue(finding.facts["suspected"])
        self.assertEqual(finding.stake, 50)

    def test_conversion_by_a_person(self):
        line = bill_line(quantity="2", price="50.00", conversion=Fraction(10))
        verdict = evaluate(case([line]))
        self.assertEqual(verdict.state, "matched")
        self.assertEqual(verdict.portions[0].quantity, 20)


@tagged("post_install", "-at_install")
class TestEngineIdentity(BaseCase):
    """Orders, suppliers, items, duplicates."""

    def test_no_purchase_order_once(self):
        lines = [bill_line(i) for i in (1, 2)]
        verdict = evaluate(case(lines, [], [], bill=bill(order_references=())))
        self.assertEqual(types(verdict), ["no_purchase_order"])
        self.assertEqual(set(verdict.line_states.values()), {"exception"})

    def test_unknown_order_named(self):
        verdict = evaluate(case(order_lines=[], moves=[], bill=bill(order_references=("X9",))))
        self.assertEqual(types(verdict), ["order_line_not_found"])

    def test_unknown_order_is_not_guessed(self):
        verdict = evaluate(case(bill=bill(order_references=("X9",))))
        self.assertEqual(types(verdict), ["order_line_not_found"])
        self.assertEqual(verdict.state, "exception")
        self.assertIn(("named", "X9"), verdict.findings[0].params.items())

    def test_unknown_item(self):
        line = bill_line(codes=frozenset({("supplier_code", "NOBODY")}), products=())
        verdict = evaluate(case([line]))
        self.assertEqual(types(verdict), ["order_line_not_found"])
        self.assertEqual(verdict.findings[0].stake, 100)

    def test_item_mismatch(self):
        line = bill_line(
            codes=frozenset({("supplier_code", "SUT-1")}),
            products=(SUTURE,),
            order_line_number="1",
        )
        verdict = evaluate(case([line]))
        self.assertEqual(types(verdict), ["item_mismatch"])

    def test_order_of_another_supplier(self):
        foreign = order_line(supplier_id=8)
        verdict = evaluate(case(order_lines=[foreign]))
        self.assertEqual(types(verdict), ["supplier_mismatch"])
        self.assertFalse(verdict.portions)
        linked = evaluate(case(order_lines=[foreign], linked_suppliers=frozenset({8})))
        self.assertEqual(linked.state, "matched")

    def test_wrong_order_number_with_notice(self):
        named = order_line(
            id=2,
            order_id=101,
            order_number="P00002",
            product_id=SUTURE,
            codes=frozenset({("supplier_code", "SUT-1")}),
        )
        verdict = evaluate(case(order_lines=[order_line(), named], bill=bill(order_references=("P00002",))))
        self.assertEqual(verdict.state, "matched")
        self.assertEqual(len(verdict.notices), 1)

    def test_order_number_variants(self):
        for reference in ("p00001", "PO# P00001", "P00001-001", "PO: P00001/2"):
            verdict = evaluate(case(bill=bill(order_references=(reference,))))
            self.assertEqual((verdict.state, verdict.notices), ("matched", ()), reference)

    def test_currency(self):
        verdict = evaluate(case(order_lines=[order_line(currency="EUR")]))
        self.assertEqual(types(verdict), ["currency_mismatch"])

    def test_same_number(self):
        others = [other_bill(number="INV-1", payable="7.00")]
        verdict = evaluate(case(bill=bill(payable=Decimal("100.00")), others=tuple(others)))
        self.assertEqual(types(verdict), ["duplicate_invoice"])
        self.assertFalse(verdict.portions)
        self.assertEqual(verdict.findings[0].stake, 100)

    def test_not_duplicates(self):
        later = other_bill(number="INV-1", billed_on=date(2026, 3, 11))
        cancelled = other_bill(number="INV-1", cancelled=True)
        again = other_bill(number="INV-1", payable="9.00", billed_on=date(2025, 3, 10))
        for other in (later, cancelled, again):
            verdict = evaluate(case(bill=bill(payable=Decimal("100.00")), others=(other,)))
            self.assertEqual(verdict.state, "matched", other)

    def test_normalised_number(self):
        same = other_bill(number="inv 01", payable="7.00", billed_on=BILLED)
        only = other_bill(number="inv-01", payable="7.00", billed_on=date(2026, 3, 1))
        for other, expected in ((same, "duplicate_invoice"), (only, "suspected_duplicate")):
            number = bill(number="INV01", payable=Decimal("100.00"))
            self.assertEqual(types(evaluate(case(bill=number, others=(other,)))), [expected])

    def test_suspected_by_amount(self):
        other = other_bill(number="A-77", payable="100.00", billed_on=date(2026, 3, 1))
        held = case(bill=bill(payable=Decimal("100.00")), others=(other,), moves=[receipt(quantity=15)])
        self.assertIn("suspected_duplicate", types(evaluate(held)))
        covered = other_bill(number="A-77", payable="100.00", billed_on=date(2026, 3, 1), covered=True)
        fine = case(bill=bill(payable=Decimal("100.00")), others=(covered,))
        self.assertEqual(evaluate(fine).state, "matched")

    def test_look_alike(self):
        other = other_bill(number="INV-I", payable="100.00", billed_on=date(2025, 1, 1))
        verdict = evaluate(case(bill=bill(payable=Decimal("100.00")), others=(other,)))
        self.assertEqual(types(verdict), ["suspected_duplicate"])


@tagged("post_install", "-at_install")
class TestEngineTotals(BaseCase):
    """The bill against itself, charges and tax."""

    def test_line_total(self):
        verdict = evaluate(case([bill_line(amount=Decimal("110.00"))]))
        self.assertEqual(types(verdict), ["total_mismatch"])
        self.assertEqual(verdict.findings[0].stake, 10)

    def test_bill_total(self):
        verdict = evaluate(case(bill=bill(payable=Decimal("101.00"))))
        self.assertEqual(types(verdict), ["total_mismatch"])

    def test_total_of_lines_rounded_or_not(self):
        lines = [bill_line(i, quantity="1", price="0.333") for i in (1, 2, 3)]
        ordered = [order_line(quantity="3", price="0.333")]
        for payable, expected in (("0.99", []), ("1.00", []), ("1.01", ["total_mismatch"])):
            whole = case(lines, ordered, bill=bill(payable=Decimal(payable)))
            self.assertEqual(types(evaluate(whole)), expected, payable)

    def test_charge_is_not_accepted(self):
        verdict = evaluate(case(bill=bill(payable=Decimal("112.00"), charges=(charge(),))))
        self.assertEqual(types(verdict), ["unplanned_charge"])
        self.assertEqual(verdict.findings[0].stake, 12)

    def test_charge_and_its_summary_count_once(self):
        summary = charge(is_summary=True)
        whole = bill(payable=Decimal("112.00"), charges=(summary,))
        verdict = evaluate(case([bill_line(charges=(charge(),))], bill=whole))
        self.assertEqual(types(verdict), ["unplanned_charge"])

    def test_tax(self):
        taxed = bill(payable=Decimal("107.00"), tax=Decimal("7.00"))
        self.assertEqual(evaluate(case(bill=taxed, expected_tax=Decimal("7.00"))).state, "matched")
        verdict = evaluate(case(bill=taxed, expected_tax=Decimal("0")))
        self.assertEqual(types(verdict), ["tax_variance"])
        self.assertEqual(verdict.findings[0].stake, 7)


@tagged("post_install", "-at_install")
class TestEngineLots(BaseCase):
    """Recalled lots, and lots that had expired when they came, are not paid unseen."""

    def found(self, *moves, quantity="20"):
        verdict = evaluate(case([bill_line(quantity=quantity)], moves=list(moves)))
        self.assertEqual(set(types(verdict)), {"recalled_or_expired_lot"})
        self.assertEqual(verdict.state, "exception")
        return verdict.findings

    def test_recalled_lot(self):
        [finding] = self.found(receipt(stopped=(stopped_lot(quantity=4),)))
        self.assertEqual((finding.stake, finding.facts["quantity"]), (20, "4"))
        self.assertEqual(
            finding.explanation,
            "Line 1, order P00001 line 1: 4 EA of lot L1 are recalled by RC/0001.",
        )

    def test_expired_when_it_came(self):
        expired = stopped_lot(recall="", expired_on=date(2026, 3, 8))
        [finding] = self.found(receipt(stopped=(expired,)))
        self.assertEqual(
            finding.explanation,
            "Line 1, order P00001 line 1: 20 EA of lot L1 had expired on 2026-03-08, before they came on"
            " 2026-03-09.",
        )

    def test_no_more_than_is_billed(self):
        lots = (stopped_lot(quantity=15), stopped_lot("L2", quantity=5))
        first, second = self.found(receipt(stopped=lots), quantity="18")
        self.assertEqual((first.facts["quantity"], second.facts["quantity"]), ("15", "3"))

    def test_only_receipts_that_are_billed(self):
        clean, later = receipt(id=1, quantity=20), receipt(id=2, quantity=20, stopped=(stopped_lot(),))
        order = order_line(quantity="40")
        verdict = evaluate(case(order_lines=[order], moves=[clean, later]))
        self.assertEqual((verdict.state, verdict.findings), ("matched", ()))

    def test_stake_is_the_agreed_price_at_most(self):
        verdict = evaluate(
            case([bill_line(price="6.00")], moves=[receipt(stopped=(stopped_lot(quantity=2),))])
        )
        stakes = {finding.type: finding.stake for finding in verdict.findings}
        self.assertEqual(stakes, {"price_variance": 20, "recalled_or_expired_lot": 10})
