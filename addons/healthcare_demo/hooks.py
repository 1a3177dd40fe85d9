from .demo import approvals, bank, catalog, contracts, master, portal, scenario, suppliers


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
