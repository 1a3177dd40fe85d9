from . import test_registration
from . import test_portal
from . import test_bank_change
