"""What the demo's suppliers send: canonical documents, with the bytes they came in."""

import json

PLACE = "US"


def header(document_type, number, order, issued_at):
    """Return the header of a supplier's document about an order."""
    return {
        "document_type": document_type,
        "schema_version": "1.0",
        "number": number,
        "issued_at": issued_at.isoformat(),
        "currency": "USD",
        "test": True,
        "order_reference": order.name,
    }


def item(line):
    """Return the item codes as a supplier states them."""
    info = line.product_id.seller_ids.filtered(lambda seller: seller.partner_id == line.order_id.partner_id)[
        :1
    ]
    codes = {
        "supplier_code": info.product_code,
        "buyer_code": line.product_id.default_code,
        "gtin": line.product_id.barcode,
    }
    return {name: value for name, value in codes.items() if value}


def text(number):
    """Return a number as canonical decimal text."""
    value = f"{number:.6f}".rstrip("0").rstrip(".")
    return value or "0"


def acknowledgement(order, number, day, changes=None):
    """Return an acknowledgement that accepts all lines but those in ``changes``.

    :param dict changes: values of the response, by the order line's number
    """
    lines = []
    for line in order.order_line:
        response = {
            "status": "accepted",
            "quantity": text(line.product_qty),
            "unit": line.product_uom_id.unit_code,
            "promised_delivery_date": line.date_planned.date().isoformat(),
            **(changes or {}).get(line.line_number, {}),
        }
        lines.append(
            {
                "line_number": str(line.line_number),
                "order_line_number": str(line.line_number),
                "item": item(line),
                "responses": [response],
            }
        )
    return {
        **header("order_acknowledgement", number, order, day),
        "supplier_order_number": f"SO{number[-5:]}",
        "lines": lines,
    }


def ship_notice(order, number, day, lots):
    """Return a ship notice of everything ordered, with the lots that are on their way.

    :param dict lots: ``[(lot, expiry date)]`` by the order line's number
    """
    lines = []
    for line in order.order_line:
        of_line = lots.get(line.line_number, [])
        share = line.product_qty / len(of_line) if of_line else 0
        lines.append(
            {
                "line_number": str(line.line_number),
                "order_line_number": str(line.line_number),
                "item": item(line),
                "quantity": text(line.product_qty),
                "unit": line.product_uom_id.unit_code,
                "lots": [
                    {"number": lot, "expires_on": expiry.isoformat(), "quantity": text(share)}
                    for lot, expiry in of_line
                ],
            }
        )
    return {
        **header("ship_notice", number, order, day),
        "shipment_number": number,
        "shipped_at": day.isoformat(),
        "carrier": "Midland Freight",
        "tracking_number": f"MF{number[-6:]}",
        "lines": lines,
    }


def invoice(order, number, day, changes=None, only=None):
    """Return an invoice of the order's lines as ordered, but for ``changes``.

    :param dict changes: ``quantity``, ``price``, ``unit``, ``item`` by the order line's number
    :param only: line numbers to bill; None: all
    """
    lines, total = [], 0
    for line in order.order_line:
        if only and line.line_number not in only:
            continue
        change = (changes or {}).get(line.line_number, {})
        quantity = change.get("quantity", line.product_qty)
        price = change.get("price", line.price_unit)
        amount = round(quantity * price, 2)
        total += amount
        unit = change.get("unit", line.product_uom_id.unit_code)
        lines.append(
            {
                "line_number": str(len(lines) + 1),
                "order_line_number": str(line.line_number),
                "item": change.get("item", item(line)),
                "description": line.product_id.name,
                "quantity": text(quantity),
                "unit": unit,
                "quantity_as_sent": text(quantity),
                "unit_as_sent": unit.removeprefix("X") if len(unit) == 3 else unit,
                "price": {"amount": text(price), "unit": unit, "kind": "net"},
                "line_amount": text(amount),
            }
        )
    return {
        **header("invoice", number, order, day),
        "invoice_kind": "standard",
        "totals": {"lines": text(total), "payable": text(total)},
        "lines": lines,
    }


def as_json(document):
    """Return the bytes as a supplier with a REST interface sends them."""
    return json.dumps(document, indent=2).encode()


def as_x12(document, control):
    """Return an invoice as the X12 810 (version 004010) that a supplier sends by file.

    :param int control: interchange, group and transaction control number
    """
    day = document["issued_at"].replace("-", "")
    segments = [
        f"BIG*{day}*{document['number']}**{document['order_reference']}",
        "CUR*SE*USD",
        "N1*SU*NORTHGATE MEDICAL DISTRIBUTION*92*SUP-B",
    ]
    for line in document["lines"]:
        codes = line["item"]
        ids = [
            f"*{qualifier}*{codes[name]}"
            for qualifier, name in (("VN", "supplier_code"), ("IN", "buyer_code"), ("UK", "gtin"))
            if codes.get(name)
        ]
        segments.append(
            f"IT1*{line['line_number']}*{line['quantity']}*{line['unit_as_sent']}"
            f"*{line['price']['amount']}*{''.join(ids)}"
        )
        segments.append(f"REF*LI*{line['order_line_number']}")
        segments.append(f"PID*F****{line['description']}")
    cents = round(float(document["totals"]["payable"]) * 100)
    segments += [f"TDS*{cents}", f"CTT*{len(document['lines'])}"]
    short = day[2:]
    envelope = [
        f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'NORTHGATE':<15}*ZZ*{'RIVERBEND':<15}"
        f"*{short}*0800*U*00401*{control:09d}*0*T*>",
        f"GS*IN*NORTHGATE*RIVERBEND*{day}*0800*{control}*X*004010",
        f"ST*810*{control:04d}",
        *segments,
        f"SE*{len(segments) + 2}*{control:04d}",
        f"GE*1*{control}",
        f"IEA*1*{control:09d}",
    ]
    return ("~\n".join(envelope) + "~\n").encode("ascii")
