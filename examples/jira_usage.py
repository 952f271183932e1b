#!/usr/bin/env python3
"""Asks jira-usaged over its control socket; the standard library is enough.

As a module: `Client`, with calls one by one, many at once, and streams. As a program, three things that whoever looks
after the licences wants:

    jira_usage.py leavers [FILE]   who of a list of people still holds a seat, as CSV
    jira_usage.py reclaim          seats without activity, as CSV
    jira_usage.py follow           tells each change of a verdict as it becomes known, a JSON object a line

JIRA_USAGED_SOCKET names the socket; otherwise /run/jira-usaged/control.sock. See jira-usage-api(7).
Exit status: 0 done, 64 usage, 69 no daemon, 75 try again, 1 any other error, 130 interrupted.
"""

import argparse
import csv
import json
import os
import socket
import sys

DEFAULT_SOCKET = "/run/jira-usaged/control.sock"
# The daemon stops reading from a connection that has this many requests in flight.
MOST_IN_FLIGHT = 16


class DaemonError(Exception):
    """What the daemon answered instead of a result."""

    def __init__(self, error):
        super().__init__(error["message"])
        data = error.get("data") or {}
        self.code = error["code"]
        self.kind = data.get("kind")
        self.retryable = data.get("retryable", False)
        self.hint = data.get("hint")


class Client:
    """One connection. Every reply and notification names its request, so that many may be under way."""

    def __init__(self, path=None):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path or os.environ.get("JIRA_USAGED_SOCKET", DEFAULT_SOCKET))
        self._lines = self._socket.makefile("rb")
        self._last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lines.close()
        self._socket.close()

    def call(self, method, **params):
        """The result of one call. A parameter that is None is left out."""
        request = self._send(method, params)
        while True:
            message = self._receive()
            if message.get("id") == request and "method" not in message:
                return self._result(message)

    def pipeline(self, calls):
        """Makes many calls, several at a time, and yields their results, or DaemonError, in the same order.

        `calls` are pairs of a method and its parameters.
        """
        waiting = []
        for method, params in calls:
            if len(waiting) == MOST_IN_FLIGHT:
                yield self._outcome_of(waiting.pop(0))
            waiting.append(self._send(method, params))
        for request in waiting:
            yield self._outcome_of(request)

    def stream(self, method, **params):
        """Yields the rows of a list as they come, all of one moment, however many there are."""
        request = self._send(method, {**params, "_meta": {**params.get("_meta", {}), "stream": True}})
        while True:
            message = self._receive()
            if message.get("method") == "$/rows" and message["params"]["id"] == request:
                yield from message["params"]["rows"]
            elif message.get("id") == request:
                self._result(message)
                return

    def _send(self, method, params):
        self._last += 1
        given = {name: value for name, value in params.items() if value is not None}
        request = {"jsonrpc": "2.0", "id": self._last, "method": method, "params": given}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        return self._last

    def _receive(self):
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the daemon closed the connection before it had answered")
        return json.loads(line)

    def _outcome_of(self, request):
        # Requests that do not run aside are answered in order.
        message = self._receive()
        if message.get("id") != request:
            raise ConnectionError("a reply that no request waits for")
        try:
            return self._result(message)
        except DaemonError as error:
            return error

    @staticmethod
    def _result(message):
        if "error" in message:
            raise DaemonError(message["error"])
        return message["result"]


def leavers(client, options):
    """Who of a list of people still holds a seat."""
    people = [line.strip() for line in options.file if line.strip() and not line.startswith("#")]
    table = csv.writer(sys.stdout)
    table.writerow(["who", "accountId", "name", "seat", "roles", "lastActivity"])
    for who, user in zip(people, client.pipeline(("user.get", {"who": who}) for who in people)):
        if isinstance(user, DaemonError):
            if user.kind not in ("notFound", "ambiguous"):
                raise user
            table.writerow([who, "", "", user.kind, "", ""])
        else:
            table.writerow([who, *row(user)])


def reclaim(client, options):
    """Seats without activity, longest ago first."""
    table = csv.writer(sys.stdout)
    table.writerow(["accountId", "name", "seat", "roles", "lastActivity"])
    for verdict in ("neverActive", "inactive"):
        for user in client.stream(
            "user.list", verdict=verdict, seat=True, sort="oldest", thresholdDays=options.days, role=options.role
        ):
            table.writerow(row(user))


def row(user):
    last = user["lastActivity"]
    roles = " ".join(role["key"] for role in user["applicationRoles"])
    return [user["accountId"], user["displayName"] or "", "yes" if user["seat"] else "no", roles, last["at"] if last else ""]


def follow(client, options):
    """Tells each change of a verdict, and reads again only what has changed.

    A verdict changes with the time too, without anything that happens: begin anew once a day, or so.
    """
    # The number first, then the list: what comes between the two is read twice, and nothing is missed.
    change = client.call("change.wait")["change"]
    verdicts = {}
    for user in client.stream("user.list", thresholdDays=options.days):
        verdicts[(user["site"], user["accountId"])] = user["verdict"]["state"]
    print(json.dumps({"users": len(verdicts), "change": change}), flush=True)
    rounds = 0
    while options.rounds is None or rounds < options.rounds:
        try:
            reached = client.call("change.wait", since=change, _meta={"timeoutMs": options.wait * 1000})["change"]
        except DaemonError as error:
            if error.kind != "deadline":
                raise
            continue
        read = 0
        for user in client.stream("user.list", thresholdDays=options.days, changedSince=change):
            read += 1
            place, verdict = (user["site"], user["accountId"]), user["verdict"]["state"]
            if verdicts.get(place) != verdict:
                told = {"accountId": user["accountId"], "name": user["displayName"], "was": verdicts.get(place), "is": verdict}
                print(json.dumps(told), flush=True)
                verdicts[place] = verdict
        change = reached
        rounds += 1
        print(json.dumps({"read": read, "change": change}), flush=True)


def arguments():
    class Parser(argparse.ArgumentParser):
        def error(self, message):
            self.print_usage(sys.stderr)
            self.exit(64, f"{self.prog}: {message}\n")

    parser = Parser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    for command in (leavers, reclaim, follow):
        options = commands.add_parser(command.__name__, help=command.__doc__.splitlines()[0])
        options.set_defaults(run=command)
        if command is leavers:
            options.add_argument(
                "file", nargs="?", type=argparse.FileType("r"), default=sys.stdin,
                help="e-mail addresses, account ids or names, one a line (standard input)")
        else:
            options.add_argument("--days", type=int, help="without activity; otherwise the daemon's threshold")
    commands.choices["reclaim"].add_argument("--role", help="only seats of this application role")
    commands.choices["follow"].add_argument("--wait", type=int, default=60, help="seconds of one wait (60)")
    commands.choices["follow"].add_argument("--rounds", type=int, help="end after so many changes")
    return parser.parse_args()


def main():
    options = arguments()
    try:
        with Client() as client:
            options.run(client, options)
    except DaemonError as error:
        print(f"jira_usage.py: {error}" + (f"\n{error.hint}" if error.hint else ""), file=sys.stderr)
        return 75 if error.retryable else 1
    except (FileNotFoundError, ConnectionRefusedError) as error:
        print(f"jira_usage.py: jira-usaged is not running: {error}", file=sys.stderr)
        return 69
    except ConnectionError as error:
        print(f"jira_usage.py: {error}", file=sys.stderr)
        return 75
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
