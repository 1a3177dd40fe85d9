from . import backoff, canonical, cursor, envelope, text
