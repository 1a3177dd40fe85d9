from . import test_order_reply
from . import test_line_assignment
from . import test_send
from . import test_purchase_order_document
from . import test_acknowledgement
from . import test_ship_notice
from . import test_request
from . import test_security
