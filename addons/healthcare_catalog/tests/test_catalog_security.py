from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import CatalogCommon


@tagged("post_install", "-at_install")
class TestCatalogSecurity(CatalogCommon):
    def test_matrix(self):
        people = ("requester", "approver", "accounts_payable", "auditor")
        self.assertAccessMatrix(
            {
                "healthcare.formulary": {
                    **dict.fromkeys((*people, "clerk", "storeroom"), "r"),
                    "administrator": "crud",
                },
                "healthcare.formulary.line": {
                    **dict.fromkeys((*people, "clerk", "storeroom"), "r"),
                    "administrator": "crud",
                },
                "healthcare.substitute": {
                    **dict.fromkeys((*people, "storeroom"), "r"),
                    "clerk": "crud",
                    "administrator": "crud",
                },
                "healthcare.recall": {
                    **dict.fromkeys(people, "r"),
                    "clerk": "cru",
                    "storeroom": "cru",
                    "administrator": "crud",
                },
                "healthcare.recall.line": {
                    **dict.fromkeys(people, "r"),
                    **dict.fromkeys(("clerk", "storeroom", "administrator"), "crud"),
                },
                "healthcare.recall.task": {
                    **dict.fromkeys(people, "r"),
                    **dict.fromkeys(("clerk", "storeroom", "administrator"), "ru"),
                },
                "healthcare.catalog.decide": dict.fromkeys(
                    ("clerk", "storeroom", "approver", "administrator"), "crud"
                ),
            }
        )

    def test_the_roles_of_the_catalog(self):
        manager = self.make_user("test_catalog_manager", "healthcare_catalog.group_catalog_manager")
        expected = {
            "healthcare.formulary": ("cru", "r"),
            "healthcare.formulary.line": ("crud", "r"),
            "healthcare.substitute": ("crud", "crud"),
            "healthcare.recall": ("cru", "r"),
            "healthcare.recall.line": ("crud", "r"),
            "healthcare.recall.task": ("ru", "r"),
            "product.template": ("r", "crud"),
            "healthcare.packaging": ("r", "cru"),
        }
        for model, by_user in expected.items():
            for user, operations in zip((self.clinical, manager), by_user, strict=True):
                records = self.env(user=user)[model]
                actual = "".join(
                    letter
                    for letter, operation in zip("crud", ("create", "read", "write", "unlink"), strict=True)
                    if self._may(records, operation)
                )
                self.assertEqual(actual, operations, f"{model}: {user.login}")

    def test_companies_see_their_own(self):
        other = self.make_company("Elsewhere")
        formulary = self.make_formulary({"policy": "allowed"}, company_id=other.id)
        facility = self.env["healthcare.facility"].create(
            {"code": "ELS", "name": "Elsewhere", "company_id": other.id}
        )
        substitute = self.env["healthcare.substitute"].create(
            {"product_id": self.gloves.id, "substitute_id": self.suture.id, "company_id": other.id}
        )
        recall = self.make_recall(self.suture, "X")
        task = self.env["healthcare.recall.task"].create(
            {"recall_id": recall.id, "facility_id": facility.id, "deadline": "2030-01-01"}
        )
        for record in (formulary, formulary.line_ids, substitute, task):
            found = record.with_user(self.users["administrator"]).search([("id", "=", record.id)])
            self.assertFalse(found, record._name)
        self.assertEqual(recall.with_user(self.users["clerk"]).search([("id", "=", recall.id)]), recall)

    def test_nothing_is_moved_into_another_company(self):
        other = self.make_company("Elsewhere")
        foreign = self.make_formulary({"policy": "allowed"}, company_id=other.id)
        own = self.make_formulary({"product_id": self.gloves.id})
        reviewer = own.with_user(self.clinical)
        with self.assertRefused("", AccessError):
            reviewer.line_ids.formulary_id = foreign.id
        with self.assertRefused("", AccessError):
            reviewer.company_id = self.make_company("Third").id
        with self.assertRefused("", AccessError):
            reviewer.line_ids.create({"formulary_id": foreign.id, "product_id": self.suture.id})
        substitute = (
            self.env["healthcare.substitute"]
            .with_user(self.clinical)
            .create({"product_id": self.gloves.id, "substitute_id": self.suture.id})
        )
        with self.assertRefused("", AccessError):
            substitute.company_id = other.id

    def test_forms_and_lists_open_for_who_has_them(self):
        recall = self.make_recall(self.suture, "X")
        for records in (
            self.make_formulary({"policy": "allowed"}),
            self.env["healthcare.substitute"].create(
                {"product_id": self.gloves.id, "substitute_id": self.suture.id}
            ),
            recall,
        ):
            for user in (self.clinical, self.users["administrator"]):
                Form(records.with_user(user))
            for role in ("requester", "auditor", "approver", "storeroom", "clerk"):
                views = records.with_user(self.users[role]).get_views(
                    [(False, "list"), (False, "form"), (False, "search")]
                )
                names = views["models"][records._name]["fields"]
                records.with_user(self.users[role]).read(
                    [name for name in names if records._fields[name].type != "binary"]
                )

    def test_searches_take_identifiers(self):
        recall = self.make_recall(self.suture, "X-77")
        self.suture.barcode = "00844588018923"
        recalls = self.env["healthcare.recall"].with_user(self.users["storeroom"])
        for text in ("00844588018923", "844588018923", "S-SUT", "0100844588018923" + "10X-77"):
            self.assertEqual(recalls.search([("line_ids.product_id", "ilike", text)]), recall, text)
        self.assertEqual(recalls.search([("line_ids.lot_names", "ilike", "X-77")]), recall)

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("healthcare_catalog")
