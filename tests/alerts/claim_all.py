"""A process that claims and settles, with several threads, until nothing is due; it prints what it has claimed."""

import importlib.util
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from monitor.readmodel.store import Store

_spec = importlib.util.spec_from_file_location("shared", Path(__file__).parent / "test_alerts_claiming.py")
assert _spec is not None
assert _spec.loader is not None
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

if __name__ == "__main__":
    engine = Store(Path(sys.argv[1]), sys.argv[2]).service()
    with ThreadPoolExecutor(shared.THREADS) as pool:
        working = [pool.submit(shared.work_off, engine, lambda: NOW) for _ in range(shared.THREADS)]
    sys.stdout.write(json.dumps([one for worker in working for one in worker.result()]))
