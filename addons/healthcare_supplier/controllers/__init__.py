from . import portal
from . import portal_bank
from . import registration
