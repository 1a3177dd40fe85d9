import base64
import json
import logging
from itertools import islice

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, plaintext2html
from psycopg2.extras import execute_values

from ..tools import exclusion_file
from ..tools.names import name_core

_logger = logging.getLogger(__name__)

#: Rows per slice, each a transaction of its own.
SLICE = 5_000
#: Problems that are kept to be read; all are counted.
KEPT_PROBLEMS = 200
#: A whole list that ends more than this share of the entries is held: it may be cut off.
MAX_ENDED_SHARE = 0.1
#: Below this many entries a share says nothing.
SMALL_LIST = 50

_COLUMNS = (
    "source", "identity", "facts_digest", "name", "classification", "street", "city", "state_code",
    "zip", "country", "street_key", "city_key", "zip_key", "npi", "uei", "cage", "upin",
    "birth_date", "exclusion_type", "program", "agency", "date_from", "date_to", "waiver_date",
    "waiver_state", "raw", "active", "ended_on", "ended_list_id", "first_list_id", "last_list_id",
)  # fmt: skip
#: Stays as it was at the first load.
_KEPT = ("source", "identity", "first_list_id")
_UPSERT = " ".join(
    (
        "INSERT INTO healthcare_exclusion_entry (",
        ", ".join(_COLUMNS),
        ") VALUES %s ON CONFLICT (source, identity) DO UPDATE SET",
        ", ".join(f"{name} = EXCLUDED.{name}" for name in _COLUMNS if name not in _KEPT),
        "RETURNING identity, id",
    )
)


class _Held(Exception):
    """What a list would do waits for a second person; the argument says why."""


