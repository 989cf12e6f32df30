"""Scripts as they are in use: they parse, and fast."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sipway.language.diagnostics import render_text
from sipway.language.nodes import RoutingBlock
from sipway.language.parser import parse, parse_file
from sipway.language.source import SourceFile

STOCK = Path("/etc/kamailio/kamailio.cfg")
FEATURES = [
    "MYSQL", "AUTH", "IPAUTH", "USRLOCDB", "PRESENCE", "MSGREBUILD", "NAT", "NATSIPPING",
    "RTPENGINE", "PSTN", "ALIASDB", "SPEEDDIAL", "MULTIDOMAIN", "TLS", "JSONRPC", "ANTIFLOOD",
    "BLOCK3XX", "BLOCK401407", "VOICEMAIL", "ACCDB", "DEBUG",
]  # fmt: skip


@pytest.mark.skipif(not STOCK.exists(), reason="Kamailio's own script is not installed")
@pytest.mark.parametrize("features", [[], FEATURES], ids=["plain", "all"])
def test_the_stock_script(features: list[str]) -> None:
    times = []
    for _ in range(3):  # what the machine does besides only adds to it
        began = time.process_time()
        result = parse_file(STOCK, {f"WITH_{name}": None for name in features})
        times.append(time.process_time() - began)
    assert not len(result.diagnostics), render_text(result.diagnostics)
    assert sum(isinstance(item, RoutingBlock) for item in result.script.items) >= 17
    assert min(times) < 0.2


def test_a_script_of_20000_lines() -> None:
    path = Path(__file__).parent / "scripts" / "features.cfg"
    text = path.read_text(encoding="utf-8")
    head, body = text.split("request_route {", 1)
    block = "route[R{}] {{" + body.partition("\n}\n")[0].replace("{", "{{").replace("}", "}}")
    count = 20_000 // (block.count("\n") + 2)
    blocks = [f"{block}\n}}}}\n".format(number) for number in range(count)]
    source = SourceFile("long.cfg", head + "".join(blocks))
    began = time.process_time()
    result = parse(source)
    took = time.process_time() - began
    assert not len(result.diagnostics), render_text(result.diagnostics.sorted()[:3])
    assert len(result.script.items) > count
    assert took < 4
