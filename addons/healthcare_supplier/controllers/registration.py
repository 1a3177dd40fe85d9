from odoo import http
from odoo.http import request

from ..models.supplier_registration import FORM_FIELDS


class SupplierRegistration(http.Controller):
    """The public form by which a company asks to become a supplier."""

    @http.route(
        "/supplier/register", type="http", auth="public", methods=["GET", "POST"], website=True, sitemap=False
    )
    def register(self, **form):
        """Show the form; on POST take it in, or show it again with what is wrong."""
        if not request.env.company.sudo().supplier_registration:
            raise request.not_found()
        values = {name: form.get(name, "") for name in FORM_FIELDS}
        problems = {}
        if request.httprequest.method == "POST":
            # A field that people do not see: what fills it in is a robot, which learns nothing.
            if form.get("fax"):
                return request.render("healthcare_supplier.registration_sent")
            # sudo: nobody has rights to make registrations; this form is the only way
            registrations = request.env["healthcare.supplier.registration"].sudo()
            problems = registrations._begin(values, request.httprequest.remote_addr)
            if not problems:
                return request.render("healthcare_supplier.registration_sent")
        return self._answer(
            "healthcare_supplier.registration_form",
            {
                "values": values,
                "problems": problems,
                "lengths": FORM_FIELDS,
                "countries": request.env["res.country"].sudo().search([]),
            },
        )

    @http.route(
        "/supplier/confirm", type="http", auth="public", methods=["GET", "POST"], website=True, sitemap=False
    )
    def confirm(self, token="", **_form):
        """Confirm the e-mail address. Only POST does: mail filters follow links."""
        registration = request.env["healthcare.supplier.registration"].sudo()._by_token(token)
        if not registration:
            return self._answer("healthcare_supplier.registration_void")
        if request.httprequest.method == "GET":
            return self._answer("healthcare_supplier.registration_confirm", {"token": token})
        address = registration._confirm()
        if address:
            return request.redirect(address)
        return self._answer("healthcare_supplier.registration_held")

    def _answer(self, template, values=None):
        """Render a page that neither caches nor passes its address (with a token) on."""
        response = request.render(template, values or {})
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Frame-Options"] = "DENY"
        return response
