"""Many visitors at once, without browsers: a small client of Streamlit's websocket.

It does what a browser does: opens a session, asks for a page, and re-asks for a fragment whenever the server has told
it to. Bounded in sessions and seconds, and for servers on the loopback address only.
"""

import asyncio
import ipaddress
import time
import urllib.parse
from dataclasses import dataclass, field

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

MOST_SESSIONS = 60
MOST_SECONDS = 120.0
ANSWER_SECONDS = 30.0


@dataclass
class Visit:
    """What one session saw, in seconds.

    Attributes:
        first_run: from connecting to the first page being complete.
        reruns: each full rerun that was asked for, from asking to its end.
        ticks_due: how often a fragment was due.
        ticks_served: how often the server answered in time, before the next one was due.
        tick_seconds: each answered tick.
        exceptions: messages of exceptions that were shown.
        saw: whether the text that was waited for was shown.
    """

    first_run: float = float("nan")
    reruns: list[float] = field(default_factory=list)
    ticks_due: int = 0
    ticks_served: int = 0
    tick_seconds: list[float] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)
    saw: bool = False


async def visit(
    url: str, query: str, *, seconds: float, rerun_every: float | None = None, first_rerun: float | None = None,
    until: str = "", press: str = "",
) -> Visit:  # fmt: skip
    """Open one session on a page and stay.

    Args:
        url: of the page, `http://127.0.0.1:8501/classification`.
        query: the address's query string, without `?`.
        seconds: how long to stay after the first run.
        rerun_every: ask for a full rerun this often; None never.
        first_rerun: seconds after the first run; `rerun_every` if None.
        until: leave as soon as this text is shown; empty for staying.
        press: press the button with this label after the first run; empty for none.
    """
    parts = urllib.parse.urlsplit(url)
    if not ipaddress.ip_address(parts.hostname).is_loopback:
        raise ValueError(f"only loopback addresses are visited; received {parts.hostname}")
    result = Visit()
    began = time.monotonic()
    socket_url = f"ws://{parts.netloc}/_stcore/stream"
    async with websockets.connect(socket_url, subprotocols=["streamlit"], max_size=None) as socket:
        session = _Session(socket, result, parts.path.strip("/"), query, until)
        await session.rerun()
        result.first_run = time.monotonic() - began
        if press:
            await session.rerun(press=press)
        await session.stay(min(seconds, MOST_SECONDS), rerun_every, first_rerun)
    return result


class _Session:
    """One open websocket, read all the time, as a browser does."""

    def __init__(self, socket, result: Visit, page: str, query: str, until: str = "") -> None:
        self.socket, self.result, self.page, self.query = socket, result, page, query
        self.due: dict[str, tuple[float, float]] = {}
        self.until = until.encode()
        self.buttons: dict[str, str] = {}
        self.page_hash = ""
        self.ended = asyncio.Event()
        self.open = True
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                message = ForwardMsg()
                message.ParseFromString(data)
                self.result.saw |= bool(self.until) and self.until in data
                self._take(message)
        finally:
            self.open = False
            self.ended.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self.page_hash = message.new_session.page_script_hash
            if not message.metadata.run.fragment_ids:
                self.due.clear()  # a full run says anew which fragments tick
        elif kind == "navigation":  # the page that was asked for by its name
            self.page_hash = message.navigation.page_script_hash
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.due.pop(fragment, None)
        elif kind == "auto_rerun":
            fragment, interval = message.auto_rerun.fragment_id, message.auto_rerun.interval
            if self.due.get(fragment, (0.0, 0.0))[1] != interval:
                self.due[fragment] = (time.monotonic() + interval, interval)
        elif kind == "script_finished":
            if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:  # the run that counts follows
                self.ended.set()
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "button":
            self.buttons[message.delta.new_element.button.label] = message.delta.new_element.button.id
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            self.result.exceptions.append(message.delta.new_element.exception.message)

    async def rerun(self, fragment: str = "", *, press: str = "") -> float:
        """Ask for a run of the page, or of one fragment, or for what a button does; the seconds until its end.

        Raises:
            ConnectionError: the server has ended the session.
            TimeoutError: it does not answer.
        """
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page_hash
        if not self.page_hash:
            message.rerun_script.page_name = self.page
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        if press:
            message.rerun_script.widget_states.widgets.add(id=self.buttons[press], trigger_value=True)
        self.ended.clear()
        asked = time.monotonic()
        await self.socket.send(message.SerializeToString())
        await asyncio.wait_for(self.ended.wait(), ANSWER_SECONDS)
        if not self.open:
            raise ConnectionError("the server ended the session")
        return time.monotonic() - asked

    async def stay(self, seconds: float, rerun_every: float | None, first_rerun: float | None = None) -> None:
        """Tick every fragment as often as the server asked for."""
        end = time.monotonic() + seconds
        next_rerun = time.monotonic() + (first_rerun or rerun_every or float("inf"))
        while (now := time.monotonic()) < end and not self.result.saw:
            fragment = min(self.due, key=lambda name: self.due[name][0], default=None)
            if now >= next_rerun:
                next_rerun = now + rerun_every
                self.result.reruns.append(await self.rerun())
            elif fragment is not None and now >= self.due[fragment][0]:
                await self._tick(fragment)
            else:
                times = [next_rerun, end, now + 0.2, *(due for due, _ in self.due.values())]
                await asyncio.sleep(max(0.0, min(times) - now))
        self.reader.cancel()

    async def _tick(self, fragment: str) -> None:
        due, interval = self.due[fragment]
        self.due[fragment] = (due + interval, interval)
        self.result.ticks_due += 1
        seconds = await self.rerun(fragment)
        self.result.tick_seconds.append(seconds)
        self.result.ticks_served += time.monotonic() - due <= interval


async def crowd(
    url: str, queries: list[str], *, seconds: float, rerun_every: float | None = None, spread: bool = False
) -> list[Visit]:
    """Many sessions at once, one for each query string.

    Args:
        url: of the page.
        queries: a query string a session.
        seconds: how long each stays.
        rerun_every: each asks for a full rerun this often.
        spread: their reruns are spread evenly over that time, as people do not press in the same instant.
    """
    count = len(queries)
    if count > MOST_SESSIONS:
        raise ValueError(f"at most {MOST_SESSIONS} sessions; received {count}")
    firsts = [rerun_every * (1 + place) / count if spread and rerun_every else None for place in range(count)]
    return await asyncio.gather(
        *(
            visit(url, query, seconds=seconds, rerun_every=rerun_every, first_rerun=first)
            for query, first in zip(queries, firsts, strict=True)
        )
    )
