"""Choices that several models of suppliers share."""

#: No state at all: the partner is not a supplier under qualification.
SUPPLIER_STATE = [
    ("draft", "Draft"),
    ("in_review", "In Review"),
    ("approved", "Approved"),
    ("conditional", "Conditional"),
    ("suspended", "Suspended"),
    ("blocked", "Blocked"),
    ("off_boarded", "Off-Boarded"),
]

#: States in which new orders may be placed.
ORDERABLE_STATES = ("approved", "conditional")

SUPPLIER_SOURCE = [
    ("manual", "Entered by Hand"),
    ("portal", "Registered in the Portal"),
    ("document", "Supplier Document"),
    ("import", "Imported File"),
]

QUALIFICATION_KIND = [
    ("tax_form", "Tax Form"),
    ("insurance", "Insurance"),
    ("iso_13485", "ISO 13485"),
    ("mdr", "MDR Certificate"),
    ("fda", "FDA Registration"),
    ("wholesale_licence", "Wholesale Licence"),
    ("diversity", "Diversity Certificate"),
    ("sanctions", "Sanctions Declaration"),
    ("other", "Other"),
]
