"""How long something took, for people."""


def duration_text(env, delta):
    """Return a ``timedelta`` as the largest two units that matter, such as ``2 h 5 min``.

    :param env: whose language is spoken.
    """
    minutes = max(int(delta.total_seconds()) // 60, 0)
    if minutes < 1:
        return env._("less than a minute")
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return env._("%(days)s d %(hours)s h", days=days, hours=hours)
    if hours:
        return env._("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes)
    return env._("%s min", minutes)
