import uuid as uuid_lib
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.orm.models import NO_ACCESS
from odoo.tools.misc import hmac

from ..tools import sealing
from ..tools.secret_text import SecretError, check_secret

#: How many credentials of one kind may be valid at the same moment: the new one and the old one.
MAX_VALID = 2
#: Days before its end at which a credential without a successor is reported.
EXPIRING_DAYS = 14
_MAX_REWRAPS = 1000
_PINNED = frozenset({"uuid", "endpoint_id", "direction", "kind", "client_id", "fingerprint", "valid_from"})


class HealthcareExchangeCredential(models.Model):
    """A secret between us and a partner, sealed for the integration service.

    The secret itself is never stored: it is sealed in the call that brings it, and only the
    service can open it. Records are made, ended and sealed anew by methods alone; nobody has the
    right to write them.
    """

    _name = "healthcare.exchange.credential"
    _description = "Exchange Credential"
    _inherit = ["healthcare.audit.mixin"]
    _order = "endpoint_id, state, direction, kind, valid_from desc, id desc"
    _audit_fields = (
        "endpoint_id",
        "direction",
        "kind",
        "name",
        "client_id",
        "fingerprint",
        "key_id",
        "valid_from",
        "valid_to",
        "state",
    )

    uuid = fields.Char(required=True, readonly=True, copy=False)
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    name = fields.Char(required=True, help="What it is for, such as 'token of 2027'. Never the secret.")
    direction = fields.Selection(
        [("inbound", "The partner presents it to us"), ("outbound", "We present it to the partner")],
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        [
            ("bearer", "Bearer token"),
            ("oauth_client", "OAuth 2.0 client secret"),
            ("webhook_secret", "Webhook signing secret"),
        ],
        required=True,
        readonly=True,
    )
    client_id = fields.Char(
        string="Client ID", readonly=True, help="Name of the OAuth 2.0 client; no secret."
    )
    sealed_secret = fields.Text(groups=NO_ACCESS, copy=False)
    key_id = fields.Char(string="Sealed With", readonly=True, copy=False)
    fingerprint = fields.Char(
        readonly=True,
        copy=False,
        help="Tells two secrets apart without telling anything about either.",
    )
    valid_from = fields.Datetime(required=True, readonly=True)
    valid_to = fields.Datetime(readonly=True, help="Empty: until it is revoked.")
    state = fields.Selection(
        [("active", "Active"), ("revoked", "Revoked")], default="active", required=True, readonly=True
    )
    validity = fields.Selection(
        [
            ("valid", "Valid"),
            ("future", "Not yet valid"),
            ("expiring", "Expires soon"),
            ("expired", "Expired"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_validity",
    )

    _uuid_unique = models.Constraint("UNIQUE (uuid)", "A credential's UUID is its own.")
    _validity_check = models.Constraint(
        "CHECK (valid_to IS NULL OR valid_to >= valid_from)", "A credential ends after it begins."
    )
    _client_check = models.Constraint(
        "CHECK ((kind = 'oauth_client') = (client_id IS NOT NULL))",
        "An OAuth 2.0 client secret, and nothing else, has a client ID.",
    )
    _direction_check = models.Constraint(
        "CHECK (direction = 'inbound' OR kind = 'bearer')",
        "The service can present bearer tokens only.",
    )

    @api.depends("state", "valid_from", "valid_to")
    def _compute_validity(self):
        now = fields.Datetime.now()
        soon = now + timedelta(days=EXPIRING_DAYS)
        for credential in self:
            end = credential.valid_to
            if credential.state == "revoked":
                credential.validity = "revoked"
            elif end and end <= now:
                credential.validity = "expired"
            elif credential.valid_from and credential.valid_from > now:
                credential.validity = "future"
            elif end and end <= soon:
                credential.validity = "expiring"
            else:
                credential.validity = "valid"

    @api.depends("name", "fingerprint")
    def _compute_display_name(self):
        for credential in self:
            credential.display_name = f"{credential.name} ({credential.fingerprint})"

    def write(self, vals):
        if pinned := _PINNED & vals.keys():
            raise UserError(
                self.env._("A credential's %s does not change; make another credential.", sorted(pinned)[0])
            )
        return super().write(vals)

    # ------------------------------------------------------------------ made and ended

    @api.model
    def _prepare_sealed(self, endpoint, direction, kind, secret):
        """Seal a secret for a credential that is to be made.

        :param secret: the text; not kept, and in no message of any error.
        :return: ``{"uuid", "sealed_secret", "key_id", "fingerprint"}``.
        :raise ValidationError: the text cannot be such a credential.
        :raise UserError: the service's key is not registered.
        """
        try:
            secret = check_secret(secret, kind, direction)
        except SecretError as error:
            # `from None`: the trace must not lead to where the secret was.
            raise ValidationError(
                self.env._("Endpoint %(code)s: %(error)s.", code=endpoint.code, error=error)
            ) from None
        key = self.env["healthcare.exchange.service.key"]._current()
        name = str(uuid_lib.uuid4())
        data = sealing.associated_data(endpoint.code, name, direction, kind)
        try:
            sealed = sealing.seal(secret, sealing.read_public_key(key.public_key), data)
        except sealing.SealingError as error:
            raise ValidationError(self.env._("Service key: %s.", error)) from None
        return {
            "uuid": name,
            "sealed_secret": sealed,
            "key_id": key.key_id,
            "fingerprint": self._fingerprint(secret),
        }

    @api.model
    def _fingerprint(self, secret):
        """Return 16 hexadecimal digits that are equal for equal secrets of this database.

        Keyed with the database's own secret: a plain digest would let who reads it try words.
        """
        # sudo: the database's secret is for the computation alone
        return hmac(self.env(su=True), "healthcare.exchange.credential", secret)[:16]

    @api.model
    def _keep(self, vals):
        """Make a credential out of what :meth:`_prepare_sealed` gave and its description.

        :raise AccessError: the caller is no administrator of the endpoint's company.
        :raise UserError: two are valid already at that time, or this secret is known.
        """
        endpoint = self.env["healthcare.exchange.endpoint"].browse(vals["endpoint_id"])
        self._check_administrator(endpoint)
        # sudo: rights were checked; nobody has the right to create directly
        model = self.sudo()
        same = [
            ("endpoint_id", "=", endpoint.id),
            ("direction", "=", vals["direction"]),
            ("kind", "=", vals["kind"]),
            ("state", "=", "active"),
        ]
        if model.search_count([*same, ("fingerprint", "=", vals["fingerprint"])], limit=1):
            raise UserError(self.env._("Endpoint %s: this very secret is there already.", endpoint.code))
        same += [("client_id", "=", vals.get("client_id") or False)]
        credential = model.create(vals)
        if len(model.search(same).filtered(credential._overlaps)) > MAX_VALID:
            raise UserError(
                self.env._(
                    "Endpoint %(code)s: %(number)s credentials of this kind are valid at that time already. "
                    "Revoke the older one first, or let the new one begin later.",
                    code=endpoint.code,
                    number=MAX_VALID,
                )
            )
        return credential.sudo(False)

    def _overlaps(self, other):
        """Whether another credential is valid while this one, or will be."""
        now = fields.Datetime.now()
        begin = max(self.valid_from, other.valid_from)
        ends = [end for end in (self.valid_to, other.valid_to) if end]
        return not ends or min(ends) > max(begin, now)

    def action_revoke(self):
        """End credentials at once, and forget what was sealed."""
        for endpoint in self.endpoint_id:
            self._check_administrator(endpoint)
        # sudo: rights were checked; nobody has the right to write directly
        self.sudo().filtered(lambda one: one.state == "active").write(
            {"state": "revoked", "sealed_secret": False}
        )
        return True

    def _expire(self, moment):
        """Let credentials end at a moment, unless they end before."""
        for endpoint in self.endpoint_id:
            self._check_administrator(endpoint)
        # sudo: rights were checked; nobody has the right to write directly
        longer = self.sudo().filtered(lambda one: not one.valid_to or one.valid_to > moment)
        longer.write({"valid_to": moment})

    def _check_administrator(self, endpoint):
        """Raise AccessError unless the caller administers this endpoint."""
        if self.env.su:
            return
        if not self.env.user.has_group("healthcare_base.group_administrator"):
            raise AccessError(self.env._("Credentials are the business of procurement administrators."))
        endpoint.check_access("write")

    # ------------------------------------------------------------------ for the service

    @api.model
    def sealed(self, endpoint_codes):
        """Return the sealed credentials of the caller's endpoints, for the integration service.

        Those are given that are valid now or within a day: the service applies the times itself.

        :param endpoint_codes: list of codes; empty for all that the caller reaches. Others are
            left out, so that the answer does not tell what exists.
        :return: dict of ``active_key_id`` (text, or False), ``managed`` (list of ``{endpoint_code,
            direction}`` that ever had a credential here: for these nothing else counts) and
            ``credentials`` (list of ``{uuid, endpoint_code, direction, kind, client_id, sealed,
            key_id, fingerprint, valid_from, valid_to}``; the newest first, times ISO 8601 with Z
            or False).
        :raise AccessError: the caller is not the service.
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        codes = messages._check_list(endpoint_codes, "endpoint_codes")
        endpoints = messages._reachable_endpoints(codes)
        # sudo: the service's account has no access to models; its endpoints are its right
        model = self.sudo()
        managed = model._read_group([("endpoint_id", "in", endpoints.ids)], ["endpoint_id", "direction"])
        now = fields.Datetime.now()
        credentials = model.search(
            [
                ("endpoint_id", "in", endpoints.ids),
                ("state", "=", "active"),
                ("valid_from", "<=", now + timedelta(days=1)),
                "|",
                ("valid_to", "=", False),
                ("valid_to", ">", now),
            ],
            order="valid_from desc, id desc",
        )
        key = self.env["healthcare.exchange.service.key"]._active_key()
        return {
            "active_key_id": key.key_id or False,
            "managed": [
                {"endpoint_code": endpoint.code, "direction": direction} for endpoint, direction in managed
            ],
            "credentials": [credential._sealed_row() for credential in credentials],
        }

    def _sealed_row(self):
        return {
            "uuid": self.uuid,
            "endpoint_code": self.endpoint_id.code,
            "direction": self.direction,
            "kind": self.kind,
            "client_id": self.client_id or False,
            "sealed": self.sealed_secret,
            "key_id": self.key_id,
            "fingerprint": self.fingerprint,
            "valid_from": _iso(self.valid_from),
            "valid_to": _iso(self.valid_to),
        }

    @api.model
    def reseal(self, rewraps):
        """Take credentials that the service has sealed anew with the active key.

        :param rewraps: list of ``{uuid, sealed_before, sealed, key_id}``; ``sealed_before`` is
            what the service opened, so that nothing newer is lost.
        :return: list of ``{uuid, status}``: ``resealed``, or ``changed`` where it is not that
            any more, is not the caller's, or ``key_id`` is not the active key.
        :raise AccessError: the caller is not the service.
        :raise ValidationError: the call is not of that shape.
        """
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        names = ("uuid", "sealed_before", "sealed", "key_id")
        if isinstance(rewraps, list) and len(rewraps) > _MAX_REWRAPS:
            raise ValidationError(self.env._("rewraps: at most %s.", _MAX_REWRAPS))
        for rewrap in rewraps if isinstance(rewraps, list) else [None]:
            if not isinstance(rewrap, dict) or not all(isinstance(rewrap.get(n), str) for n in names):
                raise ValidationError(self.env._("rewraps must be a list of objects of text: %s", names))
        # sudo: the service's account has no access to models; its endpoints are its right
        model = self.sudo()
        active = self.env["healthcare.exchange.service.key"]._active_key()
        mine = model.search(
            [
                ("uuid", "in", [rewrap["uuid"] for rewrap in rewraps]),
                ("endpoint_id", "in", messages._reachable_endpoints().ids),
                ("state", "=", "active"),
            ]
        )
        by_uuid = {credential.uuid: credential for credential in mine}
        answers = []
        for rewrap in rewraps:
            credential = by_uuid.get(rewrap["uuid"])
            fits = (
                credential
                and rewrap["key_id"] == active.key_id
                and credential.key_id != active.key_id
                and credential.sealed_secret == rewrap["sealed_before"]
                and sealing.looks_sealed(rewrap["sealed"])
            )
            if fits:
                credential.write({"sealed_secret": rewrap["sealed"], "key_id": active.key_id})
            answers.append({"uuid": rewrap["uuid"], "status": "resealed" if fits else "changed"})
        return answers

    # ------------------------------------------------------------------ alerts

    @api.model
    def _expiring(self):
        """Return the active credentials that end soon, or have ended, without a successor.

        A successor is one of the same endpoint, direction, kind and client that ends later. For
        the alert ``credential_expiring``.
        """
        soon = fields.Datetime.now() + timedelta(days=EXPIRING_DAYS)
        active = self.search([("state", "=", "active"), ("endpoint_id.active", "=", True)])
        last = {}
        for credential in active:
            key = (
                credential.endpoint_id.id,
                credential.direction,
                credential.kind,
                credential.client_id or "",
            )
            best = last.get(key)
            if best is None or (
                best.valid_to and (not credential.valid_to or credential.valid_to > best.valid_to)
            ):
                last[key] = credential
        ending = [one.id for one in last.values() if one.valid_to and one.valid_to <= soon]
        return self.browse(ending)


def _iso(moment):
    """Return a UTC datetime as ISO 8601 with Z, False for none."""
    return moment.isoformat(timespec="seconds") + "Z" if moment else False
