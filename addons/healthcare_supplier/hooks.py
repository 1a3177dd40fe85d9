import ast

#: Kinds of approval for which this addon brings its own tiers.
OWN_TIERS = ("supplier", "bank_change")


def post_init_hook(env):
    """Take what this addon has tiers for from the general one, where it stands as shipped.

    Data that an administrator may change is not updated by Odoo, and with both a supplier would
    be asked of procurement twice.
    """
    tier = env.ref("healthcare_approval.tier_business", raise_if_not_found=False)
    if not tier:
        return
    try:
        ((field, operator, kinds),) = ast.literal_eval(tier.definition_domain or "[]")
    except (ValueError, SyntaxError):
        return
    if (field, operator) != ("kind", "in") or not set(kinds) & set(OWN_TIERS):
        return
    left = tuple(kind for kind in kinds if kind not in OWN_TIERS)
    tier.definition_domain = repr([("kind", "in", left)])
