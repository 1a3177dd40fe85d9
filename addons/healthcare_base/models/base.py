from odoo import models
from odoo.tools import SQL

from ..tools.fields import ExactDecimal


class Base(models.AbstractModel):
    _inherit = "base"

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Order exact decimals as numbers; they are read as text."""
        field = self._fields.get(field_name)
        if isinstance(field, ExactDecimal) and field.store and not field.inherited:
            self._check_field_access(field, "read")
            column = field.to_numeric_sql(alias)
            query._order_groupby.append(column)
            return SQL("%s %s %s", column, direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
