from collections import defaultdict

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import screening
from ..tools.names import CORE_FLOOR

#: Fields whose change is screened at once.
SCREENED_FIELDS = frozenset(
    ("name", "street", "street2", "city", "zip", "state_id", "country_id", "parent_id", "is_company")
)
SYSTEM_FIELDS = ("screened_at", "screening_state")
_NUMBERS = ("npi", "uei", "cage")

_HITS = """
WITH subject AS (
    SELECT p.id AS subject_id, p.commercial_partner_id AS partner_id,
           p.id <> p.commercial_partner_id AS is_contact, p.name, p.name_key, p.name_core,
           COALESCE(p.street_key, '') AS street, COALESCE(p.city_key, '') AS city,
           upper(COALESCE(st.code, '')) AS state, COALESCE(p.zip_key, '') AS zip,
           COALESCE(co.code, '') AS country
      FROM res_partner p
      LEFT JOIN res_country_state st ON st.id = p.state_id
      LEFT JOIN res_country co ON co.id = p.country_id
     WHERE p.commercial_partner_id = ANY(%(partners)s)
       AND p.name_key IS NOT NULL
       AND (p.id = p.commercial_partner_id OR p.type IN ('contact', 'other') OR p.type IS NULL)
),
alike AS (
    SELECT s.subject_id, n.entry_id, n.name_key AS entry_name_key
      FROM subject s
      JOIN healthcare_exclusion_name n ON n.name_core %% s.name_core
     WHERE similarity(n.name_key, s.name_key) >= %(alone)s
    UNION
    SELECT s.subject_id, n.entry_id, n.name_key
      FROM subject s
      JOIN healthcare_exclusion_entry e ON e.zip_key = s.zip AND e.active
      JOIN healthcare_exclusion_name n ON n.entry_id = e.id
     WHERE s.zip <> '' AND similarity(n.name_key, s.name_key) >= %(floor)s
),
by_name AS (
    SELECT DISTINCT ON (s.subject_id, n.entry_id)
           s.subject_id, n.entry_id, n.entry_name_key,
           similarity(n.entry_name_key, s.name_key) AS name_similarity
      FROM subject s
      JOIN alike n ON n.subject_id = s.subject_id
     ORDER BY s.subject_id, n.entry_id, name_similarity DESC, n.entry_name_key
),
by_number AS (
    SELECT s.subject_id, e.id AS entry_id, array_agg(DISTINCT i.scheme || ' ' || i.value) AS numbers
      FROM subject s
      JOIN res_partner p ON p.commercial_partner_id = s.subject_id
      JOIN healthcare_partner_identifier i ON i.partner_id = p.id AND i.active
      JOIN LATERAL (
            SELECT id FROM healthcare_exclusion_entry
             WHERE active AND i.scheme = 'npi' AND npi <> '' AND npi = i.value
            UNION ALL
            SELECT id FROM healthcare_exclusion_entry
             WHERE active AND i.scheme = 'uei' AND uei <> '' AND uei = i.value
            UNION ALL
            SELECT id FROM healthcare_exclusion_entry
             WHERE active AND i.scheme = 'cage' AND cage <> '' AND cage = i.value
           ) e ON TRUE
     WHERE i.scheme IN ('npi', 'uei', 'cage')
     GROUP BY s.subject_id, e.id
),
pair AS (
    SELECT subject_id, entry_id, entry_name_key, name_similarity, numbers
      FROM by_name FULL JOIN by_number USING (subject_id, entry_id)
)
SELECT s.subject_id, s.partner_id, s.is_contact, s.name, s.name_key, s.street, s.city, s.state, s.zip,
       s.country, e.id AS entry_id, e.classification, COALESCE(e.street_key, '') AS entry_street,
       COALESCE(e.city_key, '') AS entry_city, COALESCE(e.state_code, '') AS entry_state,
       COALESCE(e.zip_key, '') AS entry_zip, COALESCE(e.country, '') AS entry_country,
       COALESCE(pair.entry_name_key, '') AS entry_name_key, pair.name_similarity,
       similarity(s.street, COALESCE(e.street_key, '')) AS street_similarity,
       COALESCE(pair.numbers, '{}') AS numbers,
       e.npi, e.uei, e.cage, e.date_from, e.date_to, e.exclusion_type
  FROM pair
  JOIN subject s ON s.subject_id = pair.subject_id
  JOIN healthcare_exclusion_entry e ON e.id = pair.entry_id
 WHERE e.active AND (e.date_to IS NULL OR e.date_to >= %(today)s)
"""


