from odoo.addons.healthcare_base.tests.hoot import HootSuite
from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestHoot(HootSuite, HttpCase):
    """The component tests of this addon."""

    _suite = "@healthcare_contract"
