from odoo import models

from ..tools.text import clean_text


class HealthcareExchangeMessage(models.Model):
    """What was found in single lines of a document while it was read."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    def _line_findings(self):
        """Return what the reader of the file says of single lines, errors and warnings.

        A line with an error is not what the partner sent: what could not be read is missing. Its
        handler lets it have no effect, and shows it to a person.

        :return: list of dicts of texts, in the order of the file: ``level`` (``error``,
            ``warning``), ``code``, ``message``, ``path``, ``line_number`` (of the document's line;
            empty: the line is not in the document) and ``line`` (of the file)
        """
        self.ensure_one()
        names = ("level", "code", "message", "path", "line_number", "line")
        return [
            {name: clean_text(str(finding.get(name) or "")) for name in names}
            for finding in self.diagnostics or ()
            if finding.get("scope") == "line" and finding.get("level") in ("error", "warning")
        ]
