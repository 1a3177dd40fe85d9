from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.party_identifiers import lookup_value

#: Where partners carry identifiers, as rows of (partner_id, kind, value). ``tax`` is one kind
#: for tax and VAT numbers. The expressions are those of the indexes below.
_SOURCES = {
    "identifier": """
        SELECT w.key, p.id, w.kind, w.value
          FROM wanted w
          JOIN healthcare_partner_identifier i
            ON i.scheme IN (CASE WHEN w.kind = 'tax' THEN 'tax_id' ELSE w.kind END,
                            CASE WHEN w.kind = 'tax' THEN 'vat' ELSE w.kind END)
           AND i.value = w.value AND i.active
          JOIN res_partner p ON p.id = i.partner_id
    """,
    "vat": """
        SELECT w.key, p.id, w.kind, w.value
          FROM wanted w
          JOIN res_partner p
            ON upper(regexp_replace(p.vat, '[^0-9A-Za-z]', '', 'g')) IN (w.value, 'US' || w.value)
         WHERE w.kind = 'tax' AND p.vat IS NOT NULL
    """,
    "gln": """
        SELECT w.key, p.id, w.kind, w.value
          FROM wanted w
          JOIN res_partner p
            ON upper(regexp_replace(p.global_location_number, '[^0-9A-Za-z]', '', 'g')) = w.value
         WHERE w.kind = 'gln' AND p.global_location_number IS NOT NULL
    """,
    "ref": """
        SELECT w.key, p.id, w.kind, w.value
          FROM wanted w
          JOIN res_partner p ON upper(p.ref) = w.value
         WHERE w.kind = 'buyer_assigned' AND p.ref IS NOT NULL
    """,
    "iban": """
        SELECT w.key, p.id, w.kind, w.value
          FROM wanted w
          JOIN res_partner_bank b ON b.sanitized_acc_number = w.value AND b.active
          JOIN res_partner p ON p.id = b.partner_id
         WHERE w.kind = 'iban'
    """,
}


