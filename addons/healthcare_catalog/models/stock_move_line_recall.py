from odoo import api, models
from odoo.exceptions import UserError

#: What decides whether a line moves recalled stock, and how much.
_FACTS = {
    "product_id",
    "lot_id",
    "lot_name",
    "quant_id",
    "location_id",
    "location_dest_id",
    "quantity",
    "product_uom_id",
    "move_id",
    "picking_id",
    "state",
}


class StockMoveLine(models.Model):
    """Recalled lots do not move, but back, to scrap, or into quarantine.

    Checked when a lot is put on a line, and again when the line takes effect: the recall may have
    come in between. Whatever way leads there (form, RPC, immediate transfer, return, relocation),
    lines take effect in ``_action_done``, or are made or changed when done already.
    """

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_recalled()
        return lines

    def write(self, vals):
        if _FACTS.isdisjoint(vals) or not self.env["healthcare.recall"]._stopped_products():
            return super().write(vals)
        before = {line.id: line._recall_facts() for line in self}
        result = super().write(vals)
        self.filtered(lambda line: not line._moves_no_more_than(before[line.id]))._check_recalled()
        return result

    def _action_done(self):
        moving = self.filtered(lambda line: line.product_uom_id.compare(line.quantity, 0) > 0)
        moving._check_recalled(done=True)
        recalls = moving._recalls()
        result = super()._action_done()
        moving.exists()._tell_recalls(recalls)
        return result

    def _recall_facts(self):
        self.ensure_one()
        line = self.sudo()  # who moves goods sees perhaps not the lot
        return (
            (line.product_id.id, line.lot_id.name or line.lot_name or False),
            line.location_id.id,
            line.location_dest_id.id,
            line.state == "done",
            line.quantity_product_uom,
        )

    def _moves_no_more_than(self, before):
        """Tell whether a line moves the same lot on the same way, and no more of it: what was
        done before the recall may be corrected downwards."""
        now = self._recall_facts()
        return now[:4] == before[:4] and now[4] <= before[4]

    def _recalls(self):
        """Return ``{line: recall}`` of the lines whose lot is recalled."""
        pairs = {line: line._recall_facts()[0] for line in self}
        recalls = self.env["healthcare.recall"]._recalls_of(pairs.values())
        return {line: recalls[pair] for line, pair in pairs.items() if pair in recalls}

    def _check_recalled(self, done=False):
        """Refuse to move recalled lots.

        :param bool done: the lines take effect now; else stock without a lot is let pass on lines
            that are not done, since the lot may still come
        :raises UserError: naming lot, recall, its reason, and where the lot may go
        """
        for line, recall in self.sudo()._recalls().items():
            _pair, _source, _destination, is_done, quantity = line._recall_facts()
            named = line.lot_id or line.lot_name
            if not quantity or line.state == "cancel" or not (named or done or is_done):
                continue
            if line.move_id._may_move_recalled(line.location_id, line.location_dest_id):
                continue
            raise UserError(line._recall_message(recall))

    def _recall_message(self, recall):
        self.ensure_one()
        number = self.lot_id.name or self.lot_name
        what = (
            self.env._("Lot %(lot)s of %(item)s", lot=number, item=self.product_id.display_name)
            if number
            else self.env._("%s (no lot is known, so any recall counts)", self.product_id.display_name)
        )
        return "\n".join(
            filter(
                None,
                [
                    self.env._(
                        "%(what)s is recalled by %(recall)s: it is neither received nor issued.",
                        what=what,
                        recall=recall.display_name,
                    ),
                    recall.reason,
                    self.env._(
                        "It may go to a quarantine location, back to the supplier, or to scrap. Take it off "
                        "this transfer otherwise."
                    ),
                ],
            )
        )

    def _tell_recalls(self, recalls):
        """Write down on the recalls which of their lots have moved: returns, scrap, counts."""
        entries = []
        for line in self.sudo():
            recall = recalls.get(line)
            if not recall:
                continue
            body = self.env._(
                "%(quantity)s %(unit)s of %(item)s, lot %(lot)s: %(origin)s → %(destination)s (%(document)s)",
                quantity=line.quantity,
                unit=line.product_uom_id.name,
                item=line.product_id.display_name,
                lot=line.lot_id.name or line.lot_name or "–",
                origin=line.location_id.display_name,
                destination=line.location_dest_id.display_name,
                document=line.picking_id.name or line.reference or "–",
            )
            recall.message_post(body=body)
            entries.append(
                {
                    "model": "healthcare.recall",
                    "res_id": recall.id,
                    "res_name": recall.display_name,
                    "action": "recalled_lot_moved",
                    "changes": {"text": body, "move_line_id": line.id},
                    "company_id": line.company_id.id,
                }
            )
        self.env["healthcare.audit.entry"]._record(entries)

    def _recall_kind(self):
        """Return what a line is to a recall: ``under_way``, ``received``, ``counted`` (found),
        ``issued``, ``returned``, ``written_off``, or ``None`` for a movement between shelves."""
        self.ensure_one()
        inside = ("internal", "transit")
        if self.state != "done":
            return "under_way"
        source, destination = self.location_id.usage, self.location_dest_id.usage
        if source not in inside and destination in inside:
            return "counted" if source == "inventory" else "received"
        if destination not in inside:
            return {"supplier": "returned", "inventory": "written_off"}.get(destination, "issued")
        return None
