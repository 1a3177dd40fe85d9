"""Queues outbound messages at one endpoint; run inside `odoo shell`.

Told by the environment: CODE (endpoint, made if missing), BASE_URL (its partner), COUNT, RATE
(messages a second, each committed by itself; 0: all in one transaction), NUMBER (prefix of the
documents' numbers). Prints `{"committed": {idempotency key: seconds since 1970}}`: when each
commit had returned.
"""

import json
import os
import time

CODE, COUNT = os.environ["CODE"], int(os.environ["COUNT"])
RATE, NUMBER = float(os.environ["RATE"]), os.environ["NUMBER"]


def endpoint(env):
    """Return the endpoint, made where it is missing."""
    model = env["healthcare.exchange.endpoint"]
    found = model.search([("code", "=", CODE)])
    return found or model.create(
        {
            "code": CODE,
            "name": f"Benchmark {CODE}",
            "connector": "rest-json",
            "state": "active",
            "direction": "outbound",
            "settings": {"base_url": os.environ["BASE_URL"]},
            "document_ids": [
                (
                    0,
                    0,
                    {
                        "document_type": "purchase_order",
                        "direction": "outbound",
                        "contingency": "queue",
                    },
                )
            ],
        }
    )


def request(target, position):
    """Return what one order asks of the outbox."""
    number = f"{NUMBER}{position:06}"
    return {
        "endpoint": target,
        "document_type": "purchase_order",
        "ordering_key": f"bench,{number}",
        "record": None,
        "document": {
            "document_type": "purchase_order",
            "schema_version": "1.0",
            "number": number,
            "currency": "USD",
            "lines": [
                {
                    "line_number": str(line),
                    "item": {"buyer_code": f"ITEM-{line}", "supplier_code": f"S-{line}"},
                    "description": "Examination gloves, nitrile",
                    "quantity": "10",
                    "unit": "XBX",
                    "price": {
                        "amount": "12.50",
                        "base_quantity": "1",
                        "unit": "XBX",
                        "kind": "net",
                    },
                }
                for line in range(1, 6)
            ],
        },
    }


def main(env):
    """Queue them all, and say when each was committed."""
    target = endpoint(env)
    env["healthcare.exchange.message"]._ensure_service_user()
    env.cr.commit()
    messages = env["healthcare.exchange.message"]
    committed = {}
    if not RATE:
        queued = messages._enqueue_many([request(target, n) for n in range(COUNT)])
        keys = queued.mapped("idempotency_key")
        env.cr.commit()
        return dict.fromkeys(keys, time.time())
    began = time.monotonic()
    for position in range(COUNT):
        time.sleep(max(0, began + position / RATE - time.monotonic()))
        message = messages._enqueue_many([request(target, position)])
        key = message.idempotency_key
        env.cr.commit()
        committed[key] = time.time()
    return committed


print(json.dumps({"committed": main(env)}))  # noqa: F821 (`env` is odoo shell's)
