from . import (
    test_tools,
    test_outbox,
    test_inbox,
    test_functional_acknowledgement,
    test_documents,
    test_endpoint,
    test_operation,
    test_security,
    test_rpc,
    test_command,
    test_concurrency,
)
