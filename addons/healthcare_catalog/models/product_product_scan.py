from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.identifiers import (
    gtin_forms,
    normalise_gtin,
    normalise_hibc,
    normalise_ndc,
)
from odoo.fields import Domain

from ..tools.gs1 import Gs1Error, gs1_date, parse_element_string
from ..tools.hibc import HibcError, parse_hibc


class ProductProduct(models.Model):
    """Items by what a scanner reads."""

    _inherit = "product.product"

    @api.model
    def find_by_scan(self, text):
        """Return what a scanned label or a typed identifier names, of what the user may see.

        :param str text: GS1 element string, HIBC, GTIN, NDC, own or supplier's number
        :return: ``{"kind": "gs1" | "hibc" | "code", "product_ids": [ids], "gtin", "lot", "serial",
            "expires_on" (ISO text), "quantity", "lot_ids": [ids], "problem"}``; missing parts are
            ``False``; ``problem`` says why a label cannot be read or finds nothing
        """
        label = self._read_label(text)
        codes = [label["code"]] if label["code"] else []
        product_ids = self.search([("id", "in", self._find_by_any_code(codes))]).ids if codes else []
        lots = self.env["stock.lot"]
        if (number := label["lot"] or label["serial"]) and product_ids and lots.has_access("read"):
            numbers = [each for each in (label["lot"], label["serial"]) if each]
            lots = lots.search([("product_id", "in", product_ids), ("name", "in", numbers)])
        problem = label["problem"]
        if not problem and not product_ids:
            problem = self.env._("No item has the identifier %s.", label["code"] or number or text)
        return {
            "kind": label["kind"],
            "product_ids": product_ids,
            "gtin": label["code"] if label["kind"] == "gs1" else False,
            "lot": label["lot"],
            "serial": label["serial"],
            "expires_on": fields.Date.to_string(label["expires_on"]) or False,
            "quantity": label["quantity"],
            "lot_ids": lots.ids,
            "problem": problem,
        }

    @api.model
    def _read_label(self, text):
        """Return ``{"kind", "code", "lot", "serial", "expires_on", "quantity", "problem"}``.

        ``code`` is what items are found by: the GTIN of an element string, the supplier code of
        an HIBC, else the text itself.
        """
        text = text if isinstance(text, str) else ""
        label = {
            "kind": "code",
            "code": text.strip(),
            **dict.fromkeys(("lot", "serial", "expires_on", "quantity", "problem"), False),
        }
        if text.strip(" *").startswith("+"):
            return self._read_hibc(text, label)
        if not self._looks_like_gs1(text):
            return label
        label["kind"] = "gs1"
        try:
            elements = dict(parse_element_string(text))
            label["code"] = elements.get("01") or elements.get("02") or False
            label["lot"] = elements.get("10") or False
            label["serial"] = elements.get("21") or False
            label["quantity"] = int(elements.get("30") or elements.get("37") or 0) or False
            if expiry := elements.get("17"):
                label["expires_on"] = gs1_date(expiry, fields.Date.context_today(self))
        except Gs1Error as error:
            label["problem"] = self.env._("This GS1 label cannot be read: %s.", str(error))
            label["code"] = False
        return label

    def _read_hibc(self, text, label):
        label["kind"] = "hibc"
        try:
            parsed = parse_hibc(text)
        except HibcError as error:
            return {
                **label,
                "code": False,
                "problem": self.env._("This HIBC label cannot be read: %s.", str(error)),
            }
        return {
            **label,
            "code": parsed["primary"] or False,
            **{name: parsed[name] or False for name in ("lot", "serial", "expires_on", "quantity")},
        }

    @api.model
    def _looks_like_gs1(self, text):
        """Tell whether a text is an element string and no plain number: it names an item and goes
        on, or says so itself by symbology identifier, brackets or separator."""
        text = text.strip(" \r\n\t")
        if text.startswith(("]C1", "]e0", "]d2", "]Q3", "]J1", "\x1d")) or "\x1d" in text:
            return True
        if text.startswith("("):
            return len(text) > 3 and text[1:3].isdecimal()
        return len(text) > 14 and text[:2] in ("01", "02") and text[2:16].isdecimal()

    @api.model
    def _item_code_domain(self, texts):
        """Return the domain of rows that name an item by one of ``texts``: rows with ``product_id``
        and the item's codes as a partner sent them.

        :param texts: as typed or scanned
        """
        labels = [self._read_label(text) for text in texts]
        codes = {code for label in labels if (code := label["code"])} | set(texts)
        gtins = {form for code in codes if (gtin := normalise_gtin(code)) for form in gtin_forms(gtin)}
        hibcs = {hibc for code in codes if (hibc := normalise_hibc(code))}
        ndcs = {ndc for code in codes if (ndc := normalise_ndc(code))}
        return Domain.OR(
            [
                Domain("product_id", "in", self._find_by_any_code(texts)),
                Domain("gtin", "in", sorted(codes | gtins)),
                Domain("udi_di", "in", sorted(codes | gtins | hibcs)),
                Domain("hibc", "in", sorted(codes | hibcs)),
                Domain("ndc", "in", sorted(codes | ndcs)),
                *(
                    Domain(name, "in", sorted(codes))
                    for name in ("supplier_code", "buyer_code", "manufacturer_code")
                ),
            ]
        )

    @api.model
    def _find_by_any_code(self, texts):
        """Find items by scanned labels too.

        An HIBC of another packaging level (the digit before the check character) is the same
        item where no item has that level's own.
        """
        labels = [self._read_label(text) for text in texts if isinstance(text, str)]
        found = super()._find_by_any_code([*texts, *(label["code"] for label in labels if label["code"])])
        if found:
            return found
        stems = {label["code"][:-2] for label in labels if label["kind"] == "hibc" and label["code"]}
        for stem in stems:
            found += self._search([("hibc", "=like", f"{stem}__")])
        return found
