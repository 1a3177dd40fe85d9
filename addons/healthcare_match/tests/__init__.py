from . import test_engine_checks
from . import test_engine_properties
from . import test_hoot
from . import test_invoice_document
from . import test_security
from . import test_typed_bill
