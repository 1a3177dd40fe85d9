from . import account_payment_register
from . import match_exception_decide
