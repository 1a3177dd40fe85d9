from . import (
    healthcare_approval_request,
    healthcare_approval_mixin,
    tier_definition,
)
