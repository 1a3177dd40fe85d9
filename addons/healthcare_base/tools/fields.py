"""ORM field for exact decimals."""

import operator as pyoperator

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .exact import ExactError, numeric_text, to_decimal

_INEQUALITIES = {
    "<": (pyoperator.lt, SQL("<")),
    "<=": (pyoperator.le, SQL("<=")),
    ">": (pyoperator.gt, SQL(">")),
    ">=": (pyoperator.ge, SQL(">=")),
}


class ExactDecimal(fields.Field):
    """A decimal number kept exactly as it was sent, in a PostgreSQL ``numeric`` column.

    The value of a record is canonical text such as ``"0.125"`` (see
    :func:`~.exact.numeric_text`), or ``False`` when there is none; zero is ``"0"``.
    ``create`` and ``write`` accept ``str``, ``int`` and ``Decimal``; a float, NaN or infinity
    is refused with a :class:`~odoo.exceptions.ValidationError`. Searching and ordering are
    numeric; ``read`` and RPC give the text. Odoo's own ``Float`` reads numeric columns through
    binary floats, which loses digits.

    The web client and ``ir.model.fields`` know it as ``char``.
    """

    type = "char"
    _column_type = ("numeric", "numeric")
    is_text = False
    falsy_value = None
    # the client's char widgets look at both
    trim = True
    translate = False

    _description_trim = property(lambda self: self.trim)

    def to_sql(self, model, alias):
        """Return the canonical text; psycopg2 would turn a numeric column into a float."""
        return SQL("trim_scale(%s)::text", self.to_numeric_sql(alias))

    def to_numeric_sql(self, alias):
        """Return the ``numeric`` column itself, to calculate, compare and order with."""
        return SQL.identifier(alias, self.name, to_flush=self)

    def convert_to_column(self, value, record, values=None, validate=True):
        return self.convert_to_cache(value, record, validate)

    def convert_to_cache(self, value, record, validate=True):
        if value is None or value is False or value == "":
            return None
        try:
            return numeric_text(value)
        except ExactError as error:
            raise ValidationError(
                record.env._(
                    "%(field)s of %(model)s: %(reason)s.",
                    field=self.string,
                    model=record._description or record._name,
                    reason=str(error),
                )
            ) from error

    def convert_to_export(self, value, record):
        return value or ""

    def _search_value(self, value, model):
        """Return a domain's value as canonical text; clients send numbers as JSON floats."""
        return self.convert_to_column(repr(value) if isinstance(value, float) else value, model)

    def _condition_to_sql(self, field_expr, operator, value, model, alias, query):
        column = self.to_numeric_sql(alias)
        if operator in _INEQUALITIES:
            model._check_field_access(self, "read")
            param = self._search_value(value, model)
            return SQL("%s %s %s::numeric", column, _INEQUALITIES[operator][1], param)
        if operator in ("in", "not in") and not isinstance(value, SQL):
            model._check_field_access(self, "read")
            has_null = any(item is False or item is None for item in value)
            texts = [
                self._search_value(item, model) for item in value if item is not False and item is not None
            ]
            found = SQL("%s = ANY(%s::numeric[])", column, texts)
            if has_null:
                found = SQL("(%s OR %s IS NULL)", found, column)
            # "= ANY" of a NULL column is unknown, and must count as "not in"
            return found if operator == "in" else SQL("(%s) IS NOT TRUE", found)
        return super()._condition_to_sql(field_expr, operator, value, model, alias, query)

    def filter_function(self, records, field_expr, operator, value):
        getter = self.expression_getter(field_expr)
        if operator in _INEQUALITIES:
            compare = _INEQUALITIES[operator][0]
            limit = to_decimal(self._search_value(value, records))
            return lambda rec: bool(text := getter(rec)) and compare(to_decimal(text), limit)
        if operator == "in":
            value = {
                item if item is False or item is None else self._search_value(item, records) for item in value
            }
        return super().filter_function(records, field_expr, operator, value)
