from decimal import Decimal
from fractions import Fraction

from odoo import models
from odoo.exceptions import AccessError, UserError

AP = "healthcare_base.group_accounts_payable"
APPROVER = "healthcare_base.group_approver"
CLERK = "healthcare_base.group_clerk"
STOREROOM = "healthcare_base.group_storeroom"

#: Which roles may take which decision at all; amounts are checked beside it.
ROLES = {
    "accept_variance": (AP, APPROVER),
    "convert_unit": (AP, APPROVER),
    "correct_order": (CLERK,),
    "wait_receipt": (AP, APPROVER, CLERK, STOREROOM),
    "request_credit": (AP, APPROVER),
    "dispute": (AP, APPROVER, CLERK),
    "assign_buyer": (AP, APPROVER, STOREROOM),
    "mark_duplicate": (AP, APPROVER),
}

_DEFAULT = ("accept_variance", "dispute", "assign_buyer")
_PRICE = ("accept_variance", "request_credit", "dispute", "assign_buyer")
_DUPLICATE = ("mark_duplicate", "accept_variance")

#: What can be decided, by type; the first is the usual one.
CHOICES = {
    "price_variance": (*_PRICE, "correct_order"),
    "quantity_over_ordered": _PRICE,
    "quantity_over_received": ("wait_receipt", *_PRICE),
    "not_received": ("wait_receipt", *_PRICE),
    "uom_mismatch": ("convert_unit", *_DEFAULT),
    "recalled_or_expired_lot": _PRICE,
    "unplanned_charge": _PRICE,
    "tax_variance": _PRICE,
    "duplicate_invoice": _DUPLICATE,
    "suspected_duplicate": _DUPLICATE,
}

#: Accepting these is never a matter of a few dollars: an approver decides.
APPROVER_TYPES = (
    "duplicate_invoice",
    "supplier_mismatch",
    "supplier_blocked",
    "no_purchase_order",
    "currency_mismatch",
    "bank_account_changed",
    "paid_unmatched",
)

#: Decisions by which the bill may be paid although the finding stands.
RELEASING = ("accept_variance", "convert_unit")
#: Decisions about money: above the limit of accounts payable an approver takes them.
LIMITED = ("accept_variance", "convert_unit", "correct_order")
#: Decisions after which somebody still has to act: the exception stays open.
KEEPING_OPEN = ("wait_receipt", "assign_buyer")

MAX_REASON = 2000


