"""The Request-URI rewritten."""

from __future__ import annotations

from typing import Annotated

from sipway.core import ruri
from sipway.core.arguments import ConstantText
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Routes

_CHANGES = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH | Routes.EVENT


def _to_count(value: int) -> int:
    if value < 0:
        raise ValueError(f"a number of characters cannot be {value}")
    return value


def _to_port(text: str) -> str:
    if text and not (text.isdecimal() and int(text) <= 65535):
        raise ValueError(f'"{text}" is no port')
    return text


_COUNT = ArgumentKind("a number of characters", base=int, dynamic=False, convert=_to_count)
_PORT = ArgumentKind("a port in quotes", base=str, dynamic=False, convert=_to_port)


@core.function("rewriteuri", "seturi", routes=_CHANGES)
def rewrite_uri(ctx: Context, uri: ConstantText) -> int:
    """Replace the Request-URI."""
    ruri.set_uri(ctx, uri)
    return 1


@core.function("revert_uri", routes=_CHANGES)
def revert_uri(ctx: Context) -> int:
    """Take back every change of the Request-URI."""
    ctx.ruri = None
    return 1


@core.function("rewriteuser", "setuser", "setu", routes=_CHANGES)
def rewrite_user(ctx: Context, user: ConstantText) -> int:
    """Replace the user part of the Request-URI, keeping a password; an empty one removes both."""
    ruri.set_user(ctx, user)
    return 1


@core.function("rewriteuserpass", "setuserpass", "setup", routes=_CHANGES)
def rewrite_user_and_password(ctx: Context, text: ConstantText) -> int:
    """Replace user and password of the Request-URI by `user` or `user:password`."""
    ruri.set_user_and_password(ctx, text)
    return 1


@core.function("rewritehost", "sethost", "seth", routes=_CHANGES)
def rewrite_host(ctx: Context, host: ConstantText) -> int:
    """Replace the host of the Request-URI, keeping the port."""
    ruri.set_host(ctx, host)
    return 1


@core.function("rewritehostport", "sethostport", "sethp", routes=_CHANGES)
def rewrite_host_and_port(ctx: Context, text: ConstantText) -> int:
    """Replace host and port of the Request-URI by `host` or `host:port`."""
    ruri.set_host_and_port(ctx, text)
    return 1


@core.function("rewritehostporttrans", "sethostporttrans", "sethpt", routes=_CHANGES)
def rewrite_host_port_and_transport(ctx: Context, text: ConstantText) -> int:
    """Replace host, port and transport of the Request-URI, by `host:port;transport=tcp`."""
    ruri.set_host_port_and_transport(ctx, text)
    return 1


@core.function("rewriteport", "setport", "setp", routes=_CHANGES)
def rewrite_port(ctx: Context, port: Annotated[str, _PORT]) -> int:
    """Replace the port of the Request-URI; an empty one removes it."""
    ruri.set_port(ctx, port)
    return 1


@core.function("prefix", routes=_CHANGES)
def prefix(ctx: Context, text: ConstantText) -> int:
    """Put a text in front of the user part of the Request-URI."""
    ruri.set_user(ctx, text + ruri.user(ctx))
    return 1


@core.function("strip", routes=_CHANGES)
def strip(ctx: Context, count: Annotated[int, _COUNT]) -> int:
    """Take characters off the front of the Request-URI's user part."""
    ruri.set_user(ctx, ruri.user(ctx)[count:])
    return 1


@core.function("strip_tail", routes=_CHANGES)
def strip_tail(ctx: Context, count: Annotated[int, _COUNT]) -> int:
    """Take characters off the end of the Request-URI's user part."""
    user = ruri.user(ctx)
    ruri.set_user(ctx, user[: max(len(user) - count, 0)])
    return 1


@core.function("userphone", routes=_CHANGES)
def userphone(ctx: Context) -> int:
    """Add the parameter user=phone to the Request-URI."""
    ruri.add_user_parameter(ctx)
    return 1
