"""Viewers of the dashboard without a browser: each holds a websocket and refreshes what the page has refreshed."""

import asyncio
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

EVERY_S = 3.0
"""How often a page refreshes itself (dashboard/live.py)."""
_ANSWERS_WITHIN_S = 60


def refreshes(address: str, viewers: int, rounds: int, meanwhile: Callable[[], None]) -> list[float]:
    """Seconds that each refresh of each viewer took; `meanwhile` is called when all look on."""
    with ThreadPoolExecutor(1) as thread:  # in this one the loop of a test's browser may run
        return thread.submit(asyncio.run, _watch(address, viewers, rounds, meanwhile)).result()


def resident_megabytes(address: str) -> float:
    """The memory of the dashboard's process that serves an address."""
    flag = f"--server.port={address.rpartition(':')[2]}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if flag in (process / "cmdline").read_bytes().split(b"\0"):
                kilobytes = re.search(r"VmRSS:\s+(\d+)", (process / "status").read_text())
                return int(kilobytes[1]) / 1024 if kilobytes else 0.0
        except OSError:  # it has ended meanwhile
            continue
    raise LookupError(f"no process serves {address}")


async def _watch(address: str, viewers: int, rounds: int, meanwhile: Callable[[], None]) -> list[float]:
    looking = asyncio.Barrier(viewers + 1)
    watching = [
        asyncio.create_task(_viewer(address, nth * EVERY_S / viewers, rounds, looking))
        for nth in range(viewers)
    ]
    await asyncio.wait_for(looking.wait(), _ANSWERS_WITHIN_S)
    meanwhile()
    return [seconds for one in await asyncio.gather(*watching) for seconds in one]


async def _viewer(address: str, after_s: float, rounds: int, looking: asyncio.Barrier) -> list[float]:
    """Look at the page, and refresh it as often as asked, at moments of this viewer's own."""
    url = f"ws{address.removeprefix('http')}/_stcore/stream"
    async with connect(
        url, origin=Origin(address), subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as socket:
        parts = await _run(socket, "")
        await looking.wait()
        await asyncio.sleep(after_s)
        took = []
        for _ in range(rounds):
            begun = time.perf_counter()
            for part in parts:
                await _run(socket, part)
            took.append(time.perf_counter() - begun)
            await asyncio.sleep(max(0.0, EVERY_S - took[-1]))
        return took


async def _run(socket: ClientConnection, part: str) -> list[str]:
    """Have the page, or one part of it, run; the parts that it wants refreshed."""
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    asked.rerun_script.fragment_id = part
    await socket.send(asked.SerializeToString())
    found: list[str] = []
    async with asyncio.timeout(_ANSWERS_WITHIN_S):
        async for message in socket:
            said = ForwardMsg.FromString(message)
            kind = said.WhichOneof("type")
            if kind == "auto_rerun" and said.auto_rerun.fragment_id not in found:
                found.append(said.auto_rerun.fragment_id)
            if kind == "script_finished":
                return found
    raise ConnectionError("the dashboard closed the connection")
