from .demo import (
    approvals,
    bank,
    catalog,
    contracts,
    master,
    portal,
    price_feed,
    scenario,
    screening,
    suppliers,
)


def post_init_hook(env):
    """Make the demo hospital network: ordinary records, made the way people make them."""
    world = master.make(env)
    suppliers.make(world)
    portal.make(world)
    bank.make(world)
    scenario.make(world)
    approvals.make(world)
    contracts.make(world)
    catalog.make(world)
    screening.make(world)
    price_feed.make(world)
