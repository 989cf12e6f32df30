"""A script that asks who somebody is, and requests to it, without a server."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Self

from sipway.core.context import Context
from sipway.core.databases import finish
from sipway.language.signatures import Routes
from sipway.sip.addresses import sockaddr
from sipway.sip.message import parse
from sipway.stores.interface import Store
from tests.compat.authenticating import REALM, answer, challenges
from tests.compat.flow import Incoming
from tests.fakes import request
from tests.modules.running import NOW, load

URI: Final = "sip:bob@callee.example"
PASSWORD: Final = f'pv_proxy_authenticate("{REALM}", "secret", "0")'


class Asking:
    """A Program that challenges whoever does not pass `call`, with other calls behind it."""

    def __init__(
        self,
        call: str = PASSWORD,
        parameters: str = "",
        *,
        flags: int = 0,
        then: str = "",
        more: str = "",
        challenge: str = "",
        store: Store | None = None,
        modules: tuple[str, ...] = (),
    ) -> None:
        challenge = challenge or f'auth_challenge("{REALM}", {flags})'
        self.program, self.log, self.socket = load(
            f'request_route {{ $var(r) = {call}; xlog("code $var(r)\\n"); {then}'
            f' if ($var(r) < 0) {{ {challenge}; exit; }} sl_send_reply("200", "OK"); }} {more}',
            parameters=parameters,
            modules=("tm", "auth", *modules),
            store=store,
        )
        self.ctx: Context
        self.runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the databases."""
        self.runner.run(finish(self.program))
        self.runner.close()

    def ask(
        self,
        line: str = "",
        method: str = "MESSAGE",
        *,
        now: float = NOW,
        source: str = "192.0.2.1",
        **more: Any,
    ) -> int:
        """What the call returned for a request with these header lines."""
        self.socket.outgoing.clear()
        self.log.written.clear()
        self.ctx, waiting = self.begin(line, method, now=now, source=source, **more)
        if waiting is not None and not isinstance(waiting, int):
            self.runner.run(waiting)
        return self.codes[0]

    def begin(
        self,
        line: str = "",
        method: str = "MESSAGE",
        *,
        now: float = NOW,
        source: str = "192.0.2.1",
        **more: Any,
    ) -> tuple[Context, Any]:
        """A request that has come in, and what its route gives: a coroutine if it may wait."""
        data = request(method, more.pop("uri", URI), extra=line, **more)
        kind = Routes.REQUEST.value
        ctx = Context(parse(data), self.program, self.socket, sockaddr(source, 5070), now, kind)
        assert self.program.request_route is not None
        return ctx, self.program.request_route(ctx)

    @property
    def codes(self) -> list[int]:
        """What the call returned, for each request since the log was emptied."""
        return [int(each[5:]) for each in self.lines if each.startswith("code ")]

    @property
    def lines(self) -> list[str]:
        """The log of the last request."""
        return [text.removeprefix("<script>: ").rstrip("\n") for _, text in self.log.written]

    @property
    def reply(self) -> Incoming:
        """The answer to the last request."""
        return Incoming(self.socket.outgoing[-1][0].decode("utf-8", "surrogateescape"))

    def challenged(self, method: str = "MESSAGE", **more: Any) -> list[dict[str, str]]:
        """The challenges that a request without credentials gets."""
        self.ask("", method, **more)
        return challenges(self.reply)

    def answered(self, method: str = "MESSAGE", **given: Any) -> str:
        """The header line that answers the first challenge."""
        found = self.challenged(method)[0]
        return answer(found, method, given.pop("uri", URI), **given)