class HealthcareExclusionList(models.Model):
    """Loading a file: set-based, in slices that a killed job takes up again."""

    _inherit = "healthcare.exclusion.list"

    @api.model
    def _cron_load(self):
        """Load lists that wait, oldest first; Odoo runs the job again while some remains."""
        for one in self.search([("state", "=", "loading")], order="id"):
            if not one._load():
                return

    def _load(self):
        """Load this list from where it stands.

        :return: whether there is time for more
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                text = exclusion_file.read_text(base64.b64decode(self.with_context(bin_size=False).content))
            self.row_count = max(0, text.count("\n") - 1)
            items = exclusion_file.read_entries(text)
            next(islice(items, self.progress, self.progress), None)
            while some := list(islice(items, SLICE)):
                with self.env.cr.savepoint():
                    self._load_slice(some)
                remaining = max(1, self.row_count - self.progress)
                if not self.env["ir.cron"]._commit_progress(len(some), remaining=remaining):
                    return False
            with self.env.cr.savepoint():
                self._finish_load()
        except exclusion_file.FileProblem as problem:
            self._fail(self._file_sentence(problem))
        except _Held as held:
            self._stop("held", held.args[0])
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.exception("Exclusion list %s was not loaded", self.id)
            self._fail(
                self.env._("Loading stopped after row %(row)s: %(error)s", row=self.progress, error=error)
            )
        return bool(self.env["ir.cron"]._commit_progress(1, remaining=0))

    def _fail(self, reason):
        """Say why a list is not loaded."""
        self._stop("failed", reason)

    def _stop(self, state, reason):
        """Leave a list to a person: to who handed it in."""
        self.write({"state": state, "error": reason})
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.env._("The exclusion list is not loaded"),
            note=plaintext2html(reason),
            user_id=self.create_uid.id,
        )

    def _load_slice(self, items):
        """Load rows of the file, and note the problems of others."""
        problems = [item for item in items if isinstance(item, exclusion_file.RowProblem)]
        entries = [item for item in items if isinstance(item, exclusion_file.Entry)]
        if self.kind == "reinstatements":
            for entry in entries:
                entry.reinstated = entry.reinstated or self.file_date
        # The last one counts, should a row be there twice.
        by_identity = {entry.identity: entry for entry in entries}
        known = self._known(by_identity)
        new, changed, seen, ended = [], [], [], []
        for identity, entry in by_identity.items():
            entry_id, digest, active = known.get(identity, (None, None, None))
            if entry_id is None:
                new.append(entry)
            elif digest != entry.digest() or active == bool(entry.reinstated):
                changed.append(entry)
                if active and entry.reinstated:
                    ended.append(entry)
            else:
                seen.append(entry_id)
        self._check_released([known[entry.identity][0] for entry in ended])
        if seen:
            self.env.cr.execute(
                "UPDATE healthcare_exclusion_entry SET last_list_id = %s WHERE id = ANY(%s)", [self.id, seen]
            )
        self._upsert(new + changed)
        self.write(
            {
                "progress": self.progress + len(items),
                "new_count": self.new_count + len(new),
                "changed_count": self.changed_count + len(changed) - len(ended),
                "ended_count": self.ended_count + len(ended),
                "broken_count": self.broken_count + len(problems),
                "problems": ((self.problems or []) + [vars(problem) for problem in problems])[:KEPT_PROBLEMS],
            }
        )
        self.env["healthcare.exclusion.entry"].invalidate_model()

    def _known(self, identities):
        """Return ``{identity: (id, digest, active)}`` of what is loaded."""
        self.env.cr.execute(
            SQL(
                "SELECT identity, id, facts_digest, active FROM healthcare_exclusion_entry"
                " WHERE source = %s AND identity = ANY(%s)",
                self.source,
                list(identities),
            )
        )
        return {identity: rest for identity, *rest in self.env.cr.fetchall()}

    def _upsert(self, entries):
        """Write entries and the names by which they are found."""
        if not entries:
            return
        ids = execute_values(
            self.env.cr._obj,
            _UPSERT,
            [self._row(entry) for entry in entries],
            page_size=1000,
            fetch=True,
        )
        ids = dict(ids)
        self.env.cr.execute(
            "DELETE FROM healthcare_exclusion_name WHERE entry_id = ANY(%s)", [list(ids.values())]
        )
        execute_values(
            self.env.cr._obj,
            "INSERT INTO healthcare_exclusion_name (entry_id, name_key, name_core) VALUES %s",
            [
                (ids[entry.identity], key, name_core(key))
                for entry in entries
                for key in dict.fromkeys(entry.names)
            ],
            page_size=1000,
        )

    def _row(self, entry):
        """Return the values of an entry in the order of ``_COLUMNS``."""
        street, city, state, zip_code = exclusion_file.place_keys(entry)
        return (
            entry.source, entry.identity, entry.digest(), entry.name, entry.classification,
            entry.street, entry.city, state, entry.zip, entry.country, street, city, zip_code,
            entry.npi, entry.uei, entry.cage, entry.upin, entry.birth_date, entry.exclusion_type,
            entry.program, entry.agency, entry.date_from, entry.date_to, entry.waiver_date,
            entry.waiver_state, json.dumps(entry.raw), not entry.reinstated, entry.reinstated,
            self.id if entry.reinstated else None, self.id, self.id,
        )  # fmt: skip

    def _finish_load(self):
        """End what a whole list does not have any more, and screen everybody anew."""
        if self.kind == "full":
            gone, total = self._gone()
            if not self.confirmed_by_id and self._is_suspicious(gone, total):
                raise _Held(
                    self.env._(
                        "%(gone)s of %(total)s entries are not in this file and would be reinstated. The "
                        "file may be cut off, or a supplement. Look at it: confirm it, or cancel this list "
                        "and load it again.",
                        gone=gone,
                        total=total,
                    )
                )
            self._check_released(self._gone_ids())
            self.ended_count += self._end_gone()
        self.write({"state": "loaded", "loaded_at": fields.Datetime.now(), "error": False})
        self.row_count = self.progress
        self.env["healthcare.exclusion.entry"].invalidate_model()
        self.env["healthcare.screening.match"]._follow_entries()
        self.env["healthcare.screening.run"]._start(self)

    def _check_released(self, entry_ids):
        """Hold the list where it would end what stops one of our suppliers: a few lines left out of
        a file are enough for that.

        :param entry_ids: entries that would end
        """
        if self.confirmed_by_id or not entry_ids:
            return
        matches = self.env["healthcare.screening.match"].search(
            [
                ("entry_id", "in", entry_ids),
                ("state", "in", ("possible", "confirmed")),
                ("is_superseded", "=", False),
            ]
        )
        if matches:
            raise _Held(
                self.env._(
                    "By this file the exclusions that were found for %(suppliers)s would end. Compare it "
                    "with the publisher's: another compliance officer than who gave it in confirms it, or "
                    "cancel this list.",
                    suppliers=", ".join(sorted(set(matches.partner_id.mapped("display_name")))[:20]),
                )
            )

    def _gone_ids(self):
        """Return the ids of the active entries of this source that the file does not have."""
        self.env.cr.execute(
            "SELECT id FROM healthcare_exclusion_entry WHERE source = %s AND active AND last_list_id <> %s",
            [self.source, self.id],
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _is_suspicious(self, gone, total):
        return total > SMALL_LIST and gone > total * MAX_ENDED_SHARE

    def _gone(self):
        """Return how many of the entries that were active before the file does not have, and how many
        there were."""
        self.env.cr.execute(
            "SELECT count(*) FILTER (WHERE last_list_id <> %s), count(*) FROM healthcare_exclusion_entry"
            " WHERE source = %s AND active AND first_list_id <> %s",
            [self.id, self.source, self.id],
        )
        return self.env.cr.fetchone()

    def _end_gone(self):
        """End the active entries of this source that the file does not have; return how many."""
        self.env.cr.execute(
            "UPDATE healthcare_exclusion_entry SET active = FALSE, ended_on = %s, ended_list_id = %s"
            " WHERE source = %s AND active AND last_list_id <> %s",
            [self.file_date, self.id, self.source, self.id],
        )
        return self.env.cr.rowcount
