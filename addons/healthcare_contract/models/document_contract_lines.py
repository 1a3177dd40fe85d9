from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import ExactError, numeric_text
from odoo.addons.healthcare_base.tools.units import normalise_unit_code

from ..tools.contract_intake import overlapping
from ..tools.price_numbers import number_problems

_CODES = ("buyer_code", "supplier_code", "manufacturer_code", "gtin", "ndc", "hibc", "udi_di", "unspsc")
_NUMBERS = ("amount", "markup_percent", "fee", "min_quantity", "base_quantity")


class HealthcareDocumentContract(models.AbstractModel):
    """Lines and prices of a contract document."""

    _inherit = "healthcare.document.contract"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _take_lines(self, intake):
        """Replace the lines by the document's, or the single ones that it changes."""
        if "lines" not in intake.document:
            return
        lines = intake.document["lines"] or []
        specs = self._without_unreadable(intake, self._line_specs(intake, lines), lines)
        old = intake.draft.line_ids
        if any("action" in line for line in lines):
            old = self._lines_meant(old, specs)
            kept = {line.product_id.id: line for line in intake.draft.line_ids - old if line.product_id}
            specs = [spec for spec in specs if spec["action"] != "delete"]
        else:
            kept = {}
        specs = self._without_twins(intake, specs, kept)
        links = self._unlink_lines(intake, old)
        self._set_prices(intake, specs)
        made = self.env["healthcare.contract.line"].create(
            [
                {
                    **spec["vals"],
                    "contract_id": intake.draft.id,
                    "price_ids": [fields.Command.create(price) for price in spec["prices"]],
                }
                for spec in specs
            ]
        )
        made.filtered("is_unresolved")._resolve()
        self._link_again(intake, links, dict(zip([spec["key"] for spec in specs], made, strict=True)))

    @api.model
    def _line_specs(self, intake, lines):
        """Return what is known of each line: values, codes, product, prices as sent."""
        found = self.env["healthcare.packaging"]._find_products(
            [
                {"key": index, "partner_id": intake.partner.id, "item": line.get("item") or {}}
                for index, line in enumerate(lines)
            ]
        )
        # a person has said before which item is meant
        before = {self._codes_of(line): line.product_id.id for line in intake.draft.line_ids}
        specs = []
        for index, line in enumerate(lines):
            item = line.get("item") or {}
            key = tuple(item.get(name) or False for name in _CODES[:-1])
            products = found.get(index, [])
            product = products[0] if len(products) == 1 else before.get(key) if any(key) else False
            specs.append(
                {
                    "key": key,
                    "path": f"lines[{index}]",
                    "number": line["line_number"].strip(),
                    "action": line.get("action") or "change",
                    "sent": line,
                    "vals": {
                        **{name: item.get(name) or False for name in _CODES},
                        "sequence": index + 1,
                        "line_number": line["line_number"].strip(),
                        "description": line.get("description"),
                        "packaging": line.get("packaging"),
                        "product_id": product or False,
                    },
                    "prices": [],
                }
            )
        return specs

    @api.model
    def _without_unreadable(self, intake, specs, lines):
        """Take nothing of what could not be read: of a line with an error its item alone, and
        where single lines are changed not that, so that the line before stays."""
        sent = {spec["sent"]["line_number"]: spec["sent"] for spec in specs}
        unreadable = set()
        for finding in intake.message._line_findings():
            if finding["level"] == "error":
                number = finding["line_number"]
                unreadable.add(number)
                intake.problem(
                    "unreadable",
                    finding["message"],
                    finding["path"] or "lines",
                    line_number=number.strip() or finding["line"],
                    as_sent=sent.get(number),
                )
        amends = any("action" in line for line in lines)
        kept = []
        for spec in specs:
            if spec["sent"]["line_number"] in unreadable:
                if amends or not any(spec["key"]):
                    continue
                spec["sent"] = {
                    name: value for name, value in spec["sent"].items() if name not in ("price", "prices")
                }
            kept.append(spec)
        return kept

    @api.model
    def _codes_of(self, line):
        return tuple(line[name] or False for name in _CODES[:-1])

    @api.model
    def _lines_meant(self, lines, specs):
        """Return the lines of the draft that the document adds anew, changes or deletes."""
        meant = lines.browse()
        by_number = {line.line_number: line for line in lines if line.line_number}
        by_product = {line.product_id.id: line for line in lines if line.product_id}
        by_codes = {self._codes_of(line): line for line in lines}
        for spec in specs:
            codes = spec["key"] if any(spec["key"]) else None
            product = spec["vals"]["product_id"]
            line = by_product.get(product) if product else by_codes.get(codes)
            if not line and not codes:
                line = by_number.get(spec["number"])
            meant |= line or lines.browse()
        return meant

    @api.model
    def _without_twins(self, intake, specs, kept):
        """Return the specs without those whose item or number stands in the contract already."""
        products = {product: line.display_name for product, line in kept.items()}
        numbers = {line.line_number: line.display_name for line in kept.values() if line.line_number}
        codes, result = {}, []
        for spec in specs:
            product = spec["vals"]["product_id"]
            twin = (product and products.get(product)) or (any(spec["key"]) and codes.get(spec["key"]))
            if twin:
                self._line_problem(
                    intake,
                    spec,
                    "item_twice",
                    self.env._("item: it stands in line %s already. Put its prices into one line", twin),
                )
                continue
            if spec["number"] in numbers:
                # the number is the document's alone: the line is a good one
                spec["vals"]["line_number"] = False
            numbers[spec["number"]] = spec["number"]
            if product:
                products[product] = spec["number"]
            codes[spec["key"]] = spec["number"]
            result.append(spec)
        return result

    # Prices

    @api.model
    def _set_prices(self, intake, specs):
        """Set the prices of each spec: those that can be; the others become problems."""
        wanted = []
        for spec in specs:
            sent = spec["sent"]
            prices = sent.get("prices")
            paths = [f"{spec['path']}.prices[{index}]" for index in range(len(prices or ()))]
            if prices is None and sent.get("price"):
                prices, paths = [sent["price"]], [f"{spec['path']}.price"]
            for price, path in zip(prices or (), paths, strict=True):
                vals = self._price_vals(intake, spec, price, path)
                if vals:
                    wanted.append((spec, vals, price, path))
        known = self._known_units(intake, wanted)
        for index, (spec, vals, price, path) in enumerate(wanted):
            if spec["vals"]["product_id"] and not known.get(index):
                self._price_problem(
                    intake,
                    spec,
                    price,
                    path,
                    "unit",
                    "unit_unknown",
                    self.env._("%s has no factor for this item. Enter a packaging of it", vals["unit_code"]),
                )
            else:
                spec["prices"].append(vals)
                spec.setdefault("sent_prices", []).append((price, path))
        for spec in specs:
            wrong = overlapping(spec["prices"])
            for index in wrong:
                price, path = spec["sent_prices"][index]
                self._price_problem(
                    intake,
                    spec,
                    price,
                    path,
                    "valid_from",
                    "price_overlap",
                    self.env._(
                        "another price of the same tier, unit, quantity and class holds on these days"
                    ),
                )
            spec["prices"] = [vals for index, vals in enumerate(spec["prices"]) if index not in wrong]

    @api.model
    def _price_vals(self, intake, spec, price, path):
        """Return the values of one price, ``None`` where it became a problem."""
        sent = spec["sent"]
        unit = price.get("unit") or sent.get("unit")
        tier = intake.tier(price.get("tier"))
        vals = {
            "kind": price.get("kind") or ("cost_plus" if price.get("markup_percent") else "net"),
            "discount_percent": False,
            "tier_id": tier.id if tier else False,
            "price_class": price.get("price_class") or False,
            "unit_code": normalise_unit_code(unit) if unit else None,
            "valid_from": price.get("valid_from") or sent.get("valid_from") or False,
            "valid_to": price.get("valid_to") or sent.get("valid_to") or False,
        }
        try:
            numbers = {name: numeric_text(price[name]) for name in _NUMBERS if price.get(name)}
        except ExactError as error:
            return self._price_problem(intake, spec, price, path, "amount", "price_invalid", str(error))
        numbers = {"min_quantity": "0", "base_quantity": "1", **numbers}
        vals.update({name: numbers.get(name, False) for name in _NUMBERS})
        for name, code, problem in self._price_problems(intake, vals, price, unit):
            return self._price_problem(intake, spec, price, path, name, code, problem)
        return vals

    @api.model
    def _price_problems(self, intake, vals, price, unit):
        """Yield ``(field, code, sentence)`` of what is wrong with one price."""
        sentence = self.env["healthcare.contract.price"]._number_sentence
        for name, problem in number_problems(vals):
            yield name, "price_invalid", sentence(problem, vals[name])
        if not vals["unit_code"]:
            yield (
                "unit",
                "unit_unknown",
                self.env._("%s is no unit code", unit) if unit else self.env._("it is missing"),
            )
        if price.get("tier") and not vals["tier_id"]:
            yield (
                "tier",
                "tier_unknown",
                self.env._("the contract has no tier %s. Enter the tier", price["tier"]),
            )
        if price.get("currency") and price["currency"] != intake.draft.currency_id.name:
            yield (
                "currency",
                "price_invalid",
                self.env._("%(one)s, but the contract is in %(other)s", one=price["currency"],
                  other=intake.draft.currency_id.name),
            )  # fmt: skip
        first, last = (fields.Date.to_date(vals[name]) for name in ("valid_from", "valid_to"))
        if first and last and last < first:
            yield "valid_to", "validity", self.env._("it ends before it begins")
        elif not intake.draft._covers(first, last):
            yield (
                "valid_from",
                "validity",
                self.env._("%(from)s to %(to)s is outside the contract's days: %(days)s",
                  **{"from": first or "…", "to": last or "…", "days": intake.draft._days_text()}),
            )  # fmt: skip

    @api.model
    def _known_units(self, intake, wanted):
        """Return ``{index: unit}`` of the prices whose unit means something for their item."""
        today = fields.Date.today()
        draft = intake.draft
        return self.env["healthcare.packaging"]._resolve_units(
            [
                {
                    "key": index,
                    "product_id": spec["vals"]["product_id"],
                    "partner_id": intake.partner.id,
                    "unit_code": vals["unit_code"],
                    "date": draft._price_day(
                        fields.Date.to_date(vals["valid_from"]), fields.Date.to_date(vals["valid_to"]), today
                    ),
                }
                for index, (spec, vals, _price, _path) in enumerate(wanted)
                if spec["vals"]["product_id"]
            ]
        )

    # Problems

    @api.model
    def _line_problem(self, intake, spec, code, text):
        intake.problem(
            code,
            self.env._("Line %(line)s, %(text)s.", line=spec["number"], text=text),
            spec["path"],
            line_number=spec["number"],
            as_sent=spec["sent"],
        )

    @api.model
    def _price_problem(self, intake, spec, price, path, name, code, text):
        """Keep a price that cannot be taken over; return ``None``."""
        intake.problem(
            code,
            self.env._(
                "Line %(line)s, price, field %(field)s: %(text)s.",
                line=spec["number"],
                field=name,
                text=text,
            ),
            f"{path}.{name}",
            line_number=spec["number"],
            as_sent=price,
        )

    # Lines that others refer to

    @api.model
    def _clear_replaced(self, intake):
        """Take out what the document replaces, before the contract's days move over it."""
        if intake.document.get("lines") and not any("action" in line for line in intake.document["lines"]):
            intake.draft.line_ids.price_ids.unlink()

    @api.model
    def _unlink_lines(self, intake, lines):
        """Remove lines; return what referred to them: ``(records, field, codes, product id)``."""
        links = []
        for commitment in intake.draft.commitment_ids.filtered(lambda one: one.line_id in lines):
            links.append((commitment, self._codes_of(commitment.line_id), commitment.line_id.product_id.id))
            commitment.line_id = False
        for cap in intake.draft.cap_ids:
            for line in cap.line_ids & lines:
                links.append((cap, self._codes_of(line), line.product_id.id))
        lines.price_ids.unlink()
        lines.unlink()
        return links

    @api.model
    def _link_again(self, intake, links, made):
        """Let commitments and caps refer to the new lines of the same items."""
        by_product = {line.product_id.id: line for line in made.values() if line.product_id}
        for record, codes, product in links:
            line = by_product.get(product) or made.get(codes)
            if line and record._name == "healthcare.contract.cap":
                record.line_ids |= line
            elif line:
                record.line_id = line
            else:
                intake.problem(
                    "line_gone",
                    self.env._(
                        "%s refers to an item that the contract no longer has. Correct it.",
                        record.display_name,
                    ),
                    "lines",
                )
