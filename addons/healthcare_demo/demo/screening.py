"""Who may be excluded, who is not, and who may be here twice. The excluded parties are invented."""

import base64

from odoo.addons.healthcare_supplier.tools import exclusion_file

from .master import DATA, named

# key, name, code, street, city, state, postal code
SUPPLIERS = (
    ("larkfield", "Larkfield Surgical Product Co.", "SUP-X", "12 Mill St.", "Akron", "OH", "44301"),
    ("harrowgate", "Harrowgate Medical, Inc.", "SUP-Y", "5 Commerce Way", "Denver", "CO", "80202"),
    ("castellan_twin", "Castellan Homecare LLC", "SUP-Z", "1 Market Square", "Boise", "ID", "83702"),
)


def make(world):
    """Load a list of excluded parties; leave a possible match and a possible duplicate to decide.

    :param world: :class:`master.World`, with suppliers and their people
    """
    _load(world)
    suppliers = _make_suppliers(world)
    matches = suppliers["harrowgate"].sudo().screening_match_ids.sudo(False)
    matches.with_user(world.users["compliance"]).action_clear(
        "Ours was founded in Denver in 2020 and has other owners; tax forms compared."
    )


def _load(world):
    """Load the file here and now: scheduled jobs would commit what is not finished."""
    content = (DATA / "exclusions.csv").read_bytes()
    exclusions = (
        world.env["healthcare.exclusion.list"]
        .with_user(world.users["compliance"])
        .create({"filename": "exclusions.csv", "content": base64.b64encode(content)})
    )
    exclusions.action_load()
    exclusions.sudo()._load_slice(list(exclusion_file.read_entries(exclusion_file.read_text(content))))
    exclusions.sudo()._finish_load()
    named(world, exclusions, ["exclusion_list"])


def _make_suppliers(world):
    """Suppliers in draft, as a clerk enters them: they are screened and compared at once."""
    env = world.env
    partners = (
        env["res.partner"]
        .with_user(world.users["clerk"])
        .create(
            [
                {
                    "name": name,
                    "ref": code,
                    "is_company": True,
                    "supplier_state": "draft",
                    "supplier_category_id": env.ref("healthcare_supplier.category_supplies").id,
                    "street": street,
                    "city": city,
                    "zip": zip_code,
                    "state_id": env["res.country.state"]
                    .search([("code", "=", state), ("country_id.code", "=", "US")])
                    .id,
                    "country_id": env.ref("base.us").id,
                }
                for _key, name, code, street, city, state, zip_code in SUPPLIERS
            ]
        )
    )
    named(world, partners, [f"supplier_{key}" for key, *_rest in SUPPLIERS])
    return dict(zip((key for key, *_rest in SUPPLIERS), partners, strict=True))
