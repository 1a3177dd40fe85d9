import json

from odoo import models

from ..tools import configuration
from ..tools.windows import WEEKDAYS

#: Fields that mean the same in every environment; credentials, states and ids are none of them.
ENDPOINT_FIELDS = (
    "code",
    "name",
    "system",
    "connector",
    "direction",
    "test",
    "expects_functional_ack",
    "acknowledge_by",
    "max_attempts",
    "retry_base_seconds",
    "retry_max_seconds",
    "tz",
    "rate_per_minute",
    "rate_burst",
    "drain_per_minute",
    "breaker_failures",
    "breaker_seconds",
    "breaker_max_seconds",
)
DOCUMENT_FIELDS = (
    "document_type",
    "direction",
    "contingency",
    "contingency_after_minutes",
    "price_valid_days",
    "keep_payload_days",
    "timing",
)
#: Windows that come each week; one with dates belongs to its own environment.
WINDOW_FIELDS = ("kind", *WEEKDAYS, "hour_from", "hour_to", "note")
CODE_FIELDS = ("table", "code", "partner_code", "direction", "note")


class HealthcareExchangeEndpoint(models.Model):
    """An endpoint as a file, to take it from one environment to the next."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    def action_export(self):
        """Download the endpoint's configuration as a file."""
        self.ensure_one()
        self.check_access("write")
        return self.env["healthcare.exchange.configuration.import"]._download(
            f"{self.code}.json", self._export()
        )

    def _export(self, mappings=None):
        """Return the configuration as a JSON-able dict, see ``data/configuration.schema.json``.

        :param mappings: versions to export; default: per document type and direction the one in
            production, else the newest.
        """
        self.ensure_one()
        if mappings is None:
            mappings = self._exported_mappings()
        partner = self.partner_id.commercial_partner_id
        endpoint = {
            **_values(self, ENDPOINT_FIELDS),
            "settings": self.settings or {},
            "partner": _values(partner, ("name", "ref", "vat")) if partner else {},
        }
        return {
            "format": configuration.FORMAT,
            "version": configuration.VERSION,
            "endpoint": endpoint,
            "documents": [
                _values(row, DOCUMENT_FIELDS)
                for row in self.document_ids.filtered("active").sorted(
                    lambda one: (one.document_type, one.direction)
                )
            ],
            "windows": weekly_windows(self),
            "mappings": [_mapping(mapping) for mapping in mappings],
            "codes": [
                _values(row, CODE_FIELDS)
                for row in self.code_ids.sorted(lambda one: (one.table, one.code, one.partner_code))
            ],
            "minimisation": [
                {"document_type": row.document_type, "allowed_paths": row.allowed_paths}
                for row in self.minimisation_ids.sorted("document_type")
            ],
        }

    def _exported_mappings(self):
        chosen = {}
        for mapping in self.mapping_ids.sorted(lambda one: (one.state == "production", one.version)):
            chosen[mapping.document_type, mapping.direction] = mapping
        return [chosen[key] for key in sorted(chosen)]


def weekly_windows(endpoint):
    """Return the windows of an endpoint that come each week, as JSON-able dicts in a fixed order."""
    windows = endpoint.window_ids.filtered(lambda one: one.active and not one.date_from and not one.date_to)
    rows = [_values(window, WINDOW_FIELDS) for window in windows]
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


def _values(record, names):
    """Return fields as JSON; what is empty is left out."""
    values = {}
    for name in names:
        value = record[name]
        if record._fields[name].type in ("boolean", "integer") or value:
            values[name] = value
    return values


def _mapping(mapping):
    return {
        **_values(mapping, ("document_type", "direction", "name")),
        "expression": mapping.expression or "",
        "samples": [
            {
                **_values(sample, ("name", "document_time")),
                "input": json.loads(sample.input_text),
                **({"expected": json.loads(sample.expected_text)} if sample.expected_text else {}),
            }
            for sample in mapping.sample_ids
        ],
    }
