"""A supplier whose prices come as files: one list that is applied, and one to look at."""

import base64
import hashlib
import json
from datetime import timedelta

from odoo import fields

from .master import named

SUPPLIER = "sutura"
# supplier's code, price; prices of items that the scenario does not order
APPLIED = (("SUPDX2", "4.90"), ("SUPDX3", "4.90"), ("SUNYL2", "2.65"), ("SU-STP-LIN60", "142"))
# Days ago: when the list was applied, and when it is valid from.
APPLIED_AGO = 30


def make(world):
    """Let the supplier's lists come in, and have the first one applied.

    :param world: :class:`master.World`, after the contracts
    """
    first = _receive(
        world, "SU-2026-1", [_line(n, code, price) for n, (code, price) in enumerate(APPLIED, 1)]
    )
    first.with_user(world.users["clerk"]).action_approve_unflagged()
    _work(first)
    _date_back(first)
    second = _receive(world, "SU-2026-2", _to_look_at())
    named(world, first | second, ["price_feed_applied", "price_feed_review"])


def _to_look_at():
    """Return lines of every kind: changed, new, ended, unchanged, suspicious and broken."""
    return [
        _line(1, "SUPDX2", "5.05"),
        _line(2, "SUPDX3", "5.05"),
        _line(3, "SUPDX4", "4.85"),
        _line(4, "SUPDX5", "4.75"),
        # new: a price for the box
        _line(5, "SUPDX4", "165.00", "XBX", packaging="EA 36/BX"),
        {"line_number": "6", "item": {"supplier_code": "SU-STP-LIN45"}, "status": "discontinued"},
        # a decimal slip, a box's price for a piece, and the other way round
        _line(7, "SUNYL3", "26.00"),
        _line(8, "SUNYL4", "93.60"),
        _line(9, "SUNYL5", "2.60", "XBX", packaging="EA 36/BX"),
        _line(10, "SU-TRC-5", "58.00"),
        # an item that we do not have, a price below zero, a unit without a factor, a wrong GTIN
        _line(11, "SU-NEW-7781", "12.40", description="Barbed suture, 2-0, 45 cm"),
        _line(12, "SU-TRC-12", "-48.00"),
        _line(13, "SU-SPC-BAG", "790.00", "XPK"),
        _line(14, "SU-CAU-PEN", "4.80", gtin="09520000000999"),
        # the same item twice
        _line(15, "SU-CAU-PAD", "3.15"),
        _line(16, "SU-CAU-PAD", "3.25"),
    ]


def _line(number, code, amount, unit="EA", gtin=None, **values):
    item = {"supplier_code": code, **({"gtin": gtin} if gtin else {})}
    prices = [{"amount": amount, "unit": unit}]
    return {"line_number": str(number), "item": item, "prices": prices, **values}


def _receive(world, number, lines):
    """Take in a list as the supplier's file would be; return its feed, compared."""
    env = world.env
    document = {
        "document_type": "catalog",
        "schema_version": "1.0",
        "number": number,
        "currency": "USD",
        "scope": "changes",
        "parties": {
            "supplier": {
                "identifiers": [{"scheme": "buyer_assigned", "value": world.suppliers[SUPPLIER].ref}]
            }
        },
        "lines": lines,
    }
    raw = json.dumps(document).encode()
    digest = hashlib.sha256(raw).hexdigest()
    message = env["healthcare.exchange.message"].create(
        {
            "direction": "inbound",
            "endpoint_id": env["healthcare.exchange.upload"]._endpoint(world.company).id,
            "company_id": world.company.id,
            "document": document,
            "document_type": "catalog",
            "number": number,
            "raw": base64.b64encode(raw),
            "raw_sha256": digest,
            "filename": f"{number}.json",
            "idempotency_key": f"{digest}:0",
            "state": "queued",
        }
    )
    message._take_in()
    feed = env["healthcare.price.feed"].browse(message.res_id)
    feed.owner_id = world.users["clerk"]
    return _work(feed)


def _work(feed):
    """Do at once what the cron would do."""
    while feed._work_step():
        pass
    return feed


def _date_back(feed):
    """Let the list have been applied some weeks ago."""
    then = fields.Datetime.now() - timedelta(days=APPLIED_AGO)
    feed.write({"received_at": then - timedelta(hours=3), "compared_at": then, "applied_at": then})
    infos = feed.env["product.supplierinfo"].search(
        ["|", ("feed_id", "=", feed.id), ("ended_by_feed_id", "=", feed.id)]
    )
    begun = infos.filtered(lambda info: info.feed_id == feed)
    begun.write({"date_start": then.date()})
    (infos - begun).write({"date_end": then.date() - timedelta(days=1)})
