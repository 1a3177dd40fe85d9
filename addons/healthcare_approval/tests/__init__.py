from . import (
    test_count,
    test_delegation,
    test_escalation,
    test_forms,
    test_order,
    test_request,
    test_rpc,
    test_security,
)