class HealthcareMatchException(models.Model):
    """What people decide on exceptions: each decision with a reason, within a limit, audited."""

    _inherit = "healthcare.match.exception"

    def action_resolve(self, resolution, reason, values=None):
        """Decide on these exceptions, all with the same decision and reason, or none of them.

        :param str resolution: one of the ``resolution`` field's values
        :param str reason: why; kept with the exception and in the audit trail
        :param values: none is used yet; must be empty
        :return: ``{"exceptions": [{"id", "state"}], "bills": [{"move_id", "match_state"}]}``
        :raises AccessError: without the role, or above the limit of the role
        :raises UserError: without a reason, for a decision that does not fit, or one that was taken
        """
        self.check_access("read")
        reason = self._check_decision(resolution, reason, values)
        bills = self.move_id
        # sudo: the exception and the verdict are written by the match alone; the person's right
        # to decide was checked above
        decided = self.sudo()
        if resolution == "correct_order":
            self._correct_orders()
        decided.write(decided._prepare_decision_vals(resolution, reason))
        if resolution == "assign_buyer":
            decided._hand_to_buyers()
        self._say_decision(resolution, reason)
        if resolution == "mark_duplicate":
            decided._cancel_duplicates()
        bills.sudo()._evaluate_match()
        return {
            "exceptions": [{"id": each.id, "state": each.state} for each in decided],
            "bills": [{"move_id": bill.id, "match_state": bill.match_state} for bill in bills.sudo()],
        }

    # What may be decided

    def _resolution_choices(self):
        """Return the decisions that fit this exception, the proposed one first."""
        self.ensure_one()
        choices = CHOICES.get(self.type, _DEFAULT)
        if self.type == "uom_mismatch" and not (self.facts or {}).get("factor"):
            choices = tuple(name for name in choices if name != "convert_unit")
        if not self.sudo().purchase_line_id:
            choices = tuple(name for name in choices if name != "correct_order")
        return tuple(sorted(choices, key=lambda name: name != self.proposed_resolution))

    def _is_undecided(self):
        """Return whether somebody can still decide: open, or decided without letting it pass."""
        self.ensure_one()
        return self.state == "open" or (self.state == "resolved" and not self.releases)

    def _needs_approver(self, resolution):
        """Return whether accounts payable may not take this decision."""
        self.ensure_one()
        if resolution not in LIMITED:
            return False
        if resolution == "accept_variance" and self.type in APPROVER_TYPES:
            return True
        return self._is_above_limit()

    def _total_let_pass(self):
        """Return what these exceptions of one bill come to with all that was let pass on it.

        The limit holds for this sum, so that deciding piece by piece gains nothing.
        """
        # sudo: what others let pass counts, whoever asks
        exceptions = self.sudo()
        earlier = exceptions.move_id.match_exception_ids.filtered(
            lambda other: other not in exceptions and other.state == "resolved" and other.releases
        )
        return sum((earlier + exceptions).mapped("amount_at_stake"))

    def _is_above_limit(self):
        """Return whether that sum is above the limit of accounts payable."""
        company = self.sudo().company_id
        return company.currency_id.compare_amounts(self._total_let_pass(), company.match_ap_limit) > 0

    def _refusal(self, resolution):
        """Return one sentence saying why this user may not decide so, or False."""
        self.ensure_one()
        user = self.env.user
        if not any(user.has_group(group) for group in ROLES.get(resolution, ())):
            return self.env._(
                "This is for: %(roles)s.",
                roles=", ".join(self.env.ref(group).sudo().name for group in ROLES.get(resolution, ())),
            )
        if self._needs_approver(resolution) and not user.has_group(APPROVER):
            company = self.sudo().company_id
            if self.type in APPROVER_TYPES and resolution == "accept_variance":
                return self.env._("An approver decides this, whatever the amount.")
            return self.env._(
                "%(stake)s at stake on this bill is above the limit of accounts payable (%(limit)s): "
                "an approver decides.",
                stake=company.currency_id.format(self.amount_at_stake),
                limit=company.currency_id.format(company.match_ap_limit),
            )
        return False

    def _check_decision(self, resolution, reason, values):
        """Check everything before anything is written.

        :return: the reason, without blanks around it
        :raises AccessError: without the role, or above its limit
        :raises UserError: anything else
        """
        labels = dict(self._fields["resolution"]._description_selection(self.env))
        if not self:
            raise UserError(self.env._("Choose the exceptions to decide on."))
        if resolution not in labels:
            raise UserError(self.env._("There is no decision '%s'.", resolution))
        if values:
            raise UserError(self.env._("This decision takes no further values."))
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(self.env._("Give a reason: auditors and the supplier's clerk will ask for it."))
        if len(reason) > MAX_REASON:
            raise UserError(self.env._("The reason is longer than %s characters.", MAX_REASON))
        # One at a time is decided on: what two people decide at once must not both count.
        self.sudo().lock_for_update()
        for exception in self:
            if not exception._is_undecided():
                raise UserError(
                    self.env._("%s is settled already; load the bill again.", exception.display_name)
                )
            if resolution not in exception._resolution_choices():
                raise UserError(
                    self.env._(
                        "'%(decision)s' does not fit %(exception)s. Choose one of: %(choices)s.",
                        decision=labels[resolution],
                        exception=exception.display_name,
                        choices=", ".join(labels[name] for name in exception._resolution_choices()),
                    )
                )
            if refusal := exception._refusal(resolution):
                raise AccessError(
                    self.env._(
                        "%(exception)s: %(refusal)s", exception=exception.display_name, refusal=refusal
                    )
                )
        self._check_together(resolution)
        return reason

    def _check_together(self, resolution):
        """Hold several decisions on one bill, taken at once, to the limit as if one after the other."""
        if resolution not in LIMITED or self.env.user.has_group(APPROVER):
            return
        for bill, exceptions in self.grouped("move_id").items():
            if exceptions._is_above_limit():
                company = exceptions.sudo().company_id
                raise AccessError(
                    self.env._(
                        "Together %(stake)s are at stake on bill %(bill)s, above the limit of accounts "
                        "payable (%(limit)s): an approver decides.",
                        stake=company.currency_id.format(exceptions._total_let_pass()),
                        bill=bill.ref or bill.display_name,
                        limit=company.currency_id.format(company.match_ap_limit),
                    )
                )

    # What a decision does

    def _prepare_decision_vals(self, resolution, reason):
        return {
            "state": "open" if resolution in KEEPING_OPEN else "resolved",
            "resolution": resolution,
            "resolution_reason": reason,
            "resolved_by_id": self.env.uid,
            "resolved_at": self.env.cr.now(),
            "releases": resolution in RELEASING,
        }

    def _hand_to_buyers(self):
        """Give exceptions to the buyer of their order, else to all buyers."""
        buyers = self.env.ref(CLERK)
        for order, exceptions in self.grouped("purchase_order_id").items():
            exceptions.write({"group_id": buyers.id, "user_id": order.user_id.id})

    def _correct_orders(self):
        """Set the order's price to the billed one, with the buyer's own rights on the order.

        :raises UserError: where the billed price cannot be written on the order exactly
        """
        for exception in self:
            line = exception.purchase_line_id
            allocation = exception.sudo().bill_line_id.allocation_ids.filtered(
                lambda each, line=line: each.purchase_line_id == line.sudo()
            )[:1]
            compared = allocation.comparison or {}
            price = _order_price(compared, line.sudo())
            digits = self.env["decimal.precision"].precision_get("Product Price")
            if price is None or round(price, digits) != price:
                raise UserError(
                    self.env._(
                        "The billed price of %s cannot be written on the order exactly. Change the "
                        "order itself, or choose another decision.",
                        exception.display_name,
                    )
                )
            line.write({"price_unit": float(price), "discount": 0.0})
            # within the limit this decision is what agrees on the price
            line._agree_price()

    def _cancel_duplicates(self):
        """Cancel bills that are duplicates; they stay as evidence.

        :raises UserError: for a bill that is posted
        """
        for bill in self.move_id:
            if bill.state == "posted":
                raise UserError(
                    self.env._(
                        "Bill %s is posted. Reset it to draft first, then mark it as a duplicate.",
                        bill.ref or bill.display_name,
                    )
                )
        drafts = self.move_id.filtered(lambda bill: bill.state == "draft")
        drafts.button_cancel()

    def _say_decision(self, resolution, reason):
        """Write the decisions into the history of their bills."""
        labels = dict(self._fields["resolution"]._description_selection(self.env))
        types = dict(self._fields["type"]._description_selection(self.env))
        for bill, exceptions in self.grouped("move_id").items():
            if not bill:
                continue
            names = ", ".join(dict.fromkeys(types[each.type] for each in exceptions))
            # sudo: approvers and storekeepers read bills and do not write them
            bill.sudo().message_post(
                body=self.env._(
                    "%(types)s: %(decision)s. %(reason)s",
                    types=names,
                    decision=labels[resolution],
                    reason=reason,
                ),
                author_id=self.env.user.partner_id.id,
            )


def _order_price(compared, line):
    """Return the billed price per unit of the order line as a Decimal, None where it has no end.

    :param dict compared: the figures of an allocation; prices are per reference unit
    :param line: the ``purchase.order.line``
    """
    if not compared.get("billed_price"):
        return None
    ratio = line.product_uom_id.factor / line.product_id.uom_id.factor
    price = Fraction(compared["billed_price"]) * Fraction(str(round(ratio, 6)))
    denominator = price.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return None
    return Decimal(price.numerator) / Decimal(price.denominator)
