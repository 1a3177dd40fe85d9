import logging

from odoo import models

from ..tools.bundle import BUILD_COMMAND, missing_bundles

_logger = logging.getLogger(__name__)


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def _register_hook(self):
        super()._register_hook()
        if missing := missing_bundles(self.env.registry._init_modules):
            _logger.warning(
                "The built frontend files of %s are missing, and their screens with them. Run: %s",
                ", ".join(missing),
                BUILD_COMMAND,
            )

    def session_info(self):
        """Tell administrators when screens are missing because nobody built them."""
        result = super().session_info()
        if not self.env.cr.readonly:
            self._warn_missing_bundles()
        return result

    def _warn_missing_bundles(self):
        """Send the user a notification if they administer the suite and files are missing.

        The web client cannot say so by itself: the missing files are its own.
        """
        user = self.env.user
        if not user.has_group("healthcare_base.group_administrator"):
            return
        if missing := missing_bundles(self.env.registry._init_modules):
            user._bus_send(
                "simple_notification",
                {
                    "type": "danger",
                    "sticky": True,
                    "title": self.env._("Screens are missing"),
                    "message": self.env._(
                        "The built frontend files of %(addons)s are missing. Run: %(command)s",
                        addons=", ".join(missing),
                        command=BUILD_COMMAND,
                    ),
                },
            )
