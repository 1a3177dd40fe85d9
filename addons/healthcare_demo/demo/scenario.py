"""What happened lately: orders in every state, and bills that match, wait or stand as exceptions."""

import base64
import hashlib
from datetime import datetime, time, timedelta

from odoo import Command, fields

from . import documents


def make(world):
    """Play the last weeks of the hospital network.

    :param world: :class:`master.World`
    """
    Scenario(world).play()


class Scenario:
    """Orders, answers, receipts and bills, each made by the code that makes them in real life."""

    def __init__(self, world):
        self.world = world
        self.env = world.env
        self.today = fields.Date.context_today(world.company)
        self.control = 100

    def play(self):
        """Make everything, oldest first."""
        self._requests()
        self._quotations()
        self._settled_orders()
        self._connected_history()
        self._exceptions()
        self._waiting()
        self._in_flight()
        self.env["account.move"].search([("match_dirty", "=", True)])._evaluate_match()

    # Building blocks

    def day(self, ago):
        """Return the date so many days ago (negative: to come)."""
        return self.today - timedelta(days=ago)

    def order(self, supplier, facility, lines, ago, due=None, urgency="routine", confirm=True):
        """Make an order of ``[(item code, unit code, quantity)]``, and confirm it.

        :param int ago: days since it was ordered
        :param int due: days since it was due (negative: still to come); default three days later
        """
        env, world = self.env, self.world
        due = ago - 3 if due is None else due
        planned = datetime.combine(self.day(due), time(15))
        order = env["purchase.order"].create(
            {
                "partner_id": world.suppliers[supplier].id,
                "facility_id": world.facilities[facility].id,
                "user_id": world.users["clerk"].id,
                "urgency": urgency,
                "date_order": datetime.combine(self.day(ago), time(9)),
                "order_line": [
                    Command.create(self._line(code, unit, quantity, planned))
                    for code, unit, quantity in lines
                ],
            }
        )
        if confirm:
            order.button_confirm()
            order.date_approve = datetime.combine(self.day(ago), time(9, 30))
        return order

    def _line(self, code, unit, quantity, planned):
        product = self.world.items[code]
        pack = self.world.packs.get((code, unit))
        factor = pack.factor if pack else 1
        return {
            "product_id": product.id,
            "product_qty": quantity,
            "product_uom_id": (pack.uom_id if pack else product.uom_id).id,
            "price_unit": round(product.seller_ids[:1].price * factor, 4),
            "date_planned": planned,
            "tax_ids": [Command.clear()],
        }

    def receive(self, order, ago, part=1.0, lots=None):
        """Receive an order, or a part of it, with lots where items are tracked."""
        picking = order.picking_ids.filtered(lambda each: each.state not in ("done", "cancel"))[:1]
        for move in picking.move_ids:
            self._receive_move(move, move.product_uom_qty * part, ago, lots or {})
        picking.with_context(cancel_backorder=False)._action_done()
        done = datetime.combine(self.day(ago), time(14))
        picking.date_done = done
        picking.move_ids.filtered(lambda move: move.state == "done").date = done
        return picking

    def _receive_move(self, move, quantity, ago, lots):
        product = move.product_id
        if product.tracking == "none":
            move.quantity = quantity
            move.picked = True
            return
        reference = move.product_uom._compute_quantity(quantity, product.uom_id)
        single = product.tracking == "serial"
        count = int(reference) if single else 1
        names = lots.get(product.default_code) or [
            f"{product.default_code[-6:]}-{self.day(ago):%y%m}{index:02d}" for index in range(1, count + 1)
        ]
        expiry = self.day(ago - (product.expiration_time or 365) // 2)
        move.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            [
                {
                    **move._prepare_move_line_vals(),
                    "lot_name": name,
                    "quantity": reference / len(names),
                    "product_uom_id": product.uom_id.id,
                    "expiration_date": datetime.combine(expiry, time())
                    if product.use_expiration_date
                    else False,
                    "picked": True,
                }
                for name in names
            ]
        )

    def accept(self, order, ago):
        """Let the order count as delivered, and let the supplier accept it, as it was back then."""
        self._delivered(order)
        number = f"ACK{order.id:05d}"
        self.take_in(order, documents.acknowledgement(order, number, self.day(ago)))

    def _delivered(self, order):
        """Take the order's message through its states, so that the service does not send it."""
        message = order.exchange_message_id.sudo()
        message.write({"state": "leased"})
        message.write({"state": "acknowledged", "attempt_count": 1, "next_attempt_at": False})

    def take_in(self, order, document, raw=None, extension="json"):
        """Store a supplier's document as received and let it take effect.

        :return: the message
        """
        endpoint = self.env["healthcare.exchange.endpoint"].search(
            [("partner_id", "=", order.partner_id.id)], limit=1
        )
        raw = raw or documents.as_json(document)
        messages = self.env["healthcare.exchange.message"].sudo()
        digest = hashlib.sha256(raw).hexdigest()
        message = messages.create(
            {
                "direction": "inbound",
                "endpoint_id": endpoint.id,
                "company_id": endpoint.company_id.id,
                "document": document,
                "document_type": document["document_type"],
                "number": document["number"],
                "raw": base64.b64encode(raw),
                "raw_sha256": digest,
                "filename": f"{document['document_type']}-{document['number']}.{extension}",
                "idempotency_key": f"{digest}:0",
                "trace_id": order.trace_id,
                "ordering_key": f"order:{order.name}",
                "state": "queued",
                "next_attempt_at": self.env.cr.now(),
            }
        )
        message._take_in()
        return message

    def bill(self, order, number, ago, changes=None, only=None):
        """Let the supplier's invoice come in, as JSON or as X12."""
        document = documents.invoice(order, number, self.day(ago), changes, only)
        if order.partner_id == self.world.suppliers["northgate"]:
            self.control += 1
            raw = documents.as_x12(document, self.control)
            return self.take_in(order, document, raw, "edi")
        return self.take_in(order, document)

    def type_bill(self, order, number, ago, changes=None):
        """Let a person type the bill, as for a supplier who mails a PDF."""
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": order.partner_id.id,
                "ref": number,
                "invoice_date": self.day(ago),
                "invoice_line_ids": [
                    Command.create(self._typed_line(line, (changes or {}).get(line.line_number, {})))
                    for line in order.order_line
                ],
            }
        )
        bill._evaluate_match(post=False)
        if bill.match_state in ("matched", "matched_tolerance"):
            bill.action_post()
        return bill

    def _typed_line(self, line, change):
        return {
            "product_id": line.product_id.id,
            "name": line.name,
            "quantity": line.product_qty,
            "product_uom_id": line.product_uom_id.id,
            "price_unit": line.price_unit,
            "purchase_line_id": line.id,
            "tax_ids": [Command.clear()],
            **change,
        }

    def pay(self, bill):
        """Pay a bill that may be paid."""
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=bill.ids
        )
        wizard.create({"payment_date": self.today})._create_payments()

    # What happened

    def _requests(self):
        requests = self.env["purchase.request"]
        requester = self.world.users["requester"]
        for code, quantity, facility, urgency in (
            ("MSK-N95", 400, "RGH", "routine"),
            ("DRG-EPI1", 50, "LCH", "urgent"),
            ("EQP-VSCAN", 1, "HSC", "routine"),
        ):
            request = requests.create(
                {
                    "requested_by": requester.id,
                    "facility_id": self.world.facilities[facility].id,
                    "urgency": urgency,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": self.world.items[code].id,
                                "product_uom_id": self.world.items[code].uom_id.id,
                                "product_qty": quantity,
                                "date_required": self.day(-5),
                            }
                        )
                    ],
                }
            )
            request.button_to_approve()

    def _quotations(self):
        self.order("meridian", "RGH", [("GLV-NX-S", "XCS", 4), ("GZE-4X4", "XCS", 2)], 1, confirm=False)
        self.order("carefab", "HSC", [("LIN-PACKO", "XCS", 6)], 0, confirm=False)
        sent = self.order("sutura", "LCH", [("SUT-VCR-30", "XBX", 5)], 2, confirm=False)
        sent.write({"state": "sent"})
        self.order("orthovance", "RGH", [("IMP-HCUP50", "EA", 1)], 9).button_cancel()

    def _settled_orders(self):
        """Suppliers without a connection: orders by hand, bills typed, all agreeing."""
        for supplier, facility, lines, ago, number, paid in (
            ("sutura", "RGH", [("SUT-PRL-40", "XBX", 3), ("BLD-10", "XBX", 10)], 34, "SS-20418", True),
            ("sutura", "LCH", [("SUT-VCR-40", "XBX", 4), ("STP-SKIN", "XBX", 1)], 20, "SS-20533", False),
            ("carefab", "RGH", [("LIN-UPAD", "XCS", 12), ("MSK-SUR", "XCS", 3)], 27, "CF-88120", True),
            ("carefab", "HSC", [("GWN-SUR-L", "XCS", 4)], 15, "CF-88204", False),
            ("orthovance", "HSC", [("IMP-HSTEM11", "EA", 2), ("IMP-HHEAD32", "EA", 2)], 18, "OV-5512", False),
            ("orthovance", "RGH", [("IMP-SCR3520", "EA", 24), ("IMP-PLT8", "EA", 3)], 30, "OV-5377", True),
        ):
            order = self.order(supplier, facility, lines, ago)
            self.receive(order, ago - 3)
            bill = self.type_bill(order, number, ago - 5)
            if paid:
                self.pay(bill)
        service = self.order("halden", "RGH", [("SVC-MRI", "EA", 1), ("SVC-CT", "EA", 1)], 25)
        self.type_bill(service, "HB-2207", 12)
        self.order("halden", "LCH", [("EQP-PUMP", "EA", 4)], 6, due=-8)
        partly = self.order("carefab", "LCH", [("LIN-WIPE", "XCS", 10), ("LIN-SANI", "XCS", 8)], 8, due=4)
        self.receive(partly, 3, part=0.5)
        self.order("orthovance", "HSC", [("IMP-KFEM3", "EA", 2), ("IMP-KTIB3", "EA", 2)], 5, due=-2)

    def _connected_history(self):
        """Suppliers A and B: ordered, acknowledged, shipped, received, billed, matched."""
        for supplier, facility, lines, ago, number, paid in (
            ("meridian", "RGH", [("GLV-NX-M", "XCS", 6), ("DRS-FOAM10", "XBX", 8)], 31, "MS-100481", True),
            ("meridian", "LCH", [("LAB-EDTA", "XCS", 2), ("LAB-SST", "XCS", 2)], 22, "MS-100533", False),
            ("meridian", "HSC", [("SPG-LAP", "XCS", 3), ("URO-FOL16", "XBX", 5)], 13, "MS-100587", False),
            ("northgate", "RGH", [("SYR-10ML", "XCS", 2), ("NDL-21G", "XBX", 20)], 29, "NG770121", True),
            ("northgate", "LCH", [("DRG-RL1000", "XCS", 20), ("IVS-PRIM", "XCS", 2)], 17, "NG770198", False),
            ("northgate", "HSC", [("DRG-PROP20", "XBX", 4), ("RSP-ETT75", "XBX", 2)], 11, "NG770240", False),
        ):
            order = self.order(supplier, facility, lines, ago)
            self.accept(order, ago)
            self.receive(order, ago - 3)
            message = self.bill(order, number, ago - 4)
            if paid:
                self.pay(self.env["account.move"].browse(message.res_id))

    def _exceptions(self):
        """One bill for each kind of trouble, the way it really comes."""
        order = self._received("meridian", "RGH", [("GLV-NX-L", "XCS", 10), ("DRS-ALG", "XBX", 6)], 10)
        self.bill(order, "MS-100602", 4, {1: {"price": 96.0}})
        order = self._received("meridian", "LCH", [("NPWT-KIT-M", "XCS", 8)], 9)
        self.bill(order, "MS-100611", 3, {1: {"price": 348.75}})
        order = self._received("northgate", "RGH", [("SYR-5ML", "XBX", 20)], 12)
        self.bill(order, "NG770252", 5, {1: {"unit": "EA"}})
        drugs = [("DRG-CEFA1", "XBX", 10), ("DRG-ONDA", "XBX", 8)]
        order = self._received("northgate", "LCH", drugs, 9, 0.5)
        self.bill(order, "NG770260", 2)
        order = self._received("northgate", "HSC", [("IVC-20", "XBX", 6)], 8)
        self.bill(order, "NG770266", 3)
        self.bill(order, "ng-770266", 2)
        order = self._received("meridian", "HSC", [("TPE-SILK", "XBX", 10)], 7)
        unknown = {"supplier_code": "MS-PROMO-77", "manufacturer_code": "PROMO77"}
        self.bill(order, "MS-100620", 2, {1: {"item": unknown, "quantity": 4, "price": 31.5}})
        order = self.order("northgate", "RGH", [("DRG-ROCU", "XBX", 6)], 12, due=5)
        self.accept(order, 12)
        self.bill(order, "NG770271", 6)

    def _received(self, supplier, facility, lines, ago, part=1.0):
        order = self.order(supplier, facility, lines, ago)
        self.accept(order, ago)
        self.receive(order, ago - 2, part)
        return order

    def _waiting(self):
        """Billed before the goods came, and answers that somebody has to decide on."""
        order = self.order("meridian", "RGH", [("GLV-SG-75", "XBX", 12)], 2, due=-3)
        self.accept(order, 2)
        self.bill(order, "MS-100633", 0)
        drugs = [("DRG-MORPH4", "XBX", 4), ("DRG-FENT2", "XBX", 4)]
        order = self.order("northgate", "LCH", drugs, 3, due=-2)
        self._delivered(order)
        later = {"status": "backordered", "promised_delivery_date": self.day(-9).isoformat()}
        dearer = {"status": "accepted_with_change", "price": {"amount": "33.5", "unit": "XBX"}}
        answer = documents.acknowledgement(order, "ACK90001", self.day(2), {1: later, 2: dearer})
        self.take_in(order, answer)
        order = self.order("northgate", "RGH", [("DRG-VACFLU", "XBX", 30), ("DRG-TET", "XBX", 5)], 4, due=-1)
        self.accept(order, 4)
        lots = {
            1: [("FLU26A41", self.day(-160)), ("FLU26A42", self.day(-175))],
            2: [("TD88213", self.day(-300))],
        }
        self.take_in(order, documents.ship_notice(order, "NGS40077", self.day(1), lots))

    def _in_flight(self):
        """Confirmed just now: the service sends these when it starts, and the sandboxes answer."""
        self.order("meridian", "HSC", [("GZE-2X2", "XCS", 2), ("BDG-ELA3", "XBX", 10)], 0, due=-4)
        self.order("northgate", "RGH", [("IVS-PUMP", "XCS", 3), ("SHP-1QT", "XCS", 2)], 0, due=-3)
