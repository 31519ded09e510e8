"""The stand-in as a process: `python -m tests.stripe_stand_in --port 8200 --webhook http://127.0.0.1:8000/… `."""

import argparse
import signal
import sys
import threading
from urllib.parse import urlsplit

from .operations.webhooks import LOOPBACK
from .server import Handler, Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.stripe_stand_in", description="Stripe on loopback.")
    parser.add_argument("--port", type=int, default=8200)
    parser.add_argument("--webhook", help="where events go, on loopback")
    parser.add_argument("--secret", action="append", help="signs webhooks; twice while secrets are changed")
    parser.add_argument("--seed", type=int, help="makes ids the same in each run")
    parser.add_argument("--hang-seconds", type=float, default=100, help='how long the fault "hang" lasts')
    parser.add_argument("--verbose", action="store_true", help="a line for each request")
    options = parser.parse_args()
    if bool(options.webhook) != bool(options.secret):
        parser.error("--webhook and --secret go together")
    if options.webhook and urlsplit(options.webhook).hostname not in LOOPBACK:
        parser.error("--webhook must be an address on loopback")
    Handler.quiet = not options.verbose
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    with Server(options.port, seed=options.seed, hang_seconds=options.hang_seconds) as server:
        if options.webhook:
            server.stand_in.delivery.add_endpoint(options.webhook, options.secret)
        sys.stdout.write(f"The stand-in of Stripe listens on {server.url}\n")
        sys.stdout.flush()
        over.wait()


if __name__ == "__main__":
    main()
