{
    "name": "Healthcare Contract",
    "summary": "At which price: contracts, tiers, eligibility and price truth",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_catalog"],
    "data": [
        "security/ir.model.access.csv",
        "security/healthcare_contract_rules.xml",
        "data/mail_activity_type_data.xml",
        "data/ir_cron_data.xml",
        "wizard/contract_end_views.xml",
        "views/healthcare_contract_line_views.xml",
        "views/healthcare_contract_views.xml",
        "views/menus.xml",
    ],
}
