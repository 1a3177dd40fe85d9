from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HealthcareContractLine(models.Model):
    """One item of a contract, with the codes under which the contract names it.

    An item that we do not know stays as a line without product: it has an owner, prices nothing,
    and is found again by its codes (:meth:`action_resolve`).
    """

    _name = "healthcare.contract.line"
    _description = "Contract Line"
    _inherit = ["healthcare.contract.part"]
    _order = "contract_id, sequence, id"
    # who finds out what an unknown item is may change
    _free_fields = frozenset({"user_id"})
    _rec_names_search = ["line_number", "supplier_code", "manufacturer_code", "gtin", "product_id"]

    contract_id = fields.Many2one("healthcare.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    contract_state = fields.Selection(related="contract_id.state", string="Contract State")
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    line_number = fields.Char(string="No.", help="Number of the line in the contract.")
    product_id = fields.Many2one(
        "product.product",
        string="Item",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('purchase_ok', '=', True)]",
        help="Empty: an item that we do not know (yet).",
    )
    description = fields.Char()
    buyer_code = fields.Char()
    supplier_code = fields.Char()
    manufacturer_code = fields.Char()
    gtin = fields.Char(string="GTIN")
    ndc = fields.Char(string="NDC")
    hibc = fields.Char(string="HIBC")
    udi_di = fields.Char(string="UDI-DI")
    unspsc = fields.Char(string="UNSPSC")
    packaging = fields.Char(help="As the contract states it, such as EA 10/BX 25/CS.")
    price_ids = fields.One2many("healthcare.contract.price", "line_id", string="Prices", copy=True)
    price_summary = fields.Char(compute="_compute_price_summary", string="Prices in Short")
    is_unresolved = fields.Boolean(
        compute="_compute_is_unresolved", store=True, string="Unknown Item", help="No product is known."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index="btree_not_null",
        help="Who finds out which item an unknown one is. Empty: the contract's responsible.",
    )
    problem = fields.Char(readonly=True, help="Why no product was found.")

    # One price truth per item and contract.
    _product_unique = models.UniqueIndex(
        "(contract_id, product_id) WHERE product_id IS NOT NULL",
        "An item stands in a contract once. Add prices to its line instead of a second line.",
    )
    _number_unique = models.UniqueIndex(
        "(contract_id, line_number) WHERE line_number IS NOT NULL",
        "Two lines of a contract have the same number.",
    )

    @api.depends("product_id")
    def _compute_is_unresolved(self):
        for line in self:
            line.is_unresolved = not line.product_id

    @api.depends("line_number", "product_id", "description", "supplier_code", "manufacturer_code", "gtin")
    def _compute_display_name(self):
        for line in self:
            codes = (line.supplier_code, line.manufacturer_code, line.gtin, line.description)
            name = line.product_id.display_name or next(filter(None, codes), "?")
            line.display_name = f"{line.line_number}: {name}" if line.line_number else name

    @api.depends("price_ids.net_amount", "price_ids.unit_code", "price_ids.tier_id")
    def _compute_price_summary(self):
        for line in self:
            texts = [price.display_name for price in line.price_ids[:4]]
            more = len(line.price_ids) - len(texts)
            line.price_summary = "; ".join(texts) + (f"; +{more}" if more > 0 else "")

    @api.constrains("product_id", "contract_id")
    def _check_item_company(self):
        for line in self.filtered("product_id.company_id"):
            if line.product_id.company_id != line.contract_id.company_id:
                raise line._line_error(
                    self.env._("the item belongs to %s only", line.product_id.company_id.display_name),
                    "product_id",
                )

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        default = self.env.context.get("default_contract_id")
        self._check_twins(
            [
                (vals.get("contract_id", default), vals.get("product_id"), vals.get("line_number"))
                for vals in vals_list
            ]
        )
        return super().create(vals_list)

    def write(self, vals):
        vals = self._clean_vals(vals)
        if not {"product_id", "contract_id", "line_number"}.isdisjoint(vals):
            self._check_contract_draft()
            self._check_draft(self._contracts_named(vals))
            self._check_twins(
                [
                    (
                        vals.get("contract_id", line.contract_id.id),
                        vals.get("product_id", line.product_id.id),
                        vals.get("line_number", line.line_number),
                    )
                    for line in self
                ],
                self,
            )
        result = super().write(vals)
        if vals.get("product_id"):
            self.price_ids._check_units()
        return result

    @api.model
    def _check_twins(self, rows, without=None):
        """Refuse an item or a line number that the contract has already.

        The unique indexes would refuse it too, without saying where.

        :param rows: ``(contract id, product id, line number)`` of lines to be
        :param without: lines that are about to change
        :raises ValidationError: naming contract, line and field
        """
        # sudo: what stands in the contract does not depend on who looks
        others = self.sudo().search(
            [
                ("contract_id", "in", list({row[0] for row in rows if row[0]})),
                ("id", "not in", without.ids if without else []),
                "|",
                ("product_id", "in", list({row[1] for row in rows if row[1]})),
                ("line_number", "in", list({row[2] for row in rows if row[2]})),
            ]
        )
        items = {(line.contract_id.id, line.product_id.id): line.display_name for line in others}
        numbers = {(line.contract_id.id, line.line_number): line.display_name for line in others}
        for contract_id, product_id, number in rows:
            for key, taken, name in (
                ((contract_id, product_id), items, "product_id"),
                ((contract_id, number), numbers, "line_number"),
            ):
                if not all(key):
                    continue
                if key in taken:
                    raise self._twin_error(contract_id, number or "?", taken[key], name)
                taken[key] = number or self.env["product.product"].browse(product_id).display_name

    @api.model
    def _twin_error(self, contract_id, number, twin, name):
        contract = self.env["healthcare.contract"].sudo().browse(contract_id)
        if name == "product_id":
            text = self.env._("the item stands in line %s already. Add its prices there", twin)
        else:
            text = self.env._("line %s has this number already", twin)
        return ValidationError(
            self.env._(
                "%(contract)s, line %(line)s, field %(field)s: %(text)s.",
                contract=contract.display_name,
                line=number,
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` without a number that is blank: the index is on numbers only."""
        vals = super()._clean_vals(vals)
        if "line_number" in vals:
            vals = {**vals, "line_number": (vals["line_number"] or "").strip() or False}
        if vals.get("product_id"):
            vals = {**vals, "problem": False}
        return vals

    def _owner(self):
        """Return who has to see to this line."""
        self.ensure_one()
        return self.user_id or self.contract_id.user_id

    def _line_error(self, text, name):
        """Return the error of one line, naming contract, line and field."""
        self.ensure_one()
        return ValidationError(
            self.env._(
                "%(contract)s, line %(line)s, field %(field)s: %(text)s.",
                contract=self.contract_id.display_name,
                line=self.display_name,
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )
