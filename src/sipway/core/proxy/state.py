"""What a proxy keeps of a request, and of each of its branches, while it waits for responses.

The response context of RFC 3261 section 16.7. It is `Transaction.user`, a `Branch` state is
`ClientTransaction.user`; neither refers back to the transaction, nor to a Context, so that
nothing waits for the garbage collector.

Compiled (see `state.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipway.sip.methods import BYE, INVITE

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.locating import Hop
    from sipway.core.program import Block, Program
    from sipway.core.proxy.watching import Watcher
    from sipway.core.sockets import ListenSocket
    from sipway.sip.edits import Edit
    from sipway.sip.message import Message
    from sipway.tx.machine import ClientTransaction, Timing


class ProxySettings:
    """What the parameters of tm say, for as long as a Program lives.

    timing           durations of new transactions
    lifetimes        how long an INVITE, or another request, may go unanswered (seconds)
    auto_100         answer an INVITE with 100 when it is relayed
    trying_reason    the reason phrase of that
    restart_on_reply each provisional response starts the timer of `fr_inv_timer` anew
    cancel_method    `cancel_b_method`: 0, 1 or 2
    aggregate        join the challenges of several 401 and 407
    keep_6xx         a 6xx is a response like others
    reply_mode       `failure_reply_mode`: 0 to 3
    local_priority   `faked_reply_prio`
    local_reason     a CANCEL of ours says why (RFC 3326)
    pass_reason      a CANCEL of ours says what the caller's said
    hide_503         a 503 goes on as 500
    relay_100        a 100 goes on to a caller
    timeout_reply    code and reason of a branch that ran out of time
    timer_avps       names of the AVPs of `fr_timer_avp` and `fr_inv_timer_avp`; None without both
    failover_codes   with what a response says that the next address of a name is to be tried:
                     bits of classes, and statuses
    noisy            an INVITE that nobody answered is answered 408 (`noisy_ctimer`)
    stray_cancel     `unmatched_cancel`: 0, 1 or 2
    stray_reply      name of the onreply_route for replies without a transaction, or None
    default_reply    code and reason where t_reply() gets none
    applies_changes  the changes of a request are made before it gets a transaction
    local_failures   a branch that could not be sent has failed, instead of t_relay()
    local_ack        `local_ack_mode`: 0, 1 or 2
    block_add        methods whose timeouts put a destination on the blocklist, as bits
    block_lookup     methods that are not sent to what is on it, as bits
    block_503        default, least and most seconds that a 503 puts it there; None: it does not
    rich_redirect    what Contacts of a 3xx tell besides: 1 flags, 2 path, as bits
    """

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.lifetimes = (180.0, 32.0)
        self.auto_100 = True
        self.trying_reason = "trying -- your call is important to us"
        self.restart_on_reply = True
        self.cancel_method = 1
        self.aggregate = True
        self.keep_6xx = False
        self.reply_mode = 3
        self.local_priority = 0
        self.local_reason = True
        self.pass_reason = True
        self.hide_503 = True
        self.relay_100 = False
        self.timeout_reply = (408, "Request Timeout")
        self.timer_avps: tuple[str | None, str | None] | None = None
        self.failover_codes: tuple[int, frozenset[int]] = (0, frozenset((503,)))
        self.noisy = True
        self.stray_cancel = 0
        self.stray_reply: str | None = None
        self.default_reply = (500, "Server Internal Error")
        self.rich_redirect = 0
        self.applies_changes = False
        self.local_failures = False
        self.local_ack = 0
        self.block_add = INVITE
        self.block_lookup = ~BYE & 0xFFFFFFFF
        self.block_503: tuple[int, int, int] | None = None


class ResponseContext:
    """What the script left of a request when it was relayed, and what has come of it.

    What stands here first is copied from the Context and given to the Contexts of the blocks
    that run later; for what it means see there.

    first      number of the first branch of the latest leg of serial forking
    best       number of the branch whose response failure_route looks at, -1 outside of it
    cancelled  the caller cancelled
    suspended  somebody will go on with it later
    pending    so many branches are not there yet: the names of their hops are being looked up,
               or they are just being made
    waits      a block of it waits
    later      responses, and (None) timeouts, of which branches are to be dealt with after that,
               or None
    undecided  a branch has failed while others were not there yet
    keep_6xx, auto_100, pass_reason
               as in ProxySettings, for this request
    single     the first address of a name is the only one tried
    quiet      do not answer when it could not be sent anywhere
    error      (code, reason) to answer when the script ends, if it has not: nothing could be sent
    ends_at    when it has gone on for long enough (seconds since the epoch)
    forget     what becomes of the responses when failure_route has ended: 0 all count on, 1 none
               does, 2 those of the last leg do not, 3 none if it has relayed again
    saved      the edits that later branches begin with have been chosen (`t_save_lumps()`)
    goes_on    a block of t_continue() runs
    held       the Context of a reply that is suspended
    replicating
               responses do not matter (`t_replicate()`)
    in_branch_failure
               event_route[tm:branch-failure] runs, not failure_route
    watchers   of modules that want to know what comes of it, or None (`core.proxy.watching`)
    """

    def __init__(self, ctx: Context) -> None:
        self.program: Program = ctx.program
        self.socket: ListenSocket = ctx.socket
        self.source = ctx.source
        self.saved = False
        self.edits: list[Edit] | None = None
        self.first = 0
        self.best = -1
        self.cancelled = False
        self.suspended = False
        self.pending = 0
        self.undecided = False
        self.waits = False
        self.later: list[tuple[Context | None, ClientTransaction]] | None = None
        self.keep_6xx = False
        self.auto_100 = True
        self.pass_reason = True
        self.quiet = False
        self.single = False
        self.error: tuple[int, str] | None = None
        self.ends_at = 0.0
        self.forget = 0
        self.in_branch_failure = False
        self.replicating = False
        self.watchers: list[Watcher] | None = None
        self.goes_on = False
        self.held: Context | None = None
        self.on_branch_failure: str | None = None
        self.on_branch: Block | None = None
        self.on_failure: Block | None = None
        self.on_reply: Block | None = None
        self.save(ctx)

    def save(self, ctx: Context) -> None:
        """Keep what the script has made of the request so far."""
        self.avps = ctx.avps
        self.flags = ctx.flags
        self.branch_flags = ctx.branch_flags
        self.ruri = ctx.ruri
        self.dst_uri = ctx.dst_uri
        self.send_socket = ctx.send_socket
        if not self.saved:
            # A list of its own: what the script changes after it has relayed is too late.
            self.edits = None if ctx.edits is None else ctx.edits[:]
        self.extras = ctx.extras
        self.reply_lines = ctx.reply_lines
        self.reply_body = ctx.reply_body
        self.force_rport = ctx.force_rport

    def restore(self, ctx: Context) -> None:
        """Give a Context of the same request what was kept."""
        self.lend(ctx)
        ctx.ruri = self.ruri
        ctx.dst_uri = self.dst_uri
        ctx.branch_flags = self.branch_flags
        ctx.send_socket = self.send_socket
        ctx.edits = None if self.edits is None else self.edits[:]
        ctx.reply_lines = self.reply_lines
        ctx.reply_body = self.reply_body
        ctx.force_rport = self.force_rport

    def lend(self, ctx: Context) -> None:
        """Give a Context, of a response say, what all messages of a transaction share."""
        ctx.avps = self.avps
        ctx.flags = self.flags
        ctx.extras = self.extras

    def take_back(self, ctx: Context) -> None:
        """Keep what a block has made of what was lent."""
        self.avps = ctx.avps
        self.flags = ctx.flags
        self.extras = ctx.extras


class BranchState:
    """What there is to know of a branch besides its client transaction.

    uri, dst_uri, flags, ruid, instance  as the script had them when the branch was made
    status     of its final response, 0 before that; 408 if it ran out of time
    reason     of a response made here
    reply      the final response, None for one made here
    edits      what the script changed of it
    timed_out  it ran out of time
    replied    a response had come before the last one
    dropped    its final response does not count any more
    blind      nothing was sent: it stands for a request that is suspended
    last       status of the last response, 0 before one
    highest    highest status of a provisional response that the timer was started anew for
    waits_until
               when that timer ends (seconds since the epoch)
    on_reply   the block that its responses run in, None for that of the request
    on_failure name of the event tm:branch-failure, or None
    more       hops to try in turn if this one does not answer, or answers 503 (RFC 3263 4.3)
    """

    def __init__(self, uri: str | None, dst_uri: str | None, flags: int) -> None:
        self.uri = uri
        self.dst_uri = dst_uri
        self.flags = flags
        self.ruid: str | None = None
        self.instance: str | None = None
        self.status = 0
        self.reason = ""
        self.reply: Message | None = None
        self.edits: list[Any] | None = None
        self.timed_out = False
        self.replied = False
        self.dropped = False
        self.blind = False
        self.last = 0
        self.highest = 0
        self.waits_until = 0.0
        self.on_reply: Block | None = None
        self.on_failure: str | None = None
        self.more: list[Hop] | None = None

    def again(self, more: list[Hop]) -> BranchState:
        """The state of a branch that goes the same way to another hop."""
        other = BranchState(self.uri, self.dst_uri, self.flags)
        other.ruid = self.ruid
        other.on_reply = self.on_reply
        other.on_failure = self.on_failure
        other.more = more
        return other
