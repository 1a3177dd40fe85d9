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
        if not key.startswith("default_") or (names is not None and key.removeprefix("default_") not in names)
    }
    return records.with_env(records.env(context=context))


def as_person(records, user):
    """Return ``records`` as that person sees them, in all of their own companies.

    The caller's chosen companies are not that person's: with them in the context Odoo refuses to
    answer at all.
    """
    return records.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
