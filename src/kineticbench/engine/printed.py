"""What a worker prints: the beginning and the end are kept."""

from __future__ import annotations

import os

LOG_BYTES = 32_768


class Log:
    """The beginning and the end of what is printed; what lies between is counted and dropped."""

    def __init__(self) -> None:
        self._head, self._tail, self._total = bytearray(), bytearray(), 0

    def add(self, data: bytes) -> None:
        """Take what was printed."""
        self._total += len(data)
        room = LOG_BYTES - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[max(room, 0) :])[-LOG_BYTES:]

    def take(self) -> str:
        """Everything since the last call, as text."""
        dropped = self._total - len(self._head) - len(self._tail)
        gap = f"\n… {dropped} bytes dropped …\n".encode() if dropped else b""
        text = bytes(self._head + gap + self._tail).decode(errors="replace")
        self.__init__()
        return text

    def drain(self, descriptor: int) -> bool:
        """Take what a pipe that does not block holds; False where nothing can come any more."""
        for _ in range(256):  # whoever prints without end must not keep the limits from being watched
            try:
                data = os.read(descriptor, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self.add(data)
        return True
