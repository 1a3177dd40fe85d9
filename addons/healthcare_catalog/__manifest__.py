{
    "name": "Healthcare Catalog",
    "summary": "What we buy: approved items, formularies, substitutes, recalls and price feeds",
    "version": "19.0.1.0.0",
    "category": "Supply Chain/Purchase",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_supplier"],
    "data": [
        "security/ir.model.access.csv",
        "security/price_feed_rules.xml",
    ],
}
