from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.tools import SQL

from ..tools import duplicates
from ..tools.names import CORE_FLOOR, city_key, name_core, name_key, street_key, zip_key

#: Fields whose change makes us look again.
_EXACT_FIELDS = frozenset(
    (
        "vat",
        "ref",
        "global_location_number",
        "supplier_state",
        "active",
        "parent_id",
        "is_company",
        "company_id",
    )
)
_SIMILAR_FIELDS = frozenset(
    ("name", "street", "street2", "city", "zip", "country_id", "supplier_state", "parent_id", "is_company")
)
#: Suppliers per slice of the scheduled job, each a transaction of its own.
SLICE = 500

_SIMILAR = """
WITH subject (id, name_key, name_core, street, city, zip, country, company_id) AS (%(subjects)s),
pair AS (
    SELECT s.id AS subject_id, o.id AS other_id
      FROM subject s
      JOIN res_partner o ON o.name_core %% s.name_core AND o.commercial_partner_id = o.id
     WHERE similarity(o.name_key, s.name_key) >= %(alone)s
    UNION
    SELECT s.id, o.id
      FROM subject s
      JOIN res_partner o ON o.zip_key = s.zip AND o.commercial_partner_id = o.id
     WHERE s.zip <> '' AND similarity(o.name_key, s.name_key) >= %(floor)s
)
SELECT s.id, o.id AS other_id, s.name_key, COALESCE(s.street, '') AS street,
       COALESCE(s.city, '') AS city, COALESCE(s.zip, '') AS zip, COALESCE(s.country, '') AS country,
       o.name_key AS other_name_key, COALESCE(o.street_key, '') AS other_street,
       COALESCE(o.city_key, '') AS other_city, COALESCE(o.zip_key, '') AS other_zip,
       COALESCE(c.code, '') AS other_country,
       similarity(o.name_key, s.name_key) AS similarity,
       similarity(COALESCE(o.street_key, ''), COALESCE(s.street, '')) AS street_similarity
  FROM pair
  JOIN subject s ON s.id = pair.subject_id
  JOIN res_partner o ON o.id = pair.other_id
  LEFT JOIN res_country c ON c.id = o.country_id
 WHERE o.id <> s.id
   AND (o.company_id IS NULL OR s.company_id IS NULL OR o.company_id = s.company_id)
"""
_SUBJECTS = """
SELECT p.id, p.name_key, p.name_core, p.street_key, p.city_key, p.zip_key, c.code, p.company_id
  FROM res_partner p
  LEFT JOIN res_country c ON c.id = p.country_id
 WHERE p.id = ANY(%s) AND p.name_key IS NOT NULL
"""
_NEW_SUBJECT = "VALUES (0, %s::text, %s::text, %s::text, %s::text, %s::text, %s::text, %s::int)"


