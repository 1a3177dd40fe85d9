from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from psycopg2 import IntegrityError

from .common import CatalogCommon


class RecallCommon(CatalogCommon):
    """Two lots of the suture on the shelf, ``bad`` (recalled where told) and ``good``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shelf = cls.warehouse.lot_stock_id
        cls.ward = cls.make_location("Ward 3")
        cls.quarantine = cls.make_location("Quarantine", is_quarantine=True)
        cls.suppliers = cls.env.ref("stock.stock_location_suppliers")
        cls.customers = cls.env.ref("stock.stock_location_customers")
        # lots without a day of expiry would have expired at once
        cls.suture.use_expiration_date = False
        cls.bad = cls.make_lot(cls.suture, "LOT-A 1", 10)
        cls.good = cls.make_lot(cls.suture, "LOT-B", 10)
        cls.storeroom = cls.users["storeroom"]

    def picking(self, kind, *lines, source=None, destination=None, user=None, **values):
        """Return a transfer of ``(lot or lot name, quantity)`` lines as a person makes it.

        :param kind: ``in``, ``out`` or ``int``
        """
        operation = self.warehouse[f"{kind}_type_id"]
        source = source or {"in": self.suppliers}.get(kind, self.shelf)
        destination = destination or {"out": self.customers, "in": self.shelf}.get(kind, self.ward)
        move_lines = [
            Command.create(
                {
                    "product_id": self.suture.id,
                    "quantity": quantity,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    **({"lot_name": lot} if isinstance(lot, str) else {"lot_id": lot.id}),
                }
            )
            for lot, quantity in lines
        ]
        return (
            self.env["stock.picking"]
            .with_user(user or self.storeroom)
            .create(
                {
                    "picking_type_id": operation.id,
                    "location_id": source.id,
                    "location_dest_id": destination.id,
                    "move_line_ids": move_lines,
                    **values,
                }
            )
        )

    def done(self, picking):
        picking.action_confirm()
        picking.move_ids.picked = True
        picking.button_validate()
        return picking

    def on_shelf(self, lot, location=None):
        return self.env["stock.quant"]._get_available_quantity(
            self.suture, location or self.shelf, lot_id=lot, strict=True
        )


@tagged("post_install", "-at_install")
class TestRecallStops(RecallCommon):
    """A recalled lot does not move, whatever way somebody tries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recall = cls.make_recall(cls.suture, "LOT-A1\nLOT-C")

    def assertStopped(self, action, *args, **kwargs):
        with self.assertRefused("is recalled by(.|\n)*Seal may leak"):
            action(*args, **kwargs)

    def test_a_receipt_is_stopped(self):
        for lot in (self.bad, "LOT-A 1", "lot a1", "LOT-C", "L\u041eT-C", "\uff2cOT-C"):
            self.assertStopped(self.picking, "in", (lot, 5))
        self.assertEqual(self.done(self.picking("in", ("LOT-D", 5))).state, "done")

    def test_an_issue_and_a_move_to_a_ward_are_stopped(self):
        self.assertStopped(self.picking, "out", (self.bad, 5))
        self.assertStopped(self.picking, "int", (self.bad, 5))
        self.assertEqual(self.done(self.picking("out", (self.good, 5))).state, "done")

    def test_a_way_from_supplier_to_patient_is_stopped(self):
        self.assertStopped(
            self.picking, "out", ("LOT-C", 5), source=self.suppliers, destination=self.customers
        )

    def test_a_lot_that_is_put_on_a_line_later_is_stopped(self):
        picking = self.picking("out", (self.good, 5))
        line = picking.move_line_ids
        self.assertStopped(line.write, {"lot_id": self.bad.id})
        quant = self.env["stock.quant"].search(
            [("lot_id", "=", self.bad.id), ("location_id", "=", self.shelf.id)]
        )
        self.assertStopped(line.write, {"quant_id": quant.id})
        receipt = self.picking("in", ("LOT-D", 5))
        self.assertStopped(receipt.move_line_ids.write, {"lot_name": "LOT-C"})

    def test_lines_that_were_there_before_are_stopped_when_they_take_effect(self):
        self.recall.sudo().state = "draft"
        issue, receipt = self.picking("out", (self.bad, 5)), self.picking("in", ("LOT-C", 5))
        for picking in (issue, receipt):
            picking.action_confirm()
            picking.move_ids.picked = True
        self.recall.action_activate()
        for picking in (issue, receipt):
            self.assertStopped(picking.button_validate)
            self.assertStopped(picking._action_done)
            self.assertStopped(picking.move_ids._action_done)
        self.assertEqual(self.on_shelf(self.bad) + sum(issue.move_line_ids.mapped("quantity")), 10)

    def test_context_keys_do_not_help(self):
        keys = {
            "skip_recall": True,
            "healthcare_without_recalled": False,
            "skip_immediate": True,
            "skip_backorder": True,
            "inventory_mode": True,
            "bypass_reservation_update": True,
            "default_is_inventory": True,
            "default_state": "done",
        }
        lines = self.env["stock.move.line"].with_user(self.storeroom).with_context(**keys)
        self.assertStopped(
            lines.create,
            {
                "product_id": self.suture.id,
                "lot_id": self.bad.id,
                "quantity": 1,
                "location_id": self.shelf.id,
                "location_dest_id": self.customers.id,
                "picking_id": self.picking("out", (self.good, 1)).id,
            },
        )

    def test_a_line_on_a_finished_transfer_is_stopped(self):
        picking = self.done(self.picking("out", (self.good, 1)))
        lines = self.env["stock.move.line"].with_user(self.storeroom)
        self.assertStopped(
            lines.create,
            {
                "product_id": self.suture.id,
                "lot_id": self.bad.id,
                "quantity": 1,
                "location_id": self.shelf.id,
                "location_dest_id": self.customers.id,
                "picking_id": picking.id,
                "move_id": picking.move_ids.id,
            },
        )
        self.assertStopped(picking.move_line_ids.write, {"lot_id": self.bad.id})

    def test_what_was_issued_before_may_be_corrected_downwards_only(self):
        self.recall.sudo().state = "draft"
        picking = self.done(self.picking("out", (self.bad, 5)))
        self.recall.action_activate()
        self.assertStopped(picking.move_line_ids.write, {"quantity": 6})
        self.assertStopped(picking.move_line_ids.write, {"location_dest_id": self.ward.id})
        picking.move_line_ids.quantity = 4
        self.assertEqual(self.on_shelf(self.bad), 6)

    def test_recalled_stock_is_not_reserved(self):
        self.assertEqual(self.on_shelf(self.good), 10)
        move = self.env["stock.move"].create(
            {
                "product_id": self.suture.id,
                "product_uom_qty": 15,
                "location_id": self.shelf.id,
                "location_dest_id": self.customers.id,
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        self.assertEqual(move.move_line_ids.lot_id, self.good)
        self.assertEqual(move.quantity, 10)

    def test_a_reservation_ends_when_the_recall_begins(self):
        self.recall.sudo().state = "draft"
        move = self.env["stock.move"].create(
            {
                "product_id": self.suture.id,
                "product_uom_qty": 20,
                "location_id": self.shelf.id,
                "location_dest_id": self.customers.id,
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        self.assertEqual(move.move_line_ids.lot_id, self.bad | self.good)
        self.recall.action_activate()
        self.assertEqual(move.move_line_ids.lot_id, self.good)
        self.assertEqual(move.state, "partially_available")
        quant = self.env["stock.quant"].search(
            [("lot_id", "=", self.bad.id), ("location_id", "=", self.shelf.id)]
        )
        self.assertEqual(quant.reserved_quantity, 0)

    def test_relocating_stock_is_stopped(self):
        quant = self.env["stock.quant"].search(
            [("lot_id", "=", self.bad.id), ("location_id", "=", self.shelf.id)]
        )
        self.assertStopped(quant.with_user(self.storeroom).sudo().move_quants, self.ward)
        quant.move_quants(self.quarantine)
        self.assertEqual(self.on_shelf(self.bad, self.quarantine), 10)
        self.assertStopped(
            self.env["stock.quant"]
            .search([("lot_id", "=", self.bad.id), ("location_id", "=", self.quarantine.id)])
            .move_quants,
            self.shelf,
        )

    def test_quarantine_return_and_scrap_are_allowed(self):
        below = self.make_location("Cage 1", location_id=self.quarantine.id)
        self.done(self.picking("int", (self.bad, 3), destination=below))
        self.assertEqual(self.on_shelf(self.bad, below), 3)
        self.done(self.picking("out", (self.bad, 2), destination=self.suppliers))
        self.assertEqual(self.on_shelf(self.bad), 5)
        scrap = (
            self.env["stock.scrap"]
            .with_user(self.storeroom)
            .create(
                {
                    "product_id": self.suture.id,
                    "lot_id": self.bad.id,
                    "scrap_qty": 1,
                    "location_id": self.shelf.id,
                }
            )
        )
        scrap.action_validate()
        self.assertEqual(self.on_shelf(self.bad), 4)
        texts = " ".join(self.recall.message_ids.mapped("body"))
        for place in ("Cage 1", self.suppliers.name, scrap.scrap_location_id.name):
            self.assertIn(place, texts)
        self.assertEqual(len(self.audit_entries(self.recall, "recalled_lot_moved")), 3)

    def test_a_move_into_quarantine_reserves_recalled_stock(self):
        move = self.env["stock.move"].create(
            {
                "product_id": self.suture.id,
                "product_uom_qty": 20,
                "location_id": self.shelf.id,
                "location_dest_id": self.quarantine.id,
                "picking_type_id": self.warehouse.int_type_id.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        self.assertEqual(move.move_line_ids.lot_id, self.bad | self.good)

    def test_a_return_wizard_brings_it_back_to_the_supplier_but_not_from_the_ward(self):
        self.recall.sudo().state = "draft"
        receipt = self.done(self.picking("in", ("LOT-C", 5)))
        issue = self.done(self.picking("out", (self.bad, 5)))
        self.recall.action_activate()
        wizards = {}
        for picking in (receipt, issue):
            wizards[picking] = Form(
                self.env["stock.return.picking"].with_context(
                    active_id=picking.id, active_ids=picking.ids, active_model="stock.picking"
                )
            ).save()
            wizards[picking].product_return_moves.quantity = 5
        back = wizards[receipt]._create_return()
        back.action_assign()
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, "done")
        self.assertEqual(self.on_shelf(receipt.move_line_ids.lot_id), 0)
        self.assertStopped(wizards[issue]._create_return)

    def test_a_count_is_possible_and_seen(self):
        self.stock(self.suture, 12, lot=self.bad)
        self.assertEqual(self.on_shelf(self.bad), 12)
        self.assertTrue(self.audit_entries(self.recall, "recalled_lot_moved"))
        self.assertIn("LOT-A 1", " ".join(self.recall.message_ids.mapped("body")))

    def test_a_move_that_only_says_to_be_a_count_is_stopped(self):
        loss = self.env["stock.location"].search(
            [("usage", "=", "inventory"), ("company_id", "=", self.company.id)], limit=1
        )
        self.assertStopped(self.picking, "int", (self.bad, 1), source=loss, destination=self.ward)

    def test_a_recalled_lot_keeps_its_name(self):
        with self.assertRefused("keeps its number"):
            self.bad.with_user(self.storeroom).name = "LOT-Z"
        with self.assertRefused("keeps its number"):
            self.bad.product_id = self.make_product("Other", "OTH-1", tracking="lot")
        self.bad.with_user(self.storeroom).ref = "seen"
        with self.assertRefused("is kept"):
            self.env["stock.lot"].browse(self.make_lot(self.suture, "LOT-C").id).unlink()

    def test_lots_and_stock_know_it(self):
        self.assertTrue(self.bad.is_recalled)
        self.assertEqual(self.bad.with_user(self.storeroom).recall_id, self.recall)
        self.assertFalse(self.good.is_recalled)
        lots = self.env["stock.lot"].search([("product_id", "=", self.suture.id), ("is_recalled", "=", True)])
        self.assertEqual(lots, self.bad)
        lots = self.env["stock.lot"].search(
            [("product_id", "=", self.suture.id), ("is_recalled", "=", False)]
        )
        self.assertEqual(lots, self.good)
        quants = self.env["stock.quant"].search(
            [
                ("product_id", "=", self.suture.id),
                ("is_recalled", "=", True),
                ("location_id.usage", "=", "internal"),
            ]
        )
        self.assertEqual(quants.lot_id, self.bad)
        self.assertTrue(self.suture.product_tmpl_id.is_recalled)
        self.assertIn(
            self.suture.product_tmpl_id, self.env["product.template"].search([("is_recalled", "=", True)])
        )

    def test_all_lots(self):
        self.make_recall(self.suture, reference="Z-2")
        self.assertStopped(self.picking, "out", (self.good, 1))
        self.assertStopped(self.picking, "in", ("LOT-NEW", 1))

    def test_what_is_not_tracked_cannot_be_told_apart(self):
        self.stock(self.gloves, 50)
        self.make_recall(self.gloves, "G-1", reference="Z-3")
        move = self.env["stock.move"].create(
            {
                "product_id": self.gloves.id,
                "product_uom_qty": 5,
                "location_id": self.shelf.id,
                "location_dest_id": self.customers.id,
                "picking_type_id": self.warehouse.out_type_id.id,
            }
        )
        move._action_confirm()
        move._action_assign()
        self.assertFalse(move.move_line_ids)
        move.quantity = 5
        move.picked = True
        with self.assertRefused("no lot is known"):
            move._action_done()

    def test_recalls_stop_across_companies(self):
        other = self.make_company("Elsewhere")
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        env = self.env(context={**self.env.context, "allowed_company_ids": other.ids})
        lot = env["stock.lot"].create({"name": "LOT-C", "product_id": self.suture.id, "company_id": other.id})
        with self.assertRefused("is recalled by"):
            env["stock.picking"].create(
                {
                    "picking_type_id": warehouse.in_type_id.id,
                    "location_id": self.suppliers.id,
                    "location_dest_id": warehouse.lot_stock_id.id,
                    "move_line_ids": [
                        Command.create(
                            {
                                "product_id": self.suture.id,
                                "lot_id": lot.id,
                                "quantity": 1,
                                "location_id": self.suppliers.id,
                                "location_dest_id": warehouse.lot_stock_id.id,
                            }
                        )
                    ],
                }
            )


@tagged("post_install", "-at_install")
class TestRecallLife(RecallCommon):
    def test_it_is_started_by_those_who_handle_goods(self):
        recall = self.make_recall(self.suture, "LOT-A1", activate=False)
        for role in ("requester", "approver", "accounts_payable", "auditor"):
            with self.assertRefused("handled by", AccessError):
                recall.with_user(self.users[role]).action_activate()
        recall.with_user(self.storeroom).action_activate()
        self.assertEqual((recall.state, recall.activated_by_id), ("active", self.storeroom))
        self.assertRegex(recall.name, r"^RC\d+")

    def test_nobody_sets_the_state_by_hand(self):
        recall = self.make_recall(self.suture, "LOT-A1")
        for values in ({"state": "lifted"}, {"state": "draft"}, {"activated_at": False}, {"name": "X"}):
            with self.assertRefused("not by hand", AccessError):
                recall.with_user(self.users["administrator"]).write(values)
        recalls = self.env["healthcare.recall"].with_user(self.storeroom)
        with self.assertRefused("not by hand", AccessError):
            recalls.create({"reference": "Z", "state": "lifted"})
        self.assertEqual(
            recalls.with_context(default_state="lifted").create({"reference": "Z"}).state, "draft"
        )
        with self.assertRefused("is kept"):
            recall.with_user(self.users["administrator"]).unlink()

    def test_nothing_is_taken_away_from_a_recall_in_force(self):
        recall = self.make_recall(self.suture, "LOT-A1\nLOT-C")
        line = recall.line_ids.with_user(self.storeroom)
        for values in ({"lot_names": "LOT-A1"}, {"product_id": self.gloves.id}):
            with self.assertRefused("not taken away"):
                line.write(values)
        with self.assertRefused("nothing is taken away"):
            line.unlink()
        draft = self.make_recall(self.suture, "X", activate=False)
        with self.assertRefused("not taken away"):
            line.recall_id = draft
        line.lot_names = "LOT-A1\nLOT-C\nLOT-B"
        self.assertTrue(self.good.is_recalled)

    def test_it_stops_on_after_its_completion(self):
        recall = self.make_recall(self.suture, "LOT-A1")
        task = recall.task_ids
        self.assertEqual(task.facility_id, self.facility)
        with self.assertRefused("tasks are open at"):
            recall.with_user(self.storeroom).action_complete()
        with self.assertRefused("write down"):
            task.with_user(self.storeroom).action_done()
        task.with_user(self.storeroom).note = "All in the cage"
        with self.assertRefused("still lies at"):
            task.with_user(self.storeroom).action_done()
        self.done(self.picking("int", (self.bad, 10), destination=self.quarantine))
        task.with_user(self.storeroom).action_done()
        recall.with_user(self.storeroom).action_complete()
        self.assertEqual(recall.state, "completed")
        with self.assertRefused("is recalled by"):
            self.picking("in", (self.bad, 1))

    def test_tasks_are_finished_by_their_button(self):
        task = self.make_recall(self.suture, "LOT-A1").task_ids
        with self.assertRefused("by their button"):
            task.with_user(self.storeroom).state = "done"
        with self.assertRefused("", AccessError):
            task.with_user(self.users["requester"]).note = "x"

    def test_stock_that_comes_later_makes_a_task_again(self):
        recall = self.make_recall(self.suture, "LOT-A1,LOT-Q")
        self.done(self.picking("int", (self.bad, 10), destination=self.quarantine))
        recall.task_ids.write({"note": "done"})
        recall.task_ids.action_done()
        self.make_lot(self.suture, "LOT-Q", 3)
        recall.with_user(self.storeroom).action_update_tasks()
        self.assertEqual(recall.task_open_count, 1)

    def test_only_a_clinical_reviewer_lifts_it(self):
        recall = self.make_recall(self.suture, "LOT-A1")
        with self.assertRefused("why"):
            recall.with_user(self.storeroom).action_request_lift("")
        request = recall.with_user(self.storeroom).action_request_lift("Wrong lot read")
        for user in (self.storeroom, self.users["approver"], self.users["administrator"]):
            with self.assertRefused("", (AccessError, UserError)):
                request.with_user(user).action_approve()
        self.approve(request, self.clinical)
        self.assertEqual(recall.state, "lifted")
        self.assertFalse(self.bad.is_recalled)
        self.assertEqual(self.done(self.picking("out", (self.bad, 1))).state, "done")
        with self.assertRefused("stays as it is"):
            recall.line_ids.lot_names = "LOT-A1\nLOT-B"
        with self.assertRefused("stays as it is"):
            recall.with_user(self.users["administrator"]).reason = "x"

    def test_a_reviewer_who_asked_does_not_lift_it(self):
        recall = self.make_recall(self.suture, "LOT-A1")
        request = recall.with_user(self.clinical).action_request_lift("Mine")
        with self.assertRefused("", (AccessError, UserError)):
            request.with_user(self.clinical).action_approve()

    def test_lots_added_since_are_not_lifted_unseen(self):
        recall = self.make_recall(self.suture, "LOT-A1")
        request = recall.with_user(self.storeroom).action_request_lift("Wrong lot read")
        recall.line_ids.lot_names = "LOT-A1\nLOT-B"
        with self.assertRefused("has changed since"):
            self.approve(request, self.clinical)

    def test_bad_recalls_are_refused(self):
        empty = self.env["healthcare.recall"].create({"reference": "Z"})
        with self.assertRefused("names no item"):
            empty.action_activate()
        with self.assertRefused("line_something", IntegrityError):
            self.make_recall(self.suture, " ,; ")
        with self.assertRefused("no lot number", ValidationError):
            self.make_recall(self.suture, "LOT-1\n--")
        with self.assertRefused("more than the", ValidationError):
            self.make_recall(self.suture, "\n".join(f"L{n}" for n in range(20001)))

    def test_it_finds_every_lot(self):
        issue = self.done(self.picking("out", (self.bad, 2)))
        receipt = self.done(self.picking("in", ("LOT-C", 4)))
        waiting = self.picking("out", (self.bad, 1))
        recall = self.make_recall(self.suture, "LOT-A1, LOT-C")
        found = {
            (each["kind"], each["lot"], each["quantity"])
            for each in recall.with_user(self.users["auditor"])._affected()
        }
        self.assertLessEqual(
            {
                ("shelf", "LOT-A 1", 8.0),
                ("shelf", "LOT-C", 4.0),
                ("issued", "LOT-A 1", 2.0),
                ("received", "LOT-C", 4.0),
            },
            found,
        )
        self.assertFalse({lot for _kind, lot, _quantity in found} - {"LOT-A 1", "LOT-C"})
        self.assertEqual(recall.shelf_quantity, 12)
        self.assertEqual(recall.loose_quantity, 12)
        for action, records in (
            (recall.action_view_shelves(), self.bad.quant_ids),
            (recall.action_view_lots(), self.bad),
            (recall.action_view_moves(), (issue | receipt).move_line_ids),
        ):
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertTrue(records & found)
        self.assertTrue(waiting.exists())

    def test_the_report_lists_all_of_it(self):
        self.done(self.picking("out", (self.bad, 2)))
        recall = self.make_recall(self.suture, "LOT-A1")
        reports = self.env["ir.actions.report"].with_user(self.storeroom)
        html = reports._render_qweb_html("healthcare_catalog.report_recall", recall.ids)[0].decode()
        for text in ("LOT-A 1", "On the shelf", "Issued", "Seal may leak", self.facility.name):
            self.assertIn(text, html)

    def test_everybody_reads_recalls_with_their_totals(self):
        recall = self.make_recall(self.suture, "LOT-A1")
        for role in ("requester", "clerk", "approver", "accounts_payable", "auditor", "storeroom"):
            [values] = recall.with_user(self.users[role]).read(
                [
                    "name",
                    "shelf_quantity",
                    "loose_quantity",
                    "lot_known_count",
                    "move_count",
                    "task_open_count",
                ]
            )
            self.assertEqual(values["shelf_quantity"], 10, role)

    def test_what_is_quarantine_is_an_administrators(self):
        manager = self.make_user("test_stock_manager", "stock.group_stock_manager")
        with self.assertRefused("by procurement administrators", AccessError):
            self.ward.with_user(manager).is_quarantine = True
        with self.assertRefused("by procurement administrators", AccessError):
            self.env["stock.location"].with_user(manager).create(
                {"name": "Q", "location_id": self.shelf.id, "is_quarantine": True}
            )
        made = (
            self.env["stock.location"]
            .with_user(manager)
            .with_context(default_is_quarantine=True)
            .create({"name": "Q", "location_id": self.shelf.id})
        )
        self.assertFalse(made.is_quarantine)
        self.ward.with_user(self.users["administrator"]).is_quarantine = True
        self.assertTrue(self.audit_entries(self.ward))


@tagged("post_install", "-at_install")
class TestRecallWaysAround(RecallCommon):
    """What is called a quarantine, and what a reviewer has looked at."""

    def setUp(self):
        super().setUp()
        self.recall = self.env["healthcare.recall"].create(
            {
                "reference": "R-WAYS",
                "line_ids": [Command.create({"product_id": self.suture.id, "lot_names": "LOT-A 1"})],
            }
        )
        self.recall.with_user(self.storeroom).action_activate()
        self.stock_manager = self.make_user("test_stock_manager", "stock.group_stock_manager")

    def test_nothing_is_issued_to_a_place_below_a_quarantine(self):
        for usage in ("customer", "production"):
            place = self.env["stock.location"].create(
                {"name": f"Below {usage}", "usage": usage, "location_id": self.quarantine.id}
            )
            with self.assertRefused("is recalled by"):
                self.done(self.picking("out", (self.bad, 1), destination=place))

    def test_a_shelf_does_not_become_a_quarantine_by_moving_it(self):
        for place, above in ((self.ward, self.quarantine), (self.shelf, self.quarantine)):
            with self.assertRefused("Quarantine", AccessError):
                place.with_user(self.stock_manager).location_id = above
        inside = self.env["stock.location"].with_user(self.stock_manager)
        self.assertTrue(
            inside.create({"name": "Bin 2", "location_id": self.quarantine.id})._is_in_quarantine()
        )

    def test_a_quarantine_does_not_end_by_the_storeroom(self):
        with self.assertRefused("Quarantine", AccessError):
            self.quarantine.with_user(self.stock_manager).is_quarantine = False
        with self.assertRefused("Quarantine", AccessError):
            self.env["stock.location"].with_user(self.stock_manager).with_context(
                default_is_quarantine=True
            ).create({"name": "X", "location_id": self.shelf.id, "is_quarantine": True})

    def test_a_recall_that_grew_is_looked_at_anew(self):
        request = self.recall.with_user(self.storeroom).action_request_lift("A mistake")
        self.recall.line_ids.all_lots = True
        reviewer = self.make_user("test_reviewer_ways", "healthcare_catalog.group_clinical")
        with self.assertRefused("."):
            request.with_user(reviewer).action_approve()
        self.assertEqual(self.recall.state, "active")
