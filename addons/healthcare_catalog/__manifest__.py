{
    "name": "Healthcare Catalog",
    "summary": "What we buy: approved items, formularies, substitutes, recalls and price feeds",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_supplier"],
    "data": [
        "security/healthcare_catalog_groups.xml",
        "security/ir.model.access.csv",
        "security/healthcare_catalog_rules.xml",
        "security/price_feed_rules.xml",
        "data/tier_definition_catalog.xml",
        "data/ir_sequence_recall.xml",
    ],
}
