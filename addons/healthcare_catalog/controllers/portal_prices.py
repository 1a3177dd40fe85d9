from odoo import http
from odoo.addons.healthcare_exchange.models.exchange_upload import MAX_BYTES
from odoo.addons.healthcare_supplier.controllers.portal import SupplierPortal
from odoo.http import request


class SupplierPortalPrices(SupplierPortal):
    """The page where a supplier with a browser only hands in its price files."""

    @http.route("/my/supplier/prices", type="http", auth="user", website=True, methods=["GET", "POST"])
    def supplier_prices(self, **form):
        """Show the files that were handed in; on POST take another one in."""
        supplier = self._supplier()
        if request.httprequest.method != "POST":
            return self._prices_page()
        upload = form.get("file")
        content = upload.read(MAX_BYTES + 1) if upload and upload.filename else b""
        taken = []
        problem, _message = self._try(
            lambda: taken.append(supplier._portal_take_prices(upload.filename if content else "", content))
        )
        if problem:
            return self._prices_page(problem=problem)
        return request.redirect(f"/my/supplier/prices/{taken[0].id}")

    @http.route(
        "/my/supplier/prices/<int:upload_id>", type="http", auth="user", website=True, methods=["GET"]
    )
    def supplier_price_file(self, upload_id, **_query):
        """Show what was found in one file, and what became of it."""
        upload = self._price_upload(upload_id)
        return self._page(
            "healthcare_catalog.portal_price_file",
            upload=upload._public_state()[0],
            feeds=self._supplier()._portal_price_feeds(upload),
        )

    @http.route("/my/supplier/prices/<int:upload_id>/state", type="jsonrpc", auth="user")
    def supplier_price_file_state(self, upload_id):
        """Return ``{state}`` of one file: the page asks while it is being read."""
        return {"state": self._price_upload(upload_id).state}

    def _price_upload(self, upload_id):
        upload = self._supplier()._portal_price_uploads().filtered(lambda one: one.id == upload_id)
        if not upload:
            raise request.not_found()
        return upload

    def _prices_page(self, problem=""):
        return self._page(
            "healthcare_catalog.portal_prices",
            uploads=self._supplier()._portal_price_uploads(),
            problem=problem,
        )
