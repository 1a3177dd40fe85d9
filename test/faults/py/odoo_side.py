"""Odoo's side of the fault tests, in a process of its own.

Does what has no public RPC: makes suppliers and endpoints, queues documents through the suite's
own outbox, and reads the tables as they are. Reads one JSON object per line, ``{"command", ...}``,
and answers each with one line, ``{"result"}`` or ``{"error"}``. While PostgreSQL is down it waits
and tries again; every command may be repeated.

Usage: odoo_side.py ODOO_CONF DATABASE
"""

import json
import os
import sys
import time
from datetime import datetime, timedelta

import odoo
import psycopg2
from odoo.modules.registry import Registry

KEY_NAME = "Fault tests"
LIMIT_SECONDS = 60


def document(number):
    """Return a purchase order that every format can carry."""
    lines = [
        {
            "line_number": str(line),
            "item": {"supplier_code": f"S-{line}", "buyer_code": f"B-{line}"},
            "description": f"Item {line} of {number}",
            "quantity": str(line * 10),
            "unit": "EA",
            "price": {"amount": "5.125", "base_quantity": "1"},
        }
        for line in (1, 2, 3)
    ]
    return {
        "document_type": "purchase_order",
        "schema_version": "1.0",
        "number": number,
        "issued_at": "2026-01-31",
        "currency": "USD",
        "parties": {
            "buyer": {"name": "General Hospital"},
            "supplier": {"name": "Fault Test Supply"},
        },
        "lines": lines,
    }


def setup(env, endpoints, key_file):
    """Make the endpoints that are missing, set the others as asked, write the service's key."""
    model = env["healthcare.exchange.endpoint"]
    service = env["healthcare.exchange.message"]._ensure_service_user()
    carried = env["healthcare.exchange.endpoint.document"]
    policy = {"contingency": "queue"} if "contingency" in carried._fields else {}
    for vals in endpoints:
        vals = {name: value for name, value in vals.items() if name in model._fields}
        known = model.with_context(active_test=False).search([("code", "=", vals["code"])])
        if known:
            known.write(vals)
            continue
        partner = env["res.partner"].create(
            {"name": f"Supplier {vals['code']}", "is_company": True, "supplier_rank": 1}
        )
        documents = (("purchase_order", "outbound"), ("invoice", "inbound"))
        model.create(
            {
                "name": vals["code"],
                "partner_id": partner.id,
                "direction": "both",
                "state": "active",
                "service_user_ids": [(6, 0, service.ids)],
                "document_ids": [
                    (0, 0, {"document_type": kind, "direction": way, **policy}) for kind, way in documents
                ],
                **vals,
            }
        )
    keys = env["res.users.apikeys"].sudo()
    keys.search([("user_id", "=", service.id), ("name", "=", KEY_NAME)]).unlink()
    expires = datetime.now() + timedelta(days=1)
    key = keys.with_user(service).sudo()._generate("rpc", KEY_NAME, expires)
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
    return True


def enqueue(env, documents):
    """Queue documents, each ``{number, endpoint, ordering_key, priority}``, in one transaction;
    those that are there already are left alone."""
    messages = env["healthcare.exchange.message"]
    numbers = [one["number"] for one in documents]
    known = set(messages.search([("number", "in", numbers), ("direction", "=", "outbound")]).mapped("number"))
    codes = sorted({one["endpoint"] for one in documents})
    found = env["healthcare.exchange.endpoint"].search([("code", "in", codes)])
    endpoints = {endpoint.code: endpoint for endpoint in found}
    made = messages._enqueue_many(
        [
            {
                "endpoint": endpoints[one["endpoint"]],
                "document_type": "purchase_order",
                "document": document(one["number"]),
                "record": env["res.partner"],
                "ordering_key": one["ordering_key"],
                "priority": one["priority"],
            }
            for one in documents
            if one["number"] not in known
        ]
    )
    return len(made)


def confirm_order(env, endpoint):
    """Confirm an order at an endpoint's partner, as a clerk does; return its number and trace."""
    supplier = env["healthcare.exchange.endpoint"].search([("code", "=", endpoint)]).partner_id
    product = env["product.product"].create({"name": "Gloves", "default_code": f"GLV-{time.time_ns()}"})
    order = env["purchase.order"].create(
        {
            "partner_id": supplier.id,
            "order_line": [(0, 0, {"product_id": product.id, "product_qty": 20, "price_unit": 5})],
        }
    )
    order.button_confirm()
    return {"number": order.name, "trace_id": order.trace_id}


def write_endpoint(env, code, values):
    """Change an endpoint as the system does, without its screens."""
    env["healthcare.exchange.endpoint"].search([("code", "=", code)]).write(values)
    return True


def query(env, sql, parameters):
    """Return the rows of a query as lists."""
    env.cr.execute(sql, parameters)  # pylint: disable=sql-injection
    return env.cr.fetchall()


COMMANDS = {one.__name__: one for one in (setup, enqueue, confirm_order, write_endpoint, query)}


def run(database, request):
    """Run one command in a transaction of its own."""
    command = COMMANDS[request.pop("command")]
    until = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            with Registry(database).cursor() as cr:
                result = command(odoo.api.Environment(cr, odoo.SUPERUSER_ID, {}), **request)
            return {"result": result}
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            if time.monotonic() > until:
                raise
            print(f"again, for {error}", file=sys.stderr)
            time.sleep(0.5)


def main(conf, database):
    odoo.tools.config.parse_config(["-c", conf, "-d", database], setup_logging=True)
    Registry(database)
    print(json.dumps({"result": "ready"}), flush=True)
    for line in sys.stdin:
        try:
            answer = run(database, json.loads(line))
        except Exception as error:  # The other side decides what it means.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, default=str), flush=True)


main(*sys.argv[1:])
