from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.text import clean_text
from .exchange_message import NOW

_EVERY_SECONDS = 30
_KEPT_DAYS = 30


class HealthcareExchangeWorker(models.Model):
    """A process of the integration service, and when it was heard of last."""

    _name = "healthcare.exchange.worker"
    _description = "Integration Service Process"
    _log_access = False
    _order = "last_seen_at desc"

    name = fields.Char(required=True, readonly=True, help="Host and process, as in leases and attempts.")
    last_seen_at = fields.Datetime(required=True, readonly=True, index=True)
    version = fields.Char(readonly=True)
    stopped = fields.Boolean(readonly=True, help="It said that it ends; its silence means nothing.")

    _name_unique = models.UniqueIndex("(name)", "This process is known already.")

    @api.model
    def seen(self, worker, version=""):
        """Tell that a process of the service is there, and its version; :meth:`claim` of the
        messages tells it, too. Written at most every 30 seconds.

        :return: True
        """
        self.env["healthcare.exchange.message"]._check_caller()
        self._seen(clean_text(worker, 100), clean_text(version, 50))
        return True

    @api.model
    def gone(self, worker):
        """Tell that a process of the service ends by intention.

        :return: True
        """
        self.env["healthcare.exchange.message"]._check_caller()
        with self.env["healthcare.exchange.message"]._claim_cursor() as cr:
            cr.execute(
                SQL(
                    "UPDATE healthcare_exchange_worker SET stopped = TRUE WHERE name = %s",
                    clean_text(worker, 100),
                )
            )
        return True

    @api.model
    def _is_fresh(self, worker):
        """Whether nothing has to be written for a worker; in the environment's cursor."""
        self.env.cr.execute(
            SQL(
                "SELECT EXISTS (SELECT 1 FROM healthcare_exchange_worker WHERE name = %s"
                " AND stopped IS NOT TRUE AND last_seen_at > %s - make_interval(secs => %s))",
                worker,
                NOW,
                _EVERY_SECONDS,
            )
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _seen(self, worker, version=""):
        """Note in a cursor of its own that a worker is there, unless that is fresh."""
        if not worker:
            return
        with self.env["healthcare.exchange.message"]._claim_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    INSERT INTO healthcare_exchange_worker AS w (name, last_seen_at, version)
                    VALUES (%(name)s, %(now)s, NULLIF(%(version)s, ''))
                    ON CONFLICT (name) DO UPDATE
                       SET last_seen_at = EXCLUDED.last_seen_at,
                           stopped = FALSE,
                           version = COALESCE(EXCLUDED.version, w.version)
                     WHERE w.last_seen_at <= %(now)s - make_interval(secs => %(every)s)
                        OR COALESCE(EXCLUDED.version, w.version) IS DISTINCT FROM w.version
                        OR w.stopped
                    """,
                    name=worker,
                    version=version,
                    now=NOW,
                    every=_EVERY_SECONDS,
                )
            )

    @api.autovacuum
    def _gc_gone(self):
        """Forget processes that have not been heard of for a month."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM healthcare_exchange_worker WHERE last_seen_at < %s - make_interval(days => %s)",
                NOW,
                _KEPT_DAYS,
            )
        )
