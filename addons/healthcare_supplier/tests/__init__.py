from . import test_registration
from . import test_portal
from . import test_bank_change
from . import test_supplier_state
from . import test_qualification
from . import test_supplier_security
from . import test_supplier_gate
from . import test_supplier_sync
