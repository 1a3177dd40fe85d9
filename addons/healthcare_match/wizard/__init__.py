from . import account_payment_register
from . import match_break_glass
from . import match_exception_decide
