import json

from odoo import api, models
from odoo.exceptions import ValidationError

#: What may be called so: the methods of the exchange protocol, by model.
_METHODS = {
    "healthcare.exchange.message": {
        "claim",
        "stage",
        "extend",
        "report",
        "ingest",
        "process",
        "status",
        "replay",
        "endpoints",
        "gauges",
    },
    "healthcare.exchange.command": {"claim", "extend", "report"},
    "healthcare.exchange.credential": {"sealed", "reseal"},
}


class HealthcareExchangeMessage(models.Model):
    """The protocol for callers whose RPC does not carry all of JSON."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def call_json(self, model, method, arguments):
        """Call a method of the exchange protocol with JSON text, and answer with JSON text.

        XML-RPC drops control characters without saying so, and fails on None and on integers
        above 2^31: all of which documents of partners hold. The methods check their caller
        themselves, as always.

        :param model: name of the model.
        :param method: one of the protocol's methods.
        :param arguments: JSON object with the method's arguments by name.
        :return: JSON in ASCII.
        :raise ValidationError: no method of the protocol, or the text is no JSON object.
        """
        if method not in _METHODS.get(model, ()):
            raise ValidationError(self.env._("%s is not a method of the exchange protocol.", method))
        try:
            values = json.loads(arguments)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.env._("The arguments of %s are not JSON.", method)) from error
        if not isinstance(values, dict):
            raise ValidationError(self.env._("The arguments of %s must be an object.", method))
        try:
            result = getattr(self.env[model], method)(**values)
        except TypeError as error:
            # A wrong name of an argument is the caller's mistake, like a wrong value.
            if error.__traceback__.tb_next is not None:
                raise
            raise ValidationError(self.env._("%(method)s: %(error)s", method=method, error=error)) from error
        return json.dumps(result, ensure_ascii=True)
