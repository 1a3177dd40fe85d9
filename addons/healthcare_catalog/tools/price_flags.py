"""What can be found in a line of a price feed, and what follows from it."""

#: The line cannot take effect as it is: corrected by a person, or sent again.
BROKEN_FLAGS = (
    "unreadable",
    "item_unknown",
    "item_ambiguous",
    "item_contradiction",
    "gtin_invalid",
    "currency_unknown",
    "cost_plus",
    "list_price_only",
    "tier_price",
    "price_missing",
    "price_negative",
    "unit_missing",
    "unit_unknown",
    "quantity_invalid",
    "dates_reversed",
    "validity_over",
    "repeated_line",
    "same_item_twice",
    "overlapping_validity",
)

#: The line could take effect, and a second person has to say so.
SUSPICIOUS_FLAGS = (
    "price_zero",
    "price_absurd",
    "decimal_slip",
    "pack_factor",
    "unit_flip",
    "large_increase",
    "large_decrease",
    "currency_changed",
    "packaging_mismatch",
    "above_contract",
    "corrected",
    "list_incomplete",
)

#: Worth knowing.
NOTICE_FLAGS = ("unit_changed", "backdated", "validity_changed", "same_price", "read_with_doubt")

#: Line statuses with which a supplier says that an item is not sold any more.
ENDED_STATUSES = ("discontinued", "obsolete", "ended", "deleted")

#: Codes with which readers of files say that they left out a GTIN.
GTIN_FINDINGS = ("gtin_check_digit", "csv_invalid_gtin", "x12_invalid_gtin")
