from odoo import api, fields, models

from ..tools.lots import normalise_lot
from .healthcare_recall import STOPPING


class HealthcareRecall(models.Model):
    """What a recall stops, and what it concerns: stock, movements, tasks."""

    _inherit = "healthcare.recall"

    shelf_quantity = fields.Float(
        string="On Shelves", compute="_compute_affected_counts", compute_sudo=True, digits="Product Unit"
    )
    loose_quantity = fields.Float(
        string="Outside Quarantine",
        compute="_compute_affected_counts",
        compute_sudo=True,
        digits="Product Unit",
    )
    lot_known_count = fields.Integer(
        string="Known Lots", compute="_compute_affected_counts", compute_sudo=True
    )
    move_count = fields.Integer(string="Movements", compute="_compute_affected_counts", compute_sudo=True)

    def _compute_affected_counts(self):
        # compute_sudo: totals are for everybody, also for those who may not read stock
        companies = self.env.companies
        for recall in self:
            quants = recall._affected_quants().filtered(lambda quant: quant.company_id in companies)
            recall.shelf_quantity = sum(quants.mapped("quantity"))
            recall.loose_quantity = sum(
                quant.quantity for quant in quants if not quant.location_id._is_in_quarantine()
            )
            recall.lot_known_count = len(
                recall._affected_lots().filtered(
                    lambda lot: not lot.company_id or lot.company_id in companies
                )
            )
            recall.move_count = len(
                recall._affected_move_lines().filtered(lambda line: line.company_id in companies)
            )

    @api.model
    def _recalls_of(self, pairs):
        """Return which recall stops an item and lot, for many at once.

        Lots are compared by letters and digits alone, whatever their case. An item that is not
        tracked, or stock without a lot, cannot be told apart: any recall of the item stops it.

        :param pairs: iterable of ``(product id, lot number or False)``
        :return: dict from pair to a ``healthcare.recall``, only for pairs that are stopped
        """
        pairs = set(pairs)
        stopped = self._stopped_products()
        wanted = {product_id for product_id, _lot in pairs} & stopped
        if not wanted:
            return {}
        # sudo: a recall stops those too who may not read it
        lines = (
            self.env["healthcare.recall.line"]
            .sudo()
            .search([("product_id", "in", list(wanted)), ("recall_id.state", "in", STOPPING)], order="id")
        )
        covers = [(line, line._coverage()) for line in lines]
        found = {}
        for line, coverage in covers:
            for pair in pairs - found.keys():
                if coverage.covers(*pair):
                    found[pair] = line.recall_id
        return found

    @api.model
    def _stopped_products(self):
        """Return the ids of items that a recall in force names; few, and asked at every move."""
        self.env["healthcare.recall"].flush_model(["state"])
        self.env["healthcare.recall.line"].flush_model(["product_id", "recall_id"])
        self.env.cr.execute(
            """
            SELECT DISTINCT line.product_id
              FROM healthcare_recall recall
              JOIN healthcare_recall_line line ON line.recall_id = recall.id
             WHERE recall.state IN %s
            """,
            [STOPPING],
        )
        return {row[0] for row in self.env.cr.fetchall()}

    def _affected_quants(self):
        """Return stock of the recalls' lots that the user may see, in whatever place it lies."""
        if not self.env["stock.quant"].has_access("read"):
            return self.env["stock.quant"]
        quants = self.env["stock.quant"].search(
            [
                ("product_id", "in", self.line_ids.product_id.ids),
                ("location_id.usage", "in", ("internal", "transit")),
                ("quantity", ">", 0),
            ]
        )
        covers = self.line_ids._covers()
        return quants.filtered(lambda quant: covers(quant.product_id.id, quant.lot_id.name))

    def _affected_lots(self):
        """Return the lots of the recalls that are known here, in stock or not."""
        if not self.env["stock.lot"].has_access("read"):
            return self.env["stock.lot"]
        covers = self.line_ids._covers()
        lots = self.env["stock.lot"].search([("product_id", "in", self.line_ids.product_id.ids)])
        return lots.filtered(lambda lot: covers(lot.product_id.id, lot.name))

    def _affected_move_lines(self):
        """Return what was received and issued of the recalls' lots, done and under way."""
        if not self.env["stock.move.line"].has_access("read"):
            return self.env["stock.move.line"]
        covers = self.line_ids._covers()
        moves = self.env["stock.move.line"].search(
            [
                ("product_id", "in", self.line_ids.product_id.ids),
                ("state", "!=", "cancel"),
                ("quantity", ">", 0),
            ]
        )
        return moves.filtered(lambda move: covers(move.product_id.id, move.lot_id.name or move.lot_name))

    def _affected(self):
        """Return everything that the recall concerns, as far as the user may see it.

        Addons above add what they know with ``super()``.

        :return: list of ``{"kind", "product_id", "lot", "quantity" (reference unit), "place",
            "model", "res_id", "name", "certain"}``; kinds here: ``shelf`` and those of
            ``stock.move.line._recall_kind``; ``certain`` is false where the lot is not known
        """
        self.ensure_one()
        found = [
            {
                "kind": "shelf",
                "product_id": quant.product_id.id,
                "lot": quant.lot_id.name or False,
                "quantity": quant.quantity,
                "place": quant.location_id.display_name,
                "model": "stock.quant",
                "res_id": quant.id,
                "name": quant.product_id.display_name,
                "certain": self._is_certain(quant.product_id, quant.lot_id.name),
            }
            for quant in self._affected_quants()
        ]
        for line in self._affected_move_lines():
            found.append(
                {
                    "kind": line._recall_kind(),
                    "product_id": line.product_id.id,
                    "lot": line.lot_id.name or line.lot_name or False,
                    "quantity": line.quantity_product_uom,
                    "place": line.location_dest_id.display_name,
                    "model": "stock.move.line",
                    "res_id": line.id,
                    "name": line.picking_id.name or line.reference or line.product_id.display_name,
                    "certain": self._is_certain(line.product_id, line.lot_id.name or line.lot_name),
                }
            )
        return [each for each in found if each["kind"]]

    @api.model
    def _affected_labels(self):
        """Return what the kinds of :meth:`_affected` are called; addons above add theirs."""
        return {
            "shelf": self.env._("On the shelf"),
            "under_way": self.env._("On a transfer"),
            "received": self.env._("Received"),
            "counted": self.env._("Found by a count"),
            "issued": self.env._("Issued"),
            "returned": self.env._("Returned to the supplier"),
            "written_off": self.env._("Scrapped or written off"),
        }

    def action_view_shelves(self):
        """Open the stock of the recalled lots."""
        return self._list_action(self.env._("Recalled Stock"), self._affected_quants())

    def action_view_moves(self):
        """Open what was received and issued of the recalled lots."""
        return self._list_action(self.env._("Recalled Lots: Movements"), self._affected_move_lines())

    def action_view_lots(self):
        """Open the recalled lots that are known here."""
        return self._list_action(self.env._("Recalled Lots"), self._affected_lots())

    def action_view_tasks(self):
        """Open the tasks of the facilities."""
        return self._list_action(self.env._("Recall Tasks"), self.task_ids)

    @api.model
    def _list_action(self, name, records):
        """Return an action that shows ``records`` in a list."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": records._name,
            "view_mode": "list,form",
            "domain": [("id", "in", records.ids)],
            "context": {"create": False},
        }

    def _is_certain(self, product, lot):
        """Tell whether it is known, and not only feared, that the recall names an item's lot."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.product_id == product)
        return bool(normalise_lot(lot)) or any(line.all_lots for line in lines)
