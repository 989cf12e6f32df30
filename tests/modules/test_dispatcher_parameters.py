"""dispatcher: its parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipway.errors import ModuleError
from tests.modules.dispatching import in_file, parameter
from tests.modules.running import load, mistakes

# --- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ds_ping_reply_codes", "foo", 'answers are given as class=2 or code=404, not "foo"'),
        ("ds_ping_reply_codes", "class=22", "answers are given as class=2 or code=404"),
        ("ds_ping_reply_codes", "code=2", "answers are given as class=2 or code=404"),
        ("ds_ping_reply_codes", "class=9", "answers are given as class=2 or code=404"),
        ("ds_ping_method", "x y", '"x y" is no method'),
        ("ds_ping_from", "", '"" is no URI'),
        ("outbound_proxy", "foo", '"foo" is no URI'),
        ("ds_default_socket", "x:y:z", "a socket is written protocol:address:port"),
        ("xavp_dst", "", '"" is no name of an $xavp'),
        ("xavp_ctx", "a[0]", '"a[0]" is no name of an $xavp'),
        ("ds_db_extra_attrs", "x", "columns are given as attribute=column"),
        ("ds_hash_size", 99, "a number from 0 to 31 is wanted, not 99"),
        ("ds_hash_expire", 0, "a number from 1 to"),
        ("event_callback_mode", 3, "a number from 0 to 2 is wanted, not 3"),
        ("ds_probing_mode", 7, "a number from 0 to 3 is wanted, not 7"),
        ("ds_ping_interval", -1, "a number from 0 to"),
        ("ds_ping_fr_timer", -1, "a number from 0 to"),
        ("ds_latency_estimator_alpha", 2000, "a number from 1 to 999 is wanted, not 2000"),
        ("ds_probing_threshold", 0, "a number from 1 to"),
        ("reload_delta", -4, "a number from 0 to"),
        ("setid_pvname", "x", '"x" does not begin with a variable'),
        ("setid_pvname", "$si", "$si cannot be assigned to"),
        (
            "attrs_pvname",
            "$var(a)$var(b)",
            'a variable such as $var(name) is wanted, not "$var(a)$var(b)"',
        ),
        ("attrs_pvname", "$(ru{s.len})", "cannot be assigned to"),
    ],
)
def test_wrong_parameters(name: str, value: int | str, said: str) -> None:
    (found,) = mistakes("request_route { ; }", parameter(name, value), modules=("dispatcher",))
    assert said in found


def test_probes_need_transactions(tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match="ds_ping_interval needs the module tm"):
        load(
            "request_route { ; }",
            parameters=in_file(tmp_path, "1 sip:a\n") + parameter("ds_ping_interval", 5),
            modules=("dispatcher",),
        )
