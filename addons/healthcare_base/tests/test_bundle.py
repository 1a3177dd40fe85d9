import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from ..tools import bundle
from .common import HealthcareCommon

IR_HTTP = "odoo.addons.healthcare_base.models.ir_http"


@tagged("post_install", "-at_install")
class TestBundle(HealthcareCommon):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def missing(self, names, **assets):
        """Ask for addons whose folder is ours and whose manifest has these assets."""

        def manifest(_name):
            return SimpleNamespaceManifest(self.folder, assets)

        with patch.object(bundle.Manifest, "for_addon", manifest):
            return bundle.missing_bundles(names)

    def test_missing_until_built(self):
        assets = {"web.assets_backend": ["healthcare_x/static/src/**/*"]}
        self.assertEqual(self.missing(["healthcare_x", "web"], **assets), ["healthcare_x"])
        (self.folder / "static" / "src" / "views").mkdir(parents=True)
        self.assertEqual(self.missing(["healthcare_x"], **assets), ["healthcare_x"], "empty folders")
        (self.folder / "static" / "src" / "views" / "x.js").write_text("export {};")
        self.assertEqual(self.missing(["healthcare_x"], **assets), [])

    def test_addons_without_own_files_miss_nothing(self):
        self.assertEqual(self.missing(["healthcare_x"]), [])
        assets = {"web.assets_backend": ["web/static/src/x.js", ("include", "web.y")]}
        self.assertEqual(self.missing(["healthcare_x"], **assets), [])

    def test_log_names_the_command(self):
        with (
            patch(
                "odoo.addons.healthcare_base.models.ir_http.missing_bundles", return_value=["healthcare_x"]
            ),
            self.assertLogs("odoo.addons.healthcare_base.models.ir_http", "WARNING") as logs,
        ):
            self.env["ir.http"]._register_hook()
        self.assertIn("healthcare_x", logs.output[0])
        self.assertIn("npm run build", logs.output[0])

    def test_administrators_are_told(self):
        for role, told in (("administrator", 1), ("clerk", 0)):
            user = self.users[role]
            with patch(f"{IR_HTTP}.missing_bundles", return_value=["healthcare_x"]):
                self.env(user=user)["ir.http"]._warn_missing_bundles()
            self.env.cr.precommit.run()
            notices = self.env["bus.bus"].sudo().search([("message", "ilike", "npm run build")])
            self.assertEqual(len(notices), told, role)
            notices.unlink()


class SimpleNamespaceManifest(SimpleNamespace):
    """As much of a manifest as the check reads."""

    def __init__(self, path, assets):
        super().__init__(path=str(path), assets=assets)

    def __getitem__(self, key):
        return getattr(self, key)
