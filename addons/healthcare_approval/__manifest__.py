{
    "name": "Healthcare Approval",
    "summary": "Nothing that needs a second person happens without one",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_base", "base_tier_validation_forward", "purchase_tier_validation"],
    "data": [
        "security/healthcare_approval_groups.xml",
        "security/ir.model.access.csv",
        "security/healthcare_approval_rules.xml",
        "data/tier_definition_data.xml",
        "views/healthcare_approval_request_views.xml",
        "views/menus.xml",
    ],
}
