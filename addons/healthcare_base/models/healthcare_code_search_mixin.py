from odoo import api, fields, models
from odoo.fields import Domain


class HealthcareCodeSearchMixin(models.AbstractModel):
    """A record that is found by any identifier of what it is about, typed or scanned."""

    _name = "healthcare.code.search.mixin"
    _description = "Found by Any Identifier"

    any_code = fields.Char(
        string="Identifier or Scan",
        compute="_compute_any_code",
        search="_search_any_code",
        help="For searching only: any identifier of what the record is about, typed or scanned.",
    )

    def _compute_any_code(self):
        self.any_code = False

    @api.model
    def _search_any_code(self, operator, value):
        if operator not in ("in", "=ilike"):
            return NotImplemented
        texts = value if operator == "in" else [value]
        texts = [text.strip() for text in texts if isinstance(text, str) and text.strip()]
        return self._any_code_domain(texts) if texts else Domain.FALSE

    @api.model
    def _any_code_domain(self, texts):
        """Return the domain of the records that one of ``texts`` names.

        Override to add more ways, with ``super()`` joined by or.

        :param texts: not empty, without blanks around them
        """
        return Domain.FALSE
