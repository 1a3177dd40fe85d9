"""Choices that several models of contracts share; the codes are those of canonical documents."""

KINDS = [("gpo", "GPO"), ("local", "Local")]

PRICE_CLASSES = [
    ("own_use", "Own use"),
    ("gpo", "GPO"),
    ("340b", "340B"),
    ("wac", "WAC"),
]

PRICE_KINDS = [
    ("net", "Net"),
    ("list", "List less discount"),
    ("cost_plus", "Cost plus"),
]

PRICE_DATE_BASES = [
    ("order", "Order date"),
    ("ship", "Ship date"),
    ("receipt", "Receipt date"),
    ("invoice", "Invoice date"),
]

RENEWALS = [
    ("none", "Ends"),
    ("automatic", "Renews by itself"),
    ("by_agreement", "Renews by agreement"),
]

COMMITMENT_KINDS = [
    ("amount", "Spend"),
    ("quantity", "Volume"),
    ("share", "Share of spend"),
]
