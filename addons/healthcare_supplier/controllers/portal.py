import base64

from odoo import fields, http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.http import content_disposition, request

from ..models.healthcare_supplier_qualification import DOCUMENT_MAX_BYTES
from ..models.res_partner_portal import PROFILE_LENGTHS


class SupplierPortal(CustomerPortal):
    """What a supplier with a browser does: profile, documents, submitting.

    A portal user has no rights to the records behind it. Each page works on the supplier that
    the login belongs to, in superuser mode, by methods that take nothing else from the form.
    """

    def _supplier(self):
        """Return the supplier of the login, in superuser mode.

        :raises werkzeug.exceptions.NotFound: for logins that are no supplier's
        """
        user = request.env.user
        supplier = user.sudo().partner_id.commercial_partner_id
        if not user._is_portal() or not supplier.supplier_state:
            raise request.not_found()
        return supplier

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        supplier = request.env.user.sudo().partner_id.commercial_partner_id
        if request.env.user._is_portal() and supplier.supplier_state:
            # The page itself is asked for without counters; their request takes numbers only.
            if not counters:
                values["supplier"] = supplier
            elif "supplier_open_count" in counters:
                values["supplier_open_count"] = supplier.qualification_open_count
        return values

    @http.route("/my/supplier", type="http", auth="user", website=True, methods=["GET"])
    def supplier_overview(self, **_query):
        """Show the state, what is missing, and the documents."""
        return self._page("healthcare_supplier.portal_overview")

    @http.route("/my/supplier/profile", type="http", auth="user", website=True, methods=["GET", "POST"])
    def supplier_profile(self, **form):
        """Show the profile; on POST change it, or ask for the change."""
        supplier = self._supplier()
        values = supplier._portal_profile()
        if request.httprequest.method == "POST":
            given = {name: form[name] for name in PROFILE_LENGTHS if name in form}
            problem, message = self._try(lambda: supplier._portal_change_profile(given))
            if not problem:
                return self._page("healthcare_supplier.portal_overview", message=message)
            values |= given
            return self._profile_page(values, problem)
        return self._profile_page(values)

    def _profile_page(self, values, problem=""):
        supplier = self._supplier()
        return self._page(
            "healthcare_supplier.portal_profile",
            values=values,
            problem=problem,
            lengths=PROFILE_LENGTHS,
            editable=supplier._portal_editable(),
            countries=request.env["res.country"].sudo().search([]),
            states=supplier.country_id.state_ids,
            categories=request.env["healthcare.supplier.category"].sudo().search([]),
        )

    @http.route(
        "/my/supplier/documents/<int:requirement_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET", "POST"],
    )
    def supplier_document(self, requirement_id, **form):
        """Show the form of one point of the checklist; on POST take the document in."""
        supplier = self._supplier()
        requirement = supplier.supplier_category_id.requirement_ids.filtered(
            lambda one: one.id == requirement_id
        )
        if not requirement:
            raise request.not_found()
        problem = ""
        values = {name: form.get(name, "") for name in ("number", "issuer", "valid_from", "valid_to")}
        if request.httprequest.method == "POST":
            upload = form.get("document")
            content = upload.read(DOCUMENT_MAX_BYTES + 1) if upload and upload.filename else b""
            problem, message = self._try(
                lambda: supplier._portal_hand_in(
                    requirement,
                    values,
                    base64.b64encode(content) if content else False,
                    upload.filename if content else False,
                )
            )
            if not problem:
                return self._page("healthcare_supplier.portal_overview", message=message)
        return self._page(
            "healthcare_supplier.portal_document", requirement=requirement, values=values, problem=problem
        )

    @http.route("/my/supplier/qualifications/<int:qualification_id>/document", type="http", auth="user")
    def supplier_document_download(self, qualification_id, **_query):
        """Give a supplier back a document that it handed in."""
        qualification = self._supplier().qualification_ids.filtered(lambda row: row.id == qualification_id)
        if not qualification.document:
            raise request.not_found()
        return request.make_response(
            base64.b64decode(qualification.document),
            [
                ("Content-Type", "application/octet-stream"),
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Disposition", content_disposition(qualification.document_name or "document")),
            ],
        )

    @http.route("/my/supplier/submit", type="http", auth="user", website=True, methods=["POST"])
    def supplier_submit(self, **_form):
        """Ask for the approval."""
        supplier = self._supplier()
        problem, message = self._try(supplier._portal_submit)
        return self._page("healthcare_supplier.portal_overview", problem=problem, message=message)

    @http.route("/my/supplier/withdraw", type="http", auth="user", website=True, methods=["POST"])
    def supplier_withdraw(self, **_form):
        """Take the request for approval back, to change something."""
        supplier = self._supplier()
        problem, message = self._try(supplier._portal_withdraw)
        return self._page("healthcare_supplier.portal_overview", problem=problem, message=message)

    def _try(self, act):
        """Do something that may be refused.

        :return: what is wrong for people (empty when done), and what to say when done; what is
            refused leaves nothing behind
        """
        try:
            with request.env.cr.savepoint():
                return "", act()
        except (AccessError, UserError, ValidationError) as error:
            return str(error), ""

    def _page(self, template, message="", problem="", **values):
        """Render a page of the supplier's portal."""
        supplier = self._supplier()
        response = request.render(
            template,
            {
                **self._prepare_portal_layout_values(),
                "page_name": "supplier",
                "supplier": supplier,
                "checklist": supplier._portal_checklist(),
                "state_label": supplier._portal_state_label(),
                "today": fields.Date.context_today(supplier),
                "message": message,
                "problem": problem,
                **values,
            },
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Frame-Options"] = "DENY"
        return response
