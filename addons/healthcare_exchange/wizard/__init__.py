from . import (
    exchange_configuration_import,
    exchange_credential_shown,
    exchange_credential_wizard,
    exchange_endpoint_setup,
    exchange_endpoint_setup_document,
    exchange_endpoint_setup_setting,
    exchange_minimisation_choice,
    exchange_minimisation_choice_line,
    exchange_notice,
    exchange_reroute,
    exchange_retention,
    record_owner_proposal,
)
