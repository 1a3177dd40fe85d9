"""At which price: contracts of the buying group and of our own, in each state."""

from datetime import datetime, time, timedelta

from odoo import Command, fields

from . import suppliers
from .master import named

# The contracts of items that the scenario orders say the catalog's prices: its bills are about
# units, quantities and duplicates, and not about contracts.
SUTURES = ("SUT-VCR-30", "SUT-VCR-40", "SUT-PRL-40", "STP-SKIN")
SILK = ("SUT-SLK-20", "SUT-SLK-30", "SUT-SLK-40", "SUT-SLK-50")
INFUSION = ("SYR-5ML", "SYR-10ML", "NDL-21G", "IVC-18", "IVC-20", "IVS-PRIM")
HIP = ("IMP-HSTEM10", "IMP-HSTEM11", "IMP-HSTEM12", "IMP-HCUP50", "IMP-HHEAD32")
GOWNS = ("GWN-ISO", "GWN-SUR-L", "GWN-SUR-XL")


def make(world):
    """Make the contracts, have them approved, and call off from the service contract.

    :param world: :class:`master.World`, after the scenario
    """
    world.today = fields.Date.context_today(world.company)
    alliance = _make_alliance(world)
    made = {
        "gpo_sutures": _gpo_sutures(world, alliance),
        "local_infusion": _local_infusion(world),
        "pharmacy_340b": _pharmacy_340b(world, alliance),
        "expiring_gowns": _expiring_gowns(world),
        "hip_construct": _hip_construct(world),
        "service_imaging": _service_imaging(world),
    }
    for key, contract in made.items():
        named(world, contract, [f"contract_{key}"])
        if key != "hip_construct":
            _approve(world, contract)
    # one waits for a decision, one is amended and not yet submitted
    made["hip_construct"].action_submit("Caps agreed with the surgeons' value committee.")
    _amend(world, made["gpo_sutures"])
    _call_off(world, made["service_imaging"])
    world.env["healthcare.contract"]._cron_daily()
    leakage = world.env["healthcare.contract.leakage"]
    leakage._refresh(leakage._stale_lines(fields.Datetime.now()))


def _make_alliance(world):
    alliance = world.env["res.partner"].create(
        {
            "name": "Valley Purchasing Alliance",
            "ref": "GPO-VPA",
            "is_company": True,
            "city": "Indianapolis",
            "country_id": world.env.ref("base.us").id,
            "email": "contracts@valley.example",
        }
    )
    return named(world, alliance, ["gpo_valley"])


def _contract(world, number, supplier, begin, end, lines, **values):
    """Return a draft of the clerk.

    :param int begin: days since it began
    :param int end: days until it ends
    :param lines: list of values of lines
    """
    return (
        world.env["healthcare.contract"]
        .with_user(world.users["clerk"])
        .create(
            {
                "number": number,
                "partner_id": supplier.id,
                "company_id": world.company.id,
                "currency_id": world.company.currency_id.id,
                "valid_from": world.today - timedelta(days=begin),
                "valid_to": world.today + timedelta(days=end),
                "line_ids": [
                    Command.create({"line_number": str(index), "sequence": index, **line})
                    for index, line in enumerate(lines, start=1)
                ],
                **values,
            }
        )
    )


def _line(world, code, *prices):
    """Return the values of a line; without prices it has the catalog's."""
    product = world.items[code]
    info = product.seller_ids[:1]
    prices = prices or ({"amount": f"{info.price:.4f}"},)
    return {
        "product_id": product.id,
        "supplier_code": info.product_code,
        "manufacturer_code": product.manufacturer_code,
        "price_ids": [
            Command.create({"unit_code": product.uom_id.unit_code or "EA", **price}) for price in prices
        ],
    }


def _approve(world, contract):
    contract.action_submit("Signed copy is filed with legal.")
    request = contract.sudo().approval_request_ids.filtered(lambda one: one.state == "pending")
    request.with_user(world.users["approver"]).action_approve("Checked against the signed copy.")


def _gpo_sutures(world, alliance):
    """Two tiers: the general hospital has committed itself, the others have not."""
    contract = _contract(
        world,
        "VPA-2026-0417",
        world.suppliers["sutura"],
        230,
        495,
        [_line(world, code) for code in SUTURES]
        + [
            {
                "supplier_code": "SUBRB3",
                "description": "Barbed suture, 3-0, 30 cm",
                "price_ids": [Command.create({"amount": "14.90", "unit_code": "EA"})],
            }
        ],
        name="Sutures and skin closure",
        kind="gpo",
        owner_id=alliance.id,
        renewal_kind="by_agreement",
        notice_days=120,
        rebate="2 % of net purchases of a year, paid to the member by the end of March.",
    )
    base, committed = contract.tier_ids.create(
        [
            {"contract_id": contract.id, "code": "BASE", "name": "Base", "sequence": 1},
            {
                "contract_id": contract.id,
                "code": "COMMIT",
                "name": "Committed",
                "sequence": 2,
                "conditions": "Letter of commitment, and 60 000 a year.",
                "min_amount": "60000",
            },
        ]
    )
    contract.line_ids = [
        Command.create(
            {
                "line_number": str(10 + index),
                "sequence": 10 + index,
                **_line(
                    world,
                    code,
                    {"tier_id": base.id, "amount": "76.30", "unit_code": "XBX"},
                    {"tier_id": committed.id, "amount": "71.25", "unit_code": "XBX"},
                ),
            }
        )
        for index, code in enumerate(SILK, start=1)
    ]
    contract.default_tier_id = base
    contract.eligibility_ids = [
        Command.create({"facility_id": facility.id, "tier_id": (committed if code == "RGH" else base).id})
        for code, facility in world.facilities.items()
    ]
    contract.commitment_ids = [
        Command.create(
            {
                "name": "Committed spend",
                "target": "60000",
                "tier_id": committed.id,
                "date_from": world.today - timedelta(days=230),
                "date_to": world.today + timedelta(days=134),
            }
        )
    ]
    return contract


