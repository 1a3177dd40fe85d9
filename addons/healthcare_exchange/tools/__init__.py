from . import backoff, canonical, envelope, text
