import base64
import hashlib

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import exclusion_file
from .healthcare_exclusion_entry import SOURCES

#: What a person says of a file; the rest is the system's.
_OF_PERSON = frozenset(("content", "filename", "kind", "file_date", "note"))


class HealthcareExclusionList(models.Model):
    """A file of excluded parties as it was published, and what loading it did.

    Loaded in slices by a scheduled job (``healthcare_exclusion_list_load.py``). The file stays
    as evidence of what was known when a supplier was screened.
    """

    _name = "healthcare.exclusion.list"
    _description = "Exclusion List"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin"]
    _order = "id desc"
    _rec_name = "filename"
    _audit_fields = ("filename", "source", "kind", "sha256", "state", "file_date", "error")

    source = fields.Selection(SOURCES, readonly=True, help="Known by the columns of the file.")
    kind = fields.Selection(
        [
            ("full", "Whole list: replaces what was loaded"),
            ("additions", "Supplement: new exclusions"),
            ("reinstatements", "Supplement: reinstatements"),
        ],
        required=True,
        default="full",
        help="Who is not in a whole list any more is reinstated. A supplement ends only whom it names.",
    )
    filename = fields.Char(required=True)
    content = fields.Binary(string="File", required=True, attachment=True)
    sha256 = fields.Char(string="SHA-256", readonly=True)
    file_date = fields.Date(
        string="Published On", required=True, default=fields.Date.context_today, help="Date of the file."
    )
    note = fields.Char()
    state = fields.Selection(
        [
            ("draft", "New"),
            ("loading", "Loading"),
            ("held", "Held"),
            ("loaded", "Loaded"),
            ("failed", "Failed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    progress = fields.Integer(string="Rows Read", readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True, help="About, while it is loading.")
    new_count = fields.Integer(string="New", readonly=True)
    changed_count = fields.Integer(string="Changed", readonly=True)
    ended_count = fields.Integer(string="Reinstated or Gone", readonly=True)
    broken_count = fields.Integer(string="Rows With Problems", readonly=True)
    problems = fields.Json(string="Problem List", readonly=True)
    problem_text = fields.Text(string="Problems", compute="_compute_problem_text")
    error = fields.Text(readonly=True)
    loaded_at = fields.Datetime(readonly=True)
    confirmed_by_id = fields.Many2one("res.users", readonly=True)
    run_ids = fields.One2many("healthcare.screening.run", "list_id", string="Screenings", readonly=True)

    # For the scheduled job.
    _todo_index = models.Index("(id) WHERE state = 'loading'")

    @api.depends("problems")
    def _compute_problem_text(self):
        for one in self:
            lines = [self._problem_sentence(problem) for problem in one.problems or []]
            more = one.broken_count - len(lines)
            if more > 0:
                lines.append(self.env._("… and %s more.", more))
            one.problem_text = "\n".join(lines)

    @api.model_create_multi
    def create(self, vals_list):
        prepared = []
        for vals in vals_list:
            self._check_of_person({name: vals[name] for name in vals if name != "source"})
            content = base64.b64decode(vals.get("content") or b"")
            source = self._source_of(content)
            if vals.get("source") not in (None, False, source):
                titles = dict(SOURCES)
                raise ValidationError(
                    self.env._(
                        "%(file)s is a file of %(found)s, not of %(said)s.",
                        file=vals.get("filename"),
                        found=titles[source],
                        said=titles.get(vals["source"], vals["source"]),
                    )
                )
            prepared.append({**vals, "sha256": hashlib.sha256(content).hexdigest(), "source": source})
        names = set(self._fields) - _OF_PERSON
        model = super(HealthcareExclusionList, without_defaults(self, names))
        return model.create(prepared).with_env(self.env)

    def write(self, vals):
        self._check_of_person(vals)
        told = not self.env.su and _OF_PERSON & vals.keys()
        if told and any(one.state != "draft" for one in self):
            raise UserError(
                self.env._("A list that is being loaded, or was, is evidence and is not changed.")
            )
        if "content" in vals and not self.env.su:
            raise UserError(self.env._("Make a new list for another file."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_loaded(self):
        if any(one.state != "draft" for one in self):
            raise UserError(self.env._("A list that is being loaded, or was, is evidence and is kept."))

    def action_load(self):
        """Have new lists loaded by the scheduled job, in slices.

        :raises UserError: where the file is the last one that was loaded, or older than it
        """
        self._check_compliance()
        for one in self.sudo():
            if one.state not in ("draft", "failed"):
                raise UserError(
                    self.env._("%s is being loaded, or was: make a new list for a new file.", one.filename)
                )
            one._check_newer()
            one.write({"state": "loading", "error": False})
            one.activity_unlink(["mail.mail_activity_data_todo"])
        self._trigger_load()
        return True

    def action_confirm_held(self):
        """Go on with a list that would end many entries, or what stops one of our suppliers:
        another person has looked at the file.

        :raises AccessError: to who gave in the file
        """
        self._check_compliance()
        for one in self.sudo():
            if one.state != "held":
                raise UserError(self.env._("%s is not held.", one.filename))
            if one.create_uid == self.env.user:
                raise AccessError(
                    self.env._(
                        "You gave in %s, which would end exclusions that count: another compliance officer "
                        "confirms it.",
                        one.filename,
                    )
                )
            one.write({"state": "loading", "confirmed_by_id": self.env.uid})
            one.activity_unlink(["mail.mail_activity_data_todo"])
        self._trigger_load()
        return True

    def action_cancel(self):
        """Give up a list that is held or failed; entries that it brought stay."""
        self._check_compliance()
        for one in self.sudo():
            if one.state not in ("draft", "held", "failed"):
                raise UserError(self.env._("%s is loaded, or being loaded.", one.filename))
            one.write({"state": "cancelled"})
            one.activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def action_view_entries(self):
        """Open the entries that this list has, or ended."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.filename,
            "res_model": "healthcare.exclusion.entry",
            "views": [(False, "list"), (False, "form")],
            "domain": ["|", ("last_list_id", "=", self.id), ("ended_list_id", "=", self.id)],
            "context": {"active_test": False},
        }

    def _check_of_person(self, vals):
        """Refuse what is not a person's to say."""
        if self.env.su:
            return
        wrong = sorted(
            name for name in vals if name not in _OF_PERSON and not name.startswith(("message_", "activity_"))
        )
        if wrong:
            raise AccessError(
                self.env._("%s of an exclusion list is the system's to write.", ", ".join(wrong))
            )

    def _check_compliance(self):
        if not self.env.su and not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(self.env._("Exclusion lists are loaded by a compliance officer."))
        self.check_access("read")

    def _check_newer(self):
        """Refuse the same file again, and a whole list that is older than the last one."""
        self.ensure_one()
        last = self.search(
            [("source", "=", self.source), ("state", "=", "loaded"), ("kind", "=", "full")], limit=1
        )
        if self.kind != "full" or not last:
            return
        if last.sha256 == self.sha256:
            raise UserError(self.env._("This file was loaded on %s and nothing newer since.", last.loaded_at))
        if last.file_date > self.file_date:
            raise UserError(
                self.env._(
                    "%(file)s is of %(date)s, but a list of %(last)s is loaded. An older list would "
                    "reinstate who was excluded since.",
                    file=self.filename,
                    date=self.file_date,
                    last=last.file_date,
                )
            )

    @api.model
    def _any_loaded(self):
        """Return whether there is anything to screen against."""
        return bool(self.search_count([("progress", ">", 0)], limit=1))

    def _trigger_load(self):
        # sudo: compliance has no rights on scheduled actions
        self.env.ref("healthcare_supplier.cron_exclusion_load").sudo()._trigger()

    @api.model
    def _source_of(self, content):
        """Return the source of a file's bytes.

        :raises ValidationError: when it is no exclusion list, saying what is wrong
        """
        try:
            return exclusion_file.layout_of(exclusion_file.read_text(content))
        except exclusion_file.FileProblem as problem:
            raise ValidationError(self._file_sentence(problem)) from problem

    @api.model
    def _file_sentence(self, problem):
        """Return what is wrong with a file and what to do, for people."""
        return {
            "empty": self.env._("The file is empty. Download it again."),
            "size": self.env._("The file has more than %s bytes. Load it in parts.", problem.detail),
            "zip": self.env._(
                "The ZIP file cannot be read, or does not have exactly one CSV file (%s). Unpack it and load "
                "the CSV file.",
                problem.detail,
            ),
            "layout": self.env._(
                "The file is neither the LEIE of OIG nor the exclusions extract of SAM.gov. Its first row "
                "has: %s",
                problem.detail,
            ),
            "columns": self.env._(
                "The file lacks columns. %s. Download it again and leave its first row as it is.",
                problem.detail,
            ),
            "rows": self.env._(
                "The file has too many rows, or cannot be read from here on: %s", problem.detail
            ),
        }[problem.code]

    @api.model
    def _problem_sentence(self, problem):
        """Return what is wrong with one row, for people."""
        values = {key: problem.get(key) or "" for key in ("line", "field", "value")}
        if problem["code"] == "columns":
            text = self.env._(
                "Line %(line)s has %(value)s columns, other than the first row: not loaded.", **values
            )
        elif problem["code"] == "name":
            text = self.env._("Line %(line)s has no name: not loaded.", **values)
        else:
            text = self.env._("Line %(line)s: %(field)s %(value)s is not valid: loaded without it.", **values)
        return text
