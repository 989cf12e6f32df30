"""A stateful proxy (RFC 3261 section 16): what happens between a transaction and its branches.

    relaying    a request becomes branches, each sent to a next hop
    responses   what comes back: passed on, or kept
    failures    branches that fail, by a response or by time; what is decided in the end
    upstream    what goes back to the caller: a response, or the best of several (16.7)
    cancelling  a CANCEL, and branches that are no longer wanted
    choice      how good a final response is
    running     blocks of the script that run for a transaction
    state       what is kept of a request meanwhile: the response context of the RFC

`tx` below knows messages and timers and decides nothing; the modules above (`tm` first of all) only
ask for what is here. What scripts see of it follows the README of Kamailio's tm.
"""
