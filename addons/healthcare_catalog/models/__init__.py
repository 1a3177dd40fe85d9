from . import healthcare_price_feed
from . import healthcare_price_feed_line
from . import product_supplierinfo_feed
