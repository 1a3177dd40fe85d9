from odoo import api, models

from .match_workbench import amount_text, iso

#: Facts worth a line of their own on the card; the rest is in the arithmetic.
SHOWN_FACTS = (
    "billed_price",
    "agreed_price",
    "difference",
    "quantity",
    "billed_quantity",
    "available",
    "open_received",
    "ordered",
    "reference_unit",
    "unit_as_sent",
    "factor",
    "other_bill",
    "number",
    "price_source",
    "level",
)


class HealthcareMatchWorkbenchException(models.AbstractModel):
    """One exception as the workbench shows it, with what this user may decide."""

    _name = "healthcare.match.workbench.exception"
    _description = "Match Workbench: One Exception"

    @api.model
    def _payload(self, exception):
        """Return the shape ``MatchException`` of workbench_types.d.ts.

        :param exception: a ``healthcare.match.exception`` in the user's environment
        """
        record = exception.sudo()
        choices, refusals = self._choices(exception)
        labels = dict(record._fields["resolution"]._description_selection(self.env))
        return {
            "id": record.id,
            "type": record.type,
            "label": label(record, "type"),
            "family": record.family,
            "family_label": label(record, "family"),
            "severity": record.severity,
            "state": record.state,
            "holds": record._is_undecided(),
            "explanation": record.explanation or "",
            "arithmetic": (record.arithmetic or "").splitlines(),
            "facts": self._facts(record.facts or {}),
            "amount_at_stake": amount_text(record.amount_at_stake, record.currency_id),
            "owner": record.user_id.name or record.group_id.name or False,
            "deadline": iso(record.deadline),
            "proposed_resolution": record.proposed_resolution
            if any(choice["code"] == record.proposed_resolution for choice in choices)
            else False,
            "resolutions": choices,
            "can_resolve": bool(choices),
            "needs_role": refusals[0] if refusals else False,
            "resolution_label": labels.get(record.resolution, False),
            "resolution_reason": record.resolution_reason or record.closed_reason,
            "resolved_by": record.resolved_by_id.name,
            "resolved_at": iso(record.resolved_at),
        }

    @api.model
    def _choices(self, exception):
        """Return what this user may decide, and why not what they may not (the usual one first)."""
        if not exception._is_undecided():
            return [], []
        effects = self._effects()
        labels = dict(exception._fields["resolution"]._description_selection(self.env))
        choices, refusals = [], []
        for name in exception._resolution_choices():
            refusal = exception._refusal(name)
            if refusal:
                refusals.append(f"{labels[name]}: {refusal}")
            else:
                choices.append({"code": name, "label": labels[name], "effect": effects[name]})
        return choices, refusals

    @api.model
    def _effects(self):
        _ = self.env._
        return {
            "accept_variance": _(
                "The bill may be paid as it is. The finding and your reason stay on record."
            ),
            "convert_unit": _(
                "The billed unit is read with this factor on this bill, and the bill is judged again."
            ),
            "correct_order": _("The order's price becomes the billed price, and its bills are judged again."),
            "wait_receipt": _(
                "The bill stays held until the goods are in; then it is judged again by itself."
            ),
            "request_credit": _("The bill stays held while the supplier is asked for a credit."),
            "dispute": _("The bill stays held while you sort it out with the supplier."),
            "assign_buyer": _("The exception goes to the buyer of the order; the bill stays held."),
            "mark_duplicate": _("The bill is cancelled and kept as evidence; the other one stands."),
        }

    @api.model
    def _facts(self, facts):
        labels = self._fact_labels()
        return [
            {"label": labels[name], "value": str(facts[name])}
            for name in SHOWN_FACTS
            if facts.get(name) not in (None, False, "") and name in labels
        ]

    @api.model
    def _fact_labels(self):
        _ = self.env._
        return {
            "billed_price": _("Billed price"),
            "agreed_price": _("Agreed price"),
            "difference": _("Difference"),
            "quantity": _("Quantity"),
            "billed_quantity": _("Billed quantity"),
            "available": _("Received, not yet billed"),
            "open_received": _("Received, not yet billed"),
            "ordered": _("Ordered"),
            "reference_unit": _("Reference unit"),
            "unit_as_sent": _("Unit as sent"),
            "factor": _("Reference units per unit"),
            "other_bill": _("Other bill"),
            "number": _("Its number"),
            "price_source": _("Agreed price from"),
            "level": _("Limits from"),
        }


def label(record, name):
    """Return the label of a selection's value in the user's language."""
    return dict(record._fields[name]._description_selection(record.env)).get(record[name], "")
