/** What set-up installs and where it listens. */

/** Installing this addon installs the whole suite with its demo hospital. */
export const DEMO_MODULE = "healthcare_demo";

/** The suite's application addon, without demo data. */
export const SUITE_MODULE = "healthcare_procurement";

/** The database of `npm start`. */
export const DATABASE = "hcp";

/** Wanted ports; a busy one gives way to the next that is free. */
export const PORTS = {
  odoo: 8069,
  postgres: 5469,
  service: 8469,
  sandbox: 8479,
};

/** Python versions that Odoo 19 runs on, as [major, minor]. */
export const PYTHON_MIN = [3, 10];
export const PYTHON_MAX = [3, 13];

/** Free space in MB that a first installation takes, with some air. */
export const DISK_FIRST_MB = 3000;
/** Free space in MB below which a later start is refused. */
export const DISK_LATER_MB = 300;

/** Debian's package of Odoo 19 and those that its links point to (suite sid). */
export const ODOO_PACKAGES = [
  "odoo-19",
  "libjs-jquery",
  "libjs-underscore",
  "libjs-jquery-form",
];
/** Version 4.7 of the machine's own suite: sid's lacks files Odoo links to. */
export const ODOO_STABLE_PACKAGES = ["fonts-font-awesome"];

/** The demo roles, in the order in which their logins are printed. */
export const ROLES = [
  "requester",
  "clerk",
  "approver",
  "accounts_payable",
  "storeroom",
  "administrator",
  "auditor",
  "compliance",
  "supplier",
];
