"""The four state machines of RFC 3261 section 17, with RFC 6026, as tables.

A row says what happens in a state: event -> (next state, what is done). An event that is not in
a state's row changes nothing and nothing is done: a stray or a late message. All the rest of
the room only carries out what stands here.

Figures: INVITE client 5 (RFC 6026: 5, "Accepted"), other client 6, INVITE server 7 (RFC 6026: 7),
other server 8. Timers that retransmit are one event, whatever letter the RFC gives them, and so
are those that give up and those that only wait for stragglers:

    ============  ==========================================================
    RETRANSMIT    A, E (client), G (server)
    GIVE_UP       B, C, F (client), H (server)
    LINGER        D, K, M (client), I, J, L (server)
    ============  ==========================================================

Over a reliable transport nothing is retransmitted and nothing lingers for stragglers
(`RELIABLE`): the timer is not set, or runs out at once.

Compiled (see `machines.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

# --- states -------------------------------------------------------------------------------

TRYING: Final = 0  # of an INVITE client "Calling", of an INVITE server it is not there
PROCEEDING: Final = 1
ACCEPTED: Final = 2
COMPLETED: Final = 3
CONFIRMED: Final = 4
TERMINATED: Final = 5

STATE_NAMES: Final = ("trying", "proceeding", "accepted", "completed", "confirmed", "terminated")

# --- events -------------------------------------------------------------------------------

PROVISIONAL: Final = 0  # a 1xx: received by a client, to be sent by a server
SUCCESS: Final = 1  # a 2xx
FAILURE: Final = 2  # 300 to 699
REQUEST: Final = 3  # a server: the request once more
ACK: Final = 4  # a server
RETRANSMIT: Final = 5
GIVE_UP: Final = 6
LINGER: Final = 7
BROKEN: Final = 8  # the transport failed

EVENTS: Final = 9
EVENT_NAMES: Final = (
    "provisional", "success", "failure", "request", "ack", "retransmit", "give up", "linger",
    "broken",
)  # fmt: skip

# --- what is done -------------------------------------------------------------------------

PASS: Final = 1  # hand the message on: a client to its user, a server the user's reply to the wire
RESEND: Final = 2  # send again what was sent last
ACKNOWLEDGE: Final = 4  # a client: send the ACK to a failure
TELL: Final = 8  # the user is told of the timeout or the broken transport
START_RETRANSMIT: Final = 16  # set the timer that retransmits, doubled each time up to T2
STOP_RETRANSMIT: Final = 32
START_GIVE_UP: Final = 64
START_LINGER: Final = 128  # takes the place of GIVE_UP; 64 times T1 (D, J, L, M)
START_SHORT_LINGER: Final = 256  # likewise; T4 (I, K)

Row = dict[int, tuple[int, int]]
Table = dict[int, Row]

INVITE_CLIENT: Final[Table] = {
    TRYING: {
        RETRANSMIT: (TRYING, RESEND | START_RETRANSMIT),
        GIVE_UP: (TERMINATED, TELL),
        BROKEN: (TERMINATED, TELL),
        PROVISIONAL: (PROCEEDING, PASS | STOP_RETRANSMIT | START_GIVE_UP),
        SUCCESS: (ACCEPTED, PASS | STOP_RETRANSMIT | START_LINGER),
        FAILURE: (COMPLETED, PASS | ACKNOWLEDGE | STOP_RETRANSMIT | START_LINGER),
    },
    PROCEEDING: {
        # Timer C of a proxy (16.8): the user cancels, and the reply to that is still awaited.
        GIVE_UP: (PROCEEDING, TELL | START_LINGER),
        LINGER: (TERMINATED, 0),
        BROKEN: (TERMINATED, TELL),
        PROVISIONAL: (PROCEEDING, PASS | START_GIVE_UP),
        SUCCESS: (ACCEPTED, PASS | START_LINGER),
        FAILURE: (COMPLETED, PASS | ACKNOWLEDGE | START_LINGER),
    },
    COMPLETED: {
        # A phone should not, but some do: a call that nobody knew of could not be hung up (16.7).
        SUCCESS: (ACCEPTED, PASS | START_LINGER),
        FAILURE: (COMPLETED, ACKNOWLEDGE),
        BROKEN: (TERMINATED, TELL),
        LINGER: (TERMINATED, 0),
    },
    ACCEPTED: {
        SUCCESS: (ACCEPTED, PASS),
        FAILURE: (ACCEPTED, ACKNOWLEDGE),  # should not be either: so that it ends
        LINGER: (TERMINATED, 0),
    },
    TERMINATED: {
        # It gave up, and other branches or the server side are still there.
        SUCCESS: (ACCEPTED, PASS | START_LINGER),
        FAILURE: (TERMINATED, ACKNOWLEDGE),
    },
}

CLIENT: Final[Table] = {
    TRYING: {
        RETRANSMIT: (TRYING, RESEND | START_RETRANSMIT),
        GIVE_UP: (TERMINATED, TELL),
        BROKEN: (TERMINATED, TELL),
        PROVISIONAL: (PROCEEDING, PASS),
        SUCCESS: (COMPLETED, PASS | STOP_RETRANSMIT | START_SHORT_LINGER),
        FAILURE: (COMPLETED, PASS | STOP_RETRANSMIT | START_SHORT_LINGER),
    },
    PROCEEDING: {
        RETRANSMIT: (PROCEEDING, RESEND | START_RETRANSMIT),
        GIVE_UP: (TERMINATED, TELL),
        BROKEN: (TERMINATED, TELL),
        PROVISIONAL: (PROCEEDING, PASS),
        SUCCESS: (COMPLETED, PASS | STOP_RETRANSMIT | START_SHORT_LINGER),
        FAILURE: (COMPLETED, PASS | STOP_RETRANSMIT | START_SHORT_LINGER),
    },
    COMPLETED: {
        LINGER: (TERMINATED, 0),
    },
    TERMINATED: {},
}

INVITE_SERVER: Final[Table] = {
    PROCEEDING: {
        REQUEST: (PROCEEDING, RESEND),
        PROVISIONAL: (PROCEEDING, PASS),
        SUCCESS: (ACCEPTED, PASS | START_LINGER),
        FAILURE: (COMPLETED, PASS | START_RETRANSMIT | START_GIVE_UP),
        GIVE_UP: (PROCEEDING, TELL | START_LINGER),  # its lifetime is over: the user answers it
        LINGER: (TERMINATED, 0),
        BROKEN: (TERMINATED, TELL),
    },
    ACCEPTED: {
        REQUEST: (ACCEPTED, 0),
        SUCCESS: (ACCEPTED, PASS),
        LINGER: (TERMINATED, 0),
    },
    COMPLETED: {
        REQUEST: (COMPLETED, RESEND),
        SUCCESS: (ACCEPTED, PASS | START_LINGER),  # a branch answered after all (16.7, step 5)
        RETRANSMIT: (COMPLETED, RESEND | START_RETRANSMIT),
        ACK: (CONFIRMED, STOP_RETRANSMIT | START_SHORT_LINGER),
        # Whoever sends no ACK may still send the request again: it is no new one, as in Kamailio.
        GIVE_UP: (CONFIRMED, TELL | STOP_RETRANSMIT | START_SHORT_LINGER),
        BROKEN: (TERMINATED, TELL),
    },
    CONFIRMED: {
        SUCCESS: (ACCEPTED, PASS | START_LINGER),
        LINGER: (TERMINATED, 0),
    },
    TERMINATED: {},
}

SERVER: Final[Table] = {
    TRYING: {
        PROVISIONAL: (PROCEEDING, PASS),
        SUCCESS: (COMPLETED, PASS | START_LINGER),
        FAILURE: (COMPLETED, PASS | START_LINGER),
        GIVE_UP: (TRYING, TELL | START_LINGER),  # as above
        LINGER: (TERMINATED, 0),
        BROKEN: (TERMINATED, TELL),
    },
    PROCEEDING: {
        REQUEST: (PROCEEDING, RESEND),
        PROVISIONAL: (PROCEEDING, PASS),
        SUCCESS: (COMPLETED, PASS | START_LINGER),
        FAILURE: (COMPLETED, PASS | START_LINGER),
        GIVE_UP: (PROCEEDING, TELL | START_LINGER),
        LINGER: (TERMINATED, 0),
        BROKEN: (TERMINATED, TELL),
    },
    COMPLETED: {
        REQUEST: (COMPLETED, RESEND),
        BROKEN: (TERMINATED, TELL),
        LINGER: (TERMINATED, 0),
    },
    TERMINATED: {},
}


def flat(table: Table) -> tuple[int, ...]:
    """A table as it is walked: at state * EVENTS + event the next state + 8 * what is done.

    -1 where a row says nothing.
    """
    cells = []
    for state in range(TERMINATED + 1):
        row = table.get(state, {})
        for event in range(EVENTS):
            following, done = row.get(event, (-1, 0))
            cells.append(-1 if following < 0 else following + 8 * done)
    return tuple(cells)


def event_of(status: int) -> int:
    """The event that a reply of this status is."""
    if status < 200:
        return PROVISIONAL
    return SUCCESS if status < 300 else FAILURE
