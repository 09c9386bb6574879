"""A TCP proxy that cuts, holds and slows the connections through it."""

import asyncio
from threading import Thread

from tests.isolation import free_port

HOST = "127.0.0.1"
CHUNK = 65_536


class Proxy:
    """Passes bytes from a port of ours to ``target`` and back, in a thread, until ``close``."""

    def __init__(self, target):
        self.port = free_port()
        self._target = target
        self._delay = 0.0
        self._writers = set()
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._thread = Thread(target=self._loop.run_forever, name=f"proxy of {target}", daemon=True)
        self._thread.start()
        self._server = self._do(self._listen())

    def cut(self):
        """Close every connection; new ones are accepted and passed on as before."""
        self._do(self._cut())

    def hold(self):
        """Pass nothing on, and close nothing: as behind a firewall that drops packets."""
        self._do(self._hold())

    def slow(self, seconds):
        """Pass each piece on after a while only."""
        self._delay = seconds

    def heal(self):
        """Pass everything on at once again."""
        self._delay = 0.0
        self._loop.call_soon_threadsafe(self._passing.set)

    def close(self):
        """End all connections and the thread."""
        self.heal()
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _listen(self):
        self._passing.set()
        return await asyncio.start_server(self._accept, HOST, self.port, backlog=256)

    async def _hold(self):
        self._passing.clear()

    async def _cut(self):
        for writer in self._writers:
            writer.transport.abort()

    async def _end(self):
        self._server.close()
        await self._cut()
        pumps = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.gather(*pumps, return_exceptions=True)

    async def _accept(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._writers |= both
        try:
            # An end that fails takes the other along, as the end of a killed process does: a server
            # would otherwise keep its session, with all locks.
            async with asyncio.TaskGroup() as pumps:
                pumps.create_task(self._pump(reader, far_writer))
                pumps.create_task(self._pump(far_reader, writer))
        except* OSError:
            pass
        finally:
            for each in both:
                each.transport.abort()
            self._writers -= both

    async def _pump(self, reader, writer):
        while data := await reader.read(CHUNK):
            await self._passing.wait()
            if self._delay:
                await asyncio.sleep(self._delay)
            writer.write(data)
            await writer.drain()
        writer.write_eof()
