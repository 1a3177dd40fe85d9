from odoo import models


class HealthcareExchangeMessage(models.Model):
    """What the integration monitor needs of messages: indexes, each named after its query, and
    the command to try at once."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    # `_open_query`: how many messages wait or are in trouble, and since when.
    _open_idx = models.Index(
        "(endpoint_id, state, create_date) INCLUDE (batch)"
        " WHERE state IN ('queued', 'leased', 'retry', 'dead', 'rejected')"
    )
    # `_sent_query`: the time from order to receipt.
    _sent_idx = models.Index("(endpoint_id, sent_at) INCLUDE (create_date, batch) WHERE sent_at IS NOT NULL")
    # `_unacknowledged_query`: what the partner should have acknowledged by now.
    # An acknowledgement is never acknowledged itself.
    _unacknowledged_idx = models.Index(
        "(endpoint_id, sent_at) WHERE state = 'sent' AND document_type <> 'functional_acknowledgement'"
    )
    # `_received_query`: what came in.
    _received_idx = models.Index("(endpoint_id, create_date) WHERE direction = 'inbound'")
    # `_search_condition`: numbers by how they begin, however old.
    _number_idx = models.Index("(number text_pattern_ops) WHERE number IS NOT NULL")

    def _retry(self):
        """Try at once what waits for its next attempt; return those messages. In superuser mode.

        Attempts go on being counted, unlike after a replay.
        """
        messages = self.filtered(lambda message: message.state == "retry")
        if not messages:
            return messages
        messages._change_state("retry", "retry", {"next_attempt_at": self.env.cr.now()})
        if messages.filtered(lambda message: message.direction == "outbound"):
            self._wake()
        if messages.filtered(lambda message: message.direction == "inbound"):
            self.env.ref("healthcare_exchange.cron_process")._trigger()
        return messages
