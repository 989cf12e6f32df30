"""Kamailio's tables, as far as modules here use them: their columns, keys and versions.

Facts of Kamailio 5.6's schema (`version` and the tables of its modules), so that one database
serves both. Each table has a number `id` too, which counts up.

A line of a table: name, then a type, then what stands there when nobody says anything. Types are a
number (a text of so many characters), int, small, real and time; a name with `?` may be null, a
name with `!` has no default.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LONG_AGO: Final = "2000-01-01 00:00:01"
FAR_AWAY: Final = "2030-05-28 21:32:15"


class Column(NamedTuple):
    """`size` is that of a text, 0 for other kinds; `default` None is null, or none at all."""

    name: str
    kind: str
    size: int
    default: str | None
    nullable: bool


class TableSchema(NamedTuple):
    """`unique` are the columns of which no two rows have the same values."""

    name: str
    version: int
    columns: tuple[Column, ...]
    unique: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...]


_TABLES: Final = """
acc 5: callid
  method 16 | from_tag 128 | to_tag 128 | callid 255 | sip_code 3 | sip_reason 128 | time! time
acc_cdrs 2: start_time
  start_time time 2000-01-01 00:00:00 | end_time time 2000-01-01 00:00:00 | duration real 0
missed_calls 4: callid
  method 16 | from_tag 128 | to_tag 128 | callid 255 | sip_code 3 | sip_reason 128 | time! time
subscriber 7 username,domain: username
  username 64 | domain 64 | password 64 | ha1 128 | ha1b 128
location 9 ruid: username,domain,contact; expires; connection_id; server_id,connection_id
  ruid 64 | username 64 | domain? 64 | contact 512 | received? 128 | path? 512
  expires time FAR_AWAY | q real 1.0 | callid 255 Default-Call-ID | cseq int 1
  last_modified time LONG_AGO | flags int 0 | cflags int 0 | user_agent 255 | socket? 64
  methods? int | instance? 255 | reg_id int 0 | server_id int 0 | connection_id int 0
  keepalive int 0 | partition int 0
location_attrs 1: username,domain,ruid; last_modified
  ruid 64 | username 64 | domain? 64 | aname 64 | atype int 0 | avalue 512
  last_modified time LONG_AGO
aliases 8 ruid: username,domain,contact; expires
  ruid 64 | username 64 | domain? 64 | contact 255 | received? 255 | path? 512
  expires time FAR_AWAY | q real 1.0 | callid 255 Default-Call-ID | cseq int 1
  last_modified time LONG_AGO | flags int 0 | cflags int 0 | user_agent 255 | socket? 64
  methods? int | instance? 255 | reg_id int 0 | server_id int 0 | connection_id int 0
  keepalive int 0 | partition int 0
dbaliases 1: alias_username; alias_username,alias_domain; username,domain
  alias_username 64 | alias_domain 64 | username 64 | domain 64
trusted 6: src_ip
  src_ip! 50 | proto! 4 | from_pattern? 64 | ruri_pattern? 64 | tag? 64 | priority int 0
address 6:
  grp int 1 | ip_addr! 50 | mask int 32 | port small 0 | tag? 64
domain 2 domain:
  domain! 64 | did? 64 | last_modified time LONG_AGO
domain_attrs 1: did,name
  did! 64 | name! 32 | type! int | value! 255 | last_modified time LONG_AGO
grp 2 username,domain,grp:
  username 64 | domain 64 | grp 64 | last_modified time LONG_AGO
re_grp 1: group_id
  reg_exp 128 | group_id int 0
uri 1 username,domain,uri_user:
  username 64 | domain 64 | uri_user 64 | last_modified time LONG_AGO
speed_dial 2 username,domain,sd_domain,sd_username:
  username 64 | domain 64 | sd_username 64 | sd_domain 64 | new_uri 255 | fname 64 | lname 64
  description 64
dispatcher 4:
  setid int 0 | destination 192 | flags int 0 | priority int 0 | attrs 128 | description 64
htable 2:
  key_name 64 | key_type int 0 | value_type int 0 | key_value 128 | expires int 0
usr_preferences 2: uuid,attribute; username,domain,attribute
  uuid 64 | username 255 0 | domain 64 | attribute 32 | type int 0 | value 128
  last_modified time LONG_AGO
pl_pipes 1:
  pipeid 64 | algorithm 32 | plimit int 0
secfilter 1: action,type,data
  action small 0 | type small 0 | data 64
uacreg 5 l_uuid:
  l_uuid 64 | l_username 64 | l_domain 64 | r_username 64 | r_domain 64 | realm 64
  auth_username 64 | auth_password 64 | auth_ha1 128 | auth_proxy 255 | expires int 0
  flags int 0 | reg_delay int 0 | contact_addr 255 | socket 128
"""


def _column(text: str) -> Column:
    name, kind, *rest = text.split(None, 2)
    default: str | None = rest[0] if rest else None
    default = {"LONG_AGO": LONG_AGO, "FAR_AWAY": FAR_AWAY}.get(default or "", default)
    plain = name.rstrip("?!")
    size = int(kind) if kind.isdigit() else 0
    if size and default is None and plain == name:
        default = ""
    return Column(plain, "text" if size else kind, size, default, name.endswith("?"))


def _tables() -> dict[str, TableSchema]:
    found: dict[str, TableSchema] = {}
    for block in _TABLES.strip().split("\n"):
        if not block.startswith(" "):
            head, _, indexes = block.partition(":")
            name, version, *unique = head.split()
            found[name] = TableSchema(
                name,
                int(version),
                (),
                tuple(unique[0].split(",")) if unique else (),
                tuple(
                    tuple(each.split(",")) for each in indexes.replace(" ", "").split(";") if each
                ),
            )
            continue
        table = found[name]
        more = tuple(_column(each.strip()) for each in block.split("|"))
        found[name] = table._replace(columns=(*table.columns, *more))
    return found


TABLES: Final = _tables()
"""By name."""

VERSION: Final = TableSchema(
    "version",
    1,
    (Column("table_name", "text", 32, None, False), Column("table_version", "int", 0, "0", False)),
    ("table_name",),
    (),
)
"""Says of which version the others are."""
