import re

from lxml import etree
from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

#: Searches of Odoo's own bill screen by what accountants alone keep.
OF_ACCOUNTANTS = ("journal_group_id",)
#: Types of fields that a search box looks texts up in.
TEXTS = ("char", "text", "html", "many2one", "many2many", "one2many")


@tagged("post_install", "-at_install")
class TestScreens(HealthcareCommon):
    """Whoever sees a menu can open what is behind it: lists, forms and searches.

    Odoo takes a field with groups out of a view, but not one whose record type the user may not
    read: the form then opens for nobody of that role.
    """

    roles = {
        **{role: group for role, group in ROLES.items() if role != "service"},
        "compliance": "healthcare_supplier.group_compliance",
        "finance": "healthcare_supplier.group_finance",
        "clinical": "healthcare_catalog.group_clinical",
        "catalog_manager": "healthcare_catalog.group_catalog_manager",
    }

    def actions(self, env):
        """Return the suite's window actions that a user reaches by menus, with their values."""
        menus = env["ir.ui.menu"]
        actions = menus.browse(menus._visible_menu_ids()).mapped("action")
        for action in dict.fromkeys(actions):
            if not action or action._name != "ir.actions.act_window":
                continue
            if not (action.sudo().xml_id or "").startswith("healthcare_"):
                continue
            values = action.sudo().read(["res_model", "views", "search_view_id"])[0]
            if not env[values["res_model"]]._transient:
                yield action.sudo().xml_id, values

    def unreadable(self, node, model):
        """Return the fields of a view whose records the user may not read."""
        found = []
        for child in node:
            field = model._fields.get(child.get("name")) if child.tag == "field" else None
            if field is None:
                if child.tag != "field":
                    found += self.unreadable(child, model)
                continue
            if field.type not in ("one2many", "many2many"):
                continue
            comodel = self.env(user=model.env.uid)[field.comodel_name]
            if not comodel.has_access("read"):
                # computed as superuser, a field is shown by names alone
                if field.store or field.type == "one2many" and not field.compute:
                    found.append(f"{model._name}.{field.name}")
                continue
            for view in child:
                found += self.unreadable(view, comodel)
        return found

    def search(self, arch, model):
        """Use each field and filter of a search view, but those that only the browser computes."""
        names = {"uid": model.env.uid, "self": "nobody 1", "current_date": "2026-01-01"}
        for node in etree.fromstring(arch).iter("field", "filter"):
            domain = node.get("filter_domain") if node.tag == "field" else node.get("domain")
            if domain:
                if not re.search("raw_value|context_today|datetime|relativedelta", domain):
                    model.search(safe_eval(domain, dict(names)), limit=1)
            elif node.tag == "filter" or node.get("name") in OF_ACCOUNTANTS:
                continue
            elif model._fields[node.get("name")].type in TEXTS:
                model.search([(node.get("name"), node.get("operator") or "ilike", "nobody 1")], limit=1)

    def test_each_role_opens_what_it_sees(self):
        opened = 0
        for role, user in self.users.items():
            env = self.env(user=user.id)
            for name, action in self.actions(env):
                opened += 1
                model = env[action["res_model"]]
                wanted = [(view or False, kind) for view, kind in action["views"] if kind in ("list", "form")]
                search = action["search_view_id"] and action["search_view_id"][0]
                views = model.get_views([*wanted, (search or False, "search")])["views"]
                with self.subTest(role=role, action=name):
                    for kind in ("list", "form"):
                        if kind in views:
                            arch = etree.fromstring(views[kind]["arch"])
                            self.assertFalse(self.unreadable(arch, model), kind)
                    self.search(views["search"]["arch"], model)
        self.assertGreater(opened, 100)
