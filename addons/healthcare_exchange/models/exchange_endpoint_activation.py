from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.exceptions import AccessError, UserError

from ..tools import profiles

#: For those who decide about an endpoint as well as for those who make it.
_DECIDERS = (
    "healthcare_base.group_administrator,healthcare_base.group_auditor,"
    "healthcare_approval.group_integration_approver"
)
#: Written by this model's methods alone.
_CLOSED = {"state", "approved_digest", "configured_by_id"}


class HealthcareExchangeEndpoint(models.Model):
    """From a draft to an endpoint in use: certified by the service, approved by a second person.

    State moves by this model's methods alone, and what the decision rests on does not change
    while the endpoint is active. Superuser code (installation, tests) may begin anywhere; RPC
    cannot have superuser mode.
    """

    _name = "healthcare.exchange.endpoint"
    _inherit = ["healthcare.exchange.endpoint", "healthcare.approval.mixin"]

    connector = fields.Selection(
        selection="_selection_connector",
        help="How documents get there and which format they have. Declared in the integration service.",
    )
    settings = fields.Json(groups=_DECIDERS)
    settings_text = fields.Text(groups=_DECIDERS)
    service_user_ids = fields.Many2many(groups=_DECIDERS)
    configured_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who last changed what the endpoint's approval rests on: somebody else approves it.",
    )
    approved_digest = fields.Char(
        readonly=True, copy=False, help="SHA-256 of the configuration that a second person approved."
    )
    activation_problems = fields.Json(compute="_compute_activation_problems", groups=_DECIDERS)
    activation_guide = fields.Html(compute="_compute_activation_problems", sanitize=False, groups=_DECIDERS)

    @api.model
    def _selection_connector(self):
        return [(name, profile["title"]) for name, profile in profiles.profiles().items()]

    # Configuration

    def _protected_fields(self):
        """Return the names of fields that do not change while an endpoint is active.

        Extend it for what decides how, with whom and as whom documents are exchanged.
        """
        return {
            "code",
            "company_id",
            "partner_id",
            "connector",
            "settings",
            "settings_text",
            "direction",
            "test",
            "expects_functional_ack",
            "service_user_ids",
        }

    def _configuration(self):
        """Return what a certification rests on, as a JSON-able dict: what makes the bytes and
        where they go."""
        self.ensure_one()
        return {
            "code": self.code,
            "partner_id": self.partner_id.id or None,
            "connector": self.connector,
            "settings": self.settings or {},
            "direction": self.direction,
            "test": self.test,
            "expects_functional_ack": self.expects_functional_ack,
            "documents": sorted(
                [row.direction, row.document_type] for row in self.document_ids if row.active
            ),
        }

    def _configuration_digest(self):
        """Return the SHA-256 of :meth:`_configuration`, in hexadecimal."""
        self.ensure_one()
        return digest_of(self.sudo()._configuration())

    def _approval_snapshot(self, kind):
        """What was approved: the configuration, and who may work for it."""
        snapshot = super()._approval_snapshot(kind)
        if kind != "endpoint":
            return snapshot
        return {
            **snapshot,
            "configuration": self._configuration(),
            "company_id": self.company_id.id,
            "service_accounts": sorted(self.service_user_ids.mapped("login")),
            "keep_payload_days": {
                f"{row.document_type} {row.direction}": row.keep_payload_days
                for row in self.with_context(active_test=False).document_ids
                if row.keep_payload_days
            },
        }

    def _approval_digest(self):
        self.ensure_one()
        snapshot = self.sudo()._approval_snapshot("endpoint")
        # In use, keeping contents shorter is decided for itself, and longer is free.
        snapshot.pop("keep_payload_days")
        return digest_of(snapshot)

    # What is missing

    @api.depends("state", "document_ids", "certification_ids")
    def _compute_activation_problems(self):
        for endpoint in self:
            problems = endpoint._activation_problems() if endpoint.id else []
            endpoint.activation_problems = problems
            items = Markup().join(Markup("<li>%s</li>") % problem for problem in problems)
            endpoint.activation_guide = items and Markup("<ul class='mb-0'>%s</ul>") % items

    def _activation_problems(self):
        problems = super()._activation_problems()
        endpoint = self.sudo()
        profile = profiles.profiles().get(endpoint.connector)
        if not profile:
            return [*problems, self.env._("Choose a connector profile that the integration service has.")]
        problems += [
            self.env._("Setting %s.", problem)
            for problem in profiles.settings_problems(endpoint.connector, endpoint.settings or {})
        ]
        problems += endpoint._document_problems(profile)
        if not endpoint.service_user_ids:
            problems.append(self.env._("List the service account that may exchange documents here."))
        return problems + endpoint._certification_problems()

    def _document_problems(self, profile):
        rows = self.document_ids.filtered("active")
        if not rows:
            return [self.env._("List the documents that are exchanged.")]
        return [
            self.env._(
                "%(type)s cannot be exchanged %(direction)s with %(profile)s.",
                type=row.document_type,
                direction=row.direction,
                profile=profile["title"],
            )
            for row in rows
            if row.document_type not in profile[row.direction]
            or self.direction not in (row.direction, "both")
        ]

    def _certification_problems(self):
        last = self.certification_ids[:1]
        if not last:
            return [self.env._("Certify it: the integration service tests what was configured.")]
        if last.digest != self._configuration_digest():
            return [self.env._("The configuration has changed since it was certified: certify again.")]
        if not last.passed:
            return [self.env._("The last certification failed: %s", last.summary)]
        return []

    # Moves

    def action_activate(self):
        """Ask a second person to let documents flow; at once where just this was approved before.

        :raise AccessError: the caller is no administrator.
        :raise UserError: something is missing; the message lists it.
        """
        self._check_administrator()
        for endpoint in self.filtered(lambda one: one.state != "active"):
            endpoint._check_activation()
            if endpoint.sudo().approved_digest and (
                endpoint.sudo().approved_digest == endpoint._approval_digest()
            ):
                endpoint.sudo()._set_active()
                continue
            endpoint._request_approval("endpoint", {"state": "active"})
        return True

    def _check_activation(self):
        problems = self._activation_problems()
        if problems:
            raise UserError(
                self.env._(
                    "Endpoint %(code)s cannot become active yet:\n%(problems)s",
                    code=self.code,
                    problems="\n".join(f"- {problem}" for problem in problems),
                )
            )

    def _approval_changers(self, kind):
        """Who configured the endpoint does not decide, nor anybody in their name."""
        return super()._approval_changers(kind) | self.configured_by_id

    def _approval_covers(self, kind):
        return kind == "endpoint" or super()._approval_covers(kind)

    def _approval_apply(self, kind, proposed_values):
        """Activate what was approved, by somebody who did not configure it."""
        if kind != "endpoint":
            return super()._approval_apply(kind, proposed_values)
        self._check_activation()
        if self.configured_by_id and self.configured_by_id == self.env.user:
            raise AccessError(
                self.env._("You configured endpoint %s: another person has to approve it.", self.code)
            )
        return self._set_active()

    def _set_active(self):
        """Let documents flow; in superuser mode, after the checks."""
        self.write({"state": "active"})

    def action_suspend(self):
        """Hold documents back; nothing is lost, they wait."""
        self._check_administrator()
        wrong = self.filtered(lambda endpoint: endpoint.state not in ("active", "suspended"))
        if wrong:
            raise UserError(self.env._("Endpoint %s is not active.", wrong[0].code))
        # The state field is closed to everybody; the caller's right was checked.
        self.sudo().write({"state": "suspended"})
        return True

    def _check_administrator(self):
        self.env["healthcare.exchange.message"]._check_caller(administrator=True)
        self.check_access("write")

    # Guards

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                if vals.get("state", "draft") != "draft" or vals.get("approved_digest"):
                    raise AccessError(self.env._("An endpoint begins as a draft."))
            vals_list = [{**vals, "configured_by_id": self.env.uid} for vals in vals_list]
        model = super(HealthcareExchangeEndpoint, without_defaults(self, _CLOSED))
        endpoints = model.create(vals_list).with_env(self.env)
        if not self.env.su:
            endpoints._approval_note_author()
        endpoints._remember_approved()
        return endpoints

    def write(self, vals):
        if not self.env.su:
            self._check_write(vals)
        protected = self._protected_fields() & vals.keys()
        if not self.env.su and protected:
            vals = {**vals, "configured_by_id": self.env.uid}
        result = super().write(vals)
        if protected:
            self._approval_note_author()
        if "company_id" in vals:
            # Odoo asks the rules before a write only: nobody moves it where they have no right.
            self.check_access("write")
        if vals.get("state") == "active" or (self.env.su and protected):
            self._remember_approved()
        if protected:
            self._configuration_changed()
        return result

    def _check_write(self, vals):
        """Refuse callers from outside what only this model's methods do."""
        closed = _CLOSED & vals.keys()
        if closed:
            raise AccessError(
                self.env._(
                    "%s of an endpoint is not written: certify it, ask for its activation, or suspend it.",
                    ", ".join(sorted(closed)),
                )
            )
        protected = self._protected_fields() & vals.keys()
        if protected or vals.get("active") is False:
            self._check_not_active(protected or {"active"})

    def _check_not_active(self, names):
        """Refuse a change of what was approved while documents flow.

        :param names: fields, for the message.
        """
        active = self.filtered(lambda endpoint: endpoint.sudo().state == "active")
        if active:
            raise UserError(
                self.env._(
                    "Endpoint %(code)s is active: suspend it before %(fields)s is changed. The change "
                    "has to be certified and approved again.",
                    code=active[0].code,
                    fields=", ".join(sorted(names)),
                )
            )

    def _configuration_changed(self):
        """A certified draft whose configuration changed is a draft again."""
        for endpoint in self.sudo().filtered(lambda one: one.state == "certified"):
            if endpoint._certification_problems():
                endpoint.write({"state": "draft"})

    def _remember_approved(self):
        """Keep the digest of what runs: resuming just that needs no second decision."""
        for endpoint in self.sudo().filtered(lambda one: one.state == "active"):
            digest = endpoint._approval_digest()
            if endpoint.approved_digest != digest:
                endpoint.write({"approved_digest": digest})
