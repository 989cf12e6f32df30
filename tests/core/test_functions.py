from __future__ import annotations

import pytest

from sipway.core import log as levels
from sipway.core.functions import core
from sipway.core.parameters import PARAMETERS
from tests.fakes import call, context, logged, read


def test_flags() -> None:
    ctx = context()
    assert call(ctx, "isflagset", 3) == -1
    assert call(ctx, "setflag", 3) == 1
    assert call(ctx, "setflag", 31) == 1
    assert (call(ctx, "isflagset", 3), call(ctx, "isflagset", 31)) == (1, 1)
    assert read(ctx, "mf") == 2147483656
    assert call(ctx, "resetflag", 31) == 1
    assert (call(ctx, "isflagset", 31), read(ctx, "mf")) == (-1, 8)


@pytest.mark.parametrize("flag", [32, -1])
def test_a_flag_out_of_range_is_refused(flag: int) -> None:
    with pytest.raises(ValueError, match="0 to 31"):
        call(context(), "setflag", flag)


@pytest.mark.parametrize("name", ["force_rport", "add_rport"])
def test_force_rport(name: str) -> None:
    ctx = context()
    assert call(ctx, name) == 1
    assert ctx.force_rport


def test_log() -> None:
    ctx = context()
    assert call(ctx, "log", "plain $rU\n") == 1
    assert call(ctx, "log", 1, "one\n") == 1
    assert logged(ctx) == [
        (levels.DBG, "<script>: plain $rU\n"), (levels.NOTICE, "<script>: one\n"),
    ]  # fmt: skip


def test_the_core_is_complete() -> None:
    signature = core.signature
    assert signature.parameters == PARAMETERS
    assert {"ru", "avp", "hdr"} <= signature.variables.keys()
    assert {"s.len", "uri.user", "param.value", "tobody.uri"} <= signature.transformations.keys()


def test_everything_is_documented() -> None:
    signature = core.signature
    for group in (signature.functions, signature.variables, signature.transformations,
                  signature.parameters):  # fmt: skip
        assert [name for name, each in group.items() if not each.doc.strip()] == []
