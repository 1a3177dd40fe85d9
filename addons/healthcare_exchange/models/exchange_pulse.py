from datetime import timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.tools import SQL

from .exchange_message import NOW

#: Bus notification that tells open monitors to look again; it has no content.
PULSE = "healthcare_exchange/pulse"
#: At least so much time lies between two notifications of a database.
INTERVAL = timedelta(seconds=1)

# When this process last asked, by database: a busy worker asks the database once a second.
_asked = {}


class HealthcareExchangePulse(models.Model):
    """When open monitors were last told that something happened: one row, in no one's way.

    A row of its own and not a parameter: it changes every second, and whoever finds it locked
    passes by, for then somebody else is telling.
    """

    _name = "healthcare.exchange.pulse"
    _description = "Pulse of the Exchange"
    _log_access = False
    _rec_name = "beat_at"

    key = fields.Char(required=True, readonly=True)
    beat_at = fields.Datetime(required=True, readonly=True)

    _key_unique = models.UniqueIndex("(key)", "There is one pulse of a kind.")

    @api.model
    def _beat(self):
        """Tell open monitors that something happened, once a second at most in the database.

        In the cursor of the environment, which should be a short one of its own: the
        notification leaves when it commits. What happens within a second after it is not told:
        a monitor looks once more a second later.

        :return: whether this call told them.
        """
        dbname = self.env.cr.dbname
        moment = monotonic()
        if moment - _asked.get(dbname, float("-inf")) < INTERVAL.total_seconds():
            return False
        _asked[dbname] = moment
        if not self._take_turn():
            return False
        bus = self.env["bus.bus"]
        # Odoo subscribes people to their groups' channels by itself, and nobody to others'.
        for group in self.env["healthcare.exchange.monitor"]._reader_groups():
            bus._sendone(group, PULSE, {})
        return True

    @api.model
    def _take_turn(self):
        """Whether a second has passed and nobody else is telling at this moment."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO healthcare_exchange_pulse (key, beat_at)
                SELECT 'monitor', '-infinity'
                 WHERE NOT EXISTS (SELECT FROM healthcare_exchange_pulse WHERE key = 'monitor')
                ON CONFLICT DO NOTHING
                """
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_pulse SET beat_at = %(now)s
                 WHERE id = (SELECT id FROM healthcare_exchange_pulse
                              WHERE key = 'monitor' AND beat_at <= %(now)s - %(interval)s
                         FOR UPDATE SKIP LOCKED)
                """,
                now=NOW,
                interval=INTERVAL,
            )
        )
        return bool(self.env.cr.rowcount)
