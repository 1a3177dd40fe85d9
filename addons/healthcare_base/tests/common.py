"""Builders for the tests of this addon and of the addons above it."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

#: role → group; what people of the role have, nothing more
ROLES = {
    "requester": "healthcare_base.group_requester",
    "clerk": "healthcare_base.group_clerk",
    "approver": "healthcare_base.group_approver",
    "accounts_payable": "healthcare_base.group_accounts_payable",
    "storeroom": "healthcare_base.group_storeroom",
    "administrator": "healthcare_base.group_administrator",
    "auditor": "healthcare_base.group_auditor",
    "service": "healthcare_base.group_service",
}
#: letters of an access matrix → operations of ir.model.access
OPERATIONS = {"c": "create", "r": "read", "u": "write", "d": "unlink"}


def with_gs1_check_digit(body):
    """Return ``body`` with its GS1 check digit, to build GTINs and GLNs in tests."""
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


class HealthcareCommon(TransactionCase):
    """A company with a hospital, a supplier, items with packagings and a user per role.

    ``company``, ``warehouse``, ``facility`` (MAIN) and its part ``clinic`` (CLIN),
    ``supplier``, ``other_supplier``, ``gloves`` (EA; ``gloves_box`` of 10, ``gloves_case`` of
    100), ``suture`` (EA, tracked by lot), ``users`` by role.
    """

    #: role → group; addons that add roles extend it
    roles = ROLES

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.make_company("Test Hospital Group")
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls.company = cls.company.with_env(cls.env)
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)], limit=1)
        cls.facility = cls.make_facility("MAIN", gln=with_gs1_check_digit("061414100001"))
        cls.clinic = cls.make_facility("CLIN", parent_id=cls.facility.id)
        cls.supplier = cls.make_supplier("Test Supplier", ref="TSUP")
        cls.other_supplier = cls.make_supplier("Other Supplier", ref="OSUP")
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.gloves = cls.make_product(
            "Nitrile gloves",
            "GLV-1",
            barcode=with_gs1_check_digit("1061414100010"),
            manufacturer_code="MFG-GLV",
        )
        cls.gloves_box = cls.make_packaging(cls.gloves, "XBX", 10)
        cls.gloves_case = cls.make_packaging(cls.gloves, "XCS", 100)
        cls.suture = cls.make_product("Suture 3-0", "SUT-1", tracking="lot", use_expiration_date=True)
        cls.make_supplierinfo(cls.gloves, cls.supplier, "S-GLV", 5.0)
        cls.make_supplierinfo(cls.suture, cls.supplier, "S-SUT", 12.0)
        cls.users = {role: cls.make_user(f"test_{role}", group) for role, group in cls.roles.items()}

    @classmethod
    def make_company(cls, name):
        """Return a new company with a warehouse and without a chart of accounts."""
        company = cls.env["res.company"].create({"name": name})
        cls.env.user.write({"company_ids": [Command.link(company.id)]})
        return company

    @classmethod
    def make_facility(cls, code, **values):
        """Return a facility of the test company at its warehouse."""
        return cls.env["healthcare.facility"].create(
            {
                "code": code,
                "name": f"Facility {code}",
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                **values,
            }
        )

    @classmethod
    def make_supplier(cls, name, **values):
        """Return a company partner that is bought from."""
        return cls.env["res.partner"].create({"name": name, "is_company": True, "supplier_rank": 1, **values})

    @classmethod
    def make_product(cls, name, default_code, **values):
        """Return a storable item that is bought in EA and paid for what was received."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "default_code": default_code,
                "is_storable": True,
                "uom_id": cls.env.ref("uom.product_uom_unit").id,
                "purchase_method": "receive",
                **values,
            }
        )

    @classmethod
    def make_packaging(cls, product, unit_code, factor, **values):
        """Return a packaging of ``factor`` reference units of the item."""
        return cls.env["healthcare.packaging"].create(
            {"product_id": product.id, "unit_code": unit_code, "factor": factor, **values}
        )

    @classmethod
    def make_supplierinfo(cls, product, supplier, code, price):
        """Return the supplier's price list line of the item, per reference unit."""
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": supplier.id,
                "product_id": product.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "product_code": code,
                "price": price,
            }
        )

    @classmethod
    def make_user(cls, login, groups, **values):
        """Return a user of the test company with these groups (comma separated) alone."""
        values = {
            "company_id": cls.company.id,
            "company_ids": [Command.set(cls.company.ids)],
            **values,
        }
        return new_test_user(cls.env, login=login, groups=groups, **values)

    @contextmanager
    def sealing_here(self):
        """Let the audit sealer work in the test's own transaction.

        Its own cursor would not see what the test has not committed, and would commit.
        """

        @contextmanager
        def cursor(_self):
            self.env.flush_all()
            yield _TestCursor(self.env.cr)

        with patch.object(type(self.env["healthcare.audit.entry"]), "_seal_cursor", cursor):
            yield

    def audit_entries(self, record, action=None):
        """Return the audit entries of a record, oldest first."""
        domain = [("model", "=", record._name), ("res_id", "in", record.ids)]
        if action:
            domain.append(("action", "=", action))
        return self.env["healthcare.audit.entry"].sudo().search(domain, order="id")

    @contextmanager
    def assertRefused(self, regex, error=UserError):
        """Assert that the block raises ``error`` with a text like ``regex``; undo what it did.

        ``assertRaisesRegex`` would leave the refused values in the cache. Constraints of the
        database raise ``psycopg2.IntegrityError``; people see its message through RPC.
        """
        with self.assertRaisesRegex(error, regex), self.env.cr.savepoint():
            yield

    def assertAccessMatrix(self, matrix):
        """Assert who may do what: exactly this, nothing more and nothing less.

        :param matrix: ``{model: {role: operations}}``, where operations are letters of
            ``crud`` (``u`` is write); a role that is not named may do nothing. Example::

                {"healthcare.facility": {"clerk": "r", "administrator": "crud"}}
        """
        wrong = []
        for model, by_role in matrix.items():
            self.assertFalse(by_role.keys() - self.roles.keys(), "unknown role")
            for role in self.roles:
                expected = by_role.get(role, "")
                self.assertLessEqual(set(expected), set(OPERATIONS), "unknown operation")
                records = self.env(user=self.users[role])[model]
                actual = "".join(
                    letter for letter, operation in OPERATIONS.items() if self._may(records, operation)
                )
                if set(actual) != set(expected):
                    wrong.append(f"{model}: {role} may {actual or '-'}, not {expected or '-'}")
        self.assertFalse(wrong, "\n".join(["Access differs from the matrix:", *wrong]))

    def assertDialogsAreOnesOwn(self, addon):
        """Assert that nobody reaches what somebody else has typed into a dialog of an addon."""
        models = [
            name
            for name, model in self.env.registry.items()
            if model._transient and not model._abstract and model._original_module == addon
        ]
        self.assertTrue(models, f"{addon} has no dialogs")
        rules = self.env["ir.rule"].with_user(self.users["administrator"])
        open_to_all = [
            name for name in models if "create_uid" not in str(rules._compute_domain(name, "write"))
        ]
        self.assertFalse(open_to_all, "dialogs that others could change")

    def _may(self, records, operation):
        try:
            records.check_access(operation)
        except AccessError:
            return False
        return True


class _TestCursor:
    """The test's cursor for the sealer, with its transaction control left to the test."""

    def __init__(self, cr):
        self._cr = cr

    def __getattr__(self, name):
        return getattr(self._cr, name)

    def execute(self, query, params=None):
        if not str(query).startswith("SET TRANSACTION"):
            self._cr.execute(query, params)

    def commit(self):
        """Leave committing to the test."""

    def rollback(self):
        """Leave rolling back to the test."""
