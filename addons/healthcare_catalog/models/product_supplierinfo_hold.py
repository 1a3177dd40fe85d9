from datetime import timedelta

from odoo import api, fields, models


class ProductSupplierinfo(models.Model):
    """How long prices hold while no price list comes."""

    _inherit = "product.supplierinfo"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _price_holds(self, partner_ids, date=None):
        """Say until when the last approved prices of suppliers may be used.

        The policy stands on the supplier's endpoint, at the inbound catalog: *last approved price*
        for ``price_valid_days`` after the last list that was applied, then buying stops; *stop
        buying* at once when a list failed. Prices of a supplier without such a policy, and without
        any applied list, hold as long as they say themselves.

        :param partner_ids: suppliers; contacts count as their company
        :param date: day to answer for, today when empty
        :return: dict from partner id to ``{"until": date or False, "stopped": bool, "reason":
            sentence or ""}``, of the active company
        """
        date = fields.Date.to_date(date) or fields.Date.context_today(self)
        # sudo: whether prices hold does not depend on who may read endpoints and feeds
        partners = self.env["res.partner"].sudo().browse(partner_ids)
        commercial = {partner.id: partner.commercial_partner_id.id for partner in partners}
        holds = self.sudo()._supplier_holds(sorted(set(commercial.values())), date)
        free = {"until": False, "stopped": False, "reason": ""}
        return {partner.id: holds.get(commercial[partner.id], free) for partner in partners}

    @api.model
    def _supplier_holds(self, partner_ids, date):
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT owner.commercial_partner_id AS partner_id, row.contingency,
                   max(row.price_valid_days) AS days, applied.last_at, failed.last_at AS failed_at
              FROM healthcare_exchange_endpoint_document row
              JOIN healthcare_exchange_endpoint e ON e.id = row.endpoint_id
              JOIN res_partner owner ON owner.id = e.partner_id
              LEFT JOIN LATERAL (
                   SELECT max(feed.applied_at) AS last_at
                     FROM healthcare_price_feed feed
                    WHERE feed.partner_id = owner.commercial_partner_id AND feed.company_id = e.company_id
                      AND feed.state NOT IN ('rolled_back', 'refused')) applied ON TRUE
              LEFT JOIN LATERAL (
                   SELECT max(at) AS last_at FROM (
                       SELECT feed.received_at AS at FROM healthcare_price_feed feed
                        WHERE feed.partner_id = owner.commercial_partner_id AND feed.company_id = e.company_id
                          AND feed.state = 'failed'
                       UNION ALL
                       SELECT m.create_date FROM healthcare_exchange_message m
                        WHERE m.endpoint_id = e.id AND m.direction = 'inbound'
                          AND m.document_type = 'catalog' AND m.state IN ('rejected', 'dead')) failures
                   ) failed ON TRUE
             WHERE owner.commercial_partner_id = ANY(%s) AND e.company_id = %s AND e.state = 'active'
               AND row.active AND row.document_type = 'catalog' AND row.direction = 'inbound'
               AND row.contingency IN ('last_price', 'stop_buying')
             GROUP BY owner.commercial_partner_id, row.contingency, applied.last_at, failed.last_at
             ORDER BY row.contingency = 'stop_buying'
            """,
            [list(partner_ids), self.env.company.id],
        )
        holds = {}
        for row in self.env.cr.dictfetchall():
            holds.setdefault(row["partner_id"], self._hold(row, date))
        return holds

    @api.model
    def _hold(self, row, date):
        """Return the hold that a policy makes; see :meth:`_price_holds`."""
        failed = row["failed_at"] and (not row["last_at"] or row["failed_at"] > row["last_at"])
        if row["contingency"] == "stop_buying":
            reason = (
                self.env._(
                    "The price list of %s failed, and the policy is to stop buying until one is applied.",
                    row["failed_at"].date(),
                )
                if failed
                else ""
            )
            return {"until": False, "stopped": bool(failed), "reason": reason}
        if not row["last_at"]:
            return {"until": False, "stopped": False, "reason": ""}
        until = row["last_at"].date() + timedelta(days=row["days"])
        stopped = date > until
        reason = ""
        if stopped or failed:
            reason = self.env._(
                "The last price list was applied on %(applied)s, and its prices hold for %(days)s days, "
                "until %(until)s.",
                applied=row["last_at"].date(),
                days=row["days"],
                until=until,
            )
        return {"until": until, "stopped": stopped, "reason": reason}
