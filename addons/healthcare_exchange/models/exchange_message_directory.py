from odoo import api, models


class HealthcareExchangeMessage(models.Model):
    """What the integration service has to know before a message is there."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def endpoints(self):
        """Return the endpoints that the caller may exchange with, by code.

        The service's account has no access to the endpoints themselves; for what comes in it
        needs their connector and settings, which hold no credentials.

        :return: list of dicts with ``code``, ``name``, ``state``, ``direction``, ``test``,
            ``connector``, ``settings`` (dict), ``expects_functional_ack`` and ``authentication``
            (list of the kinds of credentials that count at the ingress).
        """
        self._check_caller()
        return [self._directory_entry(endpoint) for endpoint in self._reachable_endpoints().sorted("code")]

    @api.model
    def _directory_entry(self, endpoint):
        """Return what the service is told about one endpoint, see :meth:`endpoints`.

        Extend it for what the service must know before a message is there, without credentials
        and without a query per endpoint: all reachable endpoints share one prefetch.
        """
        return {
            "code": endpoint.code,
            "name": endpoint.name,
            "state": endpoint.state,
            "direction": endpoint.direction,
            "test": endpoint.test,
            "connector": endpoint.connector,
            "settings": endpoint.settings or {},
            "expects_functional_ack": endpoint.expects_functional_ack,
        }
