"""Properties of the engine that must hold for any input, on many small random ones."""

import itertools
import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from odoo.tests.common import BaseCase, tagged

from ..engine import STATES, evaluate
from ..engine.flow import UNLIMITED, min_cost_flow
from .engine_common import GLOVES, SUTURE, bill, bill_line, case, order_line, receipt

SEED = 20260323
ROUNDS = 300
CODES = {GLOVES: "GLV-1", SUTURE: "SUT-1"}


def seeded(number):
    """Return a generator that gives the same numbers in each run."""
    return random.Random(SEED + number)  # noqa: S311 (no secrets here)


def random_case(chance, lines=4, order_lines=4):
    """Return a case of a few lines over a few order lines of two items, in part received."""
    orders, moves, billed = [], [], {}
    for number in range(1, chance.randint(1, order_lines) + 1):
        product = chance.choice((GLOVES, SUTURE))
        quantity = chance.choice((5, 10, 20))
        orders.append(
            order_line(
                number,
                quantity=str(quantity),
                price=chance.choice(("5.00", "5.00", "6.00")),
                product_id=product,
                codes=frozenset({("supplier_code", CODES[product])}),
                order_id=100 + number % 2,
                order_number=f"P0000{1 + number % 2}",
                facility_id=chance.choice((1, 1, 2)),
            )
        )
        if chance.random() < 0.8:
            moves.append(receipt(number, quantity=chance.randint(1, quantity), id=number))
        if chance.random() < 0.3:
            billed[number] = Fraction(chance.randint(0, 5))
    billed_lines = []
    for number in range(1, chance.randint(1, lines) + 1):
        product = chance.choice((GLOVES, SUTURE))
        billed_lines.append(
            bill_line(
                number,
                quantity=str(chance.randint(1, 20)),
                price=chance.choice(("5.00", "5.00", "6.00", "50.00")),
                products=(product,),
                codes=frozenset({("supplier_code", CODES[product])}),
                order_number=chance.choice(("P00001", "P00002", "")),
            )
        )
    return case(billed_lines, orders, moves, billed=billed, bill=bill(order_references=()))


def summary(verdict):
    """Return a verdict in a form that does not depend on the order of its parts."""
    return (
        verdict.state,
        verdict.line_states,
        sorted((p.line_id, p.order_line_id, p.move_id or 0, p.quantity, p.score) for p in verdict.portions),
        sorted((f.type, f.line_ids, f.order_line_id or 0, f.stake) for f in verdict.findings),
    )


def money_at_stake(verdict):
    """Return all stakes but those of ambiguity: pieces may have rivals that the whole has not."""
    return sum(f.stake for f in verdict.findings if f.type != "assignment_ambiguous")


