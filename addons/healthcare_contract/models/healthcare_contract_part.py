from odoo import api, models
from odoo.addons.healthcare_base.tools.units import normalise_unit_code
from odoo.exceptions import AccessError, UserError


class HealthcareContractPart(models.AbstractModel):
    """A part of a contract: people change it while the contract is a draft, and only then.

    What was approved is the contract with all its parts. The guard looks at the contract before
    and after the change, so that moving a part from or to an approved contract is refused too,
    whether the contract came as a value, by a default in the context, or by another record.
    """

    _name = "healthcare.contract.part"
    _description = "Part of a Contract"

    # Fields that people write whatever the contract's state: they change nothing of what was agreed.
    _free_fields = frozenset()

    def _part_contracts(self):
        """Return the contracts that these records are parts of, in superuser mode."""
        return self.sudo().contract_id

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create([self._clean_vals(vals) for vals in vals_list])
        parts._check_contract_draft()
        parts._note_author()
        return parts

    def write(self, vals):
        vals = self._clean_vals(vals)
        if self._free_fields.issuperset(vals):
            return super().write(vals)
        self._check_contract_draft()
        # said before what else would be wrong with it there
        self._check_draft(self._contracts_named(vals))
        result = super().write(vals)
        self._check_contract_draft()
        self._note_author()
        return result

    def unlink(self):
        self._check_contract_draft()
        self._note_author()
        return super().unlink()

    def _note_author(self):
        """Who changes a part changes the contract, and does not approve it."""
        if not self.env.su:
            self._part_contracts().sudo(False)._approval_note_author()

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with a canonical unit code; override to clean more.

        :raises AccessError: they name a field that follows from others. Odoo would write it, and
            a price would stand in another contract than its line.
        """
        if not self.env.su:
            self._check_derived(vals)
        if not vals.get("unit_code"):
            return vals
        unit = vals["unit_code"]
        return {**vals, "unit_code": normalise_unit_code(unit) or unit.strip()}

    @api.model
    def _check_derived(self, vals):
        for name in vals:
            field = self._fields.get(name)
            if field and field.store and field.readonly and (field.compute or field.related):
                raise AccessError(
                    self.env._(
                        "%(field)s of %(model)s follows from other fields: it is not written.",
                        field=field._description_string(self.env),
                        model=self._description,
                    )
                )

    def _check_contract_draft(self):
        """Refuse people's changes of what waits for approval or was approved.

        :raises UserError: naming the contract and what to do instead
        """
        self._check_draft(self._part_contracts())

    def _contracts_named(self, vals):
        """Return the contracts that ``vals`` would make these records parts of, as superuser."""
        return self.env["healthcare.contract"].sudo().browse(vals.get("contract_id") or [])

    def _check_draft(self, contracts):
        if self.env.su:
            return
        closed = contracts.filtered(lambda contract: contract.state != "draft")[:1]
        if closed:
            raise closed._not_draft_error()
        if contracts:
            # Odoo asks the rules of the part only; a part of a contract that one may not write
            # is not one's own to add.
            mine = contracts.sudo(False)
            mine.check_access("write")
            mine._check_group_contract()

    def _part_error(self, text):
        """Return a ``UserError`` with the contract's name in front of ``text``."""
        contract = self._part_contracts()[:1].display_name
        return UserError(self.env._("%(contract)s: %(problem)s", contract=contract, problem=text))
