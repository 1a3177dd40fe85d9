"""Suppliers may register themselves."""


def make(world):
    """Open the public form of suppliers who want to sell to the demo hospitals."""
    world.company.supplier_registration = True
