import secrets

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import canonical, envelope
from .exchange_message import NOW

_CHANNEL = "healthcare_exchange.wake_channel"


class HealthcareExchangeMessage(models.Model):
    """The outbox: documents queued in the transaction of the business change."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _enqueue(self, endpoint, document_type, document, record, ordering_key=None, **options):
        """Queue one document for sending; see :meth:`_enqueue_many`."""
        return self._enqueue_many(
            [
                {
                    "endpoint": endpoint,
                    "document_type": document_type,
                    "document": document,
                    "record": record,
                    "ordering_key": ordering_key,
                    **options,
                }
            ]
        )

    @api.model
    def _enqueue_many(self, requests):
        """Queue documents for sending, in this transaction: they leave if and when it commits.

        Everything that must be the same at each attempt is pinned here: mapping version, control
        number, document time, trace id.

        :param requests: list of dicts with ``endpoint`` (record), ``document_type``, ``document``
            (canonical dict), ``record`` (what it is about), ``ordering_key`` (default: the
            record, ``model,id``), ``priority`` (0 urgent, 1 normal, 2 bulk), ``trace_id``.
        :return: the messages, in the same order.
        :raise UserError: an endpoint is not in use, does not carry the document type, or the
            document breaks its schema.
        """
        if not requests:
            return self.browse()
        endpoints = self.env["healthcare.exchange.endpoint"].union(
            *(request["endpoint"] for request in requests)
        )
        # Whoever confirms an order sends it, without having rights on the exchange's tables.
        endpoints = endpoints.sudo()
        mappings = self.env["healthcare.exchange.mapping"].sudo()._in_use_by_key(endpoints, "outbound")
        for request in requests:
            self._check_request(request)
        self.env.cr.execute(SQL("SELECT %s", NOW))
        [(now,)] = self.env.cr.fetchall()
        now = now.replace(microsecond=0)
        numbers = self.env["healthcare.exchange.endpoint"]._next_control_numbers(
            [request["endpoint"] for request in requests]
        )
        messages = self.sudo().create(
            [
                self._prepare_outbound_vals(request, number, mappings, now)
                for request, number in zip(requests, numbers, strict=True)
            ]
        )
        self._wake()
        return messages.sudo(self.env.su)

    def _check_request(self, request):
        endpoint = request["endpoint"].sudo()
        document_type = request["document_type"]
        if endpoint.state not in ("active", "suspended"):
            raise UserError(
                self.env._(
                    "Endpoint %s is not active: activate it before documents are sent to it.",
                    endpoint.code,
                )
            )
        if not endpoint._carries(document_type, "outbound"):
            raise UserError(
                self.env._(
                    "Endpoint %(code)s does not send documents of type %(type)s; add the type to "
                    "the endpoint.",
                    code=endpoint.code,
                    type=document_type,
                )
            )
        document = request["document"]
        errors = canonical.validate(document)
        if not errors and document["document_type"] != document_type:
            errors = [{"message": f"document_type is not {document_type}"}]
        if errors:
            raise UserError(
                self.env._(
                    "%(type)s %(number)s for endpoint %(code)s is not a valid document:\n%(errors)s",
                    type=document_type,
                    number=document.get("number") if isinstance(document, dict) else "",
                    code=endpoint.code,
                    errors="\n".join(error["message"] for error in errors[:10]),
                )
            )

    def _prepare_outbound_vals(self, request, number, mappings, now):
        endpoint = request["endpoint"].sudo()
        record = request.get("record")
        document = dict(request["document"])
        if endpoint.test:
            document["test"] = True
        mapping = mappings.get((endpoint.id, request["document_type"]))
        message_uuid = self._fields["uuid"].default(self)
        return {
            "uuid": message_uuid,
            "direction": "outbound",
            "document_type": request["document_type"],
            "number": document["number"],
            "endpoint_id": endpoint.id,
            "company_id": endpoint.company_id.id,
            "priority": request.get("priority", 1),
            "idempotency_key": message_uuid,
            "ordering_key": request.get("ordering_key")
            or (f"{record._name},{record.id}" if record else None),
            "trace_id": envelope.trace_id_or_new(request.get("trace_id")),
            "res_model": record._name if record else False,
            "res_id": record.id if record else False,
            "document": document,
            "control_number": number,
            "document_time": now,
            "mapping_id": mapping.id if mapping else False,
            "mapping_version": mapping.version if mapping else 0,
            "next_attempt_at": now,
        }

    # Wake-up

    @api.model
    def _wake(self, kind="healthcare_exchange/wake"):
        """Tell the service, after commit, that something is due: one empty message per
        transaction and kind on a channel that only the service knows.

        :param kind: type of the notification: messages (the default), or
            ``healthcare_exchange/command_wake`` for commands.
        """
        woken = self.env.cr.precommit.data.setdefault("healthcare_exchange.woken", set())
        if kind in woken:
            return
        woken.add(kind)
        self.env["bus.bus"]._sendone(self._wake_channel_name(), kind, {})

    @api.model
    def _wake_channel_name(self):
        """Return the wake-up channel, made at first use: the name is the secret."""
        parameters = self.env["ir.config_parameter"].sudo()
        name = parameters.get_param(_CHANNEL)
        if not name:
            name = f"healthcare_exchange.{secrets.token_urlsafe(32)}"
            parameters.set_param(_CHANNEL, name)
        return name

    @api.model
    def wake_channel(self):
        """Return the name of the bus channel on which the service is woken."""
        self._check_caller()
        return self._wake_channel_name()
