"""When to try again."""

import random

#: Longest pause in seconds that a partner may ask for: it is asked again after a day.
MAX_PAUSE = 86400

_random = random.SystemRandom()


def full_jitter(failures, base_seconds, max_seconds, retry_after=0, uniform=_random.uniform):
    """Return the seconds to wait before the next attempt: full-jitter exponential back-off.

    A uniform draw between zero and ``base * 2**(failures - 1)``, capped, so that many messages
    that failed together do not come back together. What the partner asked for (``Retry-After``)
    is a lower bound and may go beyond the cap; the first wait is drawn on top of it.

    :param failures: failed attempts so far, the present one included.
    :param base_seconds: upper bound of the first wait.
    :param max_seconds: largest upper bound.
    :param retry_after: seconds the partner asked to wait.
    :param uniform: source of the draw.
    """
    exponent = min(max(failures, 1) - 1, 32)
    ceiling = min(max_seconds, base_seconds * 2**exponent)
    if retry_after:
        return max(uniform(0, ceiling), retry_after + uniform(0, base_seconds))
    return uniform(0, ceiling)
