from . import supplier_registration_decide
from . import control_start
from . import supplier_change
from . import supplier_decide
from . import supplier_submit
from . import bank_change_request
from . import bank_change_call
from . import bank_change_withdraw
