"""The sentences that explain a finding, marked for translation.

Each has ``%(name)s`` places only. The engine formats them in English; the application may translate
the template before it fills in the same parameters.
"""


def _(source: str) -> str:
    """Mark ``source`` for the collection of translatable terms."""
    return source


PRICE = _(
    "Line %(line)s: billed %(billed)s per %(reference)s, agreed %(agreed)s on order %(order)s line"
    " %(order_line)s: %(stake)s %(currency)s too much on %(quantity)s %(reference)s."
)
PRICE_BELOW = _(
    "Line %(line)s: billed %(billed)s per %(reference)s, less than the %(agreed)s agreed on order"
    " %(order)s line %(order_line)s; nothing is overpaid, but the prices differ."
)
AMOUNT_BASIS = _(
    "Line %(line)s: order %(order)s line %(order_line)s allows %(agreed)s %(currency)s, billed so far"
    " with this bill %(billed)s: %(stake)s too much."
)
OVER_RECEIVED = _(
    "Line %(line)s: billed %(quantity)s %(reference)s, but only %(available)s %(reference)s are"
    " received and not yet billed on order %(order)s line %(order_line)s: %(excess)s too many."
)
OVER_ORDERED = _(
    "Line %(line)s: with this bill %(total)s %(reference)s are billed on order %(order)s line"
    " %(order_line)s, but only %(ordered)s were ordered: %(excess)s too many."
)
NOT_RECEIVED = _(
    "Line %(line)s: billed %(quantity)s %(reference)s, nothing has been received on order %(order)s"
    " line %(order_line)s, and the wait ended on %(until)s."
)
UOM = _(
    "Line %(line)s: billed %(sent)s at %(price)s; read as %(factor)s %(reference)s per %(unit)s it is"
    " %(converted)s %(reference)s at %(agreed)s, as ordered on %(order)s line %(order_line)s."
)
UOM_SUSPECTED_PRICE = _(
    "Line %(line)s: the price of %(price)s per %(unit)s is %(ratio)s times the agreed one on order"
    " %(order)s line %(order_line)s, a pack of this item, but the quantity is not: probably billed in"
    " another unit; %(stake)s %(currency)s too much as it stands."
)
UOM_SUSPECTED_QUANTITY = _(
    "Line %(line)s: the quantity of %(sent)s is %(ratio)s times what is received and not yet billed on"
    " order %(order)s line %(order_line)s, a pack of this item, but the price is not: probably"
    " another unit was billed or received; %(stake)s %(currency)s too much as it stands."
)
UOM_UNKNOWN = _(
    "Line %(line)s: the unit %(unit)s is not known for this item (order %(order)s line"
    " %(order_line)s is in %(order_unit)s), so quantity and price cannot be compared."
)
UOM_UNKNOWN_SOLVED = _(
    "Line %(line)s: the unit %(unit)s is not known for this item; %(factor)s %(reference)s per"
    " %(unit)s would agree with order %(order)s line %(order_line)s in price and quantity."
)
LINE_NOT_FOUND = _("Line %(line)s: %(item)s is on no open order of this supplier%(named)s.")
ORDER_UNKNOWN = _(
    "Line %(line)s names order %(named)s, which is no confirmed order; it fits order %(order)s line"
    " %(order_line)s, if that is what was meant."
)
ITEM_MISMATCH = _(
    "Line %(line)s: quantity and price are those of order %(order)s line %(order_line)s, but the item"
    " billed, %(item)s, is another one than ordered."
)
AMBIGUOUS = _(
    "Line %(line)s: order %(order)s line %(order_line)s and order %(other)s line %(other_line)s fit"
    " almost equally well (%(margin)s points apart)."
)
NO_ORDER = _("The bill names no order, and no line fits an open order of this supplier.")
SUPPLIER = _("Order %(order)s belongs to another supplier than the one who sent this bill.")
SUPPLIER_STOPPED = _("%(supplier)s is %(state)s: %(reason)s")
CURRENCY = _("The bill is in %(billed)s, order %(order)s in %(ordered)s; nothing is converted.")
CREDIT_LINE = _("Line %(line)s: a negative quantity on an invoice; credits come as credit notes.")
CREDIT = _("The credit note names no bill of this supplier that it could belong to.")
LINE_TOTAL = _(
    "Line %(line)s: the amount of %(amount)s %(currency)s is not quantity × price less allowances,"
    " which is %(expected)s."
)
BILL_TOTAL = _(
    "The payable of %(payable)s %(currency)s is not the sum of the bill's own parts, %(expected)s."
)
ENTRY_TOTAL = _(
    "The entry in the books comes to %(entry)s %(currency)s, the supplier sent a payable of %(payable)s."
)
CHARGE = _("A charge of %(amount)s %(currency)s (%(kind)s) was not agreed on any order billed here.")
TAX = _("Tax of %(billed)s %(currency)s is billed, %(expected)s is expected.")
RECALLED_LOT = _(
    "Line %(line)s, order %(order)s line %(order_line)s: %(quantity)s %(reference)s of lot %(lot)s are"
    " recalled by %(recall)s."
)
EXPIRED_LOT = _(
    "Line %(line)s, order %(order)s line %(order_line)s: %(quantity)s %(reference)s of lot %(lot)s had"
    " expired on %(expired)s, before they came on %(received)s."
)
DUPLICATE_NUMBER = _("Bill %(other)s of %(date)s has the same number (%(number)s): this one is the later.")
DUPLICATE_DOCUMENT = _("Bill %(other)s of %(date)s came from the very same document.")
SUSPECTED_NUMBER = _("Bill %(other)s of %(date)s over %(amount)s has almost the same number (%(number)s).")
SUSPECTED_AMOUNT = _(
    "Bill %(other)s (%(number)s) of %(date)s is over the same amount, and no receipts of its own cover each."
)
NOTICE_OTHER_ORDER = _(
    "Line %(line)s names %(named)s, but fits order %(order)s line %(order_line)s and was matched there."
)
