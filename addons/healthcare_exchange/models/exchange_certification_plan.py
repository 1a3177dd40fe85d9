import functools
import json
import uuid
from pathlib import Path

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .exchange_message import NOW, iso

_SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples.json"
# Shorter texts (codes, units) may stand anywhere.
_MIN_WITHHELD = 12


@functools.cache
def _samples():
    return json.loads(_SAMPLES.read_text(encoding="utf-8"))


class HealthcareExchangeCertification(models.Model):
    """What the conformance suite sends: sample documents, made as real ones are."""

    _inherit = "healthcare.exchange.certification"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def plan(self, endpoint_code):
        """Return an endpoint's configuration and a sample of each document that it sends.

        The samples have gone the way of real documents: reduced to the fields that may leave,
        with the mapping and code tables that apply and a control number of the endpoint's own.
        They are marked as tests and are no messages.

        :param endpoint_code: an endpoint that the caller may serve, in any state.
        :return: ``{endpoint, digest, samples}``; a sample has ``document_type``, ``document``,
            ``withheld`` (texts that must not be in the bytes), ``mapping`` (``{version,
            expression}`` or False), ``code_tables``, ``control_number``, ``document_time`` (ISO).
        :raise ValidationError: an unknown endpoint.
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller()
        endpoint = messages._reachable_endpoints([endpoint_code]) if endpoint_code else None
        if not endpoint:
            raise ValidationError(self.env._("There is no endpoint '%s' that you may use.", endpoint_code))
        return {
            "endpoint": messages.sudo()._directory_entry(endpoint),
            "digest": endpoint._configuration_digest(),
            # The service's account has no access to models; the endpoint is its right.
            "samples": self.sudo()._sample_messages(endpoint),
        }

    def _sample_messages(self, endpoint):
        types = endpoint.document_ids.filtered(lambda row: row.active and row.direction == "outbound")
        types = [name for name in types.mapped("document_type") if name in _samples()]
        messages = self.env["healthcare.exchange.message"]
        mappings = self.env["healthcare.exchange.mapping"]._in_use_by_key(endpoint, "outbound")
        tables = self.env["healthcare.exchange.code"]._tables(endpoint, "outbound")
        numbers = self.env["healthcare.exchange.endpoint"]._next_control_numbers([endpoint] * len(types))
        self.env.cr.execute(SQL("SELECT %s", NOW))
        [(now,)] = self.env.cr.fetchall()
        samples = []
        for name, number in zip(types, numbers, strict=True):
            document = {**_samples()[name], "number": f"TEST-{uuid.uuid4().hex[:8].upper()}"}
            request = {"endpoint": endpoint, "document_type": name, "document": document}
            vals = messages._prepare_outbound_vals(request, number, mappings, now.replace(microsecond=0))
            mapping = mappings.get((endpoint.id, name))
            samples.append(
                {
                    "document_type": name,
                    "document": vals["document"],
                    "withheld": sorted(_texts(document) - _texts(vals["document"])),
                    "mapping": {"version": mapping.version, "expression": mapping.expression or ""}
                    if mapping
                    else False,
                    "code_tables": tables.get(endpoint.id, {}),
                    "control_number": number,
                    "document_time": iso(vals["document_time"]),
                }
            )
        return samples


def _texts(value):
    """Return the long texts in a JSON value."""
    found, stack = set(), [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, str) and len(item) >= _MIN_WITHHELD:
            found.add(item)
    return found
