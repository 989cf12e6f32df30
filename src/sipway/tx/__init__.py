"""Transactions (RFC 3261 section 17, RFC 6026), without sockets and without a clock.

`layer` is the way in: it finds the transaction of a message, feeds the state machines, and
leaves what is to be sent in the queues of the flows. Time comes in as `now`.
"""
