def post_init_hook(env):
    """Make the secret wake-up channel once, at installation."""
    env["healthcare.exchange.message"]._wake_channel_name()
