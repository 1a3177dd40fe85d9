from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.price_flags import GTIN_FINDINGS

#: Longest finding of a line.
_MAX_FINDING = 1000

#: States in which a document can still become part of a feed.
_JOINABLE = (
    "received",
    "staging",
    "comparing",
    "review",
    "waiting_approval",
    "approved",
    "applying",
    "failed",
)

# One row per price; a line without a price is one row, too. A list price that stands beside a net
# price of the same line is kept with that one.
_STAGE = """
WITH document AS MATERIALIZED (
    SELECT document - 'lines' AS header, document->'lines' AS lines
      FROM healthcare_exchange_message WHERE id = %(message)s
)
INSERT INTO healthcare_price_feed_line (
    feed_id, message_id, line_number, price_number, buyer_code, supplier_code, manufacturer_code,
    gtin, udi_di, hibc, ndc, description, packaging, unit_sent, amount_sent, base_quantity_sent,
    min_quantity_sent, valid_from_sent, valid_to_sent, price_kind, list_price, price_class, tier,
    contract_number, buying_group_number, currency_sent, status_sent, lead_time_days,
    reading, finding, generated, superseded, decision)
SELECT %(feed)s, %(message)s, left(line->>'line_number', 200), priced.position,
       item->>'buyer_code', item->>'supplier_code', item->>'manufacturer_code',
       COALESCE(item->>'gtin', line->'gtins'->0->>'gtin'),
       item->>'udi_di', item->>'hibc', item->>'ndc', left(line->>'description', 500),
       line->>'packaging',
       COALESCE(price->>'unit', price->>'unit_as_sent', line->>'unit', line->>'unit_as_sent'),
       price->>'amount', price->>'base_quantity', price->>'min_quantity',
       COALESCE(price->>'valid_from', line->>'valid_from', header->>'valid_from')::date,
       COALESCE(price->>'valid_to', line->>'valid_to', header->>'valid_to')::date,
       COALESCE(price->>'kind', 'net'), listed.amount,
       COALESCE(price->>'price_class', header->>'price_class'),
       COALESCE(price->>'tier', line->'contract_reference'->>'tier', header->'contract_reference'->>'tier'),
       COALESCE(price->>'contract_number', line->'contract_reference'->>'number',
                header->'contract_reference'->>'number'),
       price->>'buying_group_number', price->>'currency',
       CASE WHEN line->>'action' = 'delete' THEN 'deleted' ELSE line->>'status' END,
       (line->>'lead_time_days')::integer, reading.kind, reading.finding, FALSE, FALSE, 'open'
  FROM document
 CROSS JOIN LATERAL jsonb_array_elements(lines) WITH ORDINALITY AS l(line, line_position)
 CROSS JOIN LATERAL (SELECT line->'item' AS item,
                            CASE WHEN jsonb_array_length(line->'prices') > 0 THEN line->'prices'
                                 WHEN line ? 'price' THEN jsonb_build_array(line->'price')
                                 ELSE '[{}]'::jsonb END AS prices) parts
 CROSS JOIN LATERAL jsonb_array_elements(prices) WITH ORDINALITY AS priced(price, position)
  LEFT JOIN LATERAL (
       SELECT max(other->>'amount') FILTER (WHERE other->>'kind' = 'list') AS amount,
              bool_or(COALESCE(other->>'kind', 'net') = 'net') AS has_net
         FROM jsonb_array_elements(prices) AS other
        WHERE jsonb_array_length(prices) > 1) listed ON TRUE
  LEFT JOIN unnest(%(numbers)s::text[], %(kinds)s::text[], %(findings)s::text[])
            AS reading(line_number, kind, finding) ON reading.line_number = line->>'line_number'
 WHERE NOT (COALESCE(price->>'kind', 'net') = 'list' AND COALESCE(listed.has_net, FALSE))
 ORDER BY line_position, priced.position
"""

