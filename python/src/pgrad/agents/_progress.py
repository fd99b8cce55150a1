"""A progress line on the terminal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pgrad._extras import needs

if TYPE_CHECKING:
    from pgrad.statistics import Statistics


def _bar_type() -> Any:
    """The type of bar; a notebook without ipywidgets gets the bar of a terminal, without a warning."""
    from importlib.util import find_spec

    if find_spec("ipywidgets") is None:
        with needs("a progress bar", "tqdm"):
            from tqdm import tqdm as terminal
        return terminal
    with needs("a progress bar", "tqdm"):
        from tqdm.auto import tqdm as automatic

    return automatic


class Progress:
    """Shows timesteps, timesteps per second and the mean return, or nothing."""

    def __init__(self, total_timesteps: int, start: int, *, shown: bool) -> None:
        self._start = start
        self._bar: Any = None
        if shown:
            tqdm = _bar_type()
            self._bar = tqdm(total=total_timesteps, unit="step", unit_scale=True)

    def show(self, statistics: Statistics) -> None:
        """Show the latest statistics."""
        if self._bar is None:
            return
        if not math.isnan(statistics.mean_return):
            self._bar.set_postfix_str(f"return {statistics.mean_return:.1f}", refresh=False)
        done = statistics.timesteps - self._start
        self._bar.total = max(self._bar.total, done)  # whole rollouts may exceed it, and then no bar would be drawn
        self._bar.update(done - self._bar.n)

    def write(self, text: str) -> None:
        """Print a text above the progress bar."""
        if self._bar is None:
            print(text, flush=True)
        else:
            self._bar.write(text)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
