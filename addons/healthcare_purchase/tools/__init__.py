from . import line_assignment
from . import order_reply
from . import selections
