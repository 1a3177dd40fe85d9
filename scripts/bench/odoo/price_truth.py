"""Price truth for many requests in one call, beside Odoo's choice of a vendor in a loop.

Run inside `odoo shell`. Told by the environment: REQUESTS, PRODUCTS. Makes items, price lists and
contracts, measures both sides turn by turn, and leaves nothing behind. Prints JSON.
"""

import gc
import json
import os
import time
from datetime import date, timedelta

SUPPLIERS = 3
ROUNDS = 3
#: Calls a round: what takes a moment is disturbed more easily than what takes long.
CALLS = 3


def build(env, count):
    """Make items that three suppliers list, half of them in two contracts."""
    today = date.today()
    company = env.company
    suppliers = env["res.partner"].create(
        [{"name": f"Bench supplier {number}", "is_company": True} for number in range(SUPPLIERS)]
    )
    facilities = env["healthcare.facility"].create(
        [
            {"code": f"BENCH{number}", "name": f"Bench {number}", "company_id": company.id}
            for number in range(10)
        ]
    )
    each = env.ref("uom.product_uom_unit")
    products = env["product.product"].create(
        [
            {"name": f"Bench item {number}", "uom_id": each.id, "default_code": f"BENCH-{number}"}
            for number in range(count)
        ]
    )
    env["healthcare.packaging"].create(
        [{"product_id": product.id, "unit_code": "XBX", "factor": 10} for product in products]
    )
    env["product.supplierinfo"].create(
        [
            {
                "partner_id": supplier.id,
                "product_id": product.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "price": round(5 + place / 4 + number / 1000, 3),
                "min_qty": minimum,
                "date_start": today - timedelta(days=300),
                "date_end": today + timedelta(days=300),
                "company_id": company.id,
            }
            for number, product in enumerate(products)
            for place, supplier in enumerate(suppliers)
            for minimum in (0, 500)
        ]
    )
    for kind in ("gpo", "local"):
        contract = env["healthcare.contract"].create(
            {
                "number": f"BENCH-{kind}",
                "kind": kind,
                "partner_id": suppliers[0].id,
                "company_id": company.id,
                "valid_from": today - timedelta(days=200),
                "valid_to": today + timedelta(days=200),
            }
        )
        tiers = env["healthcare.contract.tier"].create(
            [{"contract_id": contract.id, "code": code} for code in ("T1", "T2")]
        )
        env["healthcare.contract.eligibility"].create(
            [
                {"contract_id": contract.id, "facility_id": facility.id, "tier_id": tiers[place % 2].id}
                for place, facility in enumerate(facilities[:8])
            ]
        )
        lines = env["healthcare.contract.line"].create(
            [{"contract_id": contract.id, "product_id": product.id} for product in products[::2]]
        )
        env["healthcare.contract.price"].create(
            [
                {"line_id": line.id, "tier_id": tier.id, "amount": "48.5", "unit_code": "XBX"}
                for line in lines
                for tier in tiers
            ]
        )
        contract.sudo().write(
            {"state": "active", "effective_from": contract.valid_from, "effective_to": contract.valid_to}
        )
    env.flush_all()
    # what a database knows of rows that have been there for a day; both sides read by it
    env.cr.execute(
        "ANALYZE product_product, product_template, product_supplierinfo, healthcare_packaging, "
        "healthcare_contract_line, healthcare_contract_price, healthcare_contract_eligibility"
    )
    return suppliers, facilities, products, each


def measure(run):
    """Return the seconds that ``run`` takes, without a pause of the collector inside."""
    gc.collect()
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def main(env):
    """Measure both sides, caches warm where the loop profits from them."""
    requests_count = int(os.environ["REQUESTS"])
    suppliers, facilities, products, each = build(env, int(os.environ["PRODUCTS"]))
    box = env["healthcare.packaging"].search([("product_id", "=", products[0].id)]).uom_id
    today = date.today()
    wanted = [
        (
            products[number % len(products)],
            suppliers[number % SUPPLIERS],
            facilities[number % 10],
            1 + number % 900,
            box if number % 4 == 0 else each,
        )
        for number in range(requests_count)
    ]
    requests = [
        {
            "key": number,
            "product_id": product.id,
            "unit": uom.unit_code,
            "facility_id": facility.id,
            "partner_id": supplier.id,
            "quantity": str(quantity),
            "date": today.isoformat(),
        }
        for number, (product, supplier, facility, quantity, uom) in enumerate(wanted)
    ]

    def loop():
        return [
            product._select_seller(partner_id=supplier, quantity=quantity, date=today, uom_id=uom)
            for product, supplier, _facility, quantity, uom in wanted
        ]

    ours, theirs = [], []
    for _round in range(ROUNDS):
        for _call in range(CALLS):
            env.invalidate_all()
            seconds, answers = measure(lambda: env["healthcare.price"].resolve(requests))
            ours.append(seconds)
        env.invalidate_all()
        seconds, sellers = measure(loop)
        theirs.append(seconds)
    assert len(answers) == len(sellers) == requests_count  # noqa: S101
    unpriced = [answer["key"] for answer in answers if not answer["price"]]
    if unpriced or not all(sellers):
        raise RuntimeError(f"{len(unpriced)} requests without a price")
    sources = {}
    for answer in answers:
        sources[answer["source"]] = sources.get(answer["source"], 0) + 1
    return {
        "requests": requests_count,
        "sources": sources,
        "losers": sum(len(answer["losers"]) for answer in answers),
        "resolve_seconds": min(ours),
        "select_seller_seconds": min(theirs),
    }


print(json.dumps(main(env)))  # noqa: F821 (`env` is odoo shell's)
env.cr.rollback()  # noqa: F821
