"""A PostgreSQL server for tests: the one that TFCOURSE_TEST_POSTGRES names, or one of our own, on a socket."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy

VARIABLE = "TFCOURSE_TEST_POSTGRES"
"""URL of a server and a user who may create databases: postgresql+psycopg://user@host/postgres."""


@contextlib.contextmanager
def server():
    """Yield the URL of a server, and skip the test where none is to be had."""
    pytest.importorskip("psycopg", reason="PostgreSQL's driver (psycopg) is not installed")
    named = os.environ.get(VARIABLE)
    if named:
        yield named
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = shutil.which("initdb") or (str(programs[-1]) if programs else None)
    if initdb is None:
        pytest.skip(f"PostgreSQL is not installed (apt install postgresql), and {VARIABLE} names no server")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        prefix = as_somebody_else(folder)
        data = folder / "data"
        run([*prefix, initdb, "-D", data, "-U", "tests", "--auth=trust", "--no-sync", "-E", "UTF8"], folder)
        control = [*prefix, str(Path(initdb).with_name("pg_ctl")), "-D", data, "-w"]
        run([*control, "-l", folder / "log", "-o", f"-c listen_addresses= -k {folder} -F", "start"], folder)
        try:
            yield f"postgresql+psycopg://tests@/postgres?host={folder}"
        finally:
            run([*control, "-m", "immediate", "stop"], folder)


def as_somebody_else(folder):
    """Return what to put before a command, because PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return []
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [shutil.which("setpriv"), f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def run(command, folder):
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


@contextlib.contextmanager
def new_database(url):
    """Yield the URL of an empty database on a server."""
    name = f"tfcourse_test_{uuid4().hex[:12]}"
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        made = sqlalchemy.make_url(url).set(database=name)
        yield made.render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()
