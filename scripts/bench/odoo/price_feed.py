"""Stages, compares and applies a price feed, and loads price rows as Odoo does; run inside
`odoo shell`.

Told by the environment: LINES of the feed, CHANGED of them, PEER lines that Odoo loads. Prints
`{"stage": s, "compare": s, "apply": s, "validate": s, "first": s, "peer": s, ...}` in seconds. The
feed comes in portions as the service makes them; every portion and slice is committed. What is
staged was validated before, as what Odoo loads was read before: validation is timed by itself.
"""

import json
import os
import sys
import time

from odoo.addons.healthcare_exchange.tools import canonical

LINES, CHANGED, PEER = (int(os.environ[name]) for name in ("LINES", "CHANGED", "PEER"))
PORTION = 5000


def copies(env, table, row_id, count, values):
    """Copy a row ``count`` times in one statement, with SQL expressions over ``n`` for some columns."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
        " ORDER BY ordinal_position",
        [table],
    )
    columns = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        f"INSERT INTO {table} ({', '.join(columns)})"  # noqa: S608
        f" SELECT {', '.join(values.get(name, name) for name in columns)}"
        f" FROM {table}, generate_series(1, %s) n WHERE id = %s ORDER BY n RETURNING id",
        [count, row_id],
    )
    return [row[0] for row in env.cr.fetchall()]


def make_items(env, count):
    """Return ids of ``count`` items ``B1``, ``B2``, … that are bought in EA."""
    product = env["product.product"].create(
        {"name": "Bench", "is_storable": True, "uom_id": env.ref("uom.product_uom_unit").id}
    )
    env.flush_all()
    templates = copies(env, "product_template", product.product_tmpl_id.id, count, {})
    env.cr.execute("SELECT min(id) FROM product_template WHERE id = ANY(%s)", [templates])
    [first] = env.cr.fetchone()
    return copies(
        env,
        "product_product",
        product.id,
        count,
        {"product_tmpl_id": f"{first} + n - 1", "default_code": "'B' || n", "combination_indices": "'' || n"},
    )


def make_endpoint(env, partner):
    """Return an active endpoint that takes the supplier's catalogs."""
    return env["healthcare.exchange.endpoint"].create(
        {
            "code": "BENCH_FEED",
            "name": "Bench",
            "connector": "rest-json",
            "state": "active",
            "direction": "inbound",
            "partner_id": partner.id,
            "document_ids": [
                (0, 0, {"document_type": "catalog", "direction": "inbound", "contingency": "queue"})
            ],
        }
    )


def documents(number, price):
    """Return the portions of a feed, with ``price(n)`` for each item."""
    portions = range(0, LINES, PORTION)
    return [
        {
            "document_type": "catalog",
            "schema_version": "1.0",
            "number": f"{number}-{position}",
            "scope": "full",
            "portion": {"number": position, "of": len(portions), "feed": number},
            "lines": [
                {
                    "line_number": str(n),
                    "item": {"buyer_code": f"B{n}", "supplier_code": f"S-{n}"},
                    "description": f"Item number {n}",
                    "unit": "EA",
                    "prices": [{"amount": price(n), "unit": "EA", "valid_from": "2026-01-01"}],
                }
                for n in range(start + 1, min(start + PORTION, LINES) + 1)
            ],
        }
        for position, start in enumerate(portions, 1)
    ]


def receive(env, endpoint, portions):
    """Store the messages of a feed, as ingest does."""
    messages = env["healthcare.exchange.message"].create(
        [
            {
                "direction": "inbound",
                "endpoint_id": endpoint.id,
                "company_id": endpoint.company_id.id,
                "document": portion,
                "document_type": "catalog",
                "number": portion["number"],
                "raw": b"",
                "raw_sha256": "0" * 64,
                "idempotency_key": portion["number"],
                "state": "done",
            }
            for portion in portions
        ]
    )
    env.cr.commit()
    return messages


def stage(env, messages):
    """Stage all portions, each in a transaction of its own; return the feed."""
    handler = env["healthcare.document.catalog"]
    for message_id in messages.ids:
        message = messages.browse(message_id)  # alone, as when it is processed
        _state, document = message._locked_document()
        [result] = handler._from_canonical([document], message)
        env.cr.commit()
        env.invalidate_all()
    return result["record"]


def work(env, feed):
    """Do all that the cron does with the feed, slice by slice."""
    while feed._work_step():
        env.cr.commit()
    env.cr.commit()


class Clock:
    """Keeps how long each step took."""

    def __init__(self):
        self.seconds = {}

    def time(self, name, function, *args):
        start = time.monotonic()
        result = function(*args)
        self.seconds[name] = round(time.monotonic() - start, 3)
        return result


def load(env, partner, products):
    """Let Odoo load price rows as its import does."""
    rows = [
        [str(partner.id), str(product), f"P-{n}", "5.25", "0", "2026-01-01"]
        for n, product in enumerate(products)
    ]
    columns = ["partner_id/.id", "product_id/.id", "product_code", "price", "min_qty", "date_start"]
    result = env["product.supplierinfo"].load(columns, rows)
    if any(message["type"] == "error" for message in result["messages"]):
        raise RuntimeError(result["messages"][:1])
    env.cr.commit()


def main(env):
    """Time the first load, then a feed with CHANGED prices changed, then Odoo's load."""
    clock = Clock()
    # The steps are timed here, not in a worker beside.
    env.ref("healthcare_catalog.cron_price_feed").active = False
    partner = env["res.partner"].create({"name": "Bench Supplier", "is_company": True, "supplier_rank": 1})
    other = env["res.partner"].create({"name": "Bench Peer", "is_company": True, "supplier_rank": 1})
    endpoint = make_endpoint(env, partner)
    products = make_items(env, LINES)
    env.cr.commit()
    env.cr.execute("ANALYZE product_product, product_template")

    messages = receive(env, endpoint, documents("FIRST", lambda n: f"{5 + n % 100}.25"))
    first = clock.time("first_stage", stage, env, messages)
    clock.time("first_compare", work, env, first)
    first._decide_lines(first._unflagged_sql(), "approved", "")
    first._start_application()
    clock.time("first_apply", work, env, first)

    every = LINES // CHANGED
    portions = documents("NEXT", lambda n: f"{5 + n % 100}.{25 if n % every else 35}")
    messages = receive(env, endpoint, portions)
    # Half of Odoo's sample before and half after, so that neither side has the quieter machine.
    half = PEER // 2
    clock.time("peer_before", load, env, other, products[:half])
    clock.time("validate", lambda: [canonical.validate(portion) for portion in portions])
    feed = clock.time("stage", stage, env, messages)
    clock.time("compare", work, env, feed)
    feed._decide_lines(feed._unflagged_sql(), "approved", "")
    feed._start_application()
    clock.time("apply", work, env, feed)
    clock.time("peer_after", load, env, other, products[half:PEER])
    env.ref("healthcare_catalog.cron_price_feed").active = True
    env.cr.commit()
    return {
        **clock.seconds,
        "peer": round(clock.seconds["peer_before"] + clock.seconds["peer_after"], 3),
        "state": feed.state,
        "lines": feed.line_count,
        "changed": feed.changed_count,
        "applied": feed.applied_count,
        "failed": feed.state_reason or "",
    }


print(json.dumps(main(env)))  # noqa: F821 (`env` is odoo shell's)
sys.stdout.flush()