# What could not be read at all is a line, too: somebody has to look at the file.
_STAGE_LOST = """
INSERT INTO healthcare_price_feed_line (
    feed_id, message_id, line_number, price_number, reading, finding, generated, superseded, decision)
SELECT %(feed)s, %(message)s, lost.line_number, 1, 'unreadable', lost.finding, FALSE, FALSE, 'open'
  FROM unnest(%(numbers)s::text[], %(findings)s::text[]) AS lost(line_number, finding)
"""

# A line that came again, by the code it names; or by its number where it is the same item but for
# the code.
_SUPERSEDE = """
UPDATE healthcare_price_feed_line old
   SET superseded = TRUE, decision = NULL
  FROM healthcare_price_feed_line new
 WHERE new.feed_id = %(feed)s AND new.message_id = %(message)s
   AND old.feed_id = %(feed)s AND old.message_id <> %(message)s
   AND NOT old.superseded AND NOT old.generated AND old.applied_at IS NULL
   AND (old.supplier_code = new.supplier_code
        OR old.buyer_code = new.buyer_code
        OR old.manufacturer_code = new.manufacturer_code
        OR old.gtin = new.gtin
        OR old.line_number = new.line_number AND old.kind = 'broken'
           AND lower(old.description) = lower(new.description))
"""


