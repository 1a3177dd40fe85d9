import base64
import json

from odoo import Command, api, fields, models
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.exceptions import UserError

from ..models.exchange_endpoint_configuration import (
    CODE_FIELDS,
    DOCUMENT_FIELDS,
    ENDPOINT_FIELDS,
    WINDOW_FIELDS,
    weekly_windows,
)
from ..models.exchange_endpoint_document_retention import IN_USE
from ..tools import configuration, minimisation


class HealthcareExchangeConfigurationImport(models.TransientModel):
    """Taking over an endpoint's configuration from a file: first what would be done, then doing it.

    Everything arrives as a draft, in the rights of who imports; a second import of the same file
    does nothing.
    """

    _name = "healthcare.exchange.configuration.import"
    _description = "Import of an Endpoint's Configuration"

    file = fields.Binary(string="Configuration File")
    filename = fields.Char()
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    plan_text = fields.Text(string="What Will Be Done", readonly=True)
    plan_digest = fields.Char(readonly=True)

    @api.model
    def _download(self, filename, content):
        """Return an action that downloads a configuration as a file."""
        wizard = self.create({"file": base64.b64encode(configuration.dumps(content)), "filename": filename})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{wizard.id}/file/{filename}?download=true",
            "target": "download",
        }

    def _action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Configuration"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_preview(self):
        """Say what the import would do."""
        self.ensure_one()
        steps = self._plan(self._read())
        sentences = [sentence for sentence, _step in steps]
        self.plan_text = "\n".join(f"• {sentence}" for sentence in sentences) or self.env._(
            "Nothing: everything is here already."
        )
        self.plan_digest = digest_of(sentences)
        return self._action()

    def action_import(self):
        """Do what was shown.

        :raise UserError: it was not shown, or would be something else by now.
        """
        self.ensure_one()
        content = self._read()
        steps = self._plan(content)
        if self.plan_digest != digest_of([sentence for sentence, _step in steps]):
            raise UserError(
                self.env._("Look at what will be done first: something has changed, or it was not shown.")
            )
        for _sentence, step in steps:
            step()
        endpoint = self._endpoint(content)
        return {
            "type": "ir.actions.act_window",
            "res_model": endpoint._name,
            "res_id": endpoint.id,
            "views": [(False, "form")],
        }

    def _read(self):
        if not self.file:
            raise UserError(self.env._("Choose a file."))
        try:
            return configuration.loads(base64.b64decode(self.file))
        except configuration.ConfigurationError as error:
            raise UserError(
                self.env._(
                    "%(file)s cannot be imported:\n%(error)s",
                    file=self.filename or self.env._("The file"),
                    error=error,
                )
            ) from error

    def _endpoint(self, content):
        return self.env["healthcare.exchange.endpoint"].search(
            [("code", "=", content["endpoint"]["code"]), ("company_id", "=", self.company_id.id)]
        )

    # The plan: sentences for people, each with the step that it announces

    def _plan(self, content):
        """Return ``[(sentence, step)]``; what is here already is no step."""
        endpoint = self._endpoint(content)
        return [
            *self._plan_endpoint(content["endpoint"], endpoint),
            *self._plan_documents(content, endpoint),
            *self._plan_windows(content, endpoint),
            *self._plan_codes(content, endpoint),
            *self._plan_minimisation(content, endpoint),
            *self._plan_mappings(content, endpoint),
        ]

    def _plan_endpoint(self, values, endpoint):
        code = values["code"]
        vals = {name: values[name] for name in ENDPOINT_FIELDS if name in values}
        if "settings" in values:
            vals["settings"] = values["settings"]
        partner = self._partner(values.get("partner") or {})
        if partner:
            vals["partner_id"] = partner.id
        if not endpoint:
            who = partner.display_name or self.env._("no partner: choose one")
            sentence = self.env._("Make endpoint %(code)s as a draft (%(who)s)", code=code, who=who)
            create = self.env["healthcare.exchange.endpoint"].create
            yield (
                sentence,
                lambda: create({"name": code, "company_id": self.company_id.id, **vals}),
            )
            return
        changed = {name: value for name, value in vals.items() if _plain(endpoint[name]) != value}
        if not changed:
            return
        labels = ", ".join(endpoint._fields[name]._description_string(self.env) for name in sorted(changed))
        if endpoint.state != "draft":
            yield (
                self.env._(
                    "Leave these of endpoint %(code)s as they are, for it is not a draft: %(fields)s",
                    code=code,
                    fields=labels,
                ),
                lambda: None,
            )
            return
        yield (
            self.env._("Change endpoint %(code)s: %(fields)s", code=code, fields=labels),
            lambda: endpoint.write(changed),
        )

    def _partner(self, values):
        """Return the partner that the file means, where exactly one has its reference or VAT."""
        partners = self.env["res.partner"]
        for name in ("ref", "vat"):
            if values.get(name):
                found = partners.search(
                    [
                        (name, "=", values[name]),
                        ("parent_id", "=", False),
                        ("company_id", "in", (False, self.company_id.id)),
                    ],
                    limit=2,
                )
                if len(found) == 1:
                    return found
        return partners

    def _plan_documents(self, content, endpoint):
        rows = endpoint.with_context(active_test=False).document_ids
        here = {(row.document_type, row.direction) for row in rows}
        model = self.env["healthcare.exchange.endpoint.document"]
        for values in content.get("documents") or []:
            key = (values["document_type"], values["direction"])
            self._check_type(key[0])
            if key in here:
                continue
            here.add(key)
            vals = {name: values[name] for name in DOCUMENT_FIELDS if name in values}
            if vals.get("contingency") == "reroute":
                # To which endpoint is this environment's own matter.
                vals.pop("contingency")
            days = vals.pop("keep_payload_days", 0)
            sentence = self.env._("Add document %(type)s, %(direction)s", type=key[0], direction=key[1])
            if days and endpoint.state in IN_USE:
                sentence = self.env._("%s (a second person is asked how long to keep contents)", sentence)

            def step(vals=vals, days=days):
                row = model.create({**vals, "endpoint_id": self._endpoint(content).id})
                row._keep(days)

            yield (sentence, step)

    def _plan_windows(self, content, endpoint):
        here = weekly_windows(endpoint)
        model = self.env["healthcare.exchange.window"]
        kinds = dict(model._fields["kind"]._description_selection(self.env))
        for values in content.get("windows") or []:
            if values in here:
                continue
            vals = {name: values[name] for name in WINDOW_FIELDS if name in values}
            # Left out where it is nought: the file says all, not the defaults.
            vals.setdefault("hour_to", 0)
            yield (
                self.env._(
                    "Add a weekly window: %(kind)s, %(when)s",
                    kind=kinds[vals["kind"]],
                    when=model.new(vals).when,
                ),
                lambda v=vals: model.create({**v, "endpoint_id": self._endpoint(content).id}),
            )

    def _plan_codes(self, content, endpoint):
        here = {(row.table, row.code, row.partner_code): row for row in endpoint.code_ids}
        model = self.env["healthcare.exchange.code"]
        for values in content.get("codes") or []:
            vals = {name: values[name] for name in CODE_FIELDS if name in values}
            vals.setdefault("direction", "both")
            row = here.get((vals["table"], vals["code"], vals["partner_code"]))
            names = {"table": vals["table"], "code": vals["code"], "theirs": vals["partner_code"]}
            if row and row.direction == vals["direction"]:
                continue
            if row:
                yield (
                    self.env._("Change the direction of %(code)s = %(theirs)s in table %(table)s", **names),
                    lambda r=row, v=vals: r.write({"direction": v["direction"]}),
                )
                continue
            yield (
                self.env._("Add %(code)s = %(theirs)s to table %(table)s", **names),
                lambda v=vals: model.create({**v, "endpoint_id": self._endpoint(content).id}),
            )

    def _plan_minimisation(self, content, endpoint):
        here = {row.document_type: row for row in endpoint.minimisation_ids}
        model = self.env["healthcare.exchange.minimisation"]
        for values in content.get("minimisation") or []:
            kind, paths = values["document_type"], sorted(set(values["allowed_paths"]))
            self._check_type(kind)
            row = here.get(kind)
            before = set(row.allowed_paths) if row else set(minimisation.default_paths(kind))
            if row and set(paths) == before:
                continue
            more = set(paths) - before
            asks = more and endpoint.state in ("active", "suspended")
            sentence = self.env._(
                "Let %(n)s fields of %(type)s leave; in addition: %(more)s",
                n=len(paths),
                type=kind,
                more=", ".join(sorted(more)[:10]) or self.env._("none"),
            )
            if asks:
                sentence = self.env._("%s (a second person is asked)", sentence)

            def step(kind=kind, paths=paths, row=row):
                record = row or model.create(
                    {"endpoint_id": self._endpoint(content).id, "document_type": kind}
                )
                record._choose(paths)

            yield (sentence, step)

    def _plan_mappings(self, content, endpoint):
        model = self.env["healthcare.exchange.mapping"]
        for values in content.get("mappings") or []:
            kind, way = values["document_type"], values["direction"]
            self._check_type(kind)
            twin = endpoint.mapping_ids.filtered(
                lambda one, v=values: (
                    (one.document_type, one.direction, one.expression or "")
                    == (v["document_type"], v["direction"], v["expression"])
                    and _samples(one) == [_sample(sample) for sample in v.get("samples") or []]
                )
            )
            if twin:
                continue
            vals = {
                "document_type": kind,
                "direction": way,
                "name": values.get("name") or False,
                "expression": values["expression"],
                "sample_ids": [
                    Command.create(
                        {
                            "sequence": index,
                            "name": sample["name"],
                            "input_text": _text(sample["input"]),
                            "expected_text": _text(sample["expected"]) if "expected" in sample else False,
                            "document_time": sample.get("document_time") or False,
                        }
                    )
                    for index, sample in enumerate(values.get("samples") or [])
                ],
            }
            yield (
                self.env._(
                    "Add a draft of the mapping of %(type)s, %(direction)s, with %(n)s samples",
                    type=kind,
                    direction=way,
                    n=len(vals["sample_ids"]),
                ),
                lambda v=vals: model.create({**v, "endpoint_id": self._endpoint(content).id}),
            )

    def _check_type(self, document_type):
        known = dict(self.env["healthcare.exchange.endpoint.document"]._selection_document_type())
        if document_type not in known:
            raise UserError(
                self.env._(
                    "%(type)s is no document type here; it is one of %(known)s.",
                    type=document_type,
                    known=", ".join(known),
                )
            )


def _text(value):
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


def _sample(values):
    return (
        values["name"],
        digest_of(values["input"]),
        digest_of(values["expected"]) if "expected" in values else None,
        values.get("document_time") or "",
    )


def _samples(mapping):
    return [
        (
            sample.name,
            digest_of(json.loads(sample.input_text)),
            digest_of(json.loads(sample.expected_text)) if sample.expected_text else None,
            sample.document_time or "",
        )
        for sample in mapping.sample_ids
    ]


def _plain(value):
    return value.id if isinstance(value, models.BaseModel) else value
