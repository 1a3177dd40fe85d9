{
    "name": "Healthcare Supplier",
    "summary": "Who we buy from: onboarding, qualification, screening, duplicates, bank changes, portal",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_exchange", "auth_signup", "portal", "base_iban"],
    "data": [
        "security/healthcare_supplier_groups.xml",
        "security/ir.model.access.csv",
        "security/supplier_registration_rules.xml",
        "data/mail_template_registration.xml",
        "wizard/supplier_registration_decide_views.xml",
        "views/supplier_registration_views.xml",
        "views/registration_templates.xml",
    ],
}
