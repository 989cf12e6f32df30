"""Core parameters; what Kamailio 5.6.3 takes and refuses was tried with `kamailio -c`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from sipway import __version__
from sipway.core.parameters import PARAMETERS, SYNONYMS
from sipway.core.settings import Settings
from sipway.language.record import fields
from sipway.language.signatures import Meaning


def converted(name: str, value: int | str) -> Any:
    convert = PARAMETERS[name].convert
    return convert(value) if convert is not None else value


def settings(*items: tuple[str, int | str]) -> Settings:
    return Settings.from_items((name, converted(name, value)) for name, value in items)


def test_an_empty_script_has_the_defaults() -> None:
    assert settings() == Settings()


def test_defaults_of_the_table_are_those_of_the_settings() -> None:
    defaults = Settings()
    for name in fields(Settings):
        if name in PARAMETERS and PARAMETERS[name].default is not None:
            assert PARAMETERS[name].default == getattr(defaults, name), name


def test_every_setting_is_a_parameter_that_has_an_effect() -> None:
    names = fields(Settings).keys() - {"aliases"}
    assert {name for name in names if PARAMETERS[name].meaning is not Meaning.EFFECTIVE} == set()


def test_the_last_value_holds() -> None:
    found = settings(("debug", 3), ("debug", -1), ("log_stderror", 1), ("children", 4))
    assert (found.debug, found.log_stderror) == (-1, True)


@pytest.mark.parametrize(
    ("name", "value", "attribute"),
    [("uid", "kamailio", "user"), ("gid", "siprouter", "group"), ("wdir", "/tmp", "workdir")],
)
def test_synonyms(name: str, value: str, attribute: str) -> None:
    assert getattr(settings((name, value)), attribute) == value
    assert PARAMETERS[name].name == name


def test_synonyms_name_parameters() -> None:
    assert set(SYNONYMS.values()) <= PARAMETERS.keys()
    assert {"mpath", "loadpath", "dns_srv_loadbalancing", "mem_dbg"} <= PARAMETERS.keys()


@pytest.mark.parametrize(
    ("value", "host", "port"),
    [
        ("example.org", "example.org", 0),
        ("Example.ORG:5060", "example.org", 5060),
        ("tcp:example.org:5070", "example.org", 5070),
        ("udp:example.org", "example.org", 0),
        ("1.2.3.4:5060", "1.2.3.4", 5060),
        ("[::1]:5060", "::1", 5060),
        ("[::1]", "::1", 0),
        ("tcp.example.org", "tcp.example.org", 0),
    ],
)
def test_aliases(value: str, host: str, port: int) -> None:
    assert settings(("alias", "first"), ("alias", value)).aliases == (("first", 0), (host, port))


@pytest.mark.parametrize(
    ("name", "value"),
    [("alias", ""), ("alias", "a:b"), ("alias", "a:70000"), ("port", 70000), ("port", -1),
     ("log_facility", "LOG_XX"), ("cfgengine", "python"), ("max_branches", 0),
     ("max_branches", 32), ("max_while_loops", -1), ("udp_mtu_try_proto", "X"),
     ("ipv6_hex_style", "x"), ("advertised_port", 70000), ("tos", 256), ("tos", -1),
     ("tos", "IPTOS_X"), ("pmtu_discovery", 3), ("return_mode", 2), ("chroot", " "),
     ("maxbuffer", -1), ("maxsndbuffer", -1), ("open_files_limit", -1),
     ("tcp_max_connections", 0), ("tcp_connect_timeout", 0), ("tcp_conn_wq_max", -1),
     ("tcp_rd_buf_size", 100), ("tcp_rd_buf_size", 1 << 25), ("tcp_source_ipv4", "::1"),
     ("tcp_source_ipv6", "127.0.0.1"), ("tcp_listen_backlog", 0), ("udp_mtu", -1)],
)  # fmt: skip
def test_values_that_make_no_sense_are_refused(name: str, value: int | str) -> None:
    with pytest.raises(ValueError, match=r"\w \w"):
        converted(name, value)


@pytest.mark.parametrize(
    ("items", "line"),
    [
        ((), f"Server: sipway ({__version__})\r\n".encode()),
        ((("server_header", "Server: x"),), b"Server: x\r\n"),
        ((("server_header", "X-S: 1\r\nX-T: 2"),), b"X-S: 1\r\nX-T: 2\r\n"),
        ((("server_header", ""),), b""),
        ((("server_signature", 0),), b""),
        ((("server_header", "Server: x"), ("server_signature", 0)), b""),
    ],
)
def test_server_line(items: tuple[tuple[str, int | str], ...], line: bytes) -> None:
    assert settings(*items).server_line == line


@pytest.mark.parametrize(
    ("value", "number"), [(0, 0), (0x10, 16), ("IPTOS_LOWDELAY", 16), ("IPTOS_THROUGHPUT", 8)]
)
def test_types_of_service(value: int | str, number: int) -> None:
    assert settings(("tos", value)).tos == number


def test_parameters_of_tcp() -> None:
    found = settings(
        ("tcp_source_ipv6", "[2001:DB8::1]"), ("udp_mtu_try_proto", "TLS"),
        ("tcp_msg_read_timeout", 0), ("tcp_check_timer", -1), ("tcp_crlf_ping", 0),
    )  # fmt: skip
    assert (found.tcp_source_ipv6, found.udp_mtu_try_proto) == ("2001:db8::1", "tls")
    assert (found.tcp_msg_read_timeout, found.tcp_check_timer) == (None, 1)
    assert found.tcp_crlf_ping is False


def _headings(version: str) -> list[str]:
    """The names of parameters that a cookbook explains; skips without a copy of it."""
    folder = os.environ.get("KAMAILIO_WIKI")
    if not folder:
        pytest.skip("KAMAILIO_WIKI does not say where a copy of kamailio-wiki is")
    text = (Path(folder) / "docs" / "cookbooks" / version / "core.md").read_text()
    part = text[text.index("## Core parameters") : text.index("## Core Functions")]
    headings = re.findall(r"^### (.*)$", part, re.MULTILINE)
    return [name.split()[0] for heading in headings for name in heading.split(",")]


@pytest.mark.parametrize("version", ["5.6.x", "6.1.x"])
def test_every_parameter_of_the_cookbook_is_in_one_class(version: str) -> None:
    no_parameters = {
        "coreparam", "description", "flags", "listen", "loadmodule", "loadmodulex", "modparam",
        "modparamx", "socket", "statistics",
    }  # fmt: skip
    names = set(_headings(version)) - no_parameters
    assert len(names) > 190
    assert names - PARAMETERS.keys() == set()


def test_a_parameter_has_an_effect_if_it_is_a_setting() -> None:
    effective = {
        name for name, each in PARAMETERS.items()
        if each.meaning is Meaning.EFFECTIVE and name not in SYNONYMS
    }  # fmt: skip
    # What these mean is done with when the script is read.
    not_kept = {"alias", "cfgengine", "latency_limit_action", "latency_log", "mcast", "return_mode"}
    assert effective - fields(Settings).keys() == not_kept


def test_user_agent_line() -> None:
    assert settings().user_agent_line == f"User-Agent: sipway ({__version__})\r\n".encode()
    assert settings(("user_agent_header", "User-Agent: x")).user_agent_line == b"User-Agent: x\r\n"
