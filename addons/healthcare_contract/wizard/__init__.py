from . import contract_end
