from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import ExactError, numeric_text
from odoo.addons.healthcare_base.tools.units import normalise_unit_code

_TARGETS = {"amount": "amount", "quantity": "quantity", "share": "percent"}


class HealthcareDocumentContract(models.AbstractModel):
    """Tiers, roster, commitments and construct caps of a contract document."""

    _inherit = "healthcare.document.contract"  # pylint: disable=consider-merging-classes-inherited

    # Tiers

    @api.model
    def _take_tiers(self, intake):
        """Add the document's tiers, or change those of the same code."""
        draft = intake.draft
        tiers = {tier.code.strip().upper(): tier for tier in draft.tier_ids}
        for index, sent in enumerate(intake.document.get("tiers") or ()):
            code = (sent.get("code") or "").strip()
            if not code:
                intake.problem(
                    "tier_unknown",
                    self.env._("Tier %s: it has no code. Enter one.", index + 1),
                    f"tiers[{index}].code",
                    as_sent=sent,
                )
                continue
            vals = self._tier_vals(intake, sent, index)
            if code.upper() in tiers:
                tiers[code.upper()].write(vals)
            else:
                tiers[code.upper()] = self.env["healthcare.contract.tier"].create(
                    {"contract_id": draft.id, "code": code, **vals}
                )
        intake.tiers = tiers

    @api.model
    def _tier_vals(self, intake, sent, index):
        conditions = sent.get("conditions")
        vals = {"sequence": index + 1, "name": sent.get("name")}
        if isinstance(conditions, str):
            vals["conditions"] = conditions
        elif conditions:
            vals["conditions"] = conditions.get("description")
            vals["unit_code"] = normalise_unit_code(conditions.get("unit"))
            for name in ("min_amount", "min_quantity", "min_share_percent"):
                vals[name] = self._number(intake, conditions, name, f"tiers[{index}].conditions")
        return vals

    @api.model
    def _drop_unused_tiers(self, intake):
        """Remove tiers that the document no longer has, where nothing refers to them."""
        if "tiers" not in intake.document:
            return
        named = {(tier.get("code") or "").strip().upper() for tier in intake.document["tiers"] or ()}
        draft = intake.draft
        used = (
            draft.line_ids.price_ids.tier_id
            | draft.eligibility_ids.tier_id
            | draft.commitment_ids.tier_id
            | draft.default_tier_id
        )
        (draft.tier_ids.filtered(lambda tier: tier.code.strip().upper() not in named) - used).unlink()

    # Roster

    @api.model
    def _take_roster(self, intake):
        """Replace the roster where the document has one."""
        document = intake.document
        if "facilities" not in document and "accounts" not in document:
            return
        entries = [
            (f"facilities[{index}]", {"code": sent} if isinstance(sent, str) else sent, sent)
            for index, sent in enumerate(document.get("facilities") or ())
        ]
        for index, sent in enumerate(document.get("accounts") or ()):
            entry = {"account": sent} if isinstance(sent, str) else dict(sent)
            entry.setdefault("account", entry.pop("number", None))
            if "facility" in entry:
                entry["code"] = entry.pop("facility")
            entries.append((f"accounts[{index}]", entry, sent))
        facilities = self._facilities_by_code()
        accounts = self._accounts_by_number(intake)
        vals_list = []
        for path, entry, sent in entries:
            vals = self._entry_vals(intake, path, entry, sent, facilities, accounts)
            if vals:
                vals_list.append((path, sent, vals))
        intake.draft.eligibility_ids.unlink()
        with_account = {vals["facility_id"] for _path, _sent, vals in vals_list if vals["account_id"]}
        vals_list = [
            (path, sent, vals)
            for path, sent, vals in vals_list
            # the accounts say more exactly who may buy there
            if vals["account_id"] or vals["facility_id"] not in with_account
        ]
        self.env["healthcare.contract.eligibility"].create(self._without_overlap(intake, vals_list))

    @api.model
    def _facilities_by_code(self):
        """Return the company's facilities by code (upper case) and GLN."""
        facilities = self.env["healthcare.facility"].search([("company_id", "=", self.env.company.id)])
        return {
            key: facility
            for facility in facilities
            for key in (facility.gln, facility.code and facility.code.upper())
            if key
        }

    @api.model
    def _accounts_by_number(self, intake):
        """Return the supplier accounts with those who sell on the contract, by number."""
        sellers = intake.partner | intake.draft.distributor_ids
        accounts = self.env["healthcare.facility.account"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("partner_id.commercial_partner_id", "in", sellers.commercial_partner_id.ids),
            ]
        )
        by_number = {}
        for account in accounts:
            by_number.setdefault(account.account_number.strip().upper(), []).append(account)
        return by_number

    @api.model
    def _entry_vals(self, intake, path, entry, sent, facilities, accounts):
        """Return the values of one roster entry, ``None`` where it became a problem."""
        code, gln = entry.get("code"), entry.get("gln")
        number = (entry.get("account") or "").strip()
        facility = facilities.get(gln) or facilities.get((code or "").strip().upper())
        candidates = [
            account
            for account in accounts.get(number.upper(), ())
            if not facility or account.facility_id == facility
        ]
        if entry.get("price_class"):
            candidates = [one for one in candidates if one.price_class == entry["price_class"]]
        name = gln or code or entry.get("name") or number or "?"
        problem = None
        if (code or gln or not number) and not facility:
            problem = (
                "facility_unknown",
                self.env._("facility %s is none of ours. Enter its code or GLN there", name),
            )
        elif number and len(candidates) != 1:
            text = (
                self.env._("account %s is known of several facilities. Say which", number)
                if candidates
                else self.env._(
                    "account %s is none of ours with this supplier. Enter it at the facility", number
                )
            )
            problem = ("account_unknown", text)
        elif entry.get("tier") and not intake.tier(entry["tier"]):
            problem = (
                "tier_unknown",
                self.env._("the contract has no tier %s. Enter the tier", entry["tier"]),
            )
        else:
            days = [fields.Date.to_date(entry.get(key)) for key in ("valid_from", "valid_to")]
            if all(days) and days[1] < days[0]:
                problem = ("validity", self.env._("it ends before it begins"))
            elif not intake.draft._covers(*days):
                outside = self.env._("its days are outside the contract's: %s", intake.draft._days_text())
                problem = ("validity", outside)
        if problem:
            intake.problem(
                problem[0],
                self.env._("Roster, %(name)s: %(text)s.", name=name, text=problem[1]),
                path,
                as_sent=sent,
            )
            return None
        account = candidates[0] if number else None
        tier = intake.tier(entry.get("tier"))
        return {
            "contract_id": intake.draft.id,
            "facility_id": (facility or account.facility_id).id,
            "account_id": account.id if account else False,
            "price_class": entry.get("price_class") or False,
            "tier_id": tier.id if tier else False,
            "date_from": entry.get("valid_from") or False,
            "date_to": entry.get("valid_to") or False,
        }

    @api.model
    def _without_overlap(self, intake, entries):
        """Return the values of the entries of which none holds beside another one."""
        seen, result = {}, []
        for path, sent, vals in entries:
            key = (vals["facility_id"], vals["account_id"], vals["price_class"])
            first, last = vals["date_from"] or "", vals["date_to"] or "9999-12-31"
            others = seen.setdefault(key, [])
            if (first, last, vals["tier_id"]) in others:
                continue  # said twice
            if any(first <= other[1] and other[0] <= last for other in others):
                intake.problem(
                    "roster_overlap",
                    self.env._(
                        "Roster, %s: it is there on the same days at another tier.",
                        self.env["healthcare.facility"].browse(vals["facility_id"]).display_name,
                    ),
                    path,
                    as_sent=sent,
                )
                continue
            others.append((first, last, vals["tier_id"]))
            result.append(vals)
        return result

    # Commitments and caps

    @api.model
    def _take_commitments(self, intake):
        """Replace the commitments where the document has some."""
        if "commitments" not in intake.document:
            return
        intake.draft.commitment_ids.unlink()
        vals_list = []
        for index, sent in enumerate(intake.document["commitments"] or ()):
            path = f"commitments[{index}]"
            kind = sent.get("kind") or "amount"
            target = self._number(intake, sent, _TARGETS[kind], path)
            line, tier = self._line_of(intake, sent.get("item")), intake.tier(sent.get("tier"))
            category = self._category(sent.get("category"))
            problem = self._commitment_problem(intake, sent, target, line, tier, category)
            if problem:
                intake.problem(
                    "commitment_invalid",
                    self.env._("Commitment %(number)s, %(text)s.", number=index + 1, text=problem),
                    path,
                    as_sent=sent,
                )
                continue
            vals_list.append(
                {
                    "contract_id": intake.draft.id,
                    "name": sent.get("description"),
                    "kind": kind,
                    "target": target,
                    "unit_code": normalise_unit_code(sent.get("unit")),
                    "line_id": line.id if line else False,
                    "tier_id": tier.id if tier else False,
                    "categ_id": category.id if category else False,
                    "date_from": sent.get("valid_from") or False,
                    "date_to": sent.get("valid_to") or False,
                }
            )
        self.env["healthcare.contract.commitment"].create(vals_list)

    @api.model
    def _commitment_problem(self, intake, sent, target, line, tier, category):
        """Return why a commitment cannot be taken over, or ``None``."""
        kind = sent.get("kind") or "amount"
        if not target or target.startswith("-") or target == "0":
            return self.env._("field %s: it is above 0", _TARGETS[kind])
        if kind == "share" and float(target) > 100:
            return self.env._("field percent: a share is at most 100")
        if sent.get("item") and not line:
            return self.env._("field item: the contract has no such line")
        if sent.get("tier") and not tier:
            return self.env._("field tier: the contract has no tier %s", sent["tier"])
        if sent.get("category") and not category:
            return self.env._("field category: %s is no category of items", sent["category"])
        return self._days_problem(intake, sent)

    @api.model
    def _take_caps(self, intake):
        """Replace the construct caps where the document has some."""
        if "construct_caps" not in intake.document:
            return
        intake.draft.cap_ids.unlink()
        for index, sent in enumerate(intake.document["construct_caps"] or ()):
            path = f"construct_caps[{index}]"
            amount = self._number(intake, sent, "amount", path)
            items = sent.get("items") or ()
            lines = [self._line_of(intake, item) for item in items]
            code = (sent.get("code") or str(index + 1)).strip()
            if not amount or amount.startswith("-") or amount == "0":
                problem = self.env._("field amount: it is above 0")
            elif not all(lines):
                problem = self.env._("field items: the contract has no line of one of them")
            elif any(cap.code.casefold() == code.casefold() for cap in intake.draft.cap_ids):
                problem = self.env._("field code: another cap has it")
            else:
                problem = self._days_problem(intake, sent)
            if problem:
                intake.problem(
                    "cap_invalid",
                    self.env._("Construct cap %(code)s, %(text)s.", code=code, text=problem),
                    path,
                    as_sent=sent,
                )
                continue
            self.env["healthcare.contract.cap"].create(
                {
                    "contract_id": intake.draft.id,
                    "code": code,
                    "name": sent.get("description"),
                    "amount": amount,
                    "line_ids": [fields.Command.set([line.id for line in lines])],
                    "date_from": sent.get("valid_from") or False,
                    "date_to": sent.get("valid_to") or False,
                }
            )

    # Days

    @api.model
    def _clip_parts(self, intake, vals):
        """Bring parts that stay within the days that the contract will have.

        A part that would be outside altogether goes: it stays with the version before. Promises
        are questioned then, for there may be new ones.
        """
        draft = intake.draft
        first = fields.Date.to_date(vals.get("valid_from")) or draft.valid_from
        last = fields.Date.to_date(vals.get("valid_to", draft.valid_to)) or fields.Date.to_date("9999-12-31")
        for parts, names in (
            (draft.eligibility_ids, ("date_from", "date_to")),
            (draft.line_ids.price_ids, ("valid_from", "valid_to")),
            (draft.commitment_ids, ("date_from", "date_to")),
            (draft.cap_ids, ("date_from", "date_to")),
        ):
            outside = parts.filtered(
                lambda part, names=names: (
                    (part[names[0]] and part[names[0]] > last) or (part[names[1]] and part[names[1]] < first)
                )
            )
            if parts in (draft.commitment_ids, draft.cap_ids):
                for part in outside:
                    intake.problem(
                        "validity",
                        self.env._(
                            "%s was of other days than the contract now has. Enter the new one, if any.",
                            part.display_name,
                        ),
                        "valid_from",
                    )
            outside.unlink()
            for part in parts - outside:
                if part[names[0]] and part[names[0]] < first:
                    part[names[0]] = False
                if part[names[1]] and part[names[1]] > last:
                    part[names[1]] = False

    # Reading

    @api.model
    def _days_problem(self, intake, sent):
        """Return what is wrong with ``valid_from`` and ``valid_to`` of a part, or ``None``."""
        days = [fields.Date.to_date(sent.get(name)) for name in ("valid_from", "valid_to")]
        if all(days) and days[1] < days[0]:
            return self.env._("field valid_to: it ends before it begins")
        if not intake.draft._covers(*days):
            return self.env._(
                "field valid_from: its days are outside the contract's: %s", intake.draft._days_text()
            )
        return None

    @api.model
    def _number(self, intake, sent, name, path):
        """Return a number as canonical text, ``False`` where there is none or it is none."""
        if not sent.get(name):
            return False
        try:
            return numeric_text(sent[name])
        except ExactError as error:
            intake.problem("number_invalid", f"{path}.{name}: {error}.", f"{path}.{name}", as_sent=sent)
            return False

    @api.model
    def _line_of(self, intake, item):
        """Return the draft's line that an item of the document is, or ``None``."""
        if not item:
            return None
        found = self.env["healthcare.packaging"]._find_products(
            [{"key": 0, "partner_id": intake.partner.id, "item": item}]
        )[0]
        codes = {name: value for name, value in item.items() if name != "unspsc"}
        for line in intake.draft.line_ids:
            if line.product_id.id in found or any(line[name] == value for name, value in codes.items()):
                return line
        return None

    @api.model
    def _category(self, name):
        """Return the one product category of this name, or ``None``."""
        if not name:
            return None
        found = self.env["product.category"].search(
            ["|", ("complete_name", "=", name), ("name", "=", name)], limit=2
        )
        return found if len(found) == 1 else None
