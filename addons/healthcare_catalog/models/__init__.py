from . import healthcare_price_feed
from . import healthcare_price_feed_line
from . import product_supplierinfo_feed
from . import product_template
from . import res_company_formulary
