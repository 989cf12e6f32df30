"""REGISTER with a password: a script that asks a database, and a request that has the answer.

Each request asks for the row of its own user. All users have one HA1 (which the database may hold
as it likes), so that one answer to a challenge is right for all of them, and what is measured is
the check and not the load generator.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from bench.workloads import HERE

REALM: Final = "bench"
USERS: Final = 10_000
_FIRST: Final = 100_000_000  # as the load generator names them
HA1: Final = hashlib.md5(b"anybody:bench:secret").hexdigest()

_MYSQL: Final = "mysql://root:@127.0.0.1/{name}"
_NAME: Final = "sipway_bench"
_ROWS: Final = (
    "create table version (table_name varchar(32), table_version int)",
    "insert into version values ('subscriber', 7)",
    (
        "create table subscriber (id integer primary key, username varchar(64),"
        " domain varchar(64), password varchar(64), ha1 varchar(128), ha1b varchar(128),"
        " unique (username, domain))"
    ),
    "insert into subscriber values "
    + ", ".join(f"({at}, '{_FIRST + at}', '{REALM}', '', '{HA1}', '')" for at in range(USERS)),
)
_CHECKED: Final = """
loadmodule "{driver}.so"
loadmodule "auth.so"
loadmodule "auth_db.so"
modparam("auth", "nonce_expire", 3600)
modparam("auth_db", "db_url", "{url}")
modparam("auth_db", "calculate_ha1", 0)
modparam("auth_db", "password_column", "ha1")
modparam("auth_db", "load_credentials", "")
"""
_CHECK: Final = f"""    if (!auth_check("{REALM}", "subscriber", "0")) {{
        auth_challenge("{REALM}", "0");
        exit;
    }}
    if (!save"""


def can_run(kind: str) -> bool:
    """Whether there is a database of this kind, and what makes the tables."""
    return kind in ("", "sqlite") or shutil.which("mariadb") is not None


def script(kind: str, folder: Path) -> Path:
    """The registrar that asks for passwords, its database made."""
    if kind == "sqlite":
        path = folder / "bench.sqlite"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as file, file:
            for each in _ROWS:
                file.execute(each)
        path.chmod(0o666)
        url, driver = f"sqlite:///{path}", "db_sqlite"
    else:
        made = f"drop database if exists {_NAME}; create database {_NAME}; use {_NAME};"
        whole = made + "; ".join(_ROWS)
        subprocess.run(["mariadb", "-u", "root"], input=whole, text=True, check=True)
        url, driver = _MYSQL.format(name=_NAME), "db_mysql"
    plain = (HERE / "scripts" / "registrar.cfg").read_text()
    text = plain.replace(
        "request_route {", _CHECKED.format(url=url, driver=driver) + "\nrequest_route {", 1
    )
    target = folder / f"registrar-{kind}.cfg"
    target.write_text(text.replace("    if (!save", _CHECK, 1))
    return target


def template(target: str, plain: Path, folder: Path) -> Path:
    """The request of `plain` with the answer to a challenge of the server at `target`."""
    line = credentials(_challenge(target), target)
    made = folder / "register-digest.sip"
    made.write_text(plain.read_text().replace("Expires:", f"{line}\nExpires:", 1))
    return made


def credentials(challenge: str, target: str) -> str:
    """The header field that answers the challenge in a reply, for the user `{user}`."""
    found = re.search(r'nonce="([^"]+)"', challenge)
    if found is None:
        raise RuntimeError("the server asks for no password")
    uri = f"sip:{target}"
    ha2 = hashlib.md5(f"REGISTER:{uri}".encode()).hexdigest()
    answer = hashlib.md5(f"{HA1}:{found[1]}:{ha2}".encode()).hexdigest()
    return (
        f'Authorization: Digest username="{{user}}", realm="{REALM}", nonce="{found[1]}",'
        f' uri="{uri}", response="{answer}", algorithm=MD5'
    )


def _challenge(target: str) -> str:
    host, _, port = target.rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.settimeout(5)
        phone.connect((host, int(port)))
        phone.send(
            f"REGISTER sip:{target} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{phone.getsockname()[1]}"
            f";branch=z9hG4bK-nonce;rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@a>;tag=1\r\n"
            f"To: <sip:a@a>\r\nCall-ID: nonce\r\nCSeq: 1 REGISTER\r\n"
            "Contact: <sip:a@192.0.2.1>\r\nContent-Length: 0\r\n\r\n".encode()
        )
        return phone.recv(65535).decode()
