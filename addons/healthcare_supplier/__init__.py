from . import controllers
from . import models
from . import tools
from . import wizard
from .hooks import post_init_hook
from .hooks_screening import pre_init_hook