def _local_infusion(world):
    """Our own with the distributor, who sells masks cheaper than who delivers them now."""
    masks = _line(world, "MSK-SUR", {"amount": "5.25", "unit_code": "XBX"})
    return _contract(
        world,
        "RH-L-0142",
        world.suppliers["northgate"],
        320,
        410,
        [_line(world, code) for code in INFUSION] + [{**masks, "supplier_code": "NG-MSK-SUR"}],
        name="Syringes, infusion and masks",
        all_facilities=True,
        price_date_basis="order",
        commitment_ids=[
            Command.create(
                {
                    "name": "Share of masks",
                    "kind": "share",
                    "target": "80",
                    "date_from": world.today - timedelta(days=320),
                    "date_to": world.today + timedelta(days=45),
                }
            )
        ],
    )


def _pharmacy_340b(world, alliance):
    """The outpatient center is a covered entity: it alone has the class, by an account of its own."""
    wholesaler = world.env["res.partner"].create(
        {
            "name": "Canal Street Pharmacy Wholesale",
            "ref": "SUP-J",
            "is_company": True,
            "supplier_rank": 1,
            "supplier_state": "draft",
            "city": "Louisville",
            "country_id": world.env.ref("base.us").id,
            "email": "orders@canalstreet.example",
        }
    )
    named(world, wholesaler, ["supplier_canalstreet"])
    suppliers._qualify(world, wholesaler, "distributor", 260)
    suppliers._approve(world, wholesaler)
    center = world.facilities["HSC"]
    account = world.env["healthcare.facility.account"].create(
        {
            "facility_id": center.id,
            "partner_id": wholesaler.id,
            "account_number": "CS340B-0071",
            "price_class": "340b",
        }
    )
    return _contract(
        world,
        "VPA-2026-0502",
        wholesaler,
        150,
        580,
        [
            _line(world, "DRG-INSG", {"amount": "61.40", "price_class": "340b"}),
            _line(world, "DRG-INSR", {"amount": "38.10", "price_class": "340b"}),
            _line(
                world,
                "DRG-VACFLU",
                {"kind": "cost_plus", "amount": "18.20", "markup_percent": "1.5", "fee": "0.12"},
            ),
        ],
        name="Outpatient pharmacy",
        kind="gpo",
        owner_id=alliance.id,
        price_date_basis="invoice",
        eligibility_ids=[
            Command.create({"facility_id": center.id, "account_id": account.id, "price_class": "340b"})
        ],
    )


def _expiring_gowns(world):
    """Notice was due three weeks ago."""
    return _contract(
        world,
        "RH-L-0098",
        world.suppliers["carefab"],
        325,
        40,
        [_line(world, code) for code in GOWNS],
        name="Gowns",
        all_facilities=True,
        renewal_kind="automatic",
        renewal_months=12,
        notice_days=60,
    )


def _hip_construct(world):
    """Implants at list prices, and what a case may cost at most."""
    contract = _contract(
        world,
        "RH-L-0151",
        world.suppliers["orthovance"],
        20,
        710,
        [_line(world, code) for code in HIP],
        name="Hip implants",
        all_facilities=True,
    )
    contract.cap_ids = [
        Command.create(
            {
                "code": "HIP-PRIMARY",
                "name": "Primary hip, cementless",
                "amount": "3150",
                "line_ids": [Command.set(contract.line_ids.ids)],
            }
        )
    ]
    return contract


def _service_imaging(world):
    """Maintenance up to an amount; each call-off is an order."""
    return _contract(
        world,
        "RH-S-0007",
        world.suppliers["halden"],
        140,
        225,
        [_line(world, code) for code in ("SVC-MRI", "SVC-CT", "SVC-STER", "SVC-PUMP")],
        name="Imaging and equipment service",
        is_service=True,
        all_facilities=True,
        not_to_exceed="96000",
        call_off_limit="12000",
    )


def _amend(world, contract):
    """The group's new price list holds from next month on."""
    action = contract.action_amend()
    draft = contract.browse(action["res_id"])
    draft.effective_from = world.today + timedelta(days=30)
    for price in draft.line_ids.price_ids.filtered(lambda one: one.tier_id.code == "COMMIT"):
        price.amount = "69.90"


def _call_off(world, contract):
    """Call off the sterilizers' validation and the pumps' check."""
    orders = world.env["purchase.order"].create(
        [
            {
                "partner_id": contract.partner_id.id,
                "facility_id": world.facilities[facility].id,
                "user_id": world.users["clerk"].id,
                "contract_id": contract.id,
                "order_kind": "service",
                "date_order": datetime.combine(world.today - timedelta(days=ago), time(10)),
                "order_line": [
                    Command.create(
                        {
                            "product_id": world.items[code].id,
                            "product_qty": quantity,
                            "price_unit": world.items[code].seller_ids[:1].price,
                            "date_planned": datetime.combine(world.today + timedelta(days=9), time(15)),
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
            for facility, code, quantity, ago in (("RGH", "SVC-STER", 4, 3), ("LCH", "SVC-PUMP", 60, 1))
        ]
    )
    orders.button_confirm()
    named(world, orders, ["order_call_off_sterilizers", "order_call_off_pumps"])
