from datetime import datetime

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import ExactError, to_decimal
from odoo.addons.healthcare_exchange.exceptions import DocumentRejected

from .healthcare_bill_line import ITEM_CODES

#: Parts of a line that are kept under other names, or as they are.
_LINE_TEXTS = ("order_number", "order_line_number", "description", "unit", "unit_as_sent")


class HealthcareDocumentInvoice(models.AbstractModel):
    """A supplier's bill: becomes a draft vendor bill with its lines kept as sent, and is matched.

    Only what makes a bill impossible rejects the document; everything else (an unknown order or
    item, another supplier's order, the same number again) keeps the bill, with a named exception.
    """

    _name = "healthcare.document.invoice"
    _inherit = "healthcare.document"
    _description = "Canonical Invoice"

    _document_type = "invoice"
    _inbound = True

    @api.model
    def _from_canonical(self, documents, messages):
        """Make draft bills of invoices, match them, and post those that match.

        :raises DocumentRejected: no usable supplier, currency or lines
        """
        vals_list, facilities = [], []
        for document, message in zip(documents, messages, strict=True):
            self._check_lines(document)
            partner = self._resolve_supplier(document, message.endpoint_id)
            vals_list.append(self._prepare_bill_vals(document, message, partner))
            facilities.append(self._resolve_facility(document))
        for vals, facility in zip(vals_list, facilities, strict=True):
            vals["bill_facility_id"] = facility.id
        bills = self.env["account.move"].sudo().create(vals_list)
        self.env["healthcare.bill.line"].sudo().create(
            [
                self._prepare_line_vals(bill, sequence, line)
                for bill, document in zip(bills, documents, strict=True)
                for sequence, line in enumerate(document["lines"], start=1)
            ]
        )
        for bill, message in zip(bills, messages, strict=True):
            if message.trace_id:
                bill.message_post(body=self.env._("Received from %s.", message.endpoint_id.display_name))
        bills._evaluate_match()
        return [
            {
                "record": bill,
                "exceptions": bill.match_exception_ids.filtered(lambda each: each.state == "open").mapped(
                    "type"
                ),
            }
            for bill in bills
        ]

    @api.model
    def _ordering_key(self, document, endpoint):
        """Bills of one order are taken one at a time; without an order, those of the endpoint."""
        return super()._ordering_key(document, endpoint) or f"invoice:{endpoint.id}"

    @api.model
    def _check_lines(self, document):
        """Refuse a document that cannot be a bill.

        :raises DocumentRejected: with every error found
        """
        lines = document.get("lines") or []
        errors = []
        if not (document.get("number") or "").strip():
            errors.append(self._error("number_missing", self.env._("The bill has no number."), "number"))
        if not lines:
            text = self.env._("Bill %s has no lines; ask the supplier for the lines.", document.get("number"))
            errors.append(self._error("line_invalid", text, "lines"))
        for index, line in enumerate(lines):
            errors += self._line_errors(document, index, line)
        if errors:
            raise DocumentRejected(errors)

    @api.model
    def _line_errors(self, document, index, line):
        """Return what makes a line impossible to judge."""
        path, number = f"lines[{index}]", line["line_number"]
        price = line.get("price") or {}
        errors = []
        if not line.get("quantity"):
            text = self.env._(
                "Bill %(bill)s, line %(line)s has no quantity.",
                bill=document.get("number"),
                line=number,
            )
            errors.append(self._error("line_invalid", text, f"{path}.quantity", number))
        if not price.get("amount") and not line.get("line_amount"):
            text = self.env._(
                "Bill %(bill)s, line %(line)s has neither a price nor an amount.",
                bill=document.get("number"),
                line=number,
            )
            errors.append(self._error("line_invalid", text, f"{path}.price", number))
        base = price.get("base_quantity")
        if base and to_decimal(base) <= 0:
            text = self.env._(
                "Bill %(bill)s, line %(line)s: a price per %(base)s means nothing.",
                bill=document.get("number"),
                line=number,
                base=base,
            )
            errors.append(self._error("line_invalid", text, f"{path}.price.base_quantity", number))
        return errors + self._number_errors(document, path, line)

    @api.model
    def _number_errors(self, document, path, line):
        """Return the numbers of a line that are beyond all measure."""
        price = line.get("price") or {}
        errors = []
        for name, value in (
            ("quantity", line.get("quantity")),
            ("priced_quantity", line.get("priced_quantity")),
            ("line_amount", line.get("line_amount")),
            ("price.amount", price.get("amount")),
        ):
            try:
                too_big = value and abs(to_decimal(value)) >= 10**12
            except ExactError:
                too_big = True
            if too_big:
                text = self.env._(
                    "Bill %(bill)s, line %(line)s: %(value)s is no believable number.",
                    bill=document.get("number"),
                    line=line["line_number"],
                    value=str(value)[:40],
                )
                errors.append(self._error("line_invalid", text, f"{path}.{name}", line["line_number"]))
        return errors

    @api.model
    def _error(self, code, message, path, line=""):
        return {"code": code, "message": message, "path": path, "line": line}

    @api.model
    def _prepare_bill_vals(self, document, message, partner):
        """Return values of the draft bill; its accounting lines come with the match."""
        issued = self._calendar_day(document.get("issued_at"))
        vals = {
            "move_type": "in_invoice",
            "company_id": message.company_id.id,
            "partner_id": partner.id,
            "ref": document["number"],
            "invoice_date": issued or fields.Date.context_today(self),
            "currency_id": self._currency(document, message.company_id).id,
            "bill_document": {key: value for key, value in document.items() if key != "lines"},
            "exchange_message_id": message.id,
        }
        terms = document.get("payment_terms") or {}
        due = document.get("due_date") or terms.get("due_date")
        if due:
            vals.update(invoice_date_due=due, invoice_payment_term_id=False)
        if document.get("order_reference"):
            vals["invoice_origin"] = document["order_reference"]
        return vals

    @api.model
    def _calendar_day(self, moment):
        """Return the day of a date or date-time as the sender wrote it."""
        if not moment:
            return None
        if len(moment) == 10:
            return fields.Date.to_date(moment)
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).date()

    @api.model
    def _currency(self, document, company):
        """Return the bill's currency, the company's where the document names none.

        :raises DocumentRejected: ``currency_unknown``
        """
        code = document.get("currency")
        if not code:
            return company.currency_id
        currency = (
            self.env["res.currency"].with_context(active_test=False).search([("name", "=", code)], limit=1)
        )
        if not currency:
            self._reject(
                "currency_unknown",
                self.env._(
                    "Bill %(bill)s is in %(code)s, a currency that Odoo does not know.",
                    bill=document["number"],
                    code=code,
                ),
                path="currency",
            )
        return currency

    @api.model
    def _prepare_line_vals(self, bill, sequence, line):
        """Return a line as sent."""
        price, item = line.get("price") or {}, line.get("item") or {}
        return {
            "move_id": bill.id,
            "sequence": sequence,
            "line_number": line["line_number"],
            **{name: line.get(name) or False for name in _LINE_TEXTS},
            **{name: item.get(name) or False for name in ITEM_CODES},
            "quantity": line["quantity"],
            "quantity_as_sent": line.get("quantity_as_sent") or line["quantity"],
            "price_unit": price.get("amount") or False,
            "price_base_quantity": price.get("base_quantity") or False,
            "price_unit_code": price.get("unit") or False,
            "price_kind": price.get("kind") or False,
            "priced_quantity": line.get("priced_quantity") or False,
            "amount": line.get("line_amount") or False,
            "allowances_charges": line.get("allowances_charges") or False,
            "taxes": line.get("taxes") or False,
            "document": line,
        }
