"""Callers from outside set any context key; what superuser code makes must not follow them."""


def without_defaults(records, names=None):
    """Return ``records`` without ``default_…`` keys in the context.

    Else a caller would have a review made that is approved already: Odoo takes defaults from the
    context after a model's ``create`` has looked at the values.

    :param names: of fields; default: all.
    """
    context = {
        key: value
        for key, value in records.env.context.items()
        if not key.startswith("default_")
        or (names is not None and key.removeprefix("default_") not in names)
    }
    return records.with_env(records.env(context=context))
