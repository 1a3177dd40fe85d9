from odoo import api, fields, models


class ProductProduct(models.Model):
    """What the catalog and the formularies say to a request or an order."""

    _inherit = "product.product"

    @api.model
    def _formulary_problems(self, requests):
        """Return why items may not be requested or ordered, for many at once.

        A facility's own rule, else that of the facility it is part of, comes before the group
        policy where this leaves room; of one formulary the rule for the item comes before the
        one for its category, and that before the one for everything. Without a rule an approved
        item is allowed.

        :param requests: list of ``{"key", "product_id", "facility_id" or False, "user_id" (False:
            the system itself, by a reordering rule), "date" (default today), "company_id" (default
            the facility's, else the user's present one), "purpose": "request" (default) | "order"}``
        :return: dict from key to a list of sentences, empty where nothing stands against it
        """
        # sudo: rules bind those too who may not read them; only sentences leave this method
        return self.sudo()._formulary_problems_of(requests)

    def _formulary_problems_of(self, requests):
        products = {
            product.id: product
            for product in self.with_context(active_test=False)
            .browse({request["product_id"] for request in requests if request.get("product_id")})
            .exists()
        }
        facilities = {
            facility.id: facility
            for facility in self.env["healthcare.facility"].browse(
                {request["facility_id"] for request in requests if request.get("facility_id")}
            )
        }
        users = {
            user.id: user
            for user in self.env["res.users"].browse(
                {request["user_id"] for request in requests if request.get("user_id")}
            )
        }
        companies = {
            request["key"]: request.get("company_id")
            or facilities.get(request.get("facility_id"), self.env["healthcare.facility"]).company_id.id
            or self.env.company.id
            for request in requests
        }
        rules = self.env["healthcare.formulary.line"].search(
            [("company_id", "in", list(set(companies.values()))), ("formulary_id.active", "=", True)]
        )
        by_place = rules.grouped(lambda rule: (rule.company_id.id, rule.facility_id.id))
        today = fields.Date.context_today(self)
        problems = {}
        for request in requests:
            product = products.get(request.get("product_id"), self.browse())
            problems[request["key"]] = product._catalog_problems(request.get("purpose") or "request")
            if problems[request["key"]] or not product:
                continue
            facility = facilities.get(request.get("facility_id"), self.env["healthcare.facility"])
            rules = product._formulary_rules(
                by_place,
                companies[request["key"]],
                facility,
                fields.Date.to_date(request.get("date") or today),
            )
            sentences = [
                product._rule_problem(rule, facility, users.get(request.get("user_id"))) for rule in rules
            ]
            problems[request["key"]] = [sentence for sentence in sentences if sentence]
        return problems

    def _catalog_problems(self, purpose):
        """Return why the item's state in the catalog stands against it."""
        if not self:
            return []
        name = self.display_name
        if self.item_state == "placeholder":
            return (
                [
                    self.env._(
                        "%s stands for free text and cannot be ordered: choose the item that it is.",
                        name,
                    )
                ]
                if purpose == "order"
                else []
            )
        if self.item_state == "approved":
            return []
        return [
            {
                "proposed": self.env._("%s waits for approval as a catalog item.", name),
                "retired": self.env._("%s is retired from the catalog: choose another item.", name),
            }.get(
                self.item_state,
                self.env._("%s is not in the catalog: propose it, or ask with a placeholder.", name),
            )
        ]

    def _formulary_rules(self, by_place, company_id, facility, date):
        """Return the rules that have to be kept: none, one, or a local one and the group policy's."""
        none = self.env["healthcare.formulary.line"]
        categories = none._ancestors(self.categ_id)

        def rule_of(facility_id):
            rules = by_place.get((company_id, facility_id), none)
            return rules.filtered(lambda rule: rule._holds_on(date))._most_specific(self.id, categories)

        group = rule_of(False)
        if group.local_override == "none":
            return group
        for facility_id in [int(part) for part in reversed((facility.parent_path or "").split("/")) if part]:
            if local := rule_of(facility_id):
                return local if local._overrides(group, categories) else local | group
        return group

    def _rule_problem(self, rule, facility, user):
        """Return why ``rule`` stops ``user``, or ``None``."""
        place = rule.facility_id.display_name or self.env._("the group policy")
        facts = {
            "item": self.display_name,
            "place": place,
            "reason": f" {rule.reason}" if rule.reason else "",
        }
        if rule.policy == "not_allowed":
            return self.env._("%(item)s is not allowed by %(place)s.%(reason)s", **facts)
        if rule.policy == "allowed":
            return None
        above = {int(part) for part in (facility.parent_path or "").split("/") if part}
        if not user:  # a person who may has set the reordering rule; departments still count
            if not rule.department_ids or above & set(rule.department_ids.ids):
                return None
        elif (
            user in rule.user_ids
            or rule.group_ids & user.all_group_ids
            or above & set(rule.department_ids.ids)
        ):
            return None
        allowed = ", ".join(
            [
                *rule.group_ids.mapped("name"),
                *rule.user_ids.mapped("name"),
                *rule.department_ids.mapped("display_name"),
            ]
        )
        return self.env._(
            "%(item)s is restricted by %(place)s: only for %(allowed)s.%(reason)s", allowed=allowed, **facts
        )
