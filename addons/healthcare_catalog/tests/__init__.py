from . import test_price_feed_compare
from . import test_item
from . import test_labels
from . import test_catalog_security
from . import test_formulary
from . import test_recall
from . import test_substitute
from . import test_hoot
