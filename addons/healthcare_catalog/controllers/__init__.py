from . import portal_prices