class ResPartner(models.Model):
    """Suppliers are found by their identifiers, wherever they carry them."""

    _inherit = "res.partner"

    identifier_ids = fields.One2many(
        "healthcare.partner.identifier", "partner_id", string="Identifiers", bypass_search_access=True
    )

    # For _identifier_hits: documents write these numbers with and without separators.
    _vat_compact_index = models.Index(
        "(upper(regexp_replace(vat, '[^0-9A-Za-z]', '', 'g'))) WHERE vat IS NOT NULL"
    )
    _gln_compact_index = models.Index(
        "(upper(regexp_replace(global_location_number, '[^0-9A-Za-z]', '', 'g')))"
        " WHERE global_location_number IS NOT NULL"
    )
    _ref_upper_index = models.Index("(upper(ref)) WHERE ref IS NOT NULL")

    @api.model
    def _find_by_identifiers(self, requests, company=None, archived=False):
        """Return who carries the identifiers that documents name, for many at once.

        Looked for in the partner's identifiers, in ``vat`` (for ``tax_id`` and ``vat``), ``ref``
        (``buyer_assigned``), ``global_location_number`` and bank accounts (``iban``). Schemes
        that do not name one party (``account``, ``email``, ``licence``, ``seller_assigned``)
        find nobody.

        :param requests: list of ``{"key", "identifiers": [{"scheme", "value"}]}``
        :param company: only partners of this company, and shared ones
        :param archived: whether archived partners count, too
        :return: ``{key: [ids of commercial partners]}``, each key of the requests, ids ascending;
            more than one id: the identifiers name several
        """
        found = {request["key"]: set() for request in requests}
        wanted = {request["key"]: request.get("identifiers") for request in requests}
        for key, partner_id, _kind, _value in self._identifier_hits(wanted, company, archived):
            found[key].add(partner_id)
        return {key: sorted(partner_ids) for key, partner_ids in found.items()}

    @api.model
    def _identifier_hits(self, wanted, company=None, archived=False):
        """Return ``[(key, commercial partner id, kind, value)]`` of who carries what.

        :param wanted: ``{key: [{"scheme", "value"}]}``; kinds are schemes, ``tax`` for both tax
            schemes
        """
        lookups = self.env["healthcare.partner.identifier"]._lookups
        keys = list(wanted)
        rows = [
            (position, kind, value)
            for position, key in enumerate(keys)
            for kind, value in lookups(wanted[key])
        ]
        if not rows:
            return []
        self.env["healthcare.partner.identifier"].flush_model()
        self.env["res.partner.bank"].flush_model(["partner_id", "sanitized_acc_number", "active"])
        self.flush_model(
            ["vat", "ref", "global_location_number", "commercial_partner_id", "company_id", "active"]
        )
        kinds = {kind for _position, kind, _value in rows}
        sources = ["identifier"]
        sources += [
            source
            for kind, source in (("tax", "vat"), ("gln", "gln"), ("buyer_assigned", "ref"), ("iban", "iban"))
            if kind in kinds
        ]
        conditions = [SQL("c.active") if not archived else SQL("TRUE")]
        if company:
            conditions.append(SQL("(c.company_id IS NULL OR c.company_id = %s)", company.id))
        self.env.cr.execute(
            SQL(
                """
                WITH wanted (key, kind, value) AS (
                    SELECT * FROM unnest(%(keys)s::int[], %(kinds)s::text[], %(values)s::text[])
                )
                SELECT DISTINCT hit.key, c.id, hit.kind, hit.value
                  FROM (%(sources)s) AS hit (key, partner_id, kind, value)
                  JOIN res_partner p ON p.id = hit.partner_id
                  JOIN res_partner c ON c.id = p.commercial_partner_id
                 WHERE %(conditions)s
                """,
                keys=[row[0] for row in rows],
                kinds=[row[1] for row in rows],
                values=[row[2] for row in rows],
                sources=SQL(" UNION ALL ").join(SQL(_SOURCES[source]) for source in sources),
                conditions=SQL(" AND ").join(conditions),
            )
        )
        return [
            (keys[key], partner_id, kind, value) for key, partner_id, kind, value in self.env.cr.fetchall()
        ]

    def _own_identifiers(self):
        """Return ``{commercial partner id: [{"scheme", "value"}]}``: what these partners and their
        contacts carry, wherever they carry it.

        Runs in superuser mode: what is the same does not depend on who may see it.
        """
        commercial = self.sudo().commercial_partner_id
        family = commercial.with_context(active_test=False).search(
            [("commercial_partner_id", "in", commercial.ids)]
        )
        found = defaultdict(list)
        for partner in family:
            carried = [("vat", partner.vat), ("gln", partner.global_location_number)]
            if partner == partner.commercial_partner_id:
                carried.append(("buyer_assigned", partner.ref))
            carried += [(one.scheme, one.value) for one in partner.identifier_ids if one.active]
            carried += [
                ("iban", bank.sanitized_acc_number)
                for bank in partner.bank_ids
                if bank.active and bank.acc_type == "iban"
            ]
            for scheme, value in carried:
                if value and lookup_value(scheme, value):
                    found[partner.commercial_partner_id.id].append({"scheme": scheme, "value": value})
        return {partner.id: found[partner.id] for partner in commercial}

    def _check_exact_duplicates(self, carried=None):
        """Refuse an identifier or IBAN that names another partner.

        :param carried: ``{partner id: [{"scheme", "value"}]}`` to look at; default: what they have
        :raises ValidationError: it names the identifier and the other record.
        """
        raise_for = self._exact_duplicates(carried)
        if not raise_for:
            return
        labels = dict(
            self.env["healthcare.partner.identifier"]._fields["scheme"]._description_selection(self.env)
        )
        labels |= {"tax": self.env._("Tax ID"), "iban": self.env._("IBAN")}
        raise ValidationError(
            "\n".join(
                self.env._(
                    "%(partner)s: %(scheme)s %(value)s is that of %(other)s. Use that record, correct the "
                    "number, or merge the two.",
                    partner=partner.display_name,
                    scheme=labels.get(kind, kind),
                    value=value,
                    other=self._others_text(others),
                )
                for partner, kind, value, others in raise_for
            )
        )

    def _exact_duplicates(self, carried=None, decided=False):
        """Return ``[(partner, kind, value, others)]``: identifiers of these partners that other
        commercial partners carry, archived ones too. Records in superuser mode.

        :param carried: as in :meth:`_check_exact_duplicates`
        :param decided: whether pairs count that share identifiers by a person's decision
        """
        if carried is None:
            own = self._own_identifiers()
        else:
            own = defaultdict(list)
            # sudo: what is the same does not depend on who may see it
            for partner in self.sudo():
                own[partner.commercial_partner_id.id] += carried[partner.id]
        shared = set()
        if not decided:
            shared = self.env["healthcare.duplicate.candidate"]._sharing_pairs(own)
        hits = defaultdict(set)
        for key, partner_id, kind, value in self._identifier_hits(own, archived=True):
            if partner_id != key and (min(key, partner_id), max(key, partner_id)) not in shared:
                hits[key, kind, value].add(partner_id)
        partners = self.sudo().with_context(active_test=False)
        found = []
        for (key, kind, value), other_ids in sorted(hits.items()):
            partner = partners.browse(key)
            others = partners.browse(
                other_id
                for other_id in sorted(other_ids)
                if partner._may_be_same(partners.browse(other_id), kind, value)
            )
            if others:
                found.append((partner, kind, value, others))
        return found

    def _others_text(self, others):
        """Return who has an identifier already; to outsiders no names of others."""
        if self.env.user.share:
            return self.env._("another supplier of ours")
        return ", ".join(f"{other.display_name} (#{other.id})" for other in others)

    def _may_be_same(self, other, kind, value):
        """Return whether a shared value makes two partners suspects. Hook.

        Partners of different companies may stand for the same supplier, and a number without
        country code says nothing across countries.
        """
        self.ensure_one()
        if self.company_id and other.company_id and self.company_id != other.company_id:
            return False
        countries = self.country_id | other.country_id
        return not (kind == "tax" and value[:1].isdigit() and len(countries) > 1)
