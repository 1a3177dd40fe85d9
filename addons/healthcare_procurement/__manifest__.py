{
    "name": "Healthcare Procurement",
    "summary": "Request, approve, order, receive and match, connected to every supplier",
    "version": "19.0.1.0.0",
    "category": "Healthcare Procurement",
    "license": "AGPL-3",
    "author": "Healthcare Procurement Suite contributors",
    "depends": ["healthcare_match"],
    "application": True,
}
