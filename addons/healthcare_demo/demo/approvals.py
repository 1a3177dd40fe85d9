"""Who approves what, and what waits for a decision."""

from odoo import Command

from .master import named
from .scenario import Scenario

#: In dollars; nothing that is ordered every day comes to it.
ORDERS_FROM = 25000


def make(world):
    """Make the tier of large orders, and leave an order and a change of an order undecided.

    :param world: :class:`master.World`
    """
    env = world.env
    world.users["approver"].group_ids = [
        Command.link(env.ref("healthcare_approval.group_integration_approver").id)
    ]
    tier = env["tier.definition"].create(
        {
            "name": "Large orders",
            "model_id": env["ir.model"]._get_id("purchase.order"),
            "review_type": "group",
            "reviewer_group_id": env.ref("healthcare_base.group_approver").id,
            "definition_domain": f"[('amount_total', '>=', {ORDERS_FROM})]",
            "company_id": world.company.id,
            "approve_sequence": True,
            "deadline_hours": 48,
        }
    )
    named(world, tier, ["tier_large_orders"])
    _large_order(world)
    _changed_order(world)


def _large_order(world):
    """Sixteen hip stems for the winter: more than a clerk orders alone."""
    lines = [("IMP-HSTEM11", "EA", 8), ("IMP-HSTEM12", "EA", 8)]
    order = Scenario(world).order("orthovance", "RGH", lines, 1, due=-14, confirm=False)
    named(world, order, ["order_large"])
    order.with_user(world.users["clerk"]).request_validation()


def _changed_order(world):
    """The supplier called: from now on the knee costs more, on the open order too."""
    order = world.env["purchase.order"].search(
        [("partner_id", "=", world.suppliers["orthovance"].id), ("state", "=", "purchase")],
        order="id desc",
        limit=1,
    )
    line = order.order_line[0]
    change = {
        "line_id": line.id,
        "product": line.product_id.display_name,
        "price_unit": f"{line.price_unit * 1.02:.2f}",
    }
    order.with_user(world.users["clerk"])._request_approval(
        "override",
        {"lines": [change]},
        "Orthovance called: the new price list holds for open orders as well.",
    )
