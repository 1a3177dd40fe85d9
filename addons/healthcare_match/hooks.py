from odoo import fields


def post_init_hook(env):
    """Switch the payment gate on in companies that have no bills yet.

    A company that already has data keeps it off until somebody sets its date:
    a control starts on a day that a person has chosen.
    """
    companies = env["res.company"].search([])
    with_bills = env["account.move"]._read_group(
        [
            ("move_type", "in", ("in_invoice", "in_receipt", "in_refund")),
            ("company_id", "in", companies.ids),
        ],
        ["company_id"],
    )
    empty = companies - env["res.company"].union(*(company for (company,) in with_bills))
    empty.match_gate_date = fields.Date.context_today(env["res.company"])
