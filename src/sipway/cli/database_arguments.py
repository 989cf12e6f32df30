"""The commands around databases, and their arguments: db, user, alias, address, domain."""

from __future__ import annotations

import argparse
from typing import Any, Final

Commands = Any  # argparse has no public name for what `add_subparsers` gives

VARIABLE: Final = "SIPWAY_DB_URL"
DOMAIN_VARIABLE: Final = "SIP_DOMAIN"

_STATUS: Final = """\
exit status: 0 done, 1 the database refuses or is not there, 2 a mistake on the command line
"""

_A_USER: Final = ("user", "USER@DOMAIN")
_AN_ALIAS: Final = ("alias", "NAME@DOMAIN")
_AN_ADDRESS: Final = ("address", "IP[/BITS]|NAME")

_DB: Final = """\
Makes the tables that scripts ask, as Kamailio 5.6 has them, so that one database serves both.
Without URL it is the database that belongs to the script built into sipway, a file in the state
directory.
"""

_DB_EXAMPLES: Final = """\
examples:
  sipway db create
  sipway db create mysql://kamailio:secret@localhost/kamailio
  sipway db check sqlite:///etc/kamailio/kamailio.sqlite --json
  sipway db migrate text:///etc/kamailio/dbtext

exit status: 0 done, 1 the database is not there, or `check` has found that modules cannot use it,
2 a mistake on the command line
"""

_USER: Final = """\
Adds, changes, shows and removes who may register, in the table `subscriber`. The password is
asked for on a terminal, or read as a line from a pipe. It is kept as it is, as kamctl keeps it and
`calculate_ha1` needs it; --hashed keeps only what digest authentication needs (HA1).
"""

_USER_EXAMPLES: Final = f"""\
examples:
  sipway user add alice@example.org
  echo secret | sipway user add alice@example.org --hashed
  sipway user passwd alice@example.org --db mysql://kamailio:secret@localhost/kamailio
  sipway user list --json
  {DOMAIN_VARIABLE}=example.org sipway user show alice

{_STATUS}"""

_ALIAS: Final = """\
Adds, lists and removes other names of users, in the table `dbaliases`, which alias_db_lookup()
asks.
"""

_ALIAS_EXAMPLES: Final = f"""\
examples:
  sipway alias add 100@example.org alice@example.org
  sipway alias list
  sipway alias remove 100@example.org

{_STATUS}"""

_ADDRESS: Final = """\
Adds, lists and removes addresses, networks and names, in the table `address`, which
allow_source_address() and its kin ask. Names are compared as they are written. A running server
reads them again with `kamcmd permissions.addressReload`.
"""

_ADDRESS_EXAMPLES: Final = f"""\
examples:
  sipway address add 192.0.2.7 --tag carrier
  sipway address add 198.51.100.0/24 --group 2 --port 5060
  sipway address add gw.example.org
  sipway address list --json
  sipway address remove 192.0.2.7

{_STATUS}"""

_DOMAIN: Final = """\
Adds, lists and removes domains that the server is responsible for, in the table `domain`. A running
server reads them again with `kamcmd domain.reload`.
"""

_DOMAIN_EXAMPLES: Final = f"""\
examples:
  sipway domain add example.org
  sipway domain list
  sipway domain remove example.org

{_STATUS}"""


def add(commands: Commands) -> None:
    """Add the commands to those that there are."""
    db = _parent(commands, "db", "make and check the tables of a database", _DB, _DB_EXAMPLES)
    for name, summary in (
        ("create", "make the tables that are missing"),
        ("migrate", "bring older tables up to date"),
        ("check", "say which tables modules here can use"),
    ):
        command = _action(db, name, summary, f"db {name}")
        command.add_argument("url", nargs="?", metavar="URL", help="(default: $SIPWAY_DB_URL)")
        command.add_argument("--json", action="store_true", help="print what there is as JSON")

    user = _parent(commands, "user", "say who may register", _USER, _USER_EXAMPLES)
    for name, summary in (("add", "add a user"), ("passwd", "change a password")):
        example = f"user {name} alice@example.org"
        command = _member(user, name, summary, example, *_A_USER)
        command.add_argument(
            "--hashed", action="store_true", help="keep only the hashes of the password"
        )
        command.add_argument(
            "--algorithm",
            choices=("MD5", "SHA-256"),
            default="MD5",
            help="of the hashes (default: %(default)s)",
        )
    _member(user, "remove", "remove a user", "user remove alice@example.org", *_A_USER)
    _member(user, "show", "show a user", "user show alice@example.org", *_A_USER, json=True)
    _member(user, "list", "list all users", "user list --json", json=True)

    alias = _parent(commands, "alias", "give users other names", _ALIAS, _ALIAS_EXAMPLES)
    example = "alias add 100@example.org alice@example.org"
    command = _member(alias, "add", "add a name", example, *_AN_ALIAS)
    command.add_argument("user", metavar="USER@DOMAIN", help="whom it stands for")
    _member(alias, "remove", "remove a name", "alias remove 100@example.org", *_AN_ALIAS)
    _member(alias, "list", "list all names", "alias list --json", json=True)

    address = _parent(
        commands, "address", "say which addresses to trust", _ADDRESS, _ADDRESS_EXAMPLES
    )
    example = "address add 192.0.2.0/24 --tag carrier"
    command = _member(address, "add", "add one", example, *_AN_ADDRESS)
    command.add_argument("--port", type=int, help="only from this port")
    command.add_argument("--tag", help="what the script gets to know of it")
    example = "address remove 192.0.2.0/24"
    other = _member(address, "remove", "remove one", example, *_AN_ADDRESS)
    other.add_argument("--port", type=int, help="with this port alone (default: with all)")
    for each in (command, other):
        each.add_argument(
            "--group", type=int, default=1, help="group of addresses (default: %(default)s)"
        )
    _member(address, "list", "list all addresses", "address list --json", json=True)

    domain = _parent(commands, "domain", "say which domains are ours", _DOMAIN, _DOMAIN_EXAMPLES)
    command = _member(domain, "add", "add a domain", "domain add example.org", "domain", "DOMAIN")
    command.add_argument("--did", metavar="ID", help="of its attributes (default: the domain)")
    _member(domain, "remove", "remove a domain", "domain remove example.org", "domain", "DOMAIN")
    _member(domain, "list", "list all domains", "domain list --json", json=True)


def _parent(
    commands: Commands, name: str, summary: str, description: str, examples: str
) -> Commands:
    parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)


def _action(actions: Commands, name: str, summary: str, example: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = actions.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"example:\n  sipway {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return command


def _member(
    actions: Commands,
    name: str,
    summary: str,
    example: str,
    argument: str | None = None,
    shown: str = "",
    *,
    json: bool = False,
) -> argparse.ArgumentParser:
    command = _action(actions, name, summary, example)
    if argument is not None:
        command.add_argument(argument, metavar=shown)
    command.add_argument(
        "--db",
        dest="url",
        metavar="URL",
        help="the database (default: $SIPWAY_DB_URL, else the one in the state directory)",
    )
    if json:
        command.add_argument("--json", action="store_true", help="print it as JSON")
    return command
