"""What is bought: approved items, who may request what, a substitute, and a recall with lots on
the shelf."""

from odoo import Command, fields

from .master import make_users, named

# category → item type, UNSPSC of the family or class, GMDN term where all items of it share one
CATEGORIES = {
    "Gloves": ("consumable", "42132200", False),
    "Syringes and needles": ("consumable", "42142600", False),
    "Wound care": ("consumable", "42311500", False),
    "Personal protection": ("consumable", "42131600", False),
    "Textiles and hygiene": ("consumable", "42130000", False),
    "Infusion": ("supply", "42220000", False),
    "Sutures": ("supply", "42312200", False),
    "Implants": ("supply", "42320000", False),
    "Pharmacy": ("supply", "51000000", False),
    "Respiratory": ("supply", "42270000", False),
    "Urology": ("supply", "42140000", False),
    "Laboratory": ("supply", "41110000", False),
    "Instruments": ("supply", "42290000", False),
    "Equipment": ("equipment", "42180000", False),
    "Services": ("service", "85160000", False),
}

# Suppliers that make what they sell.
MAKERS = ("sutura", "orthovance", "carefab")

RECALLED_ITEM = "IMP-BCEM"


def make(world):
    """Take the items over, say who may request what, and recall a lot.

    From today on the formularies hold.

    :param world: :class:`master.World`, after the scenario
    """
    _make_people(world)
    _take_items_over(world)
    _make_placeholder(world)
    _make_proposal(world)
    _make_formularies(world)
    _make_substitute(world)
    _make_recall(world)
    world.company.formulary_date = fields.Date.today()


def _make_people(world):
    """A clinical reviewer; the clerk keeps the catalog too."""
    make_users(world, [("clinical", "clinical", "Dr. Mira Castellanos", "healthcare_catalog.group_clinical")])
    world.users["clerk"].group_ids = [
        Command.link(world.env.ref("healthcare_catalog.group_catalog_manager").id)
    ]


def _take_items_over(world):
    """All items were bought before there was a catalog: they are taken over as approved."""
    products = world.env["product.product"].union(*world.items.values())
    items = products.product_tmpl_id
    for category, templates in items.grouped(lambda item: item.categ_id.name).items():
        item_type, unspsc, gmdn = CATEGORIES[category]
        templates.write({"item_type": item_type, "unspsc_code": unspsc, "gmdn_code": gmdn})
    for key in MAKERS:
        maker = world.suppliers[key]
        items.filtered(lambda item, maker=maker: item.seller_ids[:1].partner_id == maker).write(
            {"manufacturer_id": maker.id}
        )
    items.action_adopt_items("Bought before the catalog began")


def _make_placeholder(world):
    """Free text for what the catalog does not have, up to 500 per line."""
    product = world.env["product.product"].create(
        {
            "name": "Free text: medical supplies",
            "default_code": "FREE-MED",
            "type": "consu",
            "is_storable": False,
            "categ_id": world.items["DRS-FOAM10"].categ_id.id,
            "sale_ok": False,
            "taxes_id": [Command.clear()],
            "supplier_taxes_id": [Command.clear()],
        }
    )
    named(world, product, ["item_free_text"])
    product.product_tmpl_id.action_make_placeholder(world.users["clerk"].id, 500.0)
    world.items["FREE-MED"] = product


def _make_proposal(world):
    """One item that waits for an approver."""
    product = world.env["product.product"].create(
        {
            "name": "Foam dressing, silicone border, sacrum, 22 x 25 cm",
            "default_code": "DRS-SACR22",
            "is_storable": True,
            "categ_id": world.items["DRS-FOAM10"].categ_id.id,
            "item_type": "consumable",
            "manufacturer_id": world.suppliers["carefab"].id,
            "manufacturer_code": "CF-SAC-2225",
            "unspsc_code": "42311500",
            "criticality": "medium",
            "sale_ok": False,
            "taxes_id": [Command.clear()],
            "supplier_taxes_id": [Command.clear()],
        }
    )
    named(world, product, ["item_proposed"])
    product.product_tmpl_id.packaging_string = "EA 5/BX 10/CS"
    product.product_tmpl_id.with_user(world.users["clerk"]).action_propose_item(
        "Pressure sores on the intensive care unit; asked for in free text four times this quarter."
    )


