/** Bounds on what is taken in. */

/** Largest file or request, in bytes. */
export const MAX_BYTES = 10 * 1024 * 1024;

/** Most envelopes in one call to Odoo. */
export const MAX_CHUNK = 200;

/** Most characters of documents and base64 in one call to Odoo. */
export const MAX_CHUNK_SIZE = 32 * 1024 * 1024;
