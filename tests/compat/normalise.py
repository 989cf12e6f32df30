"""What may differ between two servers, and between two runs, made equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_TO: Final = re.compile(r"(?im)^(?:to|t)[ \t]*:(?:[^\r\n]|\r?\n[ \t])*")
_TAG: Final = re.compile(r";tag=[^\s;,>\"]+")
_BRANCH: Final = re.compile(r";branch=z9hG4bK[0-9a-f.]{16,}")
# Of a request of the server's own: its answers copy it.
_FROM_TAG: Final = re.compile(r";tag=[0-9a-f]{32}(?:-[0-9a-f]{8})?(?![0-9a-f-])")
# Made of a random part and of a URI with a port: whoever answers must check it.
_DIGEST: Final = re.compile(r"(?im)(?<=^authorization:)[^\r\n]*|(?<=^proxy-authorization:)[^\r\n]*")
_COMPUTED: Final = re.compile(r'\b(cnonce|response)="[0-9a-f]+"')
# Of a challenge of the server's own, and of what it proves in Authentication-Info.
_NONCE: Final = re.compile(r'\b((?:next)?nonce)="[A-Za-z0-9+/=_-]{24,}"')
_PROOF: Final = re.compile(r'\brspauth="[0-9a-f]+"')
_TABLE: Final = re.compile(r"<<xavp:[^>]*>>")
_SERVER: Final = re.compile(r"(?im)^((?:Server|User-Agent): )(?:kamailio|sipway)\b[^\r\n]*")
# Of records of acc.
_ACCOUNTED_TAG: Final = re.compile(r"(?<=\bto_tag=)[^;\s]+|(?<=\bfrom_tag=)[^;\s]+")
_ACCOUNTED_TIME: Final = re.compile(r"(?<=\btimestamp=)\d+")
_CALL_ID: Final = re.compile(r"(?im)^Call-ID: [0-9a-f-]{18,}@[^\r\n]*")


def normalise(text: str, *, sent: str, ports: Mapping[str, int]) -> str:
    """What is a server's own replaced by words: tags, branches, ports, names, marks of tables.

    Of an answer to a challenge what is computed is. A tag that stands in what was sent stays:
    copying it is part of the behaviour.
    """

    def tag(match: re.Match[str]) -> str:
        return match[0] if match[0] in sent else ";tag=TAG"

    text = _TO.sub(lambda to: _TAG.sub(tag, to[0]), text)
    text = _ACCOUNTED_TAG.sub(lambda tag: tag[0] if tag[0] in sent else "TAG", text)
    text = _ACCOUNTED_TIME.sub("SECONDS", text)
    text = _CALL_ID.sub("Call-ID: CALL-ID", text)
    text = _SERVER.sub(r"\1SERVER", text)
    text = _BRANCH.sub(";branch=BRANCH", text)
    text = _DIGEST.sub(lambda line: _COMPUTED.sub(r'\1="COMPUTED"', line[0]), text)
    text = _PROOF.sub('rspauth="COMPUTED"', _NONCE.sub(r'\1="NONCE"', text))
    text = _FROM_TAG.sub(";tag=TAG", text)
    text = _TABLE.sub("<<xavp>>", text)
    for name, number in ports.items():
        text = re.sub(rf"(?<!\d){number}(?!\d)", f"{{{name}}}", text)
    return text.replace("\r\n", "\n")
