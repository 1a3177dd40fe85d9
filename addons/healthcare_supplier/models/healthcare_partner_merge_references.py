from odoo import models
from odoo.tools import SQL

#: Tables in which two rows of the two records say the same: one of them is enough.
_SAME_ROWS = frozenset(
    (
        "mail_followers",
        "mail_notification",
        "discuss_channel_member",
        "healthcare_partner_identifier",
        "healthcare_screening_match",
    )
)
#: Odoo's merge compares bank accounts by number, and keeps each once with what refers to it.
_BY_ODOO = "res_partner_bank"
#: Tables that stay as they were, or are made anew.
_LEFT = ("base_partner_merge_", "healthcare_partner_merge", "healthcare_duplicate_candidate")


def _as_sql(expression):
    """Return an expression of the database's own catalog as SQL without parameters."""
    return SQL(expression.replace("%", "%%"))


class HealthcarePartnerMerge(models.Model):
    """What points to the merged record, and what of it cannot point to the other.

    Odoo's merge deletes rows that a unique constraint does not let it move, and knows nothing of
    unique indexes: here such rows stop the merge, but for those that say the same twice.
    """

    _inherit = "healthcare.partner.merge"

    def _reference_problems(self, source, survivor):
        """Return which references cannot be moved, as sentences."""
        problems = []
        for table, columns in self._partner_columns().items():
            if table in _SAME_ROWS or table == _BY_ODOO:
                continue
            clashes = self._clashes(table, columns, source, survivor)
            if clashes:
                problems.append(
                    self.env._(
                        "%(what)s: both have a record that there may be once only (%(rows)s). Archive or "
                        "change one of them.",
                        what=self._table_label(table),
                        rows=", ".join(f"#{row}" for row in clashes[:5]),
                    )
                )
        decided = self._contradictions(source, survivor)
        if decided:
            problems.append(
                self.env._(
                    "The two were decided about differently: %s. Reopen one decision, and decide alike.",
                    ", ".join(decided.mapped("display_name")),
                )
            )
        return problems

    def _contradictions(self, source, survivor):
        """Return screening matches of the source whose entry was decided differently about the other."""
        ours = {
            match.entry_id: match.state for match in survivor.screening_match_ids if not match.is_superseded
        }
        return source.screening_match_ids.filtered(
            lambda match: (
                not match.is_superseded and match.entry_id in ours and ours[match.entry_id] != match.state
            )
        )

    def _partner_columns(self):
        """Return ``{table: [columns]}`` of what refers to partners and is moved."""
        columns = {}
        for table, column in self.env["base.partner.merge.automatic.wizard"]._get_fk_on("res_partner"):
            if not table.startswith(_LEFT):
                columns.setdefault(table, []).append(column)
        return columns

    def _unique_indexes(self, table, columns):
        """Return ``[(column, [expressions], condition)]`` of unique indexes over these columns."""
        self.env.cr.execute(
            SQL(
                """
                SELECT a.attname,
                       (SELECT array_agg(pg_get_indexdef(i.indexrelid, n, TRUE) ORDER BY n)
                          FROM generate_series(1, i.indnkeyatts) n),
                       pg_get_expr(i.indpred, i.indrelid)
                  FROM pg_index i
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
                 WHERE i.indrelid = %s::regclass AND i.indisunique AND NOT i.indisprimary
                   AND a.attname = ANY(%s)
                """,
                table,
                columns,
            )
        )
        return self.env.cr.fetchall()

    def _clashes(self, table, columns, source, survivor):
        """Return ids of the source's rows that a unique index does not let move.

        The table is looked at as it would be afterwards.
        """
        clashes = set()
        for column, expressions, condition in self._unique_indexes(table, columns):
            self.env.cr.execute(
                SQL(
                    "SELECT attname FROM pg_attribute"
                    " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                    table,
                )
            )
            names = [name for (name,) in self.env.cr.fetchall()]
            moved = SQL(", ").join(
                SQL("%s AS %s", survivor.id, SQL.identifier(name)) if name == column else SQL.identifier(name)
                for name in names
            )
            keys = SQL(", ").join(_as_sql(expression) for expression in expressions)
            filters = [SQL("(%s) IS NOT NULL", _as_sql(expression)) for expression in expressions]
            if condition:
                filters.append(SQL("(%s)", _as_sql(condition)))
            # Names in indexes are those of the table's columns: the rows keep its name.
            self.env.cr.execute(
                SQL(
                    """
                    SELECT mine.row_key
                      FROM (SELECT %(row)s AS row_key, md5(ROW(%(keys)s)::text) AS key
                              FROM (SELECT ctid AS row_ctid, %(moved)s FROM %(table)s
                                     WHERE %(column)s = %(source)s) AS %(table)s
                             WHERE %(filters)s) mine
                      JOIN (SELECT md5(ROW(%(keys)s)::text) AS key FROM %(table)s
                             WHERE %(column)s = %(survivor)s AND %(filters)s) theirs USING (key)
                    """,
                    row=SQL.identifier("id") if "id" in names else SQL("row_ctid::text"),
                    keys=keys,
                    moved=moved,
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    source=source.id,
                    survivor=survivor.id,
                    filters=SQL(" AND ").join(filters),
                )
            )
            clashes.update(row for (row,) in self.env.cr.fetchall())
        # Pairs of two records (many2many) are no loss: Odoo's merge keeps each once.
        return sorted(clashes) if self._has_id(table) else []

    def _has_id(self, table):
        self.env.cr.execute(
            "SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id'", [table]
        )
        return bool(self.env.cr.rowcount)

    def _drop_same_rows(self, source, survivor):
        """Take away rows of the source that say what a row of the other says.

        Odoo's merge would take all of the source's rows in such a table. Also possible duplicates
        of the source: they are looked for anew.

        :return: ``{what: count}``
        """
        dropped = {}
        for table, columns in self._partner_columns().items():
            if table not in _SAME_ROWS:
                continue
            rows = self._clashes(table, columns, source, survivor)
            if not rows:
                continue
            dropped[self._table_label(table)] = len(rows)
            if table == "healthcare_screening_match":
                # Evidence is kept: it points to the other record, beside what was decided there.
                self.env["healthcare.screening.match"].browse(rows).write({"is_superseded": True})
            else:
                self.env.cr.execute(SQL("DELETE FROM %s WHERE id = ANY(%s)", SQL.identifier(table), rows))
        candidates = self.env["healthcare.duplicate.candidate"].search(
            ["|", ("partner_id", "=", source.id), ("other_id", "=", source.id)]
        )
        if candidates:
            dropped[candidates._description] = len(candidates)
            self.before = {
                **self.before,
                "duplicate_decisions": [
                    {
                        "pair": [one.partner_id.id, one.other_id.id],
                        "state": one.state,
                        "reason": one.decision_reason or "",
                        "decided_by": one.decided_by_id.login or "",
                    }
                    for one in candidates
                ],
            }
            candidates._forget()
        self.env.flush_all()
        self.env.invalidate_all()
        return dropped

    def _count_references(self, source):
        """Return ``{what: count}`` of all that points to the source."""
        counts = {}
        for table, columns in self._partner_columns().items():
            for column in columns:
                self.env.cr.execute(
                    SQL(
                        "SELECT count(*) FROM %s WHERE %s = %s",
                        SQL.identifier(table),
                        SQL.identifier(column),
                        source.id,
                    )
                )
                count = self.env.cr.fetchone()[0]
                if count and (table, column) != ("res_partner", "commercial_partner_id"):
                    label = f"{self._table_label(table)} ({column})"
                    counts[label] = counts.get(label, 0) + count
        for model, id_field, model_field in self._untyped_references(moved_by_odoo=True):
            records = self.env[model].with_context(active_test=False)
            count = records.search_count([(model_field, "=", "res.partner"), (id_field, "=", source.id)])
            if count:
                label = f"{records._description} ({id_field})"
                counts[label] = counts.get(label, 0) + count
        return counts

    def _untyped_references(self, moved_by_odoo=False):
        """Return ``[(model, id field, model field)]`` of stored references to any model.

        :param moved_by_odoo: whether those count that Odoo's merge moves by itself
        """
        by_odoo = ("ir.attachment", "mail.followers", "mail.activity", "mail.message", "ir.model.data")
        found = []
        for name, model in self.env.registry.items():
            if model._abstract or not model._auto or model._transient:
                continue
            for field in model._fields.values():
                if field.type != "many2one_reference" or not field.store or field.inherited:
                    continue
                if moved_by_odoo or name not in by_odoo:
                    found.append((name, field.name, field.model_field))
        return found

    def _move_untyped_references(self, source, survivor):
        """Move references to any model, which Odoo's merge does not know of.

        By SQL: what refers may be evidence that nobody writes, and its contents stay as they are.
        """
        self.env.flush_all()
        for model, id_field, model_field in self._untyped_references():
            field = self.env[model]._fields.get(model_field)
            if field is None or not field.store:
                continue
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE %s = 'res.partner' AND %s = %s",
                    SQL.identifier(self.env[model]._table),
                    SQL.identifier(id_field),
                    survivor.id,
                    SQL.identifier(model_field),
                    SQL.identifier(id_field),
                    source.id,
                )
            )
        self.env.invalidate_all()

    def _table_label(self, table):
        """Return what a table's rows are called."""
        for model in self.env.registry.values():
            if model._table == table and not model._abstract:
                return model._description
        return table
