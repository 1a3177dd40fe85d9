"""Callers from outside set any context key; what superuser code makes must not follow them."""


def without_defaults(records):
    """Return ``records`` without ``default_…`` keys in the context.

    Else a caller would have a review made that is approved already.
    """
    context = {key: value for key, value in records.env.context.items() if not key.startswith("default_")}
    return records.with_env(records.env(context=context))
