from . import catalog_decide
