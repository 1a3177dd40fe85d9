from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.units import unit_label

from ..tools.price_flags import BROKEN_FLAGS


def _joined(texts):
    """Return texts after one another; what the reader of a file found has no full stop."""
    ended = [text if text.endswith((".", "?")) else f"{text}." for text in texts[:-1]]
    return " ".join([*ended, *texts[-1:]])


class HealthcarePriceFeedLine(models.Model):
    """What people read about a line: what was found, and what to do about it."""

    _inherit = "healthcare.price.feed.line"  # pylint: disable=consider-merging-classes-inherited

    line_label = fields.Char(string="Line and Item", compute="_compute_line_label")
    explanation = fields.Char(compute="_compute_explanation", help="What was found.")
    remedy = fields.Char(compute="_compute_explanation", help="What to do about it.")

    @api.depends("line_number", "generated", "supplier_code", "product_id")
    def _compute_line_label(self):
        for line in self:
            number = (
                self.env._("not in the list")
                if line.generated
                else self.env._("line %s", line.line_number or "?")
            )
            # sudo: names of items are shown to all who may read the feed
            item = line.product_id.sudo().display_name or line.description or ""
            line.line_label = " · ".join(filter(None, (number, line.supplier_code, item)))

    @api.depends("flags", "kind", "related_line", "finding")
    def _compute_explanation(self):
        for line in self:
            flags = (line.flags or "").split()
            said = [line._said_of(flag) for flag in flags]
            line.explanation = _joined([text for text, _remedy in said]) or False
            remedies = [remedy for text, remedy in said if remedy]
            line.remedy = " ".join(dict.fromkeys(remedies)) or False

    def _said_of(self, flag):
        """Return ``(what was found, what to do)`` for a flag of this line."""
        self.ensure_one()
        facts = self._facts()
        texts = self._broken_texts() if flag in BROKEN_FLAGS else self._doubt_texts()
        found, remedy = texts.get(flag, (flag, ""))
        if flag == "gtin_invalid" and self.reading == flag:
            found = "%(finding)s"
        return found % facts, remedy % facts

    def _facts(self):
        """Return what the sentences about this line name."""
        return {
            "code": self.supplier_code or self.buyer_code or self.manufacturer_code or self.gtin or "?",
            "gtin": self.gtin or "?",
            "unit": unit_label(self.unit_sent or "?"),
            "price": self.amount or self.amount_sent or "?",
            "old": self.old_price or "?",
            "old_unit": unit_label(self.old_unit_code or "?"),
            "change": (self.change_percent or "?").lstrip("-"),
            "factor": self.factor or "?",
            "stated": self.stated_factor or "?",
            "contract": self.contract_price or "?",
            "contract_name": self.contract_name or "",
            "other": self.related_line or "?",
            "currency": self.currency_sent or self.currency_id.name or "?",
            "from": self.valid_from or "…",
            "to": self.valid_to or "…",
            "finding": self.finding or "?",
        }

    def _broken_texts(self):
        """Return ``{flag: (what was found, what to do)}`` of what keeps a line from taking effect."""
        _ = self.env._
        same = _("Keep one: refuse the other line, or have it sent again.")
        return {
            "unreadable": (
                "%(finding)s",
                _("Correct it, or have the line sent again, alone, under the number of the list."),
            ),
            "item_unknown": (
                _("No item has the code %(code)s."),
                _("Choose the item, enter the code on it, or refuse the line."),
            ),
            "item_ambiguous": (_("Several items have the code %(code)s."), _("Choose the item.")),
            "item_contradiction": (
                _("The codes of the line name different items."),
                _("Choose the item, and correct the wrong code on the other one."),
            ),
            "gtin_invalid": (
                _("GTIN %(gtin)s has a wrong check digit."),
                _("Compare it with the label; correct it, or empty it."),
            ),
            "currency_unknown": (
                _("%(currency)s is not an active currency."),
                _("Have it sent in the list's currency, or let an administrator activate it."),
            ),
            "cost_plus": (
                _("The price is cost-plus, without an amount."),
                _("Enter it on the contract, or have a net price sent."),
            ),
            "list_price_only": (
                _("Only a list price was sent."),
                _("Have the net price sent, or enter it."),
            ),
            "tier_price": (
                _("The price is for a tier of a contract."),
                _("Enter it on the contract, or have the price for us sent."),
            ),
            "price_missing": (_("There is no price."), _("Enter it, or have the line sent again.")),
            "price_negative": (
                _("The price %(price)s is below zero."),
                _("Correct it, or have the line sent again."),
            ),
            "unit_missing": (_("There is no unit."), _("Enter the unit that the price is for.")),
            "unit_unknown": (
                _("It is not known how many of the item one %(unit)s holds."),
                _("Enter a packaging of the item with this unit and its factor, or correct the unit."),
            ),
            "quantity_invalid": (
                _("The quantity that the price is for is not above zero, or its minimum is below zero."),
                _("Correct it, or have the line sent again."),
            ),
            "dates_reversed": (
                _("The price ends on %(to)s, before it begins on %(from)s."),
                _("Correct the dates."),
            ),
            "validity_over": (
                _("The price ended on %(to)s already."),
                _("Correct the date, or refuse the line."),
            ),
            "repeated_line": (_("Line %(other)s says the same."), _("Refuse this line.")),
            "same_item_twice": (_("Line %(other)s has another price for the same item and unit."), same),
            "overlapping_validity": (
                _("Line %(other)s has another price for some of the same days."),
                _("Correct the dates so that one price holds on a day, or refuse one of the lines."),
            ),
        }

    def _doubt_texts(self):
        """Return ``{flag: (what was found, what to do)}`` of what makes a line suspicious, and of
        what is worth knowing."""
        _ = self.env._
        check = _("Ask the supplier, or look at the last bill.")
        return {
            "price_zero": (_("The price is zero."), check),
            "price_absurd": (_("The price %(price)s is absurd: before it was %(old)s."), check),
            "decimal_slip": (
                _("The price moved by a power of ten (%(old)s → %(price)s): a decimal slip?"),
                check,
            ),
            "pack_factor": (
                _("The price moved by a pack's factor (%(old)s → %(price)s): is it for another unit?"),
                _("Compare the unit with the supplier's list; correct the unit, or refuse the line."),
            ),
            "unit_flip": (
                _("The unit went from %(old_unit)s to %(unit)s, and the price did not go with it."),
                _("Compare the unit with the supplier's list; correct the unit, or refuse the line."),
            ),
            "large_increase": (_("The price rises by %(change)s %%."), check),
            "large_decrease": (_("The price falls by %(change)s %%."), check),
            "currency_changed": (_("The price before was in another currency."), check),
            "packaging_mismatch": (
                _("The supplier says that %(unit)s holds %(stated)s, we say %(factor)s."),
                _("Look at the label; end the wrong packaging and make a new one."),
            ),
            "above_contract": (
                _("The price is above the contract's %(contract)s (%(contract_name)s)."),
                _("Hold the supplier to the contract."),
            ),
            "corrected": (
                _("A person corrected the line; the file's reader said: %(finding)s")
                if self.reading
                else _("A person corrected the line."),
                _("Compare it with what was sent."),
            ),
            "list_incomplete": (
                _("It is not in the list, but lines of the list could not be read."),
                _("Correct or refuse those lines first, and compare again."),
            ),
            "read_with_doubt": ("%(finding)s", ""),
            "unit_changed": (_("The unit was %(old_unit)s before."), ""),
            "backdated": (_("Sent as valid from %(from)s; it counts from the day it is applied."), ""),
            "validity_changed": (_("The days of validity change."), ""),
            "same_price": (_("The price stays; another one comes before or after it."), ""),
        }