class ResPartner(models.Model):
    """A supplier is there once: the same identifier is refused, a similar record is shown."""

    _inherit = "res.partner"

    duplicates_checked_at = fields.Datetime(readonly=True, copy=False)
    duplicate_count = fields.Integer(
        string="Possible Duplicates", compute="_compute_duplicate_count", compute_sudo=True
    )

    # For the scheduled job: who has not been looked at for longest.
    _duplicates_index = models.Index(
        "(duplicates_checked_at NULLS FIRST, id) WHERE supplier_state IS NOT NULL"
    )

    def _compute_duplicate_count(self):
        candidates = self.env["healthcare.duplicate.candidate"].search(
            [
                ("state", "=", "open"),
                "|",
                ("partner_id", "in", self.commercial_partner_id.ids),
                ("other_id", "in", self.commercial_partner_id.ids),
            ]
        )
        for partner in self:
            commercial = partner.commercial_partner_id
            partner.duplicate_count = len(
                candidates.filtered(lambda one, commercial=commercial: commercial in one._pair())
            )

    @api.model
    def _system_comparison_fields(self):
        return (*super()._system_comparison_fields(), "duplicates_checked_at")

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._guard_duplicates()
        return partners

    def write(self, vals):
        result = super().write(vals)
        self._guard_duplicates(vals.keys())
        return result

    @api.onchange("name", "vat", "street", "zip", "city", "country_id", "ref")
    def _onchange_duplicates(self):
        """Warn who types in a supplier that is there, before it is saved."""
        if not self.name or self.parent_id or not (self.supplier_state or self.supplier_rank):
            return None
        vals = {name: self[name] for name in ("name", "vat", "ref", "street", "street2", "zip", "city")}
        vals |= {"country_id": self.country_id.id, "company_id": self.company_id.id, "id": self._origin.id}
        found = self._find_duplicates(vals)[:3]
        if not found:
            return None
        others = self.sudo().browse([one["partner_id"] for one in found])
        return {
            "warning": {
                "title": self.env._("Is this supplier here already?"),
                "message": "\n".join(
                    f"{other.display_name}, {other.zip or ''} {other.city or ''} ({one['score']:.0%})"
                    for other, one in zip(others, found, strict=True)
                ),
            }
        }

    def action_view_duplicates(self):
        """Open the possible duplicates of this supplier, side by side."""
        self.ensure_one()
        supplier = self.commercial_partner_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Possible Duplicates"),
            "res_model": "healthcare.duplicate.candidate",
            "views": [(False, "list"), (False, "form")],
            "domain": ["|", ("partner_id", "=", supplier.id), ("other_id", "=", supplier.id)],
        }

    @api.model
    def _find_duplicates(self, record):
        """Return who may be the same supplier as a record, or as values that are none yet.

        :param record: a ``res.partner``, or a dict of values as for ``create``; besides,
            ``identifiers``: list of ``{"scheme", "value"}`` and ``id`` of a record to leave out
        :return: list of ``{"partner_id", "score", "exact": [{"kind", "value"}], "reasons"}``, the
            surest first; score 1.0 where an identifier is the same
        """
        if isinstance(record, models.BaseModel):
            partner = record.commercial_partner_id
            exact = {
                (other.id, kind, value)
                for _partner, kind, value, others in partner._exact_duplicates()
                for other in others
            }
            similar = partner._similar().get(partner.id, [])
        else:
            exact = self._exact_for_values(record)
            similar = self._similar_to_values(record)
        found = {
            other_id: {"partner_id": other_id, "score": score, "exact": [], "reasons": reasons}
            for other_id, score, reasons in similar
        }
        for other_id, kind, value in sorted(exact):
            one = found.setdefault(other_id, {"partner_id": other_id, "exact": [], "reasons": []})
            one["score"] = 1.0
            one["exact"].append({"kind": kind, "value": value})
        return sorted(found.values(), key=lambda one: (not one["exact"], -one["score"], one["partner_id"]))

    @api.model
    def _exact_for_values(self, vals):
        """Return ``{(partner id, kind, value)}`` of who carries the identifiers of values."""
        identifiers = list(vals.get("identifiers") or ())
        identifiers += [
            {"scheme": scheme, "value": vals[name]}
            for scheme, name in (
                ("vat", "vat"),
                ("buyer_assigned", "ref"),
                ("gln", "global_location_number"),
            )
            if vals.get(name)
        ]
        company = self.env["res.company"].browse(vals.get("company_id") or ())
        hits = self._identifier_hits({0: identifiers}, company, archived=True)
        return {(partner_id, kind, value) for _key, partner_id, kind, value in hits} - {
            (vals.get("id"), kind, value) for _key, _partner, kind, value in hits
        }

    @api.model
    def _similar_to_values(self, vals):
        key = name_key(vals.get("name"))
        if not key:
            return []
        country = self.env["res.country"].browse(vals.get("country_id") or ())
        subject = SQL(
            _NEW_SUBJECT,
            key,
            name_core(key),
            street_key(vals.get("street"), vals.get("street2")),
            city_key(vals.get("city")),
            zip_key(vals.get("zip")),
            country.code or "",
            vals.get("company_id") or None,
        )
        return [row for row in self._similar_rows(subject).get(0, []) if row[0] != vals.get("id")]

    def _similar(self):
        """Return ``{partner id: [(other id, score, reasons)]}``, the most alike first."""
        return self._similar_rows(SQL(_SUBJECTS, self.ids))

    @api.model
    def _similar_rows(self, subjects):
        """Return ``{subject id: [(other id, score, reasons)]}`` of commercial partners.

        :param subjects: an ``SQL`` of rows (id, name, its core, street, city, postal code as compared,
            country code, company id)
        """
        self.flush_model()
        # For this transaction alone: what the operator % takes for alike.
        self.env.cr.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, TRUE)", [str(CORE_FLOOR)])
        self.env.cr.execute(
            SQL(_SIMILAR, subjects=subjects, floor=duplicates.NAME_FLOOR, alone=duplicates.NAME_ALONE)
        )
        found = defaultdict(list)
        for pair in self.env.cr.dictfetchall():
            score, reasons = duplicates.judge(pair)
            if score >= duplicates.SIMILAR:
                found[pair["id"]].append((pair["other_id"], score, reasons))
        for rows in found.values():
            rows.sort(key=lambda row: (-row[1], row[0]))
        return found

    def _guard_duplicates(self, names=None):
        """Refuse suppliers with an identifier of another, and note who is like another.

        :param names: of the fields that changed; default: all
        :raises ValidationError: naming identifier and record
        """
        if names is not None and not names & (_EXACT_FIELDS | _SIMILAR_FIELDS):
            return
        # sudo: what is the same does not depend on who may see it
        commercial = self.sudo().commercial_partner_id
        suppliers = commercial.filtered(lambda one: one.supplier_state or one.supplier_rank)
        if not suppliers:
            return
        if names is None or names & _EXACT_FIELDS:
            suppliers._check_exact_duplicates()
        if names is None or names & _SIMILAR_FIELDS:
            suppliers.filtered("active")._note_duplicates()

    def _note_duplicates(self):
        """Write down for people who of these suppliers may be the same as another. Set-based."""
        Candidate = self.env["healthcare.duplicate.candidate"].sudo()
        partners = self.sudo().commercial_partner_id
        pairs = {}
        for partner_id, rows in partners._similar().items():
            for other_id, score, reasons in rows:
                pairs[min(partner_id, other_id), max(partner_id, other_id)] = (score, reasons, [])
        for partner, kind, value, others in partners._exact_duplicates(decided=True):
            for other in others:
                pair = (min(partner.id, other.id), max(partner.id, other.id))
                _score, reasons, exact = pairs.get(pair, (0, [], []))
                pairs[pair] = (1.0, reasons, [*exact, {"kind": kind, "value": value}])
        Candidate._note(pairs)
        self.env.cr.execute(
            "UPDATE res_partner SET duplicates_checked_at = %s WHERE id = ANY(%s)",
            [fields.Datetime.now(), partners.ids],
        )
        partners.invalidate_recordset(["duplicates_checked_at"], flush=False)

    @api.model
    def _cron_find_duplicates(self):
        """Look at suppliers that have not been looked at for a week: what two people entered at the
        same moment, and what was there before, is found here."""
        before = fields.Datetime.subtract(fields.Datetime.now(), days=7)
        domain = [
            ("supplier_state", "!=", False),
            "|",
            ("duplicates_checked_at", "=", False),
            ("duplicates_checked_at", "<", before),
        ]
        remaining = self.search_count(domain)
        while some := self.search(domain, order="duplicates_checked_at, id", limit=SLICE):
            some._note_duplicates()
            remaining = max(0, remaining - len(some))
            if not self.env["ir.cron"]._commit_progress(len(some), remaining=remaining):
                break

    def _duplicate_facts(self, other, with_identifiers=True):
        """Return the digest of what is compared of two records: a decision holds until it changes."""
        records = (self | other).sudo().sorted("id")
        own = records._own_identifiers() if with_identifiers else {}
        return digest_of(
            [
                {
                    "name": record.name_key or "",
                    "place": list(record._place()),
                    "identifiers": sorted([one["scheme"], one["value"]] for one in own.get(record.id, [])),
                }
                for record in records
            ]
        )

    def _supplier_ready_problems(self):
        problems = super()._supplier_ready_problems()
        open_ones = self.env["healthcare.duplicate.candidate"].sudo()._open_for(self)
        if open_ones and self.env.user.share:
            # The portal learns nothing of other suppliers.
            return [*problems, self._supplier_asked_sentence()]
        for candidate in open_ones:
            other = candidate._pair() - self.commercial_partner_id
            problems.append(
                self.env._(
                    "%(supplier)s may be the same supplier as %(other)s: decide about it, or merge the two.",
                    supplier=self.display_name,
                    other=f"{other.sudo().display_name} (#{other.id})",
                )
            )
        return problems
