from . import contract_intake, price_numbers, selections
