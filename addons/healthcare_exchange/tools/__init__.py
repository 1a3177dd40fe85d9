from . import backoff, canonical, cursor, envelope, preview, text
