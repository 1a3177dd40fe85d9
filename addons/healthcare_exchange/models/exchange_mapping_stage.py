import json

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.text import clean_text


class HealthcareExchangeMapping(models.Model):
    """The way of a version into production and back: evidence, certification, a second person."""

    _inherit = "healthcare.exchange.mapping"  # pylint: disable=consider-merging-classes-inherited

    evidence = fields.Selection(
        [
            ("none", "No samples"),
            ("stale", "Samples not run"),
            ("failed", "Samples fail"),
            ("passed", "Samples pass"),
        ],
        compute="_compute_evidence",
        help="What the samples say about exactly this expression.",
    )

    @api.depends("expression", "sample_ids.state", "sample_ids.run_digest", "sample_ids.expected_text")
    def _compute_evidence(self):
        for mapping in self:
            samples = mapping.sample_ids
            if not samples:
                mapping.evidence = "none"
            elif any(sample.run_digest != sample._digest() for sample in samples):
                mapping.evidence = "stale"
            elif any(sample.state != "passed" for sample in samples):
                mapping.evidence = "failed"
            else:
                mapping.evidence = "passed"

    def _content_changed(self):
        """A sample changes: so does what the version is tested by."""
        if not self:
            return
        self._check_editable()
        self._approval_note_author()
        # sudo: who may change samples changes the version; the fields are the methods' own
        self.sudo().write(self._prepare_changed_vals())

    def _check_right(self):
        """Raise AccessError unless the caller may take a version through its stages."""
        self.check_access("write")
        user = self.env.user
        if not self.env.su and not user.has_group("healthcare_base.group_administrator"):
            raise AccessError(self.env._("Mappings are an administrator's work."))

    # Draft and test

    def action_start_test(self):
        """Take drafts into test: a test endpoint uses them from now on."""
        self._check_right()
        self.sudo().write({"state": "test"})
        return True

    def action_back_to_draft(self):
        """Take versions out of test."""
        self._check_right()
        self.sudo().write({"state": "draft"})
        return True

    def action_run_samples(self):
        """Ask the integration service to run the samples of this version."""
        self.ensure_one()
        self._check_right()
        if self.state not in ("draft", "test"):
            raise UserError(self.env._("%s was tested when it was certified.", self.display_name))
        if not self.sample_ids:
            raise UserError(self.env._("%s has no samples; add one.", self.display_name))
        command = self.env["healthcare.exchange.command"]._request(
            self.endpoint_id, "mapping_test", self._test_arguments(), self
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "%s: the samples are run; the result appears here in a moment.", command.display_name
                ),
            },
        }

    def _test_arguments(self):
        """Return what the service needs to run the samples, as it would treat real documents."""
        tables = self.env["healthcare.exchange.code"].sudo()._tables(self.endpoint_id, self.direction)
        return {
            "document_type": self.document_type,
            "direction": self.direction,
            "version": self.version,
            "expression": self.expression or "",
            "code_tables": tables.get(self.endpoint_id.id, {}),
            "samples": [sample._argument() for sample in self.sample_ids],
        }

    def _command_result(self, command):
        """Take in what the service says about the samples. In superuser mode."""
        self.ensure_one()
        if command.kind != "mapping_test":
            return
        results = {
            result.get("id"): result
            for result in (command.result or {}).get("samples") or []
            if isinstance(result, dict)
        }
        now = fields.Datetime.now()
        for sample in self.sample_ids:
            result = results.get(sample.id)
            # Changed while the service was at work: this is not its result.
            if not result or result.get("digest") != sample._digest():
                continue
            actual = result.get("actual")
            differences = result.get("differences") or []
            sample.write(
                {
                    "state": "passed" if result.get("passed") is True else "failed",
                    "actual_text": json.dumps(actual, indent=2, ensure_ascii=False) if actual else False,
                    "difference": "\n".join(clean_text(line, 1000) for line in differences[:200]) or False,
                    "run_digest": result["digest"],
                    "run_at": now,
                }
            )
        self.write({"tested_by_id": command.requested_by_id.id, "tested_at": now})

    # Certification

    def action_certify(self):
        """Certify versions whose samples pass: from now on they do not change."""
        self._check_right()
        for mapping in self:
            if mapping.evidence != "passed":
                labels = dict(self._fields["evidence"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(name)s cannot be certified: %(evidence)s. Every sample must have been run on "
                        "exactly this expression, and pass.",
                        name=mapping.display_name,
                        evidence=labels[mapping.evidence],
                    )
                )
        self.sudo().write(
            {
                "state": "certified",
                "certified_by_id": self.env.uid,
                "certified_at": fields.Datetime.now(),
            }
        )
        return True

    def action_retire(self):
        """Give up certified versions that shall not go into production."""
        self._check_right()
        if any(mapping.state != "certified" for mapping in self):
            raise UserError(
                self.env._(
                    "What is in production is replaced by another version or rolled back; only a "
                    "certified version is given up."
                )
            )
        self.sudo().write({"state": "retired", "retired_at": fields.Datetime.now()})
        return True

    # Production

    def action_promote(self, reason=""):
        """Ask a second person to put this version in production.

        :param reason: why, for the one who decides.
        :return: the approval request's action.
        :raise UserError: the version is neither certified nor one that was in production.
        """
        self.ensure_one()
        self._check_right()
        if self.state not in ("certified", "retired"):
            raise UserError(
                self.env._("%s is not certified: run its samples and certify it first.", self.display_name)
            )
        self._request_approval("mapping", {"state": "production"}, reason)
        return self.action_view_approval_requests()

    def _approval_title(self, kind, proposed_values):
        if kind == "mapping":
            return self.env._("Put mapping %s in production", self.display_name)
        return super()._approval_title(kind, proposed_values)

    def _approval_snapshot(self, kind):
        snapshot = super()._approval_snapshot(kind)
        if kind == "mapping":
            snapshot["replaces"] = self._in_production().id or None
            snapshot["samples"] = [sample._digest() for sample in self.sample_ids]
        return snapshot

    def _approval_apply(self, kind, proposed_values):
        if kind != "mapping":
            return super()._approval_apply(kind, proposed_values)
        return self._put_in_production()

    def _in_production(self):
        """Return the version in production of the same endpoint, type and direction; or none."""
        self.ensure_one()
        return self.search(
            [
                ("endpoint_id", "=", self.endpoint_id.id),
                ("document_type", "=", self.document_type),
                ("direction", "=", self.direction),
                ("state", "=", "production"),
            ],
            limit=1,
        )

    def _put_in_production(self):
        """Replace what is in production by this version. In superuser mode only."""
        self.ensure_one()
        before = self._in_production()
        now = fields.Datetime.now()
        before.write({"state": "retired", "retired_at": now})
        self.env.flush_all()
        self.write(
            {
                "state": "production",
                "promoted_by_id": self.env.uid,
                "promoted_at": now,
                "retired_at": False,
                "replaced_id": before.id,
            }
        )

    def action_roll_back(self, reason=""):
        """Go back to the version that was in production before this one, at once.

        That version was approved when it was promoted, so nobody is asked; the step is audited.
        Messages in flight keep the version that they are pinned to. Where nothing was before,
        documents pass as they are, as they did then.

        :return: the version that is in production now, as an action on it.
        """
        self.ensure_one()
        self._check_right()
        if self.state != "production":
            raise UserError(self.env._("%s is not in production.", self.display_name))
        # sudo: stages are written by these methods alone; the right was checked
        mapping = self.sudo()
        before = mapping.replaced_id
        now = fields.Datetime.now()
        mapping.write({"state": "retired", "retired_at": now})
        mapping.env.flush_all()
        before.write({"state": "production", "retired_at": False})
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": self.id,
                    "res_name": self.display_name,
                    "action": "roll_back",
                    "changes": {
                        "production": [self.display_name, before.display_name or None],
                        "reason": [None, reason or None],
                    },
                    "company_id": self.company_id.id,
                }
            ]
        )
        after = before.display_name or self.env._("no mapping: documents pass as they are")
        for one in mapping | before:
            one.message_post(
                body=self.env._(
                    "Rolled back by %(user)s: from %(old)s to %(new)s.",
                    user=self.env.user.name,
                    old=self.display_name,
                    new=after,
                )
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": (before or self).id,
            "views": [(False, "form")],
        }

    def action_export(self):
        """Download this version, with its endpoint's configuration, as a file."""
        self.ensure_one()
        self.check_access("write")
        return self.env["healthcare.exchange.configuration.import"]._download(
            f"{self.endpoint_id.code}-{self.document_type}-{self.direction}-v{self.version}.json",
            self.endpoint_id._export(self),
        )
