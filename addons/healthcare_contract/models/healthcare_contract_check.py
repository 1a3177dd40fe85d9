from odoo import models


class HealthcareContract(models.Model):
    """What keeps a draft from being submitted, in sentences a person can act on."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    # Sentences of one sort that are shown; more are counted.
    _problems_shown = 10

    def _submission_problems(self):
        """Return what has to be put right before approval is asked for.

        Override to add what an addon above knows; the sentences name line and field.
        """
        self.ensure_one()
        return [
            *self._head_problems(),
            *self._roster_problems(),
            *self._line_problems(),
            *self._unit_problems(),
            *self._open_problems(),
            *self._call_off_problems(),
        ]

    def _head_problems(self):
        if not self.line_ids and not self.is_service:
            yield self.env._("Lines: there are none. Enter what is bought on this contract.")
        if self.is_service and not self.not_to_exceed:
            yield self.env._(
                "Not To Exceed: a service contract needs the amount that its call-offs do not exceed."
            )
        if self.amends_id and not self.effective_from:
            yield self.env._("In Force From: say from which day the amendment replaces the earlier version.")
        if not self.all_facilities and not self.eligibility_ids:
            yield self.env._("Roster: nobody may buy on it. Enter facilities, or tick All Facilities.")

    def _roster_problems(self):
        for entry in self.eligibility_ids:
            if not entry.facility_id.active:
                yield self.env._(
                    "Roster: facility %s is archived. Remove it.", entry.facility_id.display_name
                )
            elif entry.account_id and not entry.account_id.active:
                yield self.env._(
                    "Roster, %(facility)s: account %(account)s is archived. Choose another one.",
                    facility=entry.facility_id.display_name,
                    account=entry.account_id.account_number,
                )

    def _line_problems(self):
        """Known items have a price: else the line looks agreed, and is not."""
        unpriced = self.line_ids.filtered(lambda line: line.product_id and not line.price_ids)
        yield from self._shortened(
            [
                self.env._("Line %s has no price. Enter one, or remove the line.", line.display_name)
                for line in unpriced
            ]
        )

    def _unit_problems(self):
        """A packaging may have ended since the price was entered."""
        yield from self._shortened(
            [
                self.env._(
                    "Line %(line)s, field Unit: %(unit)s has no factor for this item. Enter a packaging, or "
                    "correct the unit.",
                    line=price.line_id.display_name,
                    unit=price.unit_code,
                )
                for price in self.line_ids.price_ids._without_factor()
            ]
        )

    def _open_problems(self):
        problems = self.problem_ids.filtered(lambda problem: not problem.is_done)
        yield from self._shortened(
            [
                self.env._(
                    "%(message)s Enter what is meant and tick Done on tab Problems, or have it sent again.",
                    message=problem.message,
                )
                for problem in problems
            ]
        )

    def _call_off_problems(self):
        """A limit below what is ordered already would hold nobody."""
        if not self.not_to_exceed:
            return
        called_off = self._called_off()[self.id]
        if called_off > float(self.not_to_exceed):
            yield self.env._(
                "Not To Exceed: %(amount)s %(currency)s was called off already.",
                amount=round(called_off, 2),
                currency=self.currency_id.name,
            )

    def _shortened(self, sentences):
        """Return the first sentences, and how many more there are."""
        more = len(sentences) - self._problems_shown
        if more > 0:
            return [*sentences[: self._problems_shown], self.env._("… and %s more of this sort.", more)]
        return sentences
