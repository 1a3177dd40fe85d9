from . import (
    exchange_endpoint,
    exchange_endpoint_document,
    exchange_mapping,
    exchange_message,
    exchange_message_queue,
    exchange_message_delivery,
    exchange_message_inbox,
    exchange_message_process,
    exchange_message_operation,
    exchange_attempt,
    document,
    document_functional_acknowledgement,
)