class HealthcarePriceFeed(models.Model):
    """How the lines of a document get into a feed: one statement per document."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _find_open(self, partner, company, number):
        """Return the supplier's feed of that number that is being worked on, if there is one."""
        return self.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", company.id),
                ("number", "=", number),
                ("state", "in", _JOINABLE),
            ],
            order="id desc",
            limit=1,
        )

    @api.model
    def _for_resubmission(self, partner, document, message):
        """Return the applied feed whose broken or open lines this document brings again.

        It does only when each of its lines is one of those: a supplier may use the number of a
        list for the next one.
        """
        if document.get("scope") == "full" or document.get("portion"):
            return self.browse()
        feed = self.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", message.company_id.id),
                ("number", "=", document["number"]),
                ("state", "=", "applied"),
            ],
            order="id desc",
            limit=1,
        )
        if not feed or not document.get("lines"):
            return self.browse()
        codes = [
            [(line.get("item") or {}).get(name) for name in ("supplier_code", "buyer_code", "gtin")]
            for line in document["lines"]
        ]
        self.env.cr.execute(
            SQL(
                """
                SELECT bool_and(EXISTS (
                           SELECT FROM healthcare_price_feed_line old
                            WHERE old.feed_id = %s AND NOT old.superseded AND old.applied_at IS NULL
                              AND (old.kind = 'broken' OR old.decision IN ('open', 'refused')
                                   AND old.kind IN ('new', 'changed', 'ended', 'suspicious'))
                              AND (old.supplier_code = sent.supplier_code OR old.buyer_code = sent.buyer_code
                                   OR old.gtin = sent.gtin)))
                  FROM unnest(%s::text[], %s::text[], %s::text[]) AS sent(supplier_code, buyer_code, gtin)
                """,
                feed.id,
                *([row[index] for row in codes] for index in range(3)),
            )
        )
        return feed if self.env.cr.fetchone()[0] else self.browse()

    @api.model
    def _prepare_from_document(self, document, message, partner, currency):
        """Return the values of the feed that a document begins."""
        portion = document.get("portion") or {}
        policy = self.env["healthcare.price.feed.policy"]._thresholds(partner, message.company_id)
        return {
            "number": portion.get("feed") or document["number"],
            "title": document.get("name"),
            "partner_id": partner.id,
            "company_id": message.company_id.id,
            "currency_id": currency.id,
            "endpoint_id": message.endpoint_id.id,
            "owner_id": self._find_owner(message, partner).id,
            "submitter_id": self._find_submitter(message).id,
            "scope": document.get("scope") or policy["scope"],
            "valid_from": document.get("valid_from"),
            "valid_to": document.get("valid_to"),
            "portion_count": portion.get("of", 1),
            "portions": [],
            "complete_by": fields.Datetime.now() + timedelta(hours=policy["complete_hours"]),
        }

    @api.model
    def _find_owner(self, message, partner):
        """Return who sees to what needs a person; hook. Default: the supplier's buyer, else the
        endpoint's owner."""
        endpoint = message.endpoint_id
        return partner.buyer_id.filtered("active") or endpoint._responsible()[endpoint.id]

    @api.model
    def _find_submitter(self, message):
        """Return the person of ours who gave in the document's file; none where the supplier sent
        it, by a system or by the portal."""
        return message.upload_id.requested_by_id.filtered(lambda user: not user.share)

    def _stage_document(self, document, message):
        """Insert a document's lines. Portions that are in already are not inserted twice.

        Lines that bring lines of the feed again take their place, unless those are applied.
        """
        self.ensure_one()
        portion = document.get("portion") or {}
        number = portion.get("number", 1)
        if portion and number in (self.portions or ()):
            return
        again = self.state not in ("received", "staging") and not (
            self.state == "failed" and self.failed_state == "staging"
        )
        self.env.flush_all()
        staged = self._stage_lines(document, message)
        if again:
            self._supersede(message)
        portions = sorted({*(self.portions or ()), number})
        complete = len(portions) >= self.portion_count
        self.write(
            {
                "portions": portions,
                "line_count": self.line_count + staged,
                "exchange_message_ids": [fields.Command.link(message.id)],
                "state": "comparing" if complete else "staging",
                "state_reason": False,
                "failed_state": False,
                "compared_at": False,
            }
        )
        self.env["healthcare.price.feed.line"].invalidate_model()
        if complete:
            self._trigger_work()
        else:
            self._trigger_work(at=self.complete_by)

    def _stage_lines(self, document, message):
        """Insert a document's lines with what the reader of the file found in them; return how
        many, with those that could not be read at all."""
        readings, lost = _readings(document, message._line_findings())
        cr = self.env.cr
        cr.execute(
            SQL(
                _STAGE,
                feed=self.id,
                message=message.id,
                numbers=list(readings),
                kinds=[kind for kind, _finding in readings.values()],
                findings=[finding for _kind, finding in readings.values()],
            )
        )
        staged = cr.rowcount
        if lost:
            cr.execute(
                SQL(
                    _STAGE_LOST,
                    feed=self.id,
                    message=message.id,
                    numbers=[number for number, _finding in lost],
                    findings=[finding for _number, finding in lost],
                )
            )
            staged += cr.rowcount
        return staged

    def _supersede(self, message):
        """Mark what this document's lines bring again; what was found about the rest may change."""
        self.ensure_one()
        self.env.cr.execute(SQL(_SUPERSEDE, feed=self.id, message=message.id))


def _readings(document, findings):
    """Sort what the reader of a file found in single lines.

    :param findings: as of ``healthcare.exchange.message._line_findings``
    :return: ``(readings, lost)``: dict from line number to ``(reading, finding)``, and a list of
        ``(number, finding)`` of lines that are not in the document
    """
    if not findings:
        return {}, []
    numbers = {line["line_number"] for line in document.get("lines") or ()}
    ranks = ("read_with_doubt", "gtin_invalid", "unreadable")
    readings, lost = {}, []
    for finding in findings:
        number, message = finding["line_number"], finding["message"]
        rank = 2 if finding["level"] == "error" else int(finding["code"] in GTIN_FINDINGS)
        if number in numbers:
            before, said = readings.get(number, (0, []))
            readings[number] = (max(before, rank), [*said, message])
        elif rank == 2:
            lost.append((number or finding["line"] or "?", message[:_MAX_FINDING]))
    return {
        number: (ranks[rank], " ".join(dict.fromkeys(said))[:_MAX_FINDING])
        for number, (rank, said) in readings.items()
    }, lost
