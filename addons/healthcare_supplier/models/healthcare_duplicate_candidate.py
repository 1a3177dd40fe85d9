from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

_SIDES = ("ref", "vat", "street", "zip", "city", "country_id", "email", "phone", "supplier_state")


class HealthcareDuplicateCandidate(models.Model):
    """Two records that may be the same supplier, side by side, and what a person decided.

    "Not the same" is remembered until something that was compared changes.
    """

    _name = "healthcare.duplicate.candidate"
    _description = "Possible Duplicate"
    _inherit = ["mail.thread", "healthcare.audit.mixin"]
    _order = "state_order, score desc, id desc"
    _audit_fields = ("partner_id", "other_id", "score", "state", "decision_reason", "decided_by_id")

    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, readonly=True, index=True, ondelete="cascade"
    )
    other_id = fields.Many2one(
        "res.partner", string="Other Record", required=True, readonly=True, index=True, ondelete="cascade"
    )
    score = fields.Float(readonly=True, digits=(4, 3), aggregator="max", help="0 to 1.")
    reasons = fields.Json(readonly=True)
    exact = fields.Json(readonly=True, help="Identifiers that both carry.")
    is_exact = fields.Boolean(string="Same Identifier", readonly=True)
    reason_text = fields.Text(string="Why", compute="_compute_reason_text")
    left_text = fields.Text(string="First Record", compute="_compute_sides", compute_sudo=True)
    right_text = fields.Text(string="Second Record", compute="_compute_sides", compute_sudo=True)
    facts_digest = fields.Char(readonly=True)
    found_at = fields.Datetime(readonly=True)
    state = fields.Selection(
        [("open", "To Decide"), ("distinct", "Not the Same")],
        default="open",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    state_order = fields.Integer(compute="_compute_state_order", store=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decision_reason = fields.Text(readonly=True)
    may_share = fields.Boolean(
        string="Shared on Purpose",
        readonly=True,
        help="The two are different and share an identifier, such as the tax number of a tax group.",
    )

    _pair_unique = models.UniqueIndex("(partner_id, other_id)", "The two records are compared already.")
    _pair_ordered = models.Constraint("CHECK (partner_id < other_id)", "The older record comes first.")

    @api.depends("state")
    def _compute_state_order(self):
        order = {"open": 0, "distinct": 1}
        for candidate in self:
            candidate.state_order = order.get(candidate.state, 9)

    @api.depends("partner_id", "other_id")
    def _compute_display_name(self):
        for candidate in self:
            candidate.display_name = f"{candidate.partner_id.name} ~ {candidate.other_id.name}"

    @api.depends("reasons", "exact")
    def _compute_reason_text(self):
        labels = {
            "name": self.env._("Name %(similarity)s alike"),
            "zip": self.env._("Same postal code"),
            "city": self.env._("Same city"),
            "street": self.env._("Same street"),
            "other_country": self.env._("Other country"),
        }
        schemes = dict(
            self.env["healthcare.partner.identifier"]._fields["scheme"]._description_selection(self.env)
        )
        schemes |= {"tax": self.env._("Tax ID"), "iban": self.env._("IBAN")}
        for candidate in self:
            lines = [
                self.env._(
                    "Same %(scheme)s: %(value)s",
                    scheme=schemes.get(one["kind"], one["kind"]),
                    value="…" + one["value"][-4:] if one["kind"] == "iban" else one["value"],
                )
                for one in candidate.exact or []
            ]
            for reason in candidate.reasons or []:
                label = labels.get(reason["kind"], reason["kind"])
                if "similarity" in reason:
                    label %= {"similarity": f"{reason['similarity']:.0%}"}
                lines.append(f"{label} ({reason['points']:+.2f}): {reason['ours']} ~ {reason['theirs']}")
            candidate.reason_text = "\n".join(lines)

    @api.depends("partner_id", "other_id")
    def _compute_sides(self):
        for candidate in self:
            candidate.left_text = self._side(candidate.partner_id)
            candidate.right_text = self._side(candidate.other_id)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Possible duplicates are found by the system, not entered."))
        return (
            super(HealthcareDuplicateCandidate, without_defaults(self)).create(vals_list).with_env(self.env)
        )

    def write(self, vals):
        if not self.env.su and any(not name.startswith("message_") for name in vals):
            raise AccessError(self.env._("A possible duplicate is decided with its buttons, not written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if any(candidate.state == "distinct" for candidate in self) or not self.env.su:
            raise UserError(self.env._("Decisions about duplicates are evidence and are kept."))

    def action_not_same(self, reason, may_share=False):
        """Decide: two suppliers. Remembered until name, address or identifiers of one change.

        :param str reason: required; how the two were told apart
        :param bool may_share: whether the two share an identifier on purpose; then it is not
            refused, and a change of identifiers does not ask again
        :raises AccessError: to who is no compliance officer, or made, changed or submitted one of
            the two
        """
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(self.env._("A compliance officer decides about duplicates."))
        if own := self._pair()._made_by_user():
            raise AccessError(
                self.env._(
                    "You made, changed or submitted the record of %s: another compliance officer decides "
                    "whether it is here twice.",
                    own[0].display_name,
                )
            )
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("Say how the two were told apart."))
        for candidate in self.sudo():
            if candidate.state != "open":
                raise UserError(self.env._("%s is decided.", candidate.display_name))
            candidate.write(
                {
                    "state": "distinct",
                    "decided_by_id": self.env.uid,
                    "decided_at": fields.Datetime.now(),
                    "decision_reason": reason.strip(),
                    "may_share": bool(may_share),
                    "facts_digest": candidate.partner_id._duplicate_facts(candidate.other_id, not may_share),
                }
            )
        return True

    def action_merge(self):
        """Open the form in which merging the two is proposed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Merge"),
            "res_model": "healthcare.partner.merge.propose",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_candidate_id": self.id},
        }

    def _pair(self):
        """Return the partners of these candidates."""
        return self.partner_id | self.other_id

    @api.model
    def _open_for(self, partners):
        """Return what is still to be decided about these suppliers."""
        commercial = partners.commercial_partner_id
        return self.search(
            [
                ("state", "=", "open"),
                "|",
                ("partner_id", "in", commercial.ids),
                ("other_id", "in", commercial.ids),
            ]
        )

    @api.model
    def _sharing_pairs(self, partner_ids):
        """Return ``{(id, other id)}`` of pairs that share identifiers by a person's decision, with
        these suppliers on either side; ids ascending."""
        partner_ids = list(partner_ids)
        decided = self.sudo().search(
            [
                ("state", "=", "distinct"),
                ("may_share", "=", True),
                "|",
                ("partner_id", "in", partner_ids),
                ("other_id", "in", partner_ids),
            ]
        )
        return {(candidate.partner_id.id, candidate.other_id.id) for candidate in decided}

    def _forget(self):
        """Delete these, because one of the two was merged; what was decided is kept there."""
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM healthcare_duplicate_candidate WHERE id = ANY(%s)", [self.ids])
        self.env.invalidate_all(flush=False)

    @api.model
    def _note(self, pairs):
        """Write down pairs that are alike; ask again about those that changed since a decision.

        :param pairs: ``{(id, other id): (score, reasons, exact)}``, ids ascending
        """
        if not pairs:
            return self.browse()
        ids = {partner_id for pair in pairs for partner_id in pair}
        known = {
            (one.partner_id.id, one.other_id.id): one
            for one in self.search([("partner_id", "in", list(ids)), ("other_id", "in", list(ids))])
        }
        partners = self.env["res.partner"].with_context(active_test=False)
        now = fields.Datetime.now()
        new = []
        for (left, right), (score, reasons, exact) in sorted(pairs.items()):
            values = {
                "score": score,
                "reasons": reasons,
                "exact": exact,
                "is_exact": bool(exact),
                "found_at": now,
            }
            candidate = known.get((left, right))
            if candidate is None:
                new.append({**values, "partner_id": left, "other_id": right})
            elif candidate.state == "open":
                candidate.write(values)
            elif candidate.state == "distinct":
                facts = partners.browse(left)._duplicate_facts(
                    partners.browse(right), not candidate.may_share
                )
                if facts != candidate.facts_digest:
                    candidate.write({**values, "state": "open", "may_share": False})
        return self.create(new)

    @api.model
    def _side(self, partner):
        """Return one record for the side by side view."""
        labels = partner.fields_get(_SIDES, ["string"])
        lines = [f"{partner.name} (#{partner.id})"]
        for name in _SIDES:
            value = partner[name]
            if not value:
                continue
            field = partner._fields[name]
            if field.type == "many2one":
                value = value.display_name
            elif field.type == "selection":
                value = dict(field._description_selection(partner.env)).get(value, value)
            lines.append(f"{labels[name]['string']}: {value}")
        lines += [one.display_name for one in partner.identifier_ids]
        lines += [
            self.env._("Bank account: %s", bank.masked_number) for bank in partner.bank_ids if bank.active
        ]
        return "\n".join(lines)
