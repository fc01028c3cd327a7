"""A deliverer in a process of its own: casebook, address of the receiver, seconds after NOW."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from casebooks import NOW

from app.casebook.store import Casebook
from app.outbox.deliver import deliver_once
from app.supervision.clearance import ClearanceHttp
from app.supervision.instructions import CHANNEL

if __name__ == "__main__":
    url, address, after = sys.argv[1:]

    def clock() -> datetime:
        return NOW + timedelta(seconds=float(after))

    print("ready", flush=True)
    sys.stdin.readline()
    ways = {CHANNEL: ClearanceHttp(address, None, clock())}
    print(deliver_once(Casebook.open(url), ways, clock), flush=True)
