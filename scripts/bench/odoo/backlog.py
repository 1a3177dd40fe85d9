"""Fills the outbox behind the claim and times claims; run inside `odoo shell`.

Told by the environment: ROWS (a list of sizes, such as "1000,1000000"), CLAIMS (how often each is
timed). Half of the rows wait for a supplier that is down, the rest are finished. Prints
`{"claim_ms": {size: [milliseconds, ...]}}`. A claim is timed as the service's call without
HTTP: RPC method to committed lease, ten messages each.
"""

import json
import os
import time
import uuid

SIZES = [int(size) for size in os.environ["ROWS"].split(",")]
CLAIMS = int(os.environ["CLAIMS"])
CLAIMED = 10
# Claims at each size that are not counted: the first ones fill caches.
WARM_UP = 3

_FILL = """
INSERT INTO healthcare_exchange_message
       (uuid, direction, document_type, number, endpoint_id, company_id, state, priority,
        idempotency_key, ordering_key, trace_id, document, control_number, document_time,
        next_attempt_at, attempt_count, create_date, write_date, create_uid, write_uid)
SELECT gen_random_uuid()::text, 'outbound', 'purchase_order', 'F' || n,
       CASE WHEN n %% 2 = 0 THEN %(dead)s ELSE %(alive)s END, %(company)s,
       CASE WHEN n %% 2 = 0 THEN 'queued' ELSE 'acknowledged' END, 1,
       gen_random_uuid()::text, 'fill,' || n, md5(n::text), '{}'::jsonb, n, now() AT TIME ZONE 'UTC',
       now() AT TIME ZONE 'UTC' - interval '1 hour', 0,
       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', 1, 1
  FROM generate_series(%(low)s, %(high)s) AS n
"""


def endpoint(env, code):
    """Return an active endpoint that nobody listens at."""
    return env["healthcare.exchange.endpoint"].create(
        {
            "code": code,
            "name": code,
            "connector": "rest-json",
            "state": "active",
            "direction": "outbound",
            "settings": {"base_url": "http://127.0.0.1:9"},
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


def queue(env, target, count):
    """Queue orders that can be claimed."""
    env["healthcare.exchange.message"]._enqueue_many(
        [
            {
                "endpoint": target,
                "document_type": "purchase_order",
                "ordering_key": f"bench,{uuid.uuid4()}",
                "record": None,
                "document": {
                    "document_type": "purchase_order",
                    "schema_version": "1.0",
                    "number": f"Q{position}",
                },
            }
            for position in range(count)
        ]
    )
    env.cr.commit()


def break_off(env, dead):
    """Open the circuit of the supplier that is down, as failed attempts do."""
    env.cr.execute(
        "UPDATE healthcare_exchange_flow SET breaker = 'open', breaker_since = now() AT TIME ZONE 'UTC',"
        " open_until = now() AT TIME ZONE 'UTC' + interval '1 day' WHERE endpoint_id = %s",
        [dead.id],
    )
    env.cr.commit()


def time_claims(env, count):
    """Return the milliseconds of each claim."""
    user = env["healthcare.exchange.message"]._ensure_service_user()
    env.cr.commit()
    messages = env["healthcare.exchange.message"].with_user(user)
    times = []
    for _claim in range(count):
        began = time.perf_counter()
        rows = messages.claim("bench", CLAIMED, 3600, [], str(uuid.uuid4()))
        times.append(round((time.perf_counter() - began) * 1000, 2))
        if len(rows) != CLAIMED:
            raise SystemExit(f"a claim gave {len(rows)} messages instead of {CLAIMED}")
        env.cr.commit()
    return times


def main(env):
    """Fill up to each size in turn and time."""
    dead, alive = endpoint(env, "BENCH_DEAD"), endpoint(env, "BENCH_ALIVE")
    env.cr.commit()
    break_off(env, dead)
    filled, result = 0, {}
    for size in SIZES:
        env.cr.execute(
            _FILL,
            {
                "dead": dead.id,
                "alive": alive.id,
                "company": alive.company_id.id,
                "low": filled + 1,
                "high": size,
            },
        )
        filled = size
        env.cr.commit()
        env.cr.execute("ANALYZE healthcare_exchange_message")
        env.cr.commit()
        queue(env, alive, (CLAIMS + WARM_UP) * CLAIMED)
        result[str(size)] = time_claims(env, CLAIMS + WARM_UP)[WARM_UP:]
    return result


print(json.dumps({"claim_ms": main(env)}))  # noqa: F821 (`env` is odoo shell's)