@tagged("post_install", "-at_install")
class TestEngineProperties(BaseCase):
    """Order of input, splitting, conservation."""

    def test_order_of_input_is_irrelevant(self):
        chance = seeded(0)
        for _round in range(ROUNDS):
            whole = random_case(chance)
            expected = summary(evaluate(whole))
            shuffled = {
                name: tuple(chance.sample(getattr(whole, name), len(getattr(whole, name))))
                for name in ("lines", "order_lines", "moves")
            }
            self.assertEqual(summary(evaluate(replace(whole, **shuffled))), expected)

    def test_quantities_are_conserved(self):
        chance = seeded(1)
        for _round in range(ROUNDS):
            whole = random_case(chance)
            verdict = evaluate(whole)
            for line in whole.lines:
                taken = [p.quantity for p in verdict.portions if p.line_id == line.id]
                self.assertTrue(all(quantity >= 0 for quantity in taken))
                if taken:
                    self.assertEqual(sum(taken), Fraction(line.quantity))
            for move in whole.moves:
                taken = sum(p.quantity for p in verdict.portions if p.move_id == move.id)
                self.assertLessEqual(taken, move.quantity)

    def test_splitting_a_line_gains_nothing(self):
        chance = seeded(2)
        split_any = 0
        for _round in range(ROUNDS):
            whole = random_case(chance)
            line = chance.choice(whole.lines)
            if line.quantity < 2:
                continue
            split_any += 1
            part = Decimal(chance.randint(1, int(line.quantity) - 1))
            pieces = (
                replace(line, quantity=part),
                replace(line, id=90, quantity=line.quantity - part),
            )
            rest = tuple(each for each in whole.lines if each.id != line.id)
            before = evaluate(whole)
            after = evaluate(replace(whole, lines=rest + pieces))
            self.assertEqual(money_at_stake(after), money_at_stake(before))
            self.assertGreaterEqual(STATES.index(after.state), STATES.index(before.state))
        self.assertGreater(split_any, ROUNDS // 2)

    def test_stake_is_never_more_than_the_bill(self):
        chance = seeded(3)
        for _round in range(ROUNDS):
            whole = random_case(chance)
            verdict = evaluate(whole)
            asked = sum(Fraction(line.quantity) * Fraction(line.price) for line in whole.lines)
            for finding in verdict.findings:
                self.assertGreaterEqual(finding.stake, 0)
                self.assertLessEqual(finding.stake, asked)

    def test_matched_means_every_rule_holds(self):
        """An independent reading of the rules: nothing matched is overpaid."""
        chance = seeded(4)
        matched = 0
        for _round in range(4 * ROUNDS):
            whole = random_case(chance, lines=2, order_lines=3)
            verdict = evaluate(whole)
            if verdict.state != "matched":
                continue
            matched += 1
            lines = {line.id: line for line in whole.lines}
            for order in whole.order_lines:
                mine = [p for p in verdict.portions if p.order_line_id == order.id]
                billed = sum(p.quantity for p in mine) + whole.billed.get(order.id, 0)
                received = sum(m.quantity for m in whole.moves if m.order_line_id == order.id)
                if mine:
                    self.assertLessEqual(billed, received)
                    self.assertLessEqual(billed, order.quantity)
                for portion in mine:
                    self.assertEqual(lines[portion.line_id].price, order.price)
                    self.assertIn(order.product_id, lines[portion.line_id].products)
        self.assertGreater(matched, 20)


@tagged("post_install", "-at_install")
class TestFlow(BaseCase):
    """The flow against every assignment there is."""

    def brute_force(self, supplies, demands, edges):
        """Return the least cost over all ways to send all supply."""
        costs = {(left, right): cost for left, right, cost in edges}
        ways = []
        for left, supply in enumerate(supplies):
            targets = [right for (start, right) in costs if start == left]
            ways.append(
                [
                    dict(zip(targets, parts, strict=True))
                    for parts in itertools.product(range(supply + 1), repeat=len(targets))
                    if sum(parts) == supply
                ]
            )
        best = None
        for combination in itertools.product(*ways):
            total, filled = 0, [0] * len(demands)
            for left, parts in enumerate(combination):
                for right, amount in parts.items():
                    total += amount * costs[left, right]
                    filled[right] += amount
            for right, amount in enumerate(filled):
                for capacity, cost in demands[right]:
                    part = min(amount, capacity)
                    total += part * cost
                    amount -= part
            best = total if best is None else min(best, total)
        return best

    def test_least_cost(self):
        chance = seeded(5)
        for _round in range(ROUNDS):
            supplies = [chance.randint(0, 4) for _left in range(chance.randint(1, 3))]
            demands = [
                [(chance.randint(0, 3), 0), (chance.randint(0, 3), 35), (UNLIMITED, 250)]
                for _right in range(chance.randint(1, 3))
            ]
            edges = []
            for left in range(len(supplies)):
                rights = chance.sample(range(len(demands)), chance.randint(1, len(demands)))
                edges += [(left, right, chance.randint(0, 400)) for right in sorted(rights)]
            flow, total = min_cost_flow(supplies, demands, edges)
            self.assertEqual(total, self.brute_force(supplies, demands, edges))
            for left, supply in enumerate(supplies):
                self.assertEqual(sum(v for (i, _j), v in flow.items() if i == left), supply)

    def test_large_component(self):
        size = 60
        supplies = [10] * size
        demands = [[(10, 0), (0, 35), (UNLIMITED, 250)]] * size
        edges = [(i, j, abs(i - j)) for i in range(size) for j in range(size)]
        flow, total = min_cost_flow(supplies, demands, edges)
        self.assertEqual(total, 0)
        self.assertEqual(flow, {(i, i): 10 for i in range(size)})
