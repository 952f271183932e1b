"""Asks the daemon again and again until it is told to stop, then says how that went, as one JSON object.

hammer.py [CLIENTS]: each client is a process that connects, sends one ping, reads the answer, closes, and begins anew.
`refused` counts connections that could not be made, `turnedAway` those that were closed before the request was sent,
and `cut` those that were closed after it, without an answer.
"""

import json
import os
import signal
import socket
import sys
import time

SOCKET = "/run/jira-usaged/control.sock"
# Longer than any restart; who waits so long is counted as cut.
PATIENCE_SECONDS = 10
PAUSE_SECONDS = 0.002
LIFETIME_SECONDS = 1800


def ask():
    """Returns what became of one connection, and how long it took in seconds."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        try:
            connection.connect(SOCKET)
        except OSError as error:
            return f"refused: {error.strerror}", 0
        try:
            connection.sendall(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
        except OSError as error:
            return f"turned away: {error.strerror or 'silent'}", 0
        try:
            answer = connection.makefile("rb").readline()
        except OSError as error:
            return f"cut: {error.strerror or 'silent'}", 0
    if b'"result"' not in answer:
        return f"cut: {'other answer' if answer else 'end of file'}", 0
    return "answered", time.monotonic() - began


def client(output):
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    counts, slowest, end = {}, 0, time.monotonic() + LIFETIME_SECONDS
    while not stopped and time.monotonic() < end:
        outcome, took = ask()
        counts[outcome] = counts.get(outcome, 0) + 1
        slowest = max(slowest, took)
        time.sleep(PAUSE_SECONDS)
    os.write(output, json.dumps([counts, slowest]).encode() + b"\n")


def main():
    pipe, output = os.pipe()
    children = []
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 4):
        child = os.fork()
        if child == 0:
            client(output)
            os._exit(0)
        children.append(child)
    os.close(output)
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(child, signal.SIGTERM) for child in children])
    counts, slowest = {}, 0
    with os.fdopen(pipe) as lines:
        for line in lines:
            theirs, took = json.loads(line)
            for outcome, count in theirs.items():
                counts[outcome] = counts.get(outcome, 0) + count
            slowest = max(slowest, took)

    def together(kind):
        return sum(count for outcome, count in counts.items() if outcome.startswith(kind))

    result = {"answered": together("answered"), "refused": together("refused")}
    result |= {"turnedAway": together("turned away"), "cut": together("cut")}
    print(json.dumps(result | {"slowestMs": round(slowest * 1000), "outcomes": counts}))


main()
