from . import supplier_registration_decide
