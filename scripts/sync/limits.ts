/** Bounds on what is taken in. */

/** Largest request over HTTP, in bytes. */
export const MAX_BYTES = 10 * 1024 * 1024;

/** Largest file in a folder or for `hcp ingest`: a feed of 100 000 lines. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Segments of such a file, about twelve for each line. */
export const MAX_SEGMENTS = 1_500_000;

/** Lines of a catalog that go to Odoo as one document. */
export const PORTION_LINES = 5_000;

/** Most envelopes in one call to Odoo. */
export const MAX_CHUNK = 200;

/** Most characters of documents and base64 in one call to Odoo. */
export const MAX_CHUNK_SIZE = 32 * 1024 * 1024;

/** Bytes (base64) beyond which a file goes with the first call alone. */
export const MAX_REPEATED = 8 * 1024 * 1024;
