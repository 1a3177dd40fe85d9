"""Confirms purchase orders at the demo's supplier A; run inside `odoo shell`.

Told by the environment: COUNT. Prints `{"numbers": [...]}`.
"""

import json
import os


def main(env):
    """Confirm orders of two lines each."""
    endpoint = env["healthcare.exchange.endpoint"].search([("code", "=", "SUPPLIER_A")])
    partner = endpoint.partner_id
    products = env["product.supplierinfo"].search([("partner_id", "=", partner.id)])
    variants = products.product_tmpl_id.product_variant_id[:2]
    facility = env["healthcare.facility"].search([("warehouse_id", "!=", False)], limit=1)
    orders = env["purchase.order"].create(
        [
            {
                "partner_id": partner.id,
                "facility_id": facility.id,
                "company_id": endpoint.company_id.id,
                "order_line": [
                    (0, 0, {"product_id": product.id, "product_qty": 20, "price_unit": 5})
                    for product in variants
                ],
            }
            for _number in range(int(os.environ["COUNT"]))
        ]
    )
    orders.button_confirm()
    env.cr.commit()
    return orders.mapped("name")


print(json.dumps({"numbers": main(env)}))  # noqa: F821 (`env` is odoo shell's)
