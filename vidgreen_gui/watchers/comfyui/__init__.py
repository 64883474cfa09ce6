"""Watches ComfyUI servers from outside: a pure core that reads, a thin shell that listens.

wire, answers   what a server says, decoded by type; hostile input is counted, never raised
logs            the server's log, from write chunks to lines
times           the server's clock on ours, with a bound
trace           phases and steps of one job
edges           status messages as starts and ends; journal: log lines on our clock
jobs, ending    one job; what the history says of it; telling: the events of it
reducer         the state machine over all of these, free of clock and I/O
client, pace    one server's HTTP routes; how often they may be asked
connection      one server's sockets; watcher: all servers; transcript: a recorded one
"""
