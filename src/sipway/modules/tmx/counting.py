"""The statistics of transactions, for `$stat`: README of tmx, section 6."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sipway.core.statistics import statistics
from sipway.modules.tmx._module import mod

if TYPE_CHECKING:
    from sipway.core.program import Program


@mod.on_start
def _start(program: Program) -> None:
    layer, shared = program.layer, program.shared

    def relayed() -> int:
        return layer.replies_sent - shared.generated_replies

    found = statistics(program)
    for name, read in (
        ("UAS_transactions", lambda: layer.served),
        ("UAC_transactions", lambda: layer.made),
        ("inuse_transactions", layer.__len__),
        ("active_transactions", layer.count_unanswered),
        ("rpl_received", lambda: layer.replies_received),
        ("rpl_absorbed", lambda: layer.replies_received - relayed()),
        ("rpl_relayed", relayed),
        ("rpl_generated", lambda: shared.generated_replies),
        ("rpl_sent", lambda: layer.replies_sent),
    ):
        found.add_computed(mod.name, name, read)
    for number in range(2, 7):
        read_class = partial(layer.completed.__getitem__, number)
        found.add_computed(mod.name, f"{number}xx_transactions", read_class)
