"""What files of pgrad.sb3 keep of an agent beside its policy, optimizer, counters and history."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad._note_members import with_member, without_member
from pgrad.errors import Error, Status
from pgrad.sb3._rates import described, schedule_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_KEY = "sb3"
"""The member of the policy's note."""


class Kept(NamedTuple):
    """What a file keeps.

    Attributes:
        num_timesteps: Steps since the call of `learn` that last reset them; None if the file does not say.
        verbose: What is shown while learning.
        tensorboard_log: The folder for TensorBoard.
        schedules: Descriptions of the rates that are functions, by name.
    """

    num_timesteps: int | None = None
    verbose: int = 0
    tensorboard_log: str | None = None
    schedules: dict[str, list[Any]] = {}  # noqa: RUF012 (never changed)

    def rates(self, given: Iterable[str]) -> dict[str, Callable[[float], float]]:
        """The rates that are functions; with a warning for those that were not kept.

        Args:
            given: Names of rates that other values replace.
        """
        found = {}
        for name, description in self.schedules.items():
            if name in given:
                continue
            if (schedule := schedule_of(description)) is None:
                warn_of_function(name, description[0], "its value at the start", 4)
            else:
                found[name] = schedule
        return found


def warn_of_function(name: str, what: str, used: object, depth: int) -> None:
    """Warn that a function of a file is not loaded.

    Args:
        name: The argument.
        what: The function.
        used: What is used instead.
        depth: How many calls the user's is above the caller.
    """
    warnings.warn(
        f"the file's {name} is a function ({what}), which is not loaded; {used} is used: pass {name}=… to load, or "
        f"custom_objects={{{name!r}: …}}",
        UserWarning,
        stacklevel=depth + 1,
    )


def with_kept(note: str, kept: Kept, left_out: Iterable[str]) -> str:
    """Add what a file keeps to a note.

    Args:
        note: The text.
        kept: What to keep.
        left_out: Names that are not kept, of `Kept` and of rates.
    """
    members = {name: value for name, value in kept._asdict().items() if name not in left_out}
    members["schedules"] = {name: one for name, one in kept.schedules.items() if name not in left_out}
    return with_member(note, _KEY, members)


def take_kept(note: str) -> tuple[str, Kept]:
    """Split a note into the note without what a file keeps, and that.

    Raises:
        Error: It is damaged.
    """
    rest, members = without_member(note, _KEY)
    if members is None:
        return note, Kept()
    try:
        kept = Kept(**members)
        count, verbose, folder, schedules = kept
        kinds = ((count, (int, type(None))), (verbose, int), (folder, (str, type(None))), (schedules, dict))
        if not all(isinstance(value, kind) for value, kind in kinds):
            raise TypeError(f"{members!r:.80}")
        for description in schedules.values():
            schedule_of(description)
    except (KeyError, TypeError, ValueError) as error:
        raise Error(f"what the file keeps of pgrad.sb3 is damaged: {error!r}", Status.BAD_FILE) from error
    return rest, kept


def kept_of(num_timesteps: int, verbose: int, folder: Any, rates: dict[str, Any]) -> Kept:
    """What a file keeps of an agent.

    Args:
        num_timesteps: See `Kept`.
        verbose: See `Kept`.
        folder: Of TensorBoard.
        rates: Rates by name; numbers are left out.
    """
    schedules = {name: described(rate) for name, rate in rates.items() if callable(rate)}
    return Kept(num_timesteps, int(verbose), None if folder is None else str(folder), schedules)