class ResPartner(models.Model):
    """Suppliers are screened against lists of excluded parties: when they are new, when they
    change, and at each new list."""

    _inherit = "res.partner"

    screened_at = fields.Datetime(string="Screened", readonly=True, copy=False)
    screening_state = fields.Selection(
        [
            ("clear", "No Exclusion"),
            ("possible", "Possible Exclusion"),
            ("excluded", "Excluded"),
        ],
        string="Exclusion Screening",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Empty: not screened.",
    )
    screening_match_ids = fields.One2many(
        "healthcare.screening.match",
        "partner_id",
        string="Screening Matches",
        readonly=True,
        bypass_search_access=True,
    )
    screening_match_count = fields.Integer(compute="_compute_screening_match_count", compute_sudo=True)

    @api.depends("screening_match_ids")
    def _compute_screening_match_count(self):
        counts = dict(
            self.env["healthcare.screening.match"]._read_group(
                [("partner_id", "in", self.ids), ("is_superseded", "=", False)], ["partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.screening_match_count = counts.get(partner, 0)

    @api.model
    def _system_comparison_fields(self):
        return super()._system_comparison_fields() + SYSTEM_FIELDS

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._screen_suppliers()
        return partners

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & (SCREENED_FIELDS | {"supplier_state", "supplier_rank"}):
            self._screen_suppliers()
        return result

    def action_view_screening_matches(self):
        """Open the screening matches of this supplier."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exclusion Screening"),
            "res_model": "healthcare.screening.match",
            "views": [(False, "list"), (False, "form")],
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
        }

    @api.model
    def _screened_domain(self):
        """Return the domain of who is screened: suppliers, archived ones too. Hook."""
        return Domain("is_company", "=", True) & self._supplier_domain() | (
            Domain("parent_id", "=", False) & self._supplier_domain()
        )

    @api.model
    def _supplier_domain(self):
        """Return the domain of suppliers: under qualification, or bought from before that began."""
        return Domain("supplier_state", "!=", False) | Domain("supplier_rank", ">", 0)

    def _screen_suppliers(self):
        """Screen those of these partners that are suppliers, or contacts of one, at once.

        Where no list is loaded, there is nothing to screen against.
        """
        # sudo: screening does not depend on who made the change
        commercial = self.sudo().commercial_partner_id
        suppliers = commercial.filtered(lambda one: one.supplier_state or one.supplier_rank)
        if suppliers and self.env["healthcare.exclusion.list"].sudo()._any_loaded():
            suppliers._screen()._ask()

    def _screen(self, run=None):
        """Screen these suppliers with their contacts against what is loaded. Set-based.

        :param run: the ``healthcare.screening.run`` that this is part of
        :return: the new matches
        """
        # What is found is its own record of it; no message says so once more.
        Match = (
            self.env["healthcare.screening.match"]
            .sudo()
            .with_context(tracking_disable=True, mail_create_nolog=True, mail_create_nosubscribe=True)
        )
        partners = self.sudo().commercial_partner_id
        hits = partners._screening_hits()
        now = fields.Datetime.now()
        known = {
            (match.partner_id.id, match.entry_id.id): match
            for match in Match.search([("partner_id", "in", partners.ids), ("is_superseded", "=", False)])
        }
        entries = self.env["healthcare.exclusion.entry"].sudo().browse({entry for _p, entry in hits})
        evidence = {entry.id: entry._evidence() for entry in entries}
        new, again, found = [], Match, Match
        for pair, hit in hits.items():
            match = known.get(pair)
            values = {
                **hit,
                "snapshot": {"supplier": hit["snapshot"], "entry": evidence[pair[1]]},
                "run_id": run.id if run else False,
                "last_seen": now,
            }
            if match is None:
                new.append(values)
            elif match.state == "ended" or (
                match.facts_digest != hit["facts_digest"] and match.state != "confirmed"
            ):
                again += match._supersede(values)
            else:
                found += match
        found.write({"last_seen": now, "found_last_time": True})
        gone = Match.concat(*(match for pair, match in known.items() if pair not in hits))
        gone.filtered("found_last_time").write({"found_last_time": False})
        matches = (Match.create(new) + again).with_env(self.env)
        partners._refresh_screening_state(now)
        return matches

    def _screening_hits(self):
        """Return ``{(partner id, entry id): values}``: the best evidence for each pair that is worth
        a person's look."""
        self.env["healthcare.partner.identifier"].flush_model()
        self.flush_model()
        # For this transaction alone: what the operator % takes for alike.
        self.env.cr.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, TRUE)", [str(CORE_FLOOR)])
        self.env.cr.execute(
            SQL(
                _HITS,
                partners=self.ids,
                today=fields.Date.today(),
                floor=screening.NAME_FLOOR,
                alone=screening.NAME_ALONE,
            )
        )
        hits = self.env.cr.dictfetchall()
        numbers = self._screening_numbers()
        best = {}
        for hit in hits:
            hit["numbers"] = [tuple(one.split(" ", 1)) for one in sorted(hit["numbers"])]
            score, reasons = screening.judge(hit)
            pair = (hit["partner_id"], hit["entry_id"])
            if score >= screening.POSSIBLE and (pair not in best or score > best[pair]["score"]):
                best[pair] = self._screening_values(hit, score, reasons, numbers[hit["partner_id"]])
        return best

    def _screening_numbers(self):
        """Return ``{partner id: [[scheme, value]]}`` of the numbers that are compared."""
        self.env.cr.execute(
            "SELECT p.commercial_partner_id, i.scheme, i.value FROM healthcare_partner_identifier i"
            " JOIN res_partner p ON p.id = i.partner_id"
            " WHERE i.active AND i.scheme = ANY(%s) AND p.commercial_partner_id = ANY(%s)"
            " ORDER BY i.scheme, i.value",
            [list(_NUMBERS), self.ids],
        )
        numbers = defaultdict(list)
        for partner_id, scheme, value in self.env.cr.fetchall():
            numbers[partner_id].append([scheme, value])
        return numbers

    @api.model
    def _screening_values(self, hit, score, reasons, numbers):
        """Return the values of a match; the digest is of what was compared, on both sides."""
        ours = {key: hit[key] for key in ("name", "street", "city", "state", "zip", "country")}
        theirs = {
            key: hit[f"entry_{key}"] for key in ("name_key", "street", "city", "state", "zip", "country")
        } | {
            key: str(hit[key] or "")
            for key in ("npi", "uei", "cage", "date_from", "date_to", "exclusion_type")
        }
        compared = {**ours, "name": hit["name_key"]}
        return {
            "partner_id": hit["partner_id"],
            "entry_id": hit["entry_id"],
            "subject": hit["name"],
            "score": score,
            "reasons": reasons,
            "snapshot": {**ours, **dict(numbers)},
            "facts_digest": digest_of({"ours": compared, "theirs": theirs, "numbers": numbers}),
        }

    def _refresh_screening_state(self, screened_at=None):
        """Write down what the matches of these suppliers say, set-based.

        :param screened_at: when they were screened; default: they were not, now
        """
        partners = self.sudo().commercial_partner_id
        if not partners:
            return
        self.env["healthcare.screening.match"].flush_model()
        self.env["res.partner"].flush_model(["screened_at", "screening_state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner p
                   SET screened_at = COALESCE(%(at)s, p.screened_at),
                       screening_state = CASE WHEN worst.excluded THEN 'excluded'
                                              WHEN worst.possible THEN 'possible'
                                              ELSE 'clear' END
                  FROM (SELECT q.id,
                               bool_or(m.state = 'confirmed' AND m.entry_ended_on IS NULL) AS excluded,
                               bool_or(m.state = 'possible') AS possible
                          FROM res_partner q
                          LEFT JOIN healthcare_screening_match m
                            ON m.partner_id = q.id AND NOT COALESCE(m.is_superseded, FALSE)
                         WHERE q.id = ANY(%(partners)s)
                         GROUP BY q.id) worst
                 WHERE p.id = worst.id
                """,
                at=screened_at,
                partners=partners.ids,
            )
        )
        partners.invalidate_recordset(["screened_at", "screening_state"], flush=False)

    def _screening_block(self, match):
        """Block this supplier, for it is an excluded party."""
        supplier = self.sudo().commercial_partner_id
        if supplier.supplier_state in (False, "blocked", "off_boarded"):
            return
        supplier._set_supplier_state(
            "blocked",
            self.env._(
                "Excluded: %(entry)s (%(list)s). %(reason)s",
                entry=match.entry_name,
                list=dict(match._fields["source"]._description_selection(self.env)).get(match.source, ""),
                reason=match.decision_reason,
            ),
        )

    def _supplier_ready_problems(self):
        problems = super()._supplier_ready_problems()
        supplier = self.sudo().commercial_partner_id
        if supplier.screening_state in ("excluded", "possible") and self.env.user.share:
            # Who may be excluded is not told what we suspect, nor from where we know.
            return list(dict.fromkeys([*problems, self._supplier_asked_sentence()]))
        if supplier.screening_state == "excluded":
            problems.append(self.env._("%s is on an exclusion list.", supplier.display_name))
        elif supplier.screening_state == "possible":
            problems.append(
                self.env._(
                    "%s may be on an exclusion list: a compliance officer decides about it first.",
                    supplier.display_name,
                )
            )
        return problems

    def _supplier_problems(self, purpose, company, date=None):
        problems = super()._supplier_problems(purpose, company, date)
        if not company._control_on("supplier_gate_date", date):
            return problems
        # sudo: whether a supplier is excluded does not depend on who may read it
        for partner in self.sudo():
            if partner.commercial_partner_id.screening_state != "excluded":
                continue
            sentence = self.env._(
                "%s is confirmed to be on an exclusion list.", partner.commercial_partner_id.display_name
            )
            problems.setdefault(partner.id, []).append(sentence)
        return problems
