"""What may differ between two servers, and between two runs, made equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TO: Final = re.compile(r"(?im)^(?:to|t)[ \t]*:(?:[^\r\n]|\r?\n[ \t])*")
_TAG: Final = re.compile(r";tag=[^\s;,>\"]+")
_BRANCH: Final = re.compile(r";branch=z9hG4bK[0-9a-f.]{18,}")
_TABLE: Final = re.compile(r"<<xavp:[^>]*>>")
_SERVER: Final = re.compile(r"(?im)^((?:Server|User-Agent): )(?:kamailio|sipway)\b[^\r\n]*")
_CALL_ID: Final = re.compile(r"(?im)^Call-ID: [0-9a-f-]{18,}@[^\r\n]*")


def normalise(text: str, *, sent: str, ports: Mapping[str, int]) -> str:
    """Own To-tags, branches, ports, names of servers and marks of tables replaced by words.

    A tag that stands in what was sent stays: copying it is part of the behaviour.
    """

    def tag(match: re.Match[str]) -> str:
        return match[0] if match[0] in sent else ";tag=TAG"

    text = _TO.sub(lambda to: _TAG.sub(tag, to[0]), text)
    text = _CALL_ID.sub("Call-ID: CALL-ID", text)
    text = _SERVER.sub(r"\1SERVER", text)
    text = _BRANCH.sub(";branch=BRANCH", text)
    text = _TABLE.sub("<<xavp>>", text)
    for name, number in ports.items():
        text = re.sub(rf"(?<!\d){number}(?!\d)", f"{{{name}}}", text)
    return text.replace("\r\n", "\n")
