"""What Ctrl-C means to a run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Interrupts:
    """Counts Ctrl-C: after the first nothing new is begun, the second ends what runs at once; SIGTERM counts twice."""

    def __init__(self) -> None:
        self._count, self._stopped, self._held = 0, False, False

    def __call__(self) -> bool:
        """Whether to begin nothing new."""
        return self._stopped or self._count > 0

    @property
    def pressed(self) -> bool:
        """Whether a person stopped the run."""
        return self._count > 0

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopped = True

    def _interrupt(self, number: int, _frame: object) -> None:
        self._count += 2 if number == signal.SIGTERM else 1
        if self._count > 1 and not self._held:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put off what the second ends until what is begun here is whole."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._count > 1:
            raise KeyboardInterrupt

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Count them meanwhile; elsewhere than in the main thread they cannot be."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
