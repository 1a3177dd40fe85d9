from . import healthcare_supplier_category
from . import healthcare_supplier_requirement
from . import res_company
from . import res_partner
from . import res_partner_problems
from . import res_partner_qualification
from . import healthcare_partner_identifier
from . import res_partner_identifier
