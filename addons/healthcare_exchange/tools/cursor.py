from odoo.sql_db import Cursor


class OwnCursor:
    """A cursor beside the request's: commits, or rolls back on an exception."""

    def __init__(self, env, read_committed):
        self.env = env
        self.read_committed = read_committed

    def __enter__(self):
        # Only matters where both share one transaction, as in a test.
        self.env.flush_all()
        self.cr = self.env.registry.cursor()
        if self.read_committed and isinstance(self.cr, Cursor):
            self.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
        return self.cr

    def __exit__(self, exc_type, exc_value, traceback):
        try:
            self.cr.__exit__(exc_type, exc_value, traceback)
        finally:
            self.env.invalidate_all()
