import hashlib
import secrets
from datetime import timedelta

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.addons.auth_signup.models.res_partner import SignupError
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import email_normalize, hmac, plaintext2html
from odoo.tools.misc import clean_context

#: How long the link in the e-mail works.
LINK_HOURS = 72
#: Registrations that one e-mail address and one network address may begin in a day.
PER_EMAIL = 3
PER_REMOTE = 10
#: Registrations that may be begun in an hour by all.
PER_HOUR = 200

#: What the public form takes, with the length it may have.
FORM_FIELDS = {
    "company_name": 200,
    "street": 200,
    "zip": 20,
    "city": 100,
    "country_code": 2,
    "vat": 40,
    "contact_name": 200,
    "email": 254,
    "phone": 40,
    "website": 200,
    "about": 2000,
}
REQUIRED_FIELDS = ("company_name", "country_code", "contact_name", "email")


class HealthcareSupplierRegistration(models.Model):
    """A company that asks to become a supplier, before anybody knows who it is.

    Made by the public form. Nothing else exists until the e-mail address is confirmed: then a
    supplier in draft, its contact and the contact's portal login are made, or, where the company
    looks like one that is known, a person decides.
    """

    _name = "healthcare.supplier.registration"
    _description = "Supplier Registration"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin"]
    _order = "id desc"
    _rec_name = "company_name"
    _audit_fields = ("state", "partner_id", "decided_by_id", "reason")

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    state = fields.Selection(
        [
            ("unconfirmed", "E-Mail Not Confirmed"),
            ("review", "To Decide"),
            ("accepted", "Accepted"),
            ("refused", "Refused"),
        ],
        required=True,
        default="unconfirmed",
        readonly=True,
        index=True,
        tracking=True,
    )
    company_name = fields.Char(required=True, readonly=True)
    street = fields.Char(readonly=True)
    zip = fields.Char(string="ZIP", readonly=True)
    city = fields.Char(readonly=True)
    country_id = fields.Many2one("res.country", readonly=True)
    vat = fields.Char(string="Tax ID", readonly=True)
    contact_name = fields.Char(required=True, readonly=True)
    email = fields.Char(required=True, readonly=True, index=True)
    phone = fields.Char(readonly=True)
    website = fields.Char(readonly=True)
    about = fields.Text(readonly=True, help="What the company says it supplies.")
    hindrance = fields.Text(
        readonly=True, help="Why no supplier was made by itself: what a person has to decide."
    )
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True, index="btree_not_null")
    user_id = fields.Many2one("res.users", string="Portal Login", readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    reason = fields.Char(readonly=True)
    token_digest = fields.Char(readonly=True, groups="base.group_system", index="btree_not_null")
    token_until = fields.Datetime(readonly=True, groups="base.group_system")
    remote_digest = fields.Char(readonly=True, groups="base.group_system", index="btree_not_null")

    # The public side: called by the controller, in superuser mode

    @api.model
    def _begin(self, values, remote):
        """Note a registration and send the link that confirms its e-mail address.

        :param dict values: texts of the public form, keys of ``FORM_FIELDS``; hostile.
        :param str remote: network address of the sender; only a keyed digest is kept.
        :return: {field: sentence} of what is wrong; empty when it was taken. What is taken says
            nothing about whether the address or the company is known.
        """
        values = {name: " ".join((values.get(name) or "").split()) for name in FORM_FIELDS}
        problems = self._form_problems(values)
        if problems:
            return problems
        email = email_normalize(values["email"])
        digest = hmac(self.env, "healthcare_supplier.registration", remote or "")
        if not self._may_begin(email, digest):
            return {
                "": self.env._(
                    "Too many registrations were sent. Try again tomorrow, or write to our procurement."
                )
            }
        token = secrets.token_urlsafe(32)
        country = self.env["res.country"].search([("code", "=", values.pop("country_code").upper())])
        registration = self.create(
            {
                **values,
                "email": email,
                "country_id": country.id,
                "company_id": self.env.company.id,
                "token_digest": self._digest(token),
                "token_until": fields.Datetime.now() + timedelta(hours=LINK_HOURS),
                "remote_digest": digest,
            }
        )
        registration._send("healthcare_supplier.mail_template_registration_confirm", token)
        return {}

    @api.model
    def _form_problems(self, values):
        """Return {field: sentence} of what is wrong with the texts of the form."""
        problems = {}
        for name, length in FORM_FIELDS.items():
            if len(values[name]) > length:
                problems[name] = self.env._("At most %s characters.", length)
            elif name in REQUIRED_FIELDS and not values[name]:
                problems[name] = self.env._("Please fill this in.")
        if "email" not in problems and not email_normalize(values["email"]):
            problems["email"] = self.env._("This is not an e-mail address.")
        if "country_code" not in problems and not self.env["res.country"].search_count(
            [("code", "=", values["country_code"].upper())]
        ):
            problems["country_code"] = self.env._("Choose a country.")
        return problems

    @api.model
    def _may_begin(self, email, remote_digest):
        """Return whether a further registration is taken from this address now."""
        self.env.cr.execute(
            """
            SELECT count(*) FILTER (WHERE email = %(email)s),
                   count(*) FILTER (WHERE remote_digest = %(remote)s),
                   count(*) FILTER (WHERE create_date > (now() AT TIME ZONE 'UTC') - interval '1 hour')
              FROM healthcare_supplier_registration
             WHERE create_date > (now() AT TIME ZONE 'UTC') - interval '1 day'
            """,
            {"email": email, "remote": remote_digest},
        )
        by_email, by_remote, by_all = self.env.cr.fetchone()
        return by_email < PER_EMAIL and by_remote < PER_REMOTE and by_all < PER_HOUR

    @api.model
    def _digest(self, token):
        return hashlib.sha256((token or "").encode()).hexdigest()

    @api.model
    def _by_token(self, token):
        """Return the registration that a link is for; empty when it is wrong or out of date."""
        return self.search(
            [
                ("token_digest", "=", self._digest(token)),
                ("token_until", ">=", fields.Datetime.now()),
                ("state", "=", "unconfirmed"),
            ],
            limit=1,
        )

    def _confirm(self):
        """The e-mail address is the applicant's: make the supplier, or have a person decide.

        :return: relative address where the applicant chooses a password, or False.
        """
        self.ensure_one()
        self.lock_for_update()
        if self.state != "unconfirmed":
            return False
        if self.env["res.users"].with_context(active_test=False).search_count([("login", "=", self.email)]):
            self._hold(self.env._("A login with this e-mail address exists already."))
            return False
        try:
            with self.env.cr.savepoint():
                # As the system: whom the applicant looks like is written down for who decides. To the
                # applicant nothing is told.
                self._accept(self.with_user(SUPERUSER_ID)._make_supplier().with_env(self.env))
        except (UserError, ValidationError, SignupError) as error:
            self._hold(str(error))
            return False
        return self._password_url()

    # Deciding

    def action_accept(self):
        """Make a supplier in draft after all, and invite its contact (procurement, compliance).

        :raises UserError: when it is not to decide, or the duplicate check still refuses it.
        """
        for registration in self._to_decide():
            registration._accept(registration._make_supplier())
            registration._send("healthcare_supplier.mail_template_registration_welcome")

    def action_join(self, partner_id):
        """Give the applicant a portal login of a supplier that exists (compliance).

        :param int partner_id: the supplier; its contact gets access to all its portal shows.
        :raises AccessError: for others than compliance.
        """
        if not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(
                self.env._("Only compliance gives a stranger access to a supplier that exists.")
            )
        partner = self.env["res.partner"].browse(partner_id).exists().commercial_partner_id
        partner.check_access("read")
        if not partner.supplier_state:
            raise UserError(self.env._("%s is no supplier.", partner.display_name or partner_id))
        for registration in self._to_decide():
            registration._accept(partner.sudo())
            registration._send("healthcare_supplier.mail_template_registration_welcome")

    def action_refuse(self, reason):
        """Refuse: nothing is made. The applicant is not told why.

        :param str reason: for those who come later.
        :raises UserError: without a reason.
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the registration is refused."))
        self._to_decide().write({"state": "refused", "reason": reason.strip(), "decided_by_id": self.env.uid})

    def _to_decide(self):
        """Return these in superuser mode, checked that the user decides and that they are open."""
        groups = ("healthcare_base.group_clerk", "healthcare_supplier.group_compliance")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Procurement or compliance decides about registrations."))
        self.check_access("read")
        if any(registration.state != "review" for registration in self):
            raise UserError(self.env._("Only registrations that wait for a decision can be decided."))
        # sudo: nobody writes registrations by hand
        return self.sudo().with_context(**clean_context(self.env.context))

    def _hold(self, hindrance):
        """Have a person decide, with an activity for compliance."""
        self.write({"state": "review", "hindrance": hindrance})
        for user in self.env.ref("healthcare_supplier.group_compliance").all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )[:1]:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=self.env._("Decide on a registration"),
                note=plaintext2html(hindrance),
            )

    def _make_supplier(self):
        """Return a new supplier in draft.

        :raises ValidationError: when it is, by its identifiers, one that exists.
        """
        return self.env["res.partner"].create(
            {
                "name": self.company_name,
                "is_company": True,
                "street": self.street,
                "zip": self.zip,
                "city": self.city,
                "country_id": self.country_id.id,
                "vat": self.vat,
                "email": self.email,
                "phone": self.phone,
                "website": self.website,
                "supplier_state": "draft",
                "supplier_source": "portal",
                "company_id": False,
            }
        )

    def _accept(self, partner):
        """Make the applicant a contact of ``partner`` with a portal login."""
        contact = self.env["res.partner"].create(
            {
                "name": self.contact_name,
                "parent_id": partner.id,
                "type": "contact",
                "email": self.email,
                "phone": self.phone,
            }
        )
        user = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            ._create_user_from_template(
                {
                    "login": self.email,
                    "email": self.email,
                    "partner_id": contact.id,
                    "company_id": self.company_id.id,
                    "company_ids": [Command.set(self.company_id.ids)],
                    "active": True,
                }
            )
        )
        if user._is_internal() or not user._is_portal():
            raise UserError(
                self.env._(
                    "The template of portal users gives other rights than the portal's: "
                    "correct it in the settings first."
                )
            )
        contact.signup_prepare()
        decided_by = self.env.user if self.env.user._is_internal() else self.env["res.users"]
        self.write(
            {
                "state": "accepted",
                "partner_id": partner.id,
                "user_id": user.id,
                "decided_by_id": decided_by.id,
                "token_digest": False,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_todo"])
        partner.message_post(
            body=self.env._(
                "%(contact)s (%(email)s) registered in the portal.",
                contact=self.contact_name,
                email=self.email,
            )
        )

    def _password_url(self):
        """Return the relative address where the contact chooses a password."""
        contact = self.user_id.partner_id.with_context(relative_url=True)
        return contact._get_signup_url_for_action(url="/my/supplier")[contact.id]

    def _send(self, template, token=None):
        """Queue an e-mail to the applicant. It holds nothing that the applicant wrote: the form
        is open to all, and must not carry words to strangers.
        """
        base = self.get_base_url()
        address = f"{base}/supplier/confirm?token={token}" if token else base + self._password_url()
        # Of no record and by nobody: who reads registrations must not read the link, for it opens
        # the applicant's login.
        hidden = {"model": False, "res_id": False, "author_id": self.company_id.partner_id.id}
        self.env.ref(template).with_context(registration_address=address).send_mail(
            self.id, email_values={"recipient_ids": [], "email_to": self.email, **hidden}
        )

    @api.autovacuum
    def _gc_unconfirmed(self):
        """Forget registrations whose e-mail address was never confirmed."""
        self.search(
            [
                ("state", "=", "unconfirmed"),
                ("token_until", "<", fields.Datetime.now() - timedelta(days=1)),
            ],
            limit=1000,
        ).unlink()
