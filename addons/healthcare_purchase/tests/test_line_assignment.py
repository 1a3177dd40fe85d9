from odoo.tests import BaseCase, tagged

from ..tools.line_assignment import Assignment, OrderLineRef, assign_line, parse_line_number

LINES = [OrderLineRef(101, 1, 11), OrderLineRef(102, 2, 12), OrderLineRef(103, 3, 12)]


def line(number, own=None, code="X"):
    result = {"line_number": number, "item": {"supplier_code": code} if code else {}}
    return {**result, "order_line_number": own} if own else result


@tagged("post_install", "-at_install")
class TestLineAssignment(BaseCase):
    """Which order line does a supplier's line mean?"""

    def test_number_and_item_agree(self):
        self.assertEqual(assign_line(line("1"), LINES, [11]), Assignment(101))
        self.assertEqual(assign_line(line("001"), LINES, [11]), Assignment(101))
        self.assertEqual(assign_line(line("9", own="3"), LINES, [12]), Assignment(103))

    def test_number_alone(self):
        self.assertEqual(assign_line(line("2", code=None), LINES, []), Assignment(102))

    def test_a_bare_number_gives_way_to_the_item(self):
        self.assertEqual(assign_line(line("2"), LINES, [11]), Assignment(101))

    def test_our_number_stands_against_the_item(self):
        found = assign_line(line("7", own="2"), LINES, [11])
        self.assertEqual(found, Assignment(102, "item_mismatch"))

    def test_another_known_item(self):
        self.assertEqual(assign_line(line("1"), LINES, [99]), Assignment(101, "item_mismatch"))

    def test_unknown_codes(self):
        self.assertEqual(assign_line(line("1"), LINES, []), Assignment(101, "item_unknown"))

    def test_several_lines_of_the_item(self):
        found = assign_line(line("8"), LINES, [12])
        self.assertEqual(found, Assignment(None, "assignment_ambiguous"))

    def test_nothing_fits(self):
        found = assign_line(line("8"), LINES, [99])
        self.assertEqual(found, Assignment(None, "order_line_not_found"))
        found = assign_line(line("8"), LINES, [])
        self.assertEqual(found, Assignment(None, "order_line_not_found"))

    def test_line_numbers(self):
        self.assertEqual(
            [parse_line_number(text) for text in ("0010", "1A", "", None, "-1", "9" * 20, "²")],
            [10, 0, 0, 0, 0, 0, 0],
        )
