"""Where the suppliers' money goes, who else keeps their data, and what waits for a person."""

import base64
import hashlib
import json
from datetime import timedelta

from odoo import Command, fields

from .master import named

# key of a supplier → its account, whole; an ABA number of a reserve bank, and made-up numbers
ACCOUNTS = {
    "meridian": "4417123401",
    "northgate": "8820045602",
    "sutura": "2203981103",
    "orthovance": "7719002204",
    "carefab": "3350678805",
    "halden": "9914410906",
}
ROUTING_NUMBER = "021000021"
PHONES = {key: f"+1 555 01{index:02}" for index, key in enumerate(ACCOUNTS, start=10)}


def make(world):
    """Give suppliers their accounts, start the control of them, and leave two decisions open.

    :param world: :class:`master.World`, with suppliers approved
    """
    _make_accounts(world)
    world.company.bank_hold_date = fields.Date.today()
    _ask_for_change(world)
    _conflict(world)


def _make_accounts(world):
    """Accounts and phone numbers that have been known for long."""
    bank = world.env["res.bank"].create({"name": "First Prairie Bank"})
    world.env["res.partner.bank"].create(
        [
            {
                "partner_id": world.suppliers[key].id,
                "acc_number": number,
                "clearing_number": ROUTING_NUMBER,
                "bank_id": bank.id,
                "allow_out_payment": True,
            }
            for key, number in ACCOUNTS.items()
        ]
    )
    for key, phone in PHONES.items():
        world.suppliers[key].phone = phone
    suppliers = world.env["res.partner"].union(*world.suppliers.values())
    suppliers.write({"phone_since": fields.Datetime.now() - timedelta(days=400), "phone_before": False})


def _ask_for_change(world):
    """Halden wrote that it has another bank: somebody has to call."""
    halden = world.suppliers["halden"]
    form = (
        world.env["healthcare.bank.change.request"]
        .with_user(world.users["clerk"])
        .create(
            {
                "partner_id": halden.id,
                "action": "replace",
                "old_account_id": halden.bank_ids.id,
                "routing_number": "011401533",
                "account_number": "5502290417",
                "bank_name": "Lakeland Savings",
                "note": (
                    "E-mail of the accounts department with a letter attached; new bank from next month on."
                ),
            }
        )
    )
    change = world.env["healthcare.bank.change"].browse(form.action_request()["res_id"])
    named(world, change, ["bank_change_halden"])


def _conflict(world):
    """The vendor register, once connected, says that CareFab has moved; it is not its to say."""
    env = world.env
    endpoint = env["healthcare.exchange.endpoint"].create(
        {
            "code": "VENDOR_REGISTER",
            "name": "Vendor register",
            "company_id": world.company.id,
            "connector": "rest-json",
            "system": "compliance",
            "test": True,
            "owner_id": world.users["administrator"].id,
            "document_ids": [
                Command.create({"document_type": "supplier", "direction": "inbound", "contingency": "queue"})
            ],
        }
    )
    named(world, endpoint, ["vendor_register"])
    document = {
        "document_type": "supplier",
        "schema_version": "1.0",
        "number": "VR-20417",
        "issued_at": fields.Date.to_string(fields.Date.today()),
        "test": True,
        "legal_name": world.suppliers["carefab"].name,
        "identifiers": [{"scheme": "buyer_assigned", "value": world.suppliers["carefab"].ref}],
        "addresses": [{"kind": "main", "street": "410 Commerce Parkway", "city": "Dayton"}],
    }
    raw = json.dumps(document).encode()
    message = env["healthcare.exchange.message"].create(
        {
            "direction": "inbound",
            "endpoint_id": endpoint.id,
            "company_id": world.company.id,
            "document": document,
            "document_type": "supplier",
            "number": document["number"],
            "raw": base64.b64encode(raw).decode(),
            "raw_sha256": hashlib.sha256(raw).hexdigest(),
            "filename": "VR-20417.json",
            "idempotency_key": "VR-20417",
            "state": "queued",
        }
    )
    # Taken in while it was tried out; not in use yet.
    endpoint.state = "active"
    message._take_in()
    endpoint.state = "draft"
