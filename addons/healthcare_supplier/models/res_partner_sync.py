from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.digest import digest_of

#: Who has got that far is known to other systems, and they hear what becomes of it.
SENT_STATES = ("approved", "conditional", "suspended", "blocked", "off_boarded")
#: What other systems hear of.
SENT_FIELDS = frozenset(
    (
        "name",
        "vat",
        "ref",
        "email",
        "phone",
        "website",
        "street",
        "street2",
        "city",
        "zip",
        "state_id",
        "country_id",
        "global_location_number",
        "property_supplier_payment_term_id",
        "supplier_category_id",
        "supplier_state",
        "supplier_state_reason",
        "parent_id",
        "function",
    )
)
#: Of each transaction: the suppliers that changed, and for which endpoints' systems.
_CHANGED = "healthcare_supplier.changed"


class ResPartner(models.Model):
    """Other systems hear what becomes of a supplier, in the transaction of the change."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    _audit_fields = ("property_supplier_payment_term_id",)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._mark_changed()
        return partners

    def write(self, vals):
        before = self.sudo().commercial_partner_id if "parent_id" in vals else self.browse()
        result = super().write(vals)
        if not SENT_FIELDS.isdisjoint(vals):
            (self | before)._mark_changed()
        return result

    @api.model
    def _stated_at_creation(self, vals):
        """A new supplier is a draft, whose word ever counts for its state."""
        stated = super()._stated_at_creation(vals)
        if stated.get("supplier_state") == "draft":
            del stated["supplier_state"]
        return stated

    def _bank_changed(self):
        self._mark_changed()
        return super()._bank_changed()

    def _mark_changed(self):
        """Have what changed sent at the end of this transaction, each supplier once."""
        # sudo: other systems hear of it whoever changed it
        suppliers = self.sudo().commercial_partner_id.filtered(
            lambda partner: partner.supplier_state in SENT_STATES
        )
        if not suppliers:
            return
        data = self.env.cr.precommit.data
        if _CHANGED not in data:
            data[_CHANGED] = {}
            self.env.cr.precommit.add(self.sudo().browse()._send_changed)
        acting = self.env["healthcare.record.owner"]._acting_endpoint()
        for supplier in suppliers:
            data[_CHANGED].setdefault(supplier.id, set()).add(acting.id)

    @api.model
    def _send_changed(self):
        """Queue the documents of the suppliers that this transaction changed."""
        changed = self.env.cr.precommit.data.pop(_CHANGED, {})
        suppliers = self.browse(changed).exists()
        suppliers._send_supplier_documents({key: changed[key] for key in suppliers.ids})

    def _send_supplier_documents(self, marks=None):
        """Queue the documents of these suppliers to the systems that list them.

        An endpoint of one supplier gets that one alone. Who told us a change is not told it, and
        nothing is sent that was sent as it is.

        :param marks: ``{partner id: ids of the endpoints that brought the change}``
        :return: the messages
        """
        rows = self.env["healthcare.exchange.endpoint.document"].search(
            [
                ("document_type", "=", "supplier"),
                ("direction", "=", "outbound"),
                ("active", "=", True),
                ("endpoint_id.state", "in", ("active", "suspended")),
            ]
        )
        requests = []
        for endpoint in rows.endpoint_id:
            suppliers = self.filtered(
                lambda partner, endpoint=endpoint: (
                    partner._is_sent_to(endpoint) and (marks or {}).get(partner.id) != {endpoint.id}
                )
            )
            requests += suppliers._prepare_supplier_requests(endpoint)
        return self.env["healthcare.exchange.message"]._enqueue_many(requests)

    def _is_sent_to(self, endpoint):
        """Return whether an endpoint's system hears of this supplier."""
        self.ensure_one()
        if self.supplier_state not in SENT_STATES:
            return False
        if self.company_id and self.company_id != endpoint.company_id:
            return False
        if endpoint.partner_id or endpoint.system == "supplier":
            return endpoint.partner_id.commercial_partner_id == self
        return True

    def _prepare_supplier_requests(self, endpoint):
        """Return requests for ``_enqueue_many``, of the suppliers of which there is news."""
        if not self:
            return []
        company = endpoint.company_id
        handler = self.env["healthcare.document.supplier"].with_company(company)
        partners = self.with_company(company).with_context(allowed_company_ids=company.ids)
        links = self.env["healthcare.supplier.link"]
        known = {
            link.partner_id: link
            for link in links.search([("endpoint_id", "=", endpoint.id), ("partner_id", "in", self.ids)])
        }
        requests = []
        now = fields.Datetime.now()
        for partner, document in zip(self, handler._to_canonical(partners), strict=True):
            digest = digest_of(document)
            link = known.get(partner) or links._of(endpoint, partner)
            if link.sent_digest == digest:
                continue
            link.write({"sent_digest": digest, "sent_at": now})
            requests.append(
                {
                    "endpoint": endpoint,
                    "document_type": "supplier",
                    "document": {**document, "issued_at": handler._moment(now)},
                    "record": partner,
                    # Of each endpoint: one that is down holds up no other.
                    "ordering_key": f"supplier:{endpoint.id}:{partner.id}",
                }
            )
        return requests
