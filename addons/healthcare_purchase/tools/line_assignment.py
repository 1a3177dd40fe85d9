"""Which line of an order does a line of a supplier's document speak of? Pure Python."""

from dataclasses import dataclass

#: Name of each problem as it stands on the document's line.
NOT_FOUND = "order_line_not_found"
AMBIGUOUS = "assignment_ambiguous"
ITEM_MISMATCH = "item_mismatch"
ITEM_UNKNOWN = "item_unknown"


@dataclass(frozen=True)
class OrderLineRef:
    """A line of one of our orders: its record, its number on the order, its item."""

    record_id: int
    line_number: int
    product_id: int


@dataclass(frozen=True)
class Assignment:
    """The order line that was found (or ``None``) and what is wrong with it (or ``""``)."""

    record_id: int | None
    problem: str = ""


def parse_line_number(text):
    """Return a line number as an integer; 0 when it is none (``"0010"`` is 10)."""
    text = (text or "").strip()
    # longer ones do not fit an order, and would only cost time
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def assign_line(document_line, order_lines, product_ids):
    """Return the :class:`Assignment` of a document's line to one of an order's lines.

    A number that the supplier gives as ours (``order_line_number``) wins; a bare
    ``line_number`` is weak, for suppliers renumber, so the item decides when it contradicts.

    :param dict document_line: canonical line
    :param order_lines: sequence of :class:`OrderLineRef`, the order's lines
    :param product_ids: items that the line's codes name, in order of strength
    """
    by_number = {line.line_number: line for line in order_lines if line.line_number}
    by_item = [line for line in order_lines if line.product_id in product_ids]
    has_codes = any((document_line.get("item") or {}).values())
    cited_number = document_line.get("order_line_number")
    cited = by_number.get(parse_line_number(cited_number or document_line.get("line_number")))
    if cited and not product_ids:
        # nothing is known under these codes: the number says which line is meant, not which item
        return Assignment(cited.record_id, ITEM_UNKNOWN if has_codes else "")
    if cited and cited.product_id in product_ids:
        return Assignment(cited.record_id)
    if cited and cited_number:
        return Assignment(cited.record_id, ITEM_MISMATCH)
    if len(by_item) == 1:
        return Assignment(by_item[0].record_id)
    if by_item:
        return Assignment(None, AMBIGUOUS)
    if cited:
        return Assignment(cited.record_id, ITEM_MISMATCH)
    return Assignment(None, NOT_FOUND)
