from . import test_contract_life
from . import test_contract_rules
from . import test_contract_security
