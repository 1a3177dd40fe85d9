from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from ..tools.duration import duration_text

#: Business objects that one transaction moves to another endpoint, or sends by e-mail: making a
#: PDF takes a second.
_SLICES = {"reroute": 100, "manual": 1}
# Ordering keys that one query looks for.
_LOOK_AT = 1000


class HealthcareExchangeMessage(models.Model):
    """Contingency policies, carried out: what waits for a partner that is down goes another way
    after the time that its document type's policy says.

    By itself only what certainly did not arrive: every attempt ended ``not_sent``.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _carry_out_contingency(self):
        """Move what is due to move, in slices, each in a transaction of its own.

        :return: what could not be done, as requests for alerts ``contingency_failed``.
        """
        failures = []
        for row, since in self._due_policies():
            if row.contingency == "reroute":
                problem = row._reroute_problem(row.reroute_endpoint_id) or (
                    row.reroute_endpoint_id._hindrance()
                )
                if problem:
                    failures.append(self._failure(row, problem))
                    continue
            place = 0
            while True:
                keys, place = self._movable_keys(row, place)
                if not keys:
                    break
                for some in split_every(_SLICES[row.contingency], keys):
                    failures += self._move_slice(row, list(some), since)
                    if not self.env["ir.cron"]._commit_progress(len(some)):
                        return failures
        return failures

    @api.model
    def _due_policies(self):
        """Return ``[(row of the endpoint's documents, down since)]`` that are to be carried out;
        an announced maintenance is waited for."""
        down = self.env["healthcare.exchange.endpoint"].sudo()._down_since()
        maintenance, _batch = self.env["healthcare.exchange.window"]._now_open(list(down))
        rows = (
            self.env["healthcare.exchange.endpoint.document"]
            .sudo()
            .search(
                [
                    ("endpoint_id", "in", list(set(down) - maintenance)),
                    ("active", "=", True),
                    ("endpoint_id.state", "=", "active"),
                    ("direction", "=", "outbound"),
                    ("contingency", "in", list(_SLICES)),
                ]
            )
        )
        now = fields.Datetime.now()
        return [
            (row, down[row.endpoint_id.id])
            for row in rows
            if now - down[row.endpoint_id.id] >= timedelta(minutes=row.contingency_after_minutes)
        ]

    @api.model
    def _movable_keys(self, row, place):
        """Return ordering keys of which something waits at an endpoint and nothing may have
        arrived, and the place to go on from.

        The policy of the first document of a key decides: the others follow it.

        :param row: the endpoint's document type with its policy.
        :param place: what was returned the last time, 0 to begin.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS (
                    SELECT COALESCE(m.ordering_key, m.uuid) AS key,
                           min(COALESCE(m.in_place_of_id, m.id)) AS place,
                           (array_agg(m.document_type
                               ORDER BY COALESCE(m.in_place_of_id, m.id)))[1] AS first_type,
                           bool_or(m.state = 'leased') AS leased,
                           bool_or(EXISTS (
                               SELECT 1 FROM healthcare_exchange_attempt a
                                WHERE a.message_id = m.id AND a.outcome <> 'not_sent')) AS maybe
                      FROM healthcare_exchange_message m
                     WHERE m.endpoint_id = %(endpoint)s AND m.direction = 'outbound'
                       AND m.state IN ('queued', 'retry', 'leased', 'dead')
                  GROUP BY 1)
                SELECT key, place FROM waiting
                 WHERE place > %(place)s AND first_type = %(type)s AND NOT leased AND NOT maybe
                 ORDER BY place
                 LIMIT %(limit)s
                """,
                endpoint=row.endpoint_id.id,
                place=place,
                type=row.document_type,
                limit=_LOOK_AT,
            )
        )
        found = self.env.cr.fetchall()
        return [key for key, _place in found], found[-1][1] if found else place

    @api.model
    def _move_slice(self, row, keys, since):
        """Move what waits under some keys, in a transaction of its own; return the failures.

        Where the slice as a whole cannot be moved, each key is tried by itself: what is wrong
        with one document holds up no other.
        """
        failures = []
        with self._claim_cursor() as cr:
            messages = self._as_superuser(cr)
            policy = row.with_env(messages.env)
            groups, _held = messages._lock_groups(policy.endpoint_id.id, keys)
            maybe = messages.union(*groups.values())._maybe_arrived()
            groups = [group for group in groups.values() if not group & maybe]
            note = messages.env._(
                "by policy: %(code)s has not answered for %(time)s",
                code=policy.endpoint_id.code,
                time=duration_text(messages.env, fields.Datetime.now() - since),
            )
            whole = messages.union(*groups)
            if len(groups) < 2 or not messages._try_to_move(policy, whole, note):
                for group in groups:
                    messages._try_to_move(policy, group, note, failures)
        return [self._failure(row, problem, key) for key, problem in failures]

    def _try_to_move(self, policy, group, note, failures=None):
        """Carry a policy out for messages; return whether it worked. Where it did not, nothing of
        it is left, and ``(key, reason)`` is added to ``failures``."""
        if not group:
            return True
        try:
            with self.env.cr.savepoint():
                if policy.contingency == "reroute":
                    source, target = policy.endpoint_id, policy.reroute_endpoint_id
                    problem = source._reroute_problem(target, set(group.mapped("document_type")))
                    if problem:
                        raise UserError(problem)
                    group._move_to(target, note)
                else:
                    group._deliver_manually(note)
                self.env.flush_all()
        except UserError as error:
            self.env.invalidate_all()
            if failures is not None:
                failures.append((group[0]._group_key(), str(error)))
            return False
        return True

    @api.model
    def _failure(self, row, problem, key=""):
        return {
            "endpoint": row.endpoint_id,
            "key": f"{row.document_type}:{key}",
            "summary": self.env._(
                "Contingency of %(code)s for %(type)s cannot be carried out: %(problem)s",
                code=row.endpoint_id.code,
                type=row.document_type,
                problem=problem,
            ),
        }
