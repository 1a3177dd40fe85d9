from . import (
    exchange_configuration_import,
    exchange_credential_shown,
    exchange_credential_wizard,
    exchange_minimisation_choice,
    exchange_minimisation_choice_line,
    exchange_reroute,
    record_owner_proposal,
)
