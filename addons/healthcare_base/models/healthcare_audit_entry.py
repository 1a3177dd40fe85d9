import hashlib
import json
import logging
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL
from psycopg2.extras import execute_values

_logger = logging.getLogger(__name__)

#: Key of the session advisory lock that makes the sealer single ("hcaudit" in hexadecimal).
SEAL_LOCK = 0x68636175646974
GENESIS_HASH = "0" * 64
SEAL_BATCH = 2000
VERIFY_BATCH = 5000

#: What the hash covers, as texts that PostgreSQL gives alike at any setting: ``id``,
#: ``recorded_at`` (UTC, microseconds), ``model``, ``res_id``, ``res_name``, ``action``,
#: ``user_id``, ``login``, ``changes``, ``company_id``; an empty name or login is "".
HASHED_TEXTS = SQL(
    """id::text, to_char(recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), model, res_id::text,
       COALESCE(res_name, ''), action, user_id::text, COALESCE(login, ''), changes,
       company_id::text"""
)


def entry_hash(previous_hash, seq, texts):
    """Return the hash of an entry: SHA-256 in lower-case hexadecimal.

    The input is a UTF-8 JSON array of strings without blanks between its parts and without
    escapes beyond those of JSON (``ensure_ascii`` false): the previous hash, the decimal
    ``seq``, then the texts of :data:`HASHED_TEXTS` in that order. ``changes`` is the stored
    text itself, never parsed and printed again. Times are UTC with microseconds.

    :param str previous_hash: hash of the entry before in the company's chain, or 64 zeros
    :param int seq: position in the company's chain, from 1
    :param texts: the texts of :data:`HASHED_TEXTS`
    """
    text = json.dumps([previous_hash, str(seq), *texts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class HealthcareAuditEntry(models.Model):
    """Append-only trail of who changed what.

    Invariants: business transactions only insert, with empty ``seq``, ``previous_hash`` and
    ``hash``; a trigger refuses everything else but the sealer's update of an unsealed row.
    There are no foreign keys, so that no deletion elsewhere touches an entry.
    """

    _name = "healthcare.audit.entry"
    _description = "Audit Entry"
    _log_access = False
    _order = "id desc"
    _rec_name = "res_name"

    recorded_at = fields.Datetime(string="Time", required=True, readonly=True, index=True)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(string="Record ID", required=True, readonly=True, aggregator=None)
    res_name = fields.Char(string="Record", readonly=True)
    action = fields.Char(required=True, readonly=True, index=True)
    user_id = fields.Integer(string="User ID", required=True, readonly=True, index=True, aggregator=None)
    login = fields.Char(string="User", readonly=True)
    changes = fields.Text(
        required=True,
        readonly=True,
        help="JSON: field → [before, after], or {added, removed} of related records.",
    )
    changes_text = fields.Text(string="Changed", compute="_compute_changes_text")
    company_id = fields.Integer(
        string="Company ID",
        required=True,
        readonly=True,
        aggregator=None,
        help="0: belongs to no company.",
    )
    company_name = fields.Char(string="Company", compute="_compute_company_name")
    seq = fields.Integer(
        string="Sequence", readonly=True, aggregator=None, help="Position in the company's chain."
    )
    previous_hash = fields.Char(readonly=True)
    hash = fields.Char(readonly=True)

    _chain_uniq = models.UniqueIndex("(company_id, seq) WHERE seq IS NOT NULL")
    # For the sealer: what it has not seen yet.
    _unsealed_index = models.Index("(company_id, id) WHERE hash IS NULL")
    _record_index = models.Index("(model, res_id, id)")

    def init(self):
        """Make the database itself refuse to change or delete entries."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION healthcare_audit_entry_guard() RETURNS trigger
            LANGUAGE plpgsql AS $guard$
            DECLARE
                sealed text[] := ARRAY['seq', 'previous_hash', 'hash'];
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    IF NEW.seq IS NULL AND NEW.previous_hash IS NULL AND NEW.hash IS NULL THEN
                        RETURN NEW;
                    END IF;
                ELSIF TG_OP = 'UPDATE' THEN
                    IF OLD.seq IS NULL AND OLD.previous_hash IS NULL AND OLD.hash IS NULL
                       AND NEW.seq > 0 AND length(NEW.previous_hash) = 64
                       AND length(NEW.hash) = 64
                       AND to_jsonb(NEW) - sealed = to_jsonb(OLD) - sealed THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION 'The audit trail is append-only: this % is refused', TG_OP
                    USING ERRCODE = 'insufficient_privilege';
            END
            $guard$;

            DROP TRIGGER IF EXISTS healthcare_audit_entry_guard ON healthcare_audit_entry;
            CREATE TRIGGER healthcare_audit_entry_guard
                BEFORE INSERT OR UPDATE OR DELETE ON healthcare_audit_entry
                FOR EACH ROW EXECUTE FUNCTION healthcare_audit_entry_guard();
            DROP TRIGGER IF EXISTS healthcare_audit_entry_no_truncate ON healthcare_audit_entry;
            CREATE TRIGGER healthcare_audit_entry_no_truncate
                BEFORE TRUNCATE ON healthcare_audit_entry
                FOR EACH STATEMENT EXECUTE FUNCTION healthcare_audit_entry_guard();
            ALTER TABLE healthcare_audit_entry
                ENABLE ALWAYS TRIGGER healthcare_audit_entry_guard,
                ENABLE ALWAYS TRIGGER healthcare_audit_entry_no_truncate;
            """
        )

    @api.depends("changes")
    def _compute_changes_text(self):
        for entry in self:
            entry.changes_text = "\n".join(self._format_changes(entry.model, entry.changes))

    @api.depends("company_id")
    def _compute_company_name(self):
        # sudo: the names of companies are not secret to those who may read their trail
        companies = self.env["res.company"].sudo().browse(set(self.mapped("company_id")) - {0})
        names = {company.id: company.name for company in companies.exists()}
        for entry in self:
            entry.company_name = names.get(entry.company_id, False)

    @api.model
    def _format_changes(self, model, changes):
        """Return one readable line per changed field."""
        model_fields = self.env[model]._fields if model in self.env else {}
        lines = []
        for name, change in json.loads(changes or "{}").items():
            field = model_fields.get(name)
            label = field.get_description(self.env, ["string"])["string"] if field else name
            if isinstance(change, list) and len(change) == 2:
                old, new = (self._format_value(value) for value in change)
                lines.append(f"{label}: {old} → {new}")
            else:
                lines.append(f"{label}: {self._format_value(change)}")
        return lines

    @api.model
    def _format_value(self, value):
        """Return a stored value as people read it; see ``healthcare.audit.mixin``."""
        if value is None or value is False or value == []:
            return "–"
        if isinstance(value, dict) and value.keys() == {"id", "name"}:
            return value["name"] or f"#{value['id']}"
        if isinstance(value, dict) and value.keys() == {"added", "removed"}:
            parts = [f"+{self._format_value([item])}" for item in value["added"]]
            parts += [f"−{self._format_value([item])}" for item in value["removed"]]
            return ", ".join(parts)
        if isinstance(value, list):
            return ", ".join(self._format_value(item) for item in value)
        if isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False)
        return str(value)

    # pylint: disable=method-required-super
    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Audit entries are written by the system only."))

    def write(self, vals):
        raise UserError(self.env._("The audit trail is append-only."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_entry(self):
        raise UserError(self.env._("The audit trail is append-only."))

    @api.model
    def _record(self, entries):
        """Append entries in the running transaction, in the name of its user.

        :param entries: list of ``{"model", "res_id", "action", "changes": dict}`` with optional
            ``"company_id"`` (0 or missing: of no company) and ``"res_name"``; values in
            ``changes`` must be JSON (decimals as text)
        """
        if not entries:
            return
        user = self.env.user
        execute_values(
            self.env.cr._obj,
            """
            INSERT INTO healthcare_audit_entry
                (recorded_at, model, res_id, res_name, action, user_id, login, changes, company_id)
            VALUES %s
            """,
            [
                (
                    entry["model"],
                    entry["res_id"],
                    entry.get("res_name") or None,
                    entry["action"],
                    self.env.uid,
                    user.sudo().login,
                    json.dumps(
                        entry.get("changes") or {},
                        ensure_ascii=False,
                        sort_keys=True,
                        separators=(",", ":"),
                    ),
                    entry.get("company_id") or 0,
                )
                for entry in entries
            ],
            template="(clock_timestamp() AT TIME ZONE 'UTC', %s, %s, %s, %s, %s, %s, %s, %s)",
        )
        self._trigger_sealer()

    @api.model
    def _trigger_sealer(self):
        """Have the sealer run after this transaction, asked once however many entries it has."""
        pending = self.env.cr.precommit.data
        if "healthcare_base.seal" in pending:
            return
        pending["healthcare_base.seal"] = True

        @self.env.cr.precommit.add
        def trigger():
            cron = self.env.ref("healthcare_base.cron_audit_seal", raise_if_not_found=False)
            if cron:
                # sudo: business users have no rights on scheduled actions
                cron.sudo()._trigger()

    @api.model
    def _cron_seal(self):
        """Seal what was recorded, in slices; Odoo runs the job again while some remains."""
        sealed, remaining = self._seal(max_batches=10)
        self.env["ir.cron"]._commit_progress(sealed, remaining=remaining)

    @contextmanager
    def _seal_cursor(self):
        """Give the sealer a cursor of its own; the seam for tests.

        The request's own transaction has a fixed snapshot, in which the head of the chain may
        be outdated.
        """
        with self.env.registry.cursor() as cr:
            yield cr

    @api.model
    def _seal(self, max_batches=None):
        """Chain what is not sealed yet, per company in the order of recording.

        Works in a cursor of its own and commits there per batch. A session advisory lock makes
        it single: another caller waits and then finds what is left.

        :param max_batches: stop after so many batches of :data:`SEAL_BATCH` entries
        :return: ``(number sealed, number left)``
        """
        # pylint: disable=invalid-commit
        sealed = batches = 0
        with self._seal_cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s)", [SEAL_LOCK])
            cr.commit()
            try:
                while max_batches is None or batches < max_batches:
                    # Must be the first statement: Odoo's default is REPEATABLE READ.
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    count = self._seal_batch(cr)
                    cr.commit()
                    if not count:
                        break
                    sealed += count
                    batches += 1
                cr.execute("SELECT count(*) FROM healthcare_audit_entry WHERE hash IS NULL")
                remaining = cr.fetchone()[0]
            finally:
                # The connection goes back to the pool, and the lock would go with it.
                cr.rollback()
                cr.execute("SELECT pg_advisory_unlock(%s)", [SEAL_LOCK])
                cr.commit()
        return sealed, remaining

    @api.model
    def _seal_batch(self, cr):
        """Seal up to :data:`SEAL_BATCH` entries of one company; return how many."""
        cr.execute(
            "SELECT company_id FROM healthcare_audit_entry WHERE hash IS NULL ORDER BY company_id LIMIT 1"
        )
        row = cr.fetchone()
        if not row:
            return 0
        company_id = row[0]
        cr.execute("SELECT seq, hash FROM healthcare_audit_head WHERE company_id = %s", [company_id])
        seq, previous = cr.fetchone() or (0, GENESIS_HASH)
        cr.execute(
            SQL(
                """
                SELECT %s FROM healthcare_audit_entry
                 WHERE hash IS NULL AND company_id = %s ORDER BY id LIMIT %s
                """,
                HASHED_TEXTS,
                company_id,
                SEAL_BATCH,
            )
        )
        sealed = []
        for texts in cr.fetchall():
            seq += 1
            digest = entry_hash(previous, seq, texts)
            sealed.append((int(texts[0]), seq, previous, digest))
            previous = digest
        execute_values(
            cr._obj,
            """
            UPDATE healthcare_audit_entry entry
               SET seq = sealed.seq, previous_hash = sealed.previous_hash, hash = sealed.hash
              FROM (VALUES %s) AS sealed (id, seq, previous_hash, hash)
             WHERE entry.id = sealed.id
            """,
            sealed,
            page_size=SEAL_BATCH,
        )
        cr.execute(
            """
            INSERT INTO healthcare_audit_head (company_id, seq, hash) VALUES (%s, %s, %s)
            ON CONFLICT (company_id) DO UPDATE SET seq = EXCLUDED.seq, hash = EXCLUDED.hash
            """,
            [company_id, seq, previous],
        )
        # The log leaves the machine: a head outside of the database's owner's reach.
        _logger.info("Audit chain of company %s: head %s %s", company_id, seq, previous)
        return len(sealed)

    @api.model
    def verify(self, company_ids=None, heads=None):
        """Recompute the audit chains and say whether they are what was recorded.

        For auditors, administrators and the integration service.

        :param company_ids: only the chains of these companies (0: what belongs to none)
        :param heads: list of ``{"company_id", "seq", "hash"}`` as an earlier call returned and
            somebody kept elsewhere: each must still be in its chain. That detects a chain that
            was replaced as a whole.
        :return: ``{"ok": bool, "checked": n, "unsealed": n, "heads": [{"company_id", "seq",
            "hash"}], "first_broken": {"company_id", "seq", "id", "reason", "detail"} or False}``
        :raises AccessError: for anybody else
        """
        groups = ("group_auditor", "group_administrator", "group_service")
        if not self.env.su and not any(
            self.env.user.has_group(f"healthcare_base.{group}") for group in groups
        ):
            raise AccessError(self.env._("Only auditors and administrators verify the audit trail."))
        cr = self.env.cr
        cr.execute(
            """
            SELECT company_id FROM healthcare_audit_entry WHERE hash IS NOT NULL OR seq IS NOT NULL
             UNION SELECT company_id FROM healthcare_audit_head ORDER BY 1
            """
        )
        companies = [row[0] for row in cr.fetchall()]
        if company_ids is not None:
            companies = [company for company in companies if company in set(company_ids)]
        checked, result_heads, broken = 0, [], False
        for company_id in companies:
            kept = {head["seq"]: head["hash"] for head in heads or () if head["company_id"] == company_id}
            count, head, problem = self._verify_chain(company_id, kept)
            checked += count
            result_heads.append({"company_id": company_id, **head})
            broken = broken or problem
        for head in heads or ():
            if head["company_id"] not in companies and not broken and company_ids is None:
                broken = self._broken(head["company_id"], head["seq"], False, "missing")
        cr.execute(
            "SELECT count(*) FROM healthcare_audit_entry WHERE hash IS NULL"
            " AND (%(all)s OR company_id = ANY(%(companies)s))",
            {"all": company_ids is None, "companies": list(company_ids or [])},
        )
        return {
            "ok": not broken,
            "checked": checked,
            "unsealed": cr.fetchone()[0],
            "heads": result_heads,
            "first_broken": broken,
        }

    @api.model
    def _verify_chain(self, company_id, kept_heads):
        """Verify one company's chain.

        :param kept_heads: ``{seq: hash}`` from outside that must be in it
        :return: ``(number of entries that are right, {"seq", "hash"} of the last of them,
            problem or False)``
        """
        cr = self.env.cr
        seq, previous = 0, GENESIS_HASH
        missing_heads = dict(kept_heads)
        while True:
            cr.execute(
                SQL(
                    """
                    SELECT seq, previous_hash, hash, %s FROM healthcare_audit_entry
                     WHERE company_id = %s AND (seq > %s OR (seq IS NULL AND hash IS NOT NULL))
                     ORDER BY seq, id LIMIT %s
                    """,
                    HASHED_TEXTS,
                    company_id,
                    seq,
                    VERIFY_BATCH,
                )
            )
            rows = cr.fetchall()
            for row_seq, row_previous, row_hash, *texts in rows:
                reason = False
                if row_seq != seq + 1:
                    reason = "missing"
                elif row_previous != previous:
                    reason = "chain"
                elif entry_hash(previous, row_seq, texts) != row_hash:
                    reason = "content"
                elif missing_heads.pop(row_seq, row_hash) != row_hash:
                    reason = "head"
                if reason:
                    head = {"seq": seq, "hash": previous}
                    # a gap has no entry of its own
                    entry_id = False if reason == "missing" else int(texts[0])
                    return seq, head, self._broken(company_id, seq + 1, entry_id, reason)
                seq, previous = row_seq, row_hash
            if len(rows) < VERIFY_BATCH:
                break
        head = {"seq": seq, "hash": previous}
        cr.execute("SELECT seq, hash FROM healthcare_audit_head WHERE company_id = %s", [company_id])
        if cr.fetchone() != (seq, previous) or missing_heads:
            return seq, head, self._broken(company_id, seq + 1, False, "missing")
        return seq, head, False

    @api.model
    def _broken(self, company_id, seq, entry_id, reason):
        """Return the finding of :meth:`verify` with one sentence for people."""
        detail = {
            "missing": self.env._("Entry %s is missing: it was deleted, or its number was changed.", seq),
            "chain": self.env._("Entry %s does not follow the one before it: the order was changed.", seq),
            "content": self.env._("The content of entry %s is not what was sealed.", seq),
            "head": self.env._("Entry %s is not the one that was exported: the chain was replaced.", seq),
        }[reason]
        return {
            "company_id": company_id,
            "seq": seq,
            "id": entry_id,
            "reason": reason,
            "detail": detail,
        }

    @api.readonly
    def action_open_record(self):
        """Open the record that the entry is about."""
        self.ensure_one()
        if self.model not in self.env or not self.env[self.model].browse(self.res_id).exists():
            raise UserError(self.env._("The record is not there any more."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