def _make_formularies(world):
    """Controlled substances are for the hospitals; the surgery center has a rule of its own."""
    formularies = world.env["healthcare.formulary"].create(
        [
            {
                "name": "Riverbend group policy",
                "company_id": world.company.id,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": world.items["DRG-MORPH4"].id,
                            "policy": "restricted",
                            "department_ids": [
                                Command.set((world.facilities["RGH"] | world.facilities["LCH"]).ids)
                            ],
                            "local_override": "tighten",
                            "reason": "Opioids are kept where there is a pharmacist.",
                        }
                    ),
                    Command.create(
                        {
                            "product_id": world.items["EQP-BED"].id,
                            "policy": "not_allowed",
                            "local_override": "any",
                            "reason": "Beds are rented by the month from the equipment pool.",
                        }
                    ),
                ],
            },
            {
                "name": "Lakeview Children's Hospital",
                "company_id": world.company.id,
                "facility_id": world.facilities["LCH"].id,
                "line_ids": [
                    Command.create(
                        {
                            "product_id": world.items["EQP-BED"].id,
                            "policy": "allowed",
                            "reason": "The ward for burns has beds of its own.",
                        }
                    )
                ],
            },
        ]
    )
    named(world, formularies, ["formulary_group", "formulary_lch"])


def _make_substitute(world):
    """One that a reviewer has agreed to, and one that waits."""
    substitutes = (
        world.env["healthcare.substitute"]
        .with_user(world.users["clerk"])
        .create(
            [
                {
                    "product_id": world.items["DRS-FOAM10"].id,
                    "substitute_id": world.items["DRS-ALG"].id,
                    "reason": "Absorbs as much; needs a cover dressing.",
                },
                {
                    "product_id": world.items["SYR-10ML"].id,
                    "substitute_id": world.items["SYR-5ML"].id,
                    "factor": "2",
                    "reason": "For flushing only: two of 5 ml for one of 10 ml.",
                },
            ]
        )
    )
    substitutes.action_request_approval()
    named(world, substitutes.sudo(), ["substitute_foam", "substitute_syringe"])
    substitutes[0].sudo().approval_request_ids.with_user(world.users["clinical"]).action_approve(
        "Agreed by the wound care team."
    )


def _make_recall(world):
    """A lot of bone cement on two shelves; some of it is in quarantine already."""
    env, item = world.env, world.items[RECALLED_ITEM]
    shelves = {code: facility.warehouse_id.lot_stock_id for code, facility in world.facilities.items()}
    quarantine = env["stock.location"].create(
        {
            "name": "Quarantine",
            "usage": "internal",
            "location_id": world.facilities["RGH"].warehouse_id.view_location_id.id,
            "company_id": world.company.id,
            "is_quarantine": True,
        }
    )
    named(world, quarantine, ["location_quarantine_rgh"])
    expiry = fields.Datetime.add(fields.Datetime.now(), days=400)
    lots = env["stock.lot"].create(
        [
            {
                "name": name,
                "product_id": item.id,
                "company_id": world.company.id,
                "expiration_date": expiry,
                "removal_date": expiry,
            }
            for name in ("BC24-1187", "BC24-1188")
        ]
    )
    counts = (
        (lots[0], shelves["RGH"], 6),
        (lots[0], shelves["LCH"], 3),
        (lots[0], quarantine, 2),
        (lots[1], shelves["RGH"], 10),
    )
    env["stock.quant"].with_context(inventory_mode=True).create(
        [
            {
                "product_id": item.id,
                "lot_id": lot.id,
                "location_id": location.id,
                "inventory_quantity": quantity,
            }
            for lot, location, quantity in counts
        ]
    ).action_apply_inventory()
    recall = (
        env["healthcare.recall"]
        .with_user(world.users["storeroom"])
        .create(
            {
                "reference": "OV-FSN-2026-04",
                "issuer_id": world.suppliers["orthovance"].id,
                "authority": "FDA",
                "recall_class": "2",
                "reason": "Some pouches may be open: not sterile. Do not use; return to Orthovance.",
                "line_ids": [Command.create({"product_id": item.id, "lot_names": "BC24-1186\nBC24-1187"})],
            }
        )
    )
    named(world, recall.sudo(), ["recall_cement"])
    recall.action_activate()
