import re
from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.lots import normalise_lot

MAX_LOTS = 20000


@dataclass(frozen=True)
class Coverage:
    """What one line of a recall stops."""

    product_id: int
    #: whatever lot: all are recalled, or the item is not tracked and they cannot be told apart
    everything: bool
    numbers: frozenset

    def covers(self, product_id, lot):
        """Tell whether stock with this lot number, or with none, is stopped."""
        if product_id != self.product_id:
            return False
        number = normalise_lot(lot)
        return self.everything or not number or number in self.numbers


class HealthcareRecallLine(models.Model):
    """An item with the lots that are recalled of it, or with all."""

    _name = "healthcare.recall.line"
    _description = "Recalled Item"
    _inherit = ["healthcare.audit.mixin"]
    _order = "recall_id, id"

    _audit_fields = ("recall_id", "product_id", "all_lots", "lot_names")

    recall_id = fields.Many2one("healthcare.recall", required=True, index=True, ondelete="cascade")
    state = fields.Selection(related="recall_id.state")
    product_id = fields.Many2one(
        "product.product", string="Item", required=True, index=True, ondelete="restrict"
    )
    tracking = fields.Selection(related="product_id.tracking")
    all_lots = fields.Boolean(help="Everything of the item, whatever lot.")
    lot_names = fields.Text(
        string="Lots or Serials", help="One in each line, or separated by commas or semicolons."
    )
    lot_count = fields.Integer(compute="_compute_lot_count")

    _something = models.Constraint(
        "CHECK(all_lots OR lot_names IS NOT NULL)", "Name the recalled lots of the item, or choose all lots."
    )

    @api.depends("product_id", "all_lots", "lot_names")
    def _compute_display_name(self):
        for line in self:
            lots = self.env._("all lots") if line.all_lots else ", ".join(line._lots())
            line.display_name = f"{line.product_id.display_name}: {lots}"

    @api.depends("lot_names")
    def _compute_lot_count(self):
        for line in self:
            line.lot_count = len(line._lots())

    @api.constrains("lot_names")
    def _check_lot_names(self):
        for line in self.filtered("lot_names"):
            lots = line._lots()
            if len(lots) > MAX_LOTS:
                raise ValidationError(
                    self.env._(
                        "%(item)s: %(count)s lots are more than the %(limit)s that one line takes.",
                        item=line.product_id.display_name,
                        count=len(lots),
                        limit=MAX_LOTS,
                    )
                )
            if unreadable := [lot for lot in lots if not normalise_lot(lot)]:
                raise ValidationError(
                    self.env._(
                        "%(item)s: %(lot)s is no lot number.",
                        item=line.product_id.display_name,
                        lot=unreadable[0],
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._clean_vals(vals) for vals in vals_list])
        lines._check_open()
        lines._take_effect()
        return lines

    def write(self, vals):
        vals = self._clean_vals(vals)
        if not {"recall_id", "product_id", "all_lots", "lot_names"}.isdisjoint(vals):
            self._check_open()
            before = {line: line._scope() for line in self if line.state in ("active", "completed")}
            result = super().write(vals)
            self._check_open()
            for line, scope in before.items():
                if not line._includes(scope):
                    raise UserError(
                        self.env._(
                            "%s is in force: lots are added to it, not taken away. Have it lifted, and start "
                            "a new one with the right lots.",
                            line.recall_id.display_name,
                        )
                    )
            self._take_effect()
            return result
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        if held := self.recall_id.filtered(lambda recall: recall.state != "draft"):
            raise UserError(
                self.env._(
                    "%s is in force: nothing is taken away from it. Have it lifted.", held[0].display_name
                )
            )

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with lots one in each line, each once."""
        if "lot_names" in vals:
            lots = [lot.strip() for lot in re.split(r"[\n\r,;]+", vals["lot_names"] or "")]
            vals = {**vals, "lot_names": "\n".join(dict.fromkeys(filter(None, lots))) or False}
        return vals

    def _check_open(self):
        if lifted := self.recall_id.filtered(lambda recall: recall.state == "lifted"):
            raise UserError(self.env._("%s was lifted and stays as it is.", lifted[0].display_name))

    def _take_effect(self):
        """A lot that is added to a recall in force is stopped at once."""
        # sudo: it has to reach stock that who adds it does not see
        self.recall_id.filtered(lambda recall: recall.state in ("active", "completed")).sudo()._take_effect()

    def _scope(self):
        self.ensure_one()
        return self.recall_id, self.product_id, self.all_lots, {normalise_lot(lot) for lot in self._lots()}

    def _includes(self, scope):
        """Tell whether the line covers at least what it did when ``scope`` was taken."""
        self.ensure_one()
        recall, product, all_lots, lots = scope
        now = self._scope()
        return (recall, product) == now[:2] and (now[2] or (not all_lots and lots <= now[3]))

    def _lots(self):
        self.ensure_one()
        return (self.lot_names or "").split("\n") if self.lot_names else []

    def _coverage(self):
        """Return what the line stops, ready for many questions."""
        self.ensure_one()
        everything = self.all_lots or self.product_id.tracking == "none"
        return Coverage(self.product_id.id, everything, frozenset(normalise_lot(lot) for lot in self._lots()))

    def _covers(self):
        """Return a function that tells, of a product id and lot number, whether a line stops it."""
        coverages = [line._coverage() for line in self]
        return lambda product_id, lot: any(each.covers(product_id, lot) for each in coverages)
