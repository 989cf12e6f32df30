"""Whole networks of phones and proxies inside one process, driven by one seed.

    world     time as a heap of events, and the one source of chance
    network   datagrams: dropped, doubled, delayed, reordered, cut off
    packet    a datagram taken apart, independently of sipway's own parser
    phone     callers and callees, polite and otherwise; `calls` and `answers` are their two sides
    server    a real Engine on a real script
    script    that script
    watch     what must hold on the wires of a server, whatever the network does
    run       one simulation from its seed, and what must hold at its end

`python -m tests.simulation --help` runs it for as long as one likes.
"""
