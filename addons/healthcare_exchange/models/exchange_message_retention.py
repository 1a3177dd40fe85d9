import hashlib
import json

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import envelope
from .exchange_endpoint_document_retention import IN_USE
from .exchange_message import NOW

_SLICE = 200


class HealthcareExchangeMessage(models.Model):
    """Retention: contents of finished messages are removed after the days that the endpoint's
    document type says, where the endpoint is in use. By default they are kept for ever.

    What stays proves what was there: SHA-256 of file, payload and canonical document, numbers,
    states, attempts and the audit trail, which says when it was removed.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    archived_at = fields.Datetime(
        string="Contents Removed", readonly=True, copy=False, help="By the retention policy."
    )
    document_sha256 = fields.Char(
        string="SHA-256 of the Document",
        readonly=True,
        copy=False,
        help="Of the canonical document (keys sorted, no white space) when it was removed.",
    )

    # `_archivable`: what a policy may remove.
    _retention_idx = models.Index(
        "(endpoint_id, document_type, direction, id) WHERE archived_at IS NULL"
        " AND state IN ('sent', 'acknowledged', 'done', 'cancelled')"
    )

    @api.model
    def _cron_archive(self):
        """Remove contents as the policies say, in slices, each in a transaction of its own."""
        rows = (
            self.env["healthcare.exchange.endpoint.document"]
            .sudo()
            .with_context(active_test=False)
            .search([("keep_payload_days", ">", 0), ("endpoint_id.state", "in", IN_USE)])
        )
        for row in rows:
            place = 0
            while True:
                with self._claim_cursor() as cr:
                    messages = self._as_superuser(cr)._archivable(row, place)
                    (messages - messages._retention_blocked())._archive_contents()
                    if messages:
                        place = max(messages.ids)
                if not messages:
                    break
                if not self.env["ir.cron"]._commit_progress(len(messages)):
                    return

    @api.model
    def _archivable(self, row, place):
        """Return the next slice of messages whose contents are older than their policy keeps.

        Finished is what has no way to go on: not what is ``sent`` and still to be acknowledged.

        :param row: the endpoint's document type.
        :param place: highest id of the slice before.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id
                  FROM healthcare_exchange_message m
                  JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
                 WHERE m.endpoint_id = %(endpoint)s AND m.document_type = %(type)s
                   AND m.direction = %(direction)s AND m.archived_at IS NULL AND m.id > %(place)s
                   AND m.state IN ('sent', 'acknowledged', 'done', 'cancelled')
                   AND (m.state <> 'sent' OR m.document_type = 'functional_acknowledgement'
                        OR e.expects_functional_ack IS NOT TRUE AND m.channel IS DISTINCT FROM 'manual')
                   AND m.write_date < %(now)s - make_interval(days => %(days)s)
                 ORDER BY m.id
                 LIMIT %(limit)s
                   FOR UPDATE OF m SKIP LOCKED
                """,
                endpoint=row.endpoint_id.id,
                type=row.document_type,
                direction=row.direction,
                place=place,
                now=NOW,
                days=row.keep_payload_days,
                limit=_SLICE,
            )
        )
        return self.browse([message_id for (message_id,) in self.env.cr.fetchall()])

    def _retention_blocked(self):
        """Return those of these messages whose contents are still needed.

        Here: what an open alert is about, what holds the file of a document that is not finished,
        and what belongs to the same business object as something that is not finished. Override
        to hold back more (begin with ``super()``); no query per message.
        """
        if not self:
            return self
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id FROM healthcare_exchange_message m
                 WHERE m.id = ANY(%(ids)s)
                   AND (EXISTS (SELECT 1 FROM healthcare_exchange_alert a
                                 WHERE a.message_id = m.id AND a.state = 'open')
                        OR EXISTS (SELECT 1 FROM healthcare_exchange_message child
                                    WHERE child.parent_id = m.id AND child.archived_at IS NULL
                                      AND child.state NOT IN ('done', 'cancelled'))
                        OR m.direction = 'outbound' AND EXISTS (
                            SELECT 1 FROM healthcare_exchange_message other
                             WHERE other.direction = 'outbound'
                               AND other.ordering_key = m.ordering_key
                               AND other.state IN ('queued', 'retry', 'leased', 'dead')))
                """,
                ids=self.ids,
            )
        )
        return self.browse([message_id for (message_id,) in self.env.cr.fetchall()])

    def _archive_contents(self):
        """Remove file, payload and document of these messages; what they were stays as SHA-256.

        In SQL: the model's guard refuses to change evidence, and goes on refusing it to all.
        """
        if not self:
            return
        self.env.cr.execute(
            SQL("SELECT id, document FROM healthcare_exchange_message WHERE id = ANY(%s)", self.ids)
        )
        digests = [
            {
                "id": message_id,
                "digest": hashlib.sha256(envelope.canonical_bytes(document)).hexdigest()
                if document
                else None,
            }
            for message_id, document in self.env.cr.fetchall()
        ]
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_message m
                   SET raw = NULL, payload = NULL, document = NULL, document_sha256 = r.digest,
                       archived_at = %(now)s
                  FROM jsonb_to_recordset(%(digests)s) AS r(id int, digest text)
                 WHERE m.id = r.id
             RETURNING m.id, m.number, m.company_id, m.raw_sha256, m.payload_sha256, r.digest
                """,
                now=NOW,
                digests=json.dumps(digests),
            )
        )
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": row["id"],
                    "res_name": row["number"],
                    "action": "archive",
                    "changes": {
                        name: [f"sha256:{row[column]}", None]
                        for name, column in (
                            ("raw", "raw_sha256"),
                            ("payload", "payload_sha256"),
                            ("document", "digest"),
                        )
                        if row[column]
                    },
                    "company_id": row["company_id"],
                }
                for row in self.env.cr.dictfetchall()
            ]
        )
        self.invalidate_recordset()
