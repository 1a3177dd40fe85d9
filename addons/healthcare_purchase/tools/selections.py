"""Selections of the canonical documents, in the order in which they count."""

#: How soon goods are needed, least urgent first.
URGENCY = [
    ("routine", "Routine"),
    ("urgent", "Urgent"),
    ("emergency", "Emergency"),
    ("break_glass", "Break glass"),
]

#: What an order is, as suppliers know it.
ORDER_KIND = [
    ("standard", "Standard"),
    ("release", "Release of a blanket order"),
    ("bill_only", "Bill only"),
    ("bill_and_replace", "Bill and replace"),
    ("consignment", "Consignment"),
    ("drop_ship", "Drop shipment"),
    ("service", "Service"),
    ("confirming", "Confirming an order made by phone"),
]

#: What a supplier shall do with what is not on the shelf.
BACKORDER_POLICY = [
    ("allow", "Backorders allowed"),
    ("fill_or_kill", "Cancel what is not in stock"),
    ("ship_complete", "Ship complete only"),
]

#: A supplier's answer to an order line, worst first.
RESPONSE_STATUS = [
    ("rejected", "Rejected"),
    ("cancelled", "Cancelled"),
    ("on_hold", "On hold"),
    ("price_pending", "Price pending"),
    ("date_pending", "Date pending"),
    ("backordered", "Backordered"),
    ("substituted", "Substituted"),
    ("accepted_with_change", "Accepted with change"),
    ("accepted", "Accepted"),
]
