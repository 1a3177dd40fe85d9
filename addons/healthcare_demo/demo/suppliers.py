"""Who the suppliers are: what they have shown, who approved them, and who speaks for one."""

import base64
from datetime import timedelta

from odoo import Command, fields

from .master import make_users, named

# key of a supplier of the scenario → category, days until its insurance ends
APPROVED = {
    "meridian": ("device", 300),
    "northgate": ("distributor", 240),
    "sutura": ("device", 200),
    "orthovance": ("device", 330),
    "carefab": ("supplies", 20),
    "halden": ("service", 150),
}

# key, name, code, category, city: beside the scenario, nothing is ordered from them
FURTHER = (
    ("brightwater", "Brightwater Diagnostics", "SUP-G", "device", "Tucson"),
    ("castellan", "Castellan Home Care", "SUP-H", "supplies", "Boise"),
)

ISSUERS = {
    "tax_form": "Internal Revenue Service",
    "insurance": "Prairie Mutual Insurance",
    "iso_13485": "Lakeland Certification",
    "fda": "Food and Drug Administration",
    "wholesale_licence": "State Board of Pharmacy",
    "sanctions": "",
}


def make(world):
    """Approve the suppliers of the scenario, leave one in review and one suspended.

    From today on the company orders from approved suppliers only.

    :param world: :class:`master.World`, before anything is ordered
    """
    _make_people(world)
    further = _make_further(world)
    for key, (category, days) in APPROVED.items():
        _qualify(world, world.suppliers[key], category, days)
        _approve(world, world.suppliers[key])
    _qualify(world, further["castellan"], "supplies", 90)
    _approve(world, further["castellan"])
    further["castellan"].with_user(world.users["compliance"]).action_suspend_supplier(
        "Two recalls within a month; corrective action plan not received."
    )
    _qualify(world, further["brightwater"], "device", 365, verify=False)
    further["brightwater"].with_user(world.users["clerk"]).action_submit_supplier()
    _make_portal_user(world)
    world.company.supplier_gate_date = fields.Date.today()


def _make_people(world):
    """A compliance officer, and finance by who pays."""
    make_users(world, [("compliance", "compliance", "Cora Nwosu", "healthcare_supplier.group_compliance")])
    world.users["accounts_payable"].group_ids = [
        Command.link(world.env.ref("healthcare_supplier.group_finance").id)
    ]


def _make_portal_user(world):
    """Sutura has a browser only: one of its people speaks for it in the portal."""
    env = world.env
    contact = env["res.partner"].create(
        {
            "name": "Sofia Brandt",
            "email": "supplier@sutura.example",
            "function": "Customer service",
            "parent_id": world.suppliers["sutura"].id,
        }
    )
    user = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "partner_id": contact.id,
                "login": "supplier",
                "company_id": world.company.id,
                "company_ids": [Command.set(world.company.ids)],
                "group_ids": [Command.set(env.ref("base.group_portal").ids)],
            }
        )
    )
    named(world, user, ["user_supplier"])
    world.users["supplier"] = user


def _make_further(world):
    suppliers = world.env["res.partner"].create(
        [
            {
                "name": name,
                "ref": code,
                "is_company": True,
                "supplier_rank": 1,
                "supplier_state": "draft",
                "city": city,
                "country_id": world.env.ref("base.us").id,
                "email": f"orders@{key}.example",
            }
            for key, name, code, _category, city in FURTHER
        ]
    )
    named(world, suppliers, [f"supplier_{key}" for key, *_rest in FURTHER])
    for supplier, (_key, _name, _code, category, _city) in zip(suppliers, FURTHER, strict=True):
        supplier.supplier_category_id = world.env.ref(f"healthcare_supplier.category_{category}")
    return dict(zip([key for key, *_rest in FURTHER], suppliers, strict=True))


def _qualify(world, supplier, category, days, verify=True):
    """Hand in what the category asks for, as the clerk, and verify it as compliance.

    :param int days: until the insurance ends
    """
    today = fields.Date.today()
    supplier.supplier_category_id = world.env.ref(f"healthcare_supplier.category_{category}")
    rows = supplier.qualification_ids.filtered("mandatory")
    for row in rows.with_user(world.users["clerk"]):
        label = dict(row._fields["kind"]._description_selection(world.env))[row.kind]
        number = f"{supplier.ref}-{row.kind[:3].upper()}-{row.id:04d}"
        row.write(
            {
                "number": number,
                "issuer": ISSUERS[row.kind] or supplier.name,
                "valid_from": today - timedelta(days=100),
                "valid_to": False
                if row.kind == "tax_form"
                else today + timedelta(days=days if row.kind == "insurance" else 400),
                "document": base64.b64encode(_pdf(f"{label} {number}", supplier.name)),
                "document_name": f"{row.kind}.pdf",
            }
        )
    if verify:
        rows.with_user(world.users["compliance"]).action_verify()


def _approve(world, supplier):
    """Submit a supplier and have it approved by procurement, compliance and finance."""
    supplier.with_user(world.users["clerk"]).action_submit_supplier()
    request = supplier.approval_request_ids.filtered(lambda each: each.state == "pending")
    for role in ("approver", "compliance", "accounts_payable"):
        request.with_user(world.users[role]).action_approve()


def _pdf(*lines):
    """Return a PDF of one page with these lines of plain text."""
    text = " T* ".join(f"({line.translate({40: 91, 41: 93, 92: 47})}) Tj" for line in lines)
    content = f"BT /F1 18 Tf 24 TL 72 720 Td {text} ET".encode("latin-1", "replace")
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer
