from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMenus(TransactionCase):
    """Each role finds its work under the app's menu, and nothing it may not open."""

    ROLES = (
        "requester",
        "clerk",
        "approver",
        "accounts_payable",
        "storeroom",
        "administrator",
        "auditor",
        "compliance",
        "finance",
    )
    SUPPLIER_ROLES = ("compliance", "finance")

    def _user(self, role):
        addon = "healthcare_supplier" if role in self.SUPPLIER_ROLES else "healthcare_base"
        return new_test_user(self.env, login=f"menu-{role}", groups=f"{addon}.group_{role}")

    def _visible(self, user):
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(debug=False)
        return menus, {menu.get("xmlid") for menu in menus.values()}

    def test_every_role_sees_the_app(self):
        for role in self.ROLES:
            with self.subTest(role=role):
                _menus, xmlids = self._visible(self._user(role))
                self.assertIn("healthcare_base.menu_root", xmlids)

    def test_sections_by_role(self):
        expected = {
            "healthcare_base.menu_matching": {
                "accounts_payable",
                "approver",
                "administrator",
                "auditor",
            },
            "healthcare_base.menu_integration": {"administrator", "auditor"},
            "healthcare_base.menu_audit": {"administrator", "auditor"},
            "healthcare_supplier.menu_suppliers": {
                "clerk",
                "approver",
                "accounts_payable",
                "administrator",
                "auditor",
                "compliance",
                "finance",
            },
        }
        users = {role: self._user(role) for role in self.ROLES}
        seen = {role: self._visible(user)[1] for role, user in users.items()}
        for section, roles in expected.items():
            for role in roles:
                with self.subTest(section=section, role=role):
                    self.assertIn(section, seen[role])
        for role in ("requester", "storeroom"):
            with self.subTest(role=role):
                self.assertNotIn("healthcare_base.menu_integration", seen[role])

    def test_every_visible_menu_opens(self):
        """The window action behind each visible menu can be read and searched by that role."""
        for role in self.ROLES:
            user = self._user(role)
            menus, _xmlids = self._visible(user)
            root = self.env.ref("healthcare_base.menu_root").id
            for menu_id, menu in menus.items():
                if menu.get("appID") != root or menu_id == root:
                    continue
                if menu.get("actionModel") != "ir.actions.act_window":
                    continue
                action = self.env["ir.actions.act_window"].browse(menu["actionID"])
                with self.subTest(role=role, menu=menu["name"]):
                    model = self.env[action.res_model].with_user(user)
                    model.search([], limit=1)
                    views = [(view_id, mode) for view_id, mode in action.views]
                    model.get_views(views)
