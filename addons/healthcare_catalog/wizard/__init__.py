from . import catalog_decide
from . import price_feed_correct
from . import price_feed_decide
from . import control_start
