from odoo.exceptions import UserError


def pre_init_hook(env):
    """See to it that PostgreSQL can compare names.

    Odoo makes the extension in new databases; older ones may lack it.

    :raises UserError: with the command that a database administrator has to run
    """
    env.cr.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    if env.cr.rowcount:
        return
    try:
        with env.cr.savepoint():
            env.cr.execute("CREATE EXTENSION pg_trgm")
    except Exception as error:
        raise UserError(
            env._(
                "The PostgreSQL extension pg_trgm is missing, without which names of suppliers cannot be "
                "compared. Have the database administrator run this in database %(database)s, then "
                "install again: CREATE EXTENSION pg_trgm; (%(reason)s)",
                database=env.cr.dbname,
                reason=str(error).strip().splitlines()[0],
            )
        ) from error
