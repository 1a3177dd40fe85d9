"""What the system itself changes of guarded bank data. Callers from outside cannot enter it: it is
neither a context key nor superuser mode, in which much of Odoo's own code runs for people."""

from contextlib import contextmanager
from contextvars import ContextVar

_inside = ContextVar("healthcare_supplier_bank_inside", default=("", frozenset()))


@contextmanager
def changing(env, *names):
    """Inside, this thread may change these facts, too, in the environment's database.

    :param names: facts of ``res.partner.bank._bank_facts``
    """
    token = _inside.set((env.cr.dbname, allowed(env) | frozenset(names)))
    try:
        yield
    finally:
        _inside.reset(token)


def allowed(env):
    """Return the facts that may be changed now, as a frozenset."""
    database, names = _inside.get()
    return names if database == env.cr.dbname else frozenset()
