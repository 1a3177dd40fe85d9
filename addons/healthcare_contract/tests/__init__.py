from . import test_call_off
from . import test_commitment
from . import test_contract_document
from . import test_contract_life
from . import test_contract_rules
from . import test_contract_security
from . import test_price_feed_contract
