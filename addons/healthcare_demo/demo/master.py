"""Who is there and what is bought: company, facilities, suppliers, people, items."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from odoo import Command, api
from odoo.addons.healthcare_base.tools.identifiers import gs1_check_digit
from odoo.addons.healthcare_base.tools.packaging_string import parse_packaging_string

DATA = Path(__file__).parent.parent / "data"
MODULE = "healthcare_demo"

# GS1 keeps company prefix 952 for demonstrations: no real item has these numbers.
GTIN_PREFIX = "952"

# Package codes of price lists, as UN/ECE Recommendation 21 writes them in documents.
PACK_CODES = {
    "BX": "XBX", "CS": "XCS", "PK": "XPK", "BG": "XBG", "RO": "XRO", "EA": "EA", "PR": "PR",
}  # fmt: skip

FACILITIES = (
    ("RGH", "Riverside General Hospital", "400 River Road", "Springfield", "62701"),
    ("LCH", "Lakeview Children's Hospital", "12 Lakeshore Drive", "Springfield", "62703"),
    ("HSC", "Harbor Outpatient Surgery Center", "88 Harbor Street", "Peoria", "61602"),
)

# key, name, code, city
SUPPLIERS = (
    ("meridian", "Meridian Surgical Supply", "SUP-A", "Columbus"),
    ("northgate", "Northgate Medical Distribution", "SUP-B", "Minneapolis"),
    ("sutura", "Sutura Surgical", "SUP-C", "Raleigh"),
    ("orthovance", "Orthovance Implants", "SUP-D", "Warsaw"),
    ("carefab", "CareFab Textiles and Disposables", "SUP-E", "Dayton"),
    ("halden", "Halden Biomedical Services", "SUP-F", "Rochester"),
)

USERS = (
    ("requester", "requester", "Rosa Delgado", "healthcare_base.group_requester"),
    ("clerk", "clerk", "Carl Jensen", "healthcare_base.group_clerk"),
    ("approver", "approver", "Anita Bose", "healthcare_base.group_approver"),
    ("accounts_payable", "payable", "Paul Okafor", "healthcare_base.group_accounts_payable"),
    ("storeroom", "storeroom", "Sam Whitaker", "healthcare_base.group_storeroom"),
    ("administrator", "administrator", "Ada Lindqvist", "healthcare_base.group_administrator"),
    ("auditor", "auditor", "Aldo Ricci", "healthcare_base.group_auditor"),
)

INBOUND = ("order_acknowledgement", "ship_notice", "invoice", "functional_acknowledgement")

# code, connector, supplier, settings, whether it answers with a 997
ENDPOINTS = (
    ("SUPPLIER_A", "rest-json", "meridian", {"base_url_setting": "sandbox_a"}, False),
    ("SUPPLIER_B", "x12-folder", "northgate", {"folder": "supplier-b"}, True),
)


@dataclass
class World:
    """What the scenario builds on; records by their key."""

    env: api.Environment
    company: object = None
    facilities: dict = field(default_factory=dict)
    suppliers: dict = field(default_factory=dict)
    users: dict = field(default_factory=dict)
    items: dict = field(default_factory=dict)
    packs: dict = field(default_factory=dict)


def make(env):
    """Make all master data.

    :return: :class:`World`
    """
    world = World(env(context=dict(env.context, tracking_disable=True)))
    _make_company(world)
    _make_facilities(world)
    _make_suppliers(world)
    make_users(world, USERS)
    _make_items(world)
    _make_endpoints(world)
    return world


def named(world, records, names):
    """Give records external ids in this module, so that tests and set-up find them."""
    world.env["ir.model.data"].create(
        [
            {"module": MODULE, "name": name, "model": record._name, "res_id": record.id, "noupdate": True}
            for record, name in zip(records, names, strict=True)
        ]
    )
    return records


def gln(number):
    """Return a demonstration GLN."""
    body = f"{GTIN_PREFIX}{number:09d}"
    return body + str(gs1_check_digit(body))


def gtin(number, level):
    """Return a demonstration GTIN-14 of an item at a packaging level (0 = the item itself)."""
    body = f"{level}{GTIN_PREFIX}{number:09d}"
    return body + str(gs1_check_digit(body))


def _make_company(world):
    env = world.env
    company = world.company = env.ref("base.main_company")
    country = env.ref("base.us")
    company.write(
        {
            "name": "Riverbend Health",
            "country_id": country.id,
            "currency_id": env.ref("base.USD").id,
            "street": "1 Riverbend Plaza",
            "city": "Springfield",
            "zip": "62701",
        }
    )
    if not company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", company=company, install_demo=False)
    # Gloves cost fractions of a cent more or less; two digits would round them away.
    env.ref("product.decimal_price").digits = 4
    # Hospitals are exempt from sales tax; a bill with tax is an exception, not the rule.
    company.account_purchase_tax_id = False


def _make_facilities(world):
    env, company = world.env, world.company
    partners = env["res.partner"].create(
        [
            {
                "name": name,
                "street": street,
                "city": city,
                "zip": postal,
                "country_id": env.ref("base.us").id,
                "parent_id": company.partner_id.id,
                "type": "delivery",
            }
            for _code, name, street, city, postal in FACILITIES
        ]
    )
    first = env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
    first.write({"name": FACILITIES[0][1], "code": FACILITIES[0][0], "partner_id": partners[0].id})
    warehouses = first + env["stock.warehouse"].create(
        [
            {"name": name, "code": code, "company_id": company.id, "partner_id": partner.id}
            for (code, name, *_rest), partner in zip(FACILITIES[1:], partners[1:], strict=True)
        ]
    )
    facilities = env["healthcare.facility"].create(
        [
            {
                "code": code,
                "name": name,
                "gln": gln(100 + index),
                "company_id": company.id,
                "warehouse_id": warehouse.id,
                "partner_id": partner.id,
            }
            for index, ((code, name, *_rest), warehouse, partner) in enumerate(
                zip(FACILITIES, warehouses, partners, strict=True)
            )
        ]
    )
    named(world, facilities, [f"facility_{facility.code.lower()}" for facility in facilities])
    world.facilities = {facility.code: facility for facility in facilities}


def _make_suppliers(world):
    env = world.env
    term = env.ref("account.account_payment_term_30days", raise_if_not_found=False)
    suppliers = env["res.partner"].create(
        [
            {
                "name": name,
                "ref": code,
                "is_company": True,
                "supplier_rank": 1,
                "city": city,
                "country_id": env.ref("base.us").id,
                "email": f"orders@{key}.example",
                "property_supplier_payment_term_id": term.id if term else False,
            }
            for key, name, code, city in SUPPLIERS
        ]
    )
    named(world, suppliers, [f"supplier_{key}" for key, *_rest in SUPPLIERS])
    world.suppliers = dict(zip([key for key, *_rest in SUPPLIERS], suppliers, strict=True))
    env["healthcare.facility.account"].create(
        [
            {
                "facility_id": facility.id,
                "partner_id": supplier.id,
                "account_number": f"{supplier.ref[-1]}{10200 + 10 * index}",
                "price_class": "gpo",
            }
            for supplier in suppliers
            for index, facility in enumerate(world.facilities.values())
        ]
    )


def make_users(world, people):
    """Make people of the hospital.

    :param people: tuples ``(role, login, name, group)``; ``group`` is the external id
    """
    users = (
        world.env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            [
                {
                    "name": name,
                    "login": login,
                    "email": f"{login}@riverbend.example",
                    "company_id": world.company.id,
                    "company_ids": [Command.set(world.company.ids)],
                    "group_ids": [Command.set(world.env.ref(group).ids)],
                }
                for _role, login, name, group in people
            ]
        )
    )
    if "odoobot_state" in users._fields:
        # Its greeting would cover a phone's screen in the middle of the work.
        users.odoobot_state = "disabled"
    named(world, users, [f"user_{role}" for role, *_rest in people])
    world.users.update(zip([role for role, *_rest in people], users, strict=True))


def _read(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _make_items(world):
    env = world.env
    rows = _read("items.csv")
    names = list(dict.fromkeys(row["category"] for row in rows))
    categories = dict(
        zip(names, env["product.category"].create([{"name": name} for name in names]), strict=True)
    )
    products = env["product.product"].create(
        [_prepare_item(world, row, categories, number) for number, row in enumerate(rows, start=1)]
    )
    named(world, products, ["item_" + row["code"].lower().replace("-", "_") for row in rows])
    world.items = {product.default_code: product for product in products}
    env["product.supplierinfo"].create(
        [
            {
                "partner_id": world.suppliers[row["supplier"]].id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "product_id": product.id,
                "product_code": row["supplier_code"],
                "price": float(row["price"]),
                "delay": 3,
            }
            for row, product in zip(rows, products, strict=True)
        ]
    )
    _make_packagings(world, rows)


def _reference_unit(world, code):
    """Return the unit an item is counted in: each, or pairs."""
    if code != "PR":
        return world.env.ref("uom.product_uom_unit")
    units = world.env["uom.uom"]
    return units.search([("unit_code", "=", code)], limit=1) or units.create(
        {"name": "Pair", "unit_code": code}
    )


def _prepare_item(world, row, categories, number):
    service = row["kind"] == "service"
    expires = bool(row["shelf_life_days"])
    return {
        "name": row["name"],
        "default_code": row["code"],
        "manufacturer_code": row["manufacturer_code"] or False,
        "categ_id": categories[row["category"]].id,
        "type": "service" if service else "consu",
        "is_storable": not service,
        "uom_id": _reference_unit(world, row["unit"]).id,
        "barcode": False if service else gtin(number, 0),
        "tracking": "none" if service else row["tracking"],
        "use_expiration_date": expires and row["tracking"] != "none",
        "expiration_time": int(row["shelf_life_days"] or 0),
        "standard_price": float(row["price"]),
        "list_price": float(row["price"]),
        "purchase_method": "purchase" if service else "receive",
        "is_implant": "implant" in row["flags"],
        "is_controlled": "controlled" in row["flags"],
        "is_cold_chain": "cold_chain" in row["flags"],
        "criticality": row["criticality"],
        "supplier_taxes_id": [Command.clear()],
        "taxes_id": [Command.clear()],
    }


def _make_packagings(world, rows):
    vals_list = []
    for number, row in enumerate(rows, start=1):
        if row["kind"] == "service":
            continue
        levels = parse_packaging_string(row["packaging"])[1:]
        vals_list += [
            {
                "product_id": world.items[row["code"]].id,
                "unit_code": PACK_CODES[code],
                "factor": factor,
                "gtins": gtin(number, level),
            }
            for level, (code, factor) in enumerate(levels, start=1)
        ]
    packagings = world.env["healthcare.packaging"].create(vals_list)
    world.packs = {(pack.product_id.default_code, pack.unit_code): pack for pack in packagings}


def _make_endpoints(world):
    """Supplier A takes JSON by HTTP, supplier B takes X12 in a folder; both are sandboxes."""
    endpoints = world.env["healthcare.exchange.endpoint"].create(
        [
            {
                "code": code,
                "name": world.suppliers[supplier].name,
                "partner_id": world.suppliers[supplier].id,
                "company_id": world.company.id,
                "connector": connector,
                "settings": settings,
                "test": True,
                "direction": "both",
                "expects_functional_ack": functional,
                "owner_id": world.users["administrator"].id,
                "document_ids": [
                    Command.create(
                        {
                            "document_type": "purchase_order",
                            "direction": "outbound",
                            "contingency": "queue",
                        }
                    ),
                    *(
                        Command.create(
                            {"document_type": document, "direction": "inbound", "contingency": "queue"}
                        )
                        for document in INBOUND
                    ),
                    # X12 is answered with a 997; HTTP answers by itself.
                    *(
                        [
                            Command.create(
                                {
                                    "document_type": "functional_acknowledgement",
                                    "direction": "outbound",
                                    "contingency": "queue",
                                }
                            )
                        ]
                        if connector == "x12-folder"
                        else []
                    ),
                ],
            }
            for code, connector, supplier, settings, functional in ENDPOINTS
        ]
    )
    named(world, endpoints, [code.lower() for code, *_rest in ENDPOINTS])
    endpoints.write({"state": "active"})
