from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError

#: How long a number must have been known before a call to it confirms anything.
KNOWN_DAYS = 10
#: How long a replaced number is remembered.
KEEP_DAYS = 60
_MAX_KEPT = 100
_SYSTEM_FIELDS = {"phone_since", "phone_before"}


class ResPartner(models.Model):
    """Since when a phone number is known, and which one was known before.

    Who asks for another bank account changes the phone number first. A call-back goes to a number
    that was there before.
    """

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    phone_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="Since when this number is this supplier's. Empty: since before it was noted.",
    )
    phone_before = fields.Json(
        readonly=True, copy=False, help="Numbers that were replaced: number, until, user id."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(_SYSTEM_FIELDS & vals.keys() for vals in vals_list):
            raise self._phone_history_error()
        model = super(ResPartner, without_defaults(self, _SYSTEM_FIELDS))
        partners = model.create(vals_list).with_env(self.env)
        # sudo: the history is kept by the system
        partners.sudo().filtered("phone").write({"phone_since": fields.Datetime.now()})
        return partners

    def write(self, vals):
        if _SYSTEM_FIELDS & vals.keys() and not self.env.su:
            raise self._phone_history_error()
        if not {"phone", "parent_id"} & vals.keys():
            return super().write(vals)
        before = {partner: (partner.phone, partner.parent_id) for partner in self.sudo()}
        result = super().write(vals)
        for partner, (phone, parent) in before.items():
            if digits(partner.phone) != digits(phone) or partner.parent_id != parent:
                partner._note_phone(phone)
        return result

    def _phone_history_error(self):
        return AccessError(
            self.env._("Since when a phone number is known is recorded by the system, not by hand.")
        )

    def _note_phone(self, replaced):
        """Write down that the number begins to be this supplier's now, and which one ends."""
        self.ensure_one()
        now = fields.Datetime.now()
        forget = fields.Datetime.to_string(now - timedelta(days=KEEP_DAYS))
        # The oldest stay: many changes in a row do not drive out the number that was known.
        history = [row for row in self.phone_before or () if row["until"] > forget][:_MAX_KEPT]
        if replaced and digits(replaced) != digits(self.phone):
            since = fields.Datetime.to_string(self.phone_since) if self.phone_since else None
            until = fields.Datetime.to_string(now)
            history.append({"number": replaced, "since": since, "until": until, "user_id": self.env.uid})
        self.write({"phone_since": now, "phone_before": history or False})

    def _known_phones(self, moment=None):
        """Return the numbers under which this supplier was known well before a moment.

        Numbers that were replaced since count, the new ones do not.

        :param moment: naive UTC datetime, default now
        :return: list of dicts with ``number``, ``contact`` and ``since`` (text or None), in
            superuser mode
        """
        self.ensure_one()
        limit = (moment or fields.Datetime.now()) - timedelta(days=KNOWN_DAYS)
        text = fields.Datetime.to_string(limit)
        supplier = self.sudo().commercial_partner_id
        family = supplier | self.sudo().search([("commercial_partner_id", "=", supplier.id)])
        known = {}
        for partner in family:
            numbers = [
                (row["number"], row.get("since"))
                for row in partner.phone_before or ()
                if row["until"] > text and not (row.get("since") and row["since"] > text)
            ]
            if partner.phone and not (partner.phone_since and partner.phone_since > limit):
                since = partner.phone_since and fields.Datetime.to_string(partner.phone_since)
                numbers.append((partner.phone, since or None))
            for number, since in numbers:
                if digits(number):
                    known.setdefault(
                        digits(number), {"number": number, "contact": partner.display_name, "since": since}
                    )
        return list(known.values())


def digits(number):
    """Return what two ways to write a phone number have in common."""
    return "".join(filter(str.isdigit, number or ""))
