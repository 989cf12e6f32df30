"""The URLs by which scripts name databases: `mysql://user:password@host:port/name`.

As in Kamailio a file of SQLite is `sqlite:///absolute/path`, a directory of text files is
`text:///absolute/path`; what follows `?` sets something of the driver.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from sipway.errors import DatabaseError

_FORM: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):"
    r"//(?:(?P<user>[^:@/]*)(?::(?P<password>.*?))?@(?=[^@]*$))?"
    r"(?P<host>\[[^\]]*\]|[^:/?@]*)(?::(?P<port>[0-9]+))?(?=/|\?|$)"
    r"(?P<path>/[^?]*)?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_FILES: Final = frozenset({"sqlite", "text"})


class DatabaseUrl(NamedTuple):
    """`name` is the database, or the path of the file or directory; `port` 0 is the usual one."""

    scheme: str
    user: str
    password: str
    host: str
    port: int
    name: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """Without the password."""
        if self.scheme in _FILES:
            return f"{self.scheme}://{self.name}"
        who = f"{self.user}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{who}{self.host}{port}/{self.name}"


def read_url(text: str) -> DatabaseUrl:
    """Take a URL apart. Raises DatabaseError, whose message has no password in it."""
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon:
        raise DatabaseError(
            "the URL of a database begins with its kind",
            hint="such as mysql://user:password@localhost/kamailio",
        )
    if scheme in _FILES:
        path, _, query = rest.removeprefix("//").partition("?")
        if not path:
            raise DatabaseError(f"{scheme}:// names no file")
        return DatabaseUrl(scheme, "", "", "", 0, path, tuple(parse_qsl(query)))
    found = _FORM.fullmatch(text)
    if found is None or not (found["path"] or "/")[1:]:
        raise DatabaseError(
            f"this URL of a {scheme} database cannot be read",
            hint=f"{scheme}://user:password@host:port/database",
        )
    port = int(found["port"] or 0)
    if port > 0xFFFF:
        raise DatabaseError(f"there is no port {port}")
    return DatabaseUrl(
        scheme,
        found["user"] or "",
        found["password"] or "",
        (found["host"] or "localhost").strip("[]"),
        port,
        (found["path"] or "/")[1:],
        tuple(parse_qsl(found["query"] or "")),
    )
