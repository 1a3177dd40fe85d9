import json
import logging

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools import canonical
from ..tools.text import clean_text
from .exchange_message import NOW, iso
from .exchange_message_claim import MAX_LEASE

_logger = logging.getLogger(__name__)

_MAX_CLAIM = 20
# How often a service takes a command: one that kills its service is not handed out for ever.
_MAX_ATTEMPTS = 3
_MAX_RESULT = 4_000_000


class HealthcareExchangeCommand(models.Model):
    """The commands' protocol with the integration service, as messages have theirs.

    Works in a cursor of its own (READ COMMITTED); the lease token fences the report.
    """

    _inherit = "healthcare.exchange.command"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def claim(self, worker, limit, lease_seconds, lease_token):
        """Lease commands for the endpoints that the caller may serve, in any state of theirs.

        The same token again gives the same commands. A command whose lease ran out is handed out
        again, at most three times in all.

        :param worker: name of the worker, for people.
        :param limit: at most so many (1 to 20), oldest first.
        :param lease_seconds: how long they are the worker's own (1 to 3600).
        :param lease_token: UUID chosen by the caller.
        :return: list of dicts with ``uuid``, ``kind``, ``arguments`` (dict), ``endpoint`` (as the
            messages' ``endpoints`` gives it), ``attempt_count``, ``leased_until`` (ISO 8601, UTC).
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        worker = clean_text(worker, 100)
        limit = messages._check_number(limit, "limit", 1, _MAX_CLAIM)
        lease_seconds = messages._check_number(lease_seconds, "lease_seconds", 1, MAX_LEASE)
        token = messages._check_token(lease_token)
        endpoints = messages._reachable_endpoints()
        if not endpoints:
            return []
        with messages._claim_cursor() as cr:
            commands = messages._as_superuser(cr).env[self._name]
            return commands._claim_locked(worker, limit, lease_seconds, endpoints.ids, token)

    def _claim_locked(self, worker, limit, lease_seconds, endpoint_ids, token):
        # A repeated call may arrive while the first is still at work.
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                f"healthcare.exchange.command:{token}",
            )
        )
        self._give_up(endpoint_ids)
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_command
                   SET state = 'leased', lease_token = %(token)s, leased_by = %(worker)s,
                       leased_until = %(now)s + make_interval(secs => %(seconds)s),
                       attempt_count = COALESCE(attempt_count, 0)
                                     + (lease_token IS DISTINCT FROM %(token)s)::int,
                       write_date = %(now)s
                 WHERE id IN (
                       SELECT id FROM healthcare_exchange_command
                        WHERE endpoint_id = ANY(%(endpoint_ids)s)
                          AND (state = 'queued' AND take_by > %(now)s
                               OR state = 'leased'
                                  AND (leased_until <= %(now)s OR lease_token = %(token)s))
                     ORDER BY lease_token = %(token)s DESC NULLS LAST, id
                        LIMIT %(limit)s
                   FOR UPDATE SKIP LOCKED)
             RETURNING id
                """,
                token=token,
                worker=worker,
                now=NOW,
                seconds=lease_seconds,
                endpoint_ids=endpoint_ids,
                limit=limit,
            )
        )
        taken = self.browse(command_id for (command_id,) in self.env.cr.fetchall()).sorted("id")
        taken.invalidate_recordset()
        directory = self.env["healthcare.exchange.message"]._directory_entry
        return [
            {
                "uuid": command.uuid,
                "kind": command.kind,
                "arguments": command.arguments or {},
                "endpoint": directory(command.endpoint_id),
                "attempt_count": command.attempt_count,
                "leased_until": iso(command.leased_until),
            }
            for command in taken
        ]

    def _give_up(self, endpoint_ids):
        """End commands that several services took and none answered."""
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM healthcare_exchange_command
                 WHERE endpoint_id = ANY(%s) AND state = 'leased' AND leased_until <= %s
                   AND attempt_count >= %s
                   FOR UPDATE SKIP LOCKED
                """,
                endpoint_ids,
                NOW,
                _MAX_ATTEMPTS,
            )
        )
        lost = self.browse(command_id for (command_id,) in self.env.cr.fetchall())
        lost._finish(
            "failed",
            message=self.env._(
                "The integration service took this %s times and never answered.", _MAX_ATTEMPTS
            ),
        )
        self.flush_model()

    @api.model
    def extend(self, lease_token, lease_seconds):
        """Extend a lease from now on.

        :return: ``{"uuids": [...]}``: what is still held.
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        token = messages._check_token(lease_token)
        lease_seconds = messages._check_number(lease_seconds, "lease_seconds", 1, MAX_LEASE)
        endpoints = messages._reachable_endpoints()
        with messages._claim_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE healthcare_exchange_command
                       SET leased_until = %s + make_interval(secs => %s)
                     WHERE lease_token = %s AND state = 'leased' AND endpoint_id = ANY(%s)
                 RETURNING uuid
                    """,
                    NOW,
                    lease_seconds,
                    token,
                    endpoints.ids,
                )
            )
            return {"uuids": sorted(command_uuid for (command_uuid,) in cr.fetchall())}

    @api.model
    def report(self, lease_token, results):
        """Say what came of commands. Refused per command under another token than the lease's.

        :param lease_token: the token of the claim.
        :param results: list of ``{uuid, state (done, failed), result (dict), message}``.
        :return: one dict per item, in order: ``uuid``, ``status`` (``recorded``, ``repeated``,
            ``lost_lease``), ``state``.
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        token = messages._check_token(lease_token)
        items = [self._check_result(item) for item in messages._check_items(results, "results")]
        endpoints = messages._reachable_endpoints()
        with messages._claim_cursor() as cr:
            commands = messages._as_superuser(cr).env[self._name]
            return commands._report_locked(token, items, endpoints.ids)

    def _report_locked(self, token, items, endpoint_ids):
        self.env.cr.execute(
            SQL(
                """
                SELECT uuid, id, state, state = 'leased' AND lease_token = %s AS mine
                  FROM healthcare_exchange_command
                 WHERE uuid = ANY(%s) AND endpoint_id = ANY(%s)
                 ORDER BY id FOR UPDATE
                """,
                token,
                [item["uuid"] for item in items],
                endpoint_ids,
            )
        )
        rows = {row["uuid"]: row for row in self.env.cr.dictfetchall()}
        answers = []
        for item in items:
            row = rows.get(item["uuid"])
            if row and row["mine"]:
                row.update(mine=False, state=self.browse(row["id"])._finish_reported(item))
                status = "recorded"
            else:
                status = "repeated" if row and row["state"] in ("done", "failed") else "lost_lease"
            answers.append({"uuid": item["uuid"], "status": status, "state": row["state"] if row else False})
        return answers

    def _finish_reported(self, item):
        """Store one result; a record that cannot take it makes the command fail, and no other."""
        message = ""
        try:
            with self.env.cr.savepoint():
                self._finish(item["state"], item["result"], item["message"])
                return item["state"]
        except UserError as error:
            message = str(error)
        except Exception:
            _logger.exception("command %s: its result could not be taken in", item["uuid"])
            message = self.env._("The result could not be taken in; the server's log says why.")
        self.env.invalidate_all()
        self._finish("failed", item["result"], message, hand_on=False)
        return "failed"

    def _check_result(self, item):
        """Return a result in uniform shape.

        :raise ValidationError: its state is neither ``done`` nor ``failed``, or its result is not
            a bounded JSON object.
        """
        result = item.get("result") or {}
        if item.get("state") not in ("done", "failed"):
            raise ValidationError(self.env._("Command %s: state must be done or failed.", item["uuid"]))
        if (
            not isinstance(result, dict)
            or canonical.unstorable(result)
            or len(json.dumps(result)) > _MAX_RESULT
        ):
            raise ValidationError(
                self.env._(
                    "Command %(uuid)s: result must be a JSON object of at most %(n)s bytes.",
                    uuid=item["uuid"],
                    n=_MAX_RESULT,
                )
            )
        return {
            "uuid": item["uuid"],
            "state": item["state"],
            "result": result,
            "message": clean_text(item.get("message")),
        }
