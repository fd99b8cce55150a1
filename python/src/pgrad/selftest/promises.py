"""Every promise that the self-test checks, in the order of its table."""

from __future__ import annotations

from pgrad.selftest import bits, files, guests, numbers
from pgrad.selftest.verdict import Promise

PROMISES = (
    Promise("version", "the package and the library have the same version", guests.versions_agree),
    Promise("kernels", "every kernel set of this processor computes the same policy", numbers.kernels_agree),
    Promise("score", "∇log π is the derivative of log π", numbers.score_is_a_derivative),
    Promise("threads", "any number of threads gives the same bits", bits.threads_agree),
    Promise("seeds", "the same seed gives the same bits, another seed others", bits.seeds_decide),
    Promise("resume", "in a new process, a loaded agent continues with the same bits", bits.loading_resumes),
    Promise("learn", "PPO learns CartPole", numbers.ppo_learns),
    Promise("files", "a save that fails keeps the old file and leaves nothing else", files.failed_saves_keep_the_file),
    Promise("kills", "a save that is killed leaves a whole file", files.killed_saves_leave_a_whole_file),
    Promise("damage", "a damaged file is refused", files.damaged_files_are_refused),
    Promise("refusals", "bad arguments are refused by name, and change nothing", guests.bad_arguments_are_refused),
    Promise("updates", "an update that is not finite changes nothing", numbers.infinite_steps_change_nothing),
    Promise("readers", "any number of threads read a policy while it trains", guests.readers_are_free),
    Promise("memory", "acting and learning keep the memory of the process", guests.memory_stays),
    Promise("fork", "a child of fork acts and learns", guests.children_of_fork_work),
)
