from odoo.exceptions import UserError


class DocumentRejected(UserError):
    """A canonical document cannot be taken in: its message ends in ``rejected``.

    Raised by ``healthcare.document.*`` handlers. Whatever the handler wrote for that document is
    rolled back; the errors are kept on the message, which gets an owner.

    :param errors: list of ``{"code", "message", "path", "line"}``. ``code`` is one of the names
        in the service's table of errors; ``message`` says what is wrong and what to do; ``path``
        is the field (``lines[0].quantity``) and ``line`` the document's own line number, both
        empty where they do not apply. A single dict is accepted too.
    """

    def __init__(self, errors):
        if isinstance(errors, dict):
            errors = [errors]
        self.errors = [
            {
                "code": str(error["code"]),
                "message": str(error["message"]),
                "path": str(error.get("path") or ""),
                "line": str(error.get("line") or ""),
            }
            for error in errors
        ]
        super().__init__("\n".join(error["message"] for error in self.errors))


class DocumentPostponed(UserError):
    """A document cannot take effect yet: its message is tried again later, with this reason."""
