"""How long parsing one message takes, nothing else. Prints one JSON object.

The message is made from ``requests/invite.sip``; each round parses it anew many times, from
bytes that differ in the Call-ID, so that nothing can be remembered.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import sipway
from sipway.sip.message import parse

_ROUNDS = 9
_MESSAGES = 5_000


def _messages() -> list[bytes]:
    template = (Path(__file__).resolve().parent / "requests/invite.sip").read_text()
    text = template.replace("\n", "\r\n").replace("{cseq}", "100000001")
    for name in ("{local}", "{target}"):
        text = text.replace(name, "127.0.0.1:5060")
    return [text.replace("{id}", f"{number:016x}").encode() for number in range(_MESSAGES)]


def main() -> None:
    messages = _messages()
    rounds = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter_ns()
        for message in messages:
            parse(message)
        rounds.append((time.perf_counter_ns() - begin) / _MESSAGES)
    result = {
        "compiled": sipway.BUILD.compiled,
        "bytes": len(messages[0]),
        "median_ns": round(statistics.median(rounds)),
        "least_ns": round(min(rounds)),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
