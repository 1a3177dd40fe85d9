{
    "name": "Healthcare Procurement: Demo Hospital Network",
    "summary": "Three facilities, six suppliers, two hundred items, and orders in every state",
    "version": "19.0.1.0.0",
    "category": "Healthcare Procurement",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_procurement"],
    "post_init_hook": "post_init_hook",
}
