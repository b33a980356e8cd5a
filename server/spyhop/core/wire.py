"""NDJSON and SSE records out of a byte stream.

httpx's ``iter_lines`` follows ``str.splitlines`` and tears JSON at U+2028, U+0085 and form feeds;
these two split where their formats do.
"""

from __future__ import annotations

from spyhop.core.lines import LineSplitter, without_end


class NdjsonDecoder:
    """Splits a byte stream into NDJSON records, one a line; blank lines are skipped."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the records completed by ``chunk``."""
        if b"\n" not in chunk:
            self._rest.append(chunk)
            return []
        *complete, rest = (b"".join(self._rest) + chunk).split(b"\n")
        self._rest = [rest]
        return [record for line in complete if (record := line.strip())]

    def finish(self) -> list[bytes]:
        """Return the last record, which no newline ended; empty when there is none."""
        rest, self._rest = b"".join(self._rest).strip(), []
        return [rest] if rest else []


class SseDecoder:
    """Takes the data of each event out of a server-sent event stream.

    Comments and fields other than ``data`` are skipped; several ``data`` lines are joined by a
    newline (WHATWG HTML, section 9.2.6). An event that the stream's end cuts short is returned by
    `finish`: some servers leave out the last blank line.
    """

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events completed by ``chunk``."""
        # Latin-1 maps bytes to characters one to one: one that is cut in two stays whole.
        return self._take(self._lines.feed(chunk.decode("latin-1")))

    def finish(self) -> list[bytes]:
        """Return the data of the last event, which no blank line ended."""
        return self._take([*self._lines.finish(), "\n"])

    def _take(self, lines: list[str]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            text = without_end(line)
            if not text:
                if self._data:
                    events.append("\n".join(self._data).encode("latin-1"))
                self._data = []
            elif text == "data" or text.startswith("data:"):
                self._data.append(text[5:].removeprefix(" "))
        return events
