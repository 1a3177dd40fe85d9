from . import exchange_credential_shown, exchange_credential_wizard
