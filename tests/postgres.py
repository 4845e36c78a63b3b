"""A throw-away PostgreSQL server for the tests, where its binaries are installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text


def binaries() -> Path | None:
    """The folder of the server's binaries, newest version first."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Start a server in `binaries()`; yields its URL. It refuses root, so root becomes postgres."""
    home = Path(tempfile.mkdtemp(prefix="ivigil-pg-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(home, "postgres", "postgres")
    data = home / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=home)

    try:
        call(str(folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "ivigil", "--no-sync", "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
        call(str(folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield f"postgresql://ivigil@127.0.0.1:{port}/postgres"
        finally:
            call(str(folder / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def database(server_url: str, like: str = "") -> Iterator[str]:
    """A database of the server, empty or a copy of the one at a URL, which nobody may be connected to meanwhile."""
    name = f"t{uuid.uuid4().hex[:12]}"
    template = f" TEMPLATE {like.rpartition('/')[2]}" if like else ""
    admin = create_engine(server_url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}{template}"))
    try:
        yield server_url.rpartition("/")[0] + f"/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
