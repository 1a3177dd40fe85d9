from odoo import api, models
from odoo.fields import Domain

from ..tools.party_identifiers import SCHEMES, UNIQUE_SCHEMES, lookup_value

#: Numbers that several parties may carry; they find all of those.
_SHARED_SCHEMES = tuple(scheme for scheme, _label in SCHEMES if scheme not in UNIQUE_SCHEMES)


class ResPartner(models.Model):
    """Suppliers are found by whatever number names them, wherever a partner is chosen."""

    _name = "res.partner"
    _inherit = ["res.partner", "healthcare.code.search.mixin"]

    @api.model
    def _search_display_name(self, operator, value):
        """Find partners by their identifiers, too; Odoo's own search knows name, code and tax ID."""
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS:
            return domain
        texts = [text for text in (value if operator == "in" else [value]) if isinstance(text, str)]
        if found := self._find_by_any_code(texts):
            return Domain.OR([domain, [("id", "in", found)]])
        return domain

    @api.model
    def _any_code_domain(self, texts):
        return super()._any_code_domain(texts) | Domain("id", "in", self._find_by_any_code(texts))

    @api.model
    def _find_by_any_code(self, texts):
        """Return ids of commercial partners that carry one of ``texts``: as an identifier of any
        scheme, as the number under which they know one of our facilities, or as the number of a
        qualification. Bank accounts find nobody.

        :param texts: as typed or scanned; without a digit it is no number
        """
        texts = [
            code
            for text in texts
            if any(character.isdecimal() for character in text)
            for code in self._codes_of_text(text)
        ]
        if not texts:
            return []
        wanted = [{"scheme": scheme, "value": text} for text in texts for scheme in sorted(UNIQUE_SCHEMES)]
        found = set(self._find_by_identifiers([{"key": 0, "identifiers": wanted}], archived=True)[0])
        shared = {lookup_value(scheme, text) for text in texts for scheme in _SHARED_SCHEMES}
        # sudo: whose a number is; what the caller may see is decided where this is searched in
        for model, domain in (
            (
                "healthcare.partner.identifier",
                [("scheme", "in", _SHARED_SCHEMES), ("value", "in", list(shared))],
            ),
            ("healthcare.facility.account", [("account_number", "in", texts)]),
            ("healthcare.supplier.qualification", [("number", "in", texts)]),
        ):
            found.update(self.env[model].sudo().search(domain).partner_id.commercial_partner_id.ids)
        return sorted(found)

    @api.model
    def _codes_of_text(self, text):
        """Return the numbers that a typed or scanned text stands for. Hook for labels."""
        return [text.strip()]
