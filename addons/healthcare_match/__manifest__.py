{
    "name": "Healthcare Match",
    "summary": "Three-way match in exact numbers, named exceptions, and the payment gate",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_purchase"],
    "data": [
        "security/ir.model.access.csv",
        "security/healthcare_match_rules.xml",
        "data/ir_cron.xml",
    ],
    "assets": {
        "web.assets_backend": ["healthcare_match/static/src/**/*"],
        "web.assets_unit_tests": ["healthcare_match/static/tests/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "installable": True,
}
