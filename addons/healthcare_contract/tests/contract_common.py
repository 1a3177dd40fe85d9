"""Builders for contracts."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.healthcare_approval.tests.common import ApprovalBuilders
from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon


class ContractBuilders(ApprovalBuilders):
    """What tests of contracts need, beside ``HealthcareCommon`` or anything like it.

    :meth:`set_up_contracts` sets ``clerk``, ``second_clerk``, ``manager`` (approver), ``today``,
    and the days ``begin`` (100 days ago) and ``end`` (in 265 days) of contracts.
    """

    roles = {
        **ROLES,
        "compliance": "healthcare_supplier.group_compliance",
        "finance": "healthcare_supplier.group_finance",
    }

    @classmethod
    def set_up_contracts(cls):
        """Make people and days; call after ``HealthcareCommon.setUpClass``."""
        cls.clerk = cls.users["clerk"]
        cls.manager = cls.users["approver"]
        cls.second_clerk = cls.make_user("test_contract_clerk", "healthcare_base.group_clerk")
        cls.today = fields.Date.today()
        cls.begin = cls.today - timedelta(days=100)
        cls.end = cls.today + timedelta(days=265)

    @classmethod
    def day(cls, days):
        """Return a day so many days from today."""
        return cls.today + timedelta(days=days)

    @classmethod
    def make_contract(cls, number="C-100", user=None, prices=None, lines=None, **values):
        """Return a draft of a clerk, for all facilities, with gloves at 4.50 unless told otherwise.

        :param prices: list of values of the gloves' prices
        :param lines: list of values of lines, instead of the gloves
        """
        if lines is None:
            prices = [{"amount": "4.50", "unit_code": "EA"}] if prices is None else prices
            lines = [
                {
                    "line_number": "1",
                    "product_id": cls.gloves.id,
                    "supplier_code": "S-GLV",
                    "price_ids": [Command.create(price) for price in prices],
                }
            ]
        return (
            cls.env["healthcare.contract"]
            .with_user(user or cls.clerk)
            .create(
                {
                    "number": number,
                    "partner_id": cls.supplier.id,
                    "company_id": cls.company.id,
                    "valid_from": cls.begin,
                    "valid_to": cls.end,
                    "all_facilities": True,
                    "line_ids": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )

    @classmethod
    def activate(cls, contract):
        """Submit a draft as the clerk, approve it as the manager, and return it."""
        contract.with_user(cls.clerk).action_submit("for the test")
        cls.approve(cls.request_of(contract), cls.manager)
        contract.invalidate_recordset()
        return contract

    @classmethod
    def request_of(cls, contract):
        """Return the open approval request of a contract, in superuser mode."""
        return contract.sudo().approval_request_ids.filtered(lambda one: one.state == "pending")

    @classmethod
    def make_active(cls, *args, **values):
        """Return an approved contract, see :meth:`make_contract`."""
        return cls.activate(cls.make_contract(*args, **values))

    @classmethod
    def amend(cls, contract):
        """Return the draft amendment that the clerk makes."""
        action = contract.with_user(cls.clerk).action_amend()
        return cls.env["healthcare.contract"].with_user(cls.clerk).browse(action["res_id"])


class ContractCommon(ContractBuilders, HealthcareCommon):
    """``HealthcareCommon`` with :class:`ContractBuilders`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_contracts()
