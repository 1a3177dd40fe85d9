"""Price truth in exact numbers, without Odoo: facts in, verdicts out."""
