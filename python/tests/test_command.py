"""The process ``pgrad``: one line and a status for whatever goes wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pgrad

COMMAND = [sys.executable, "-m", "pgrad"]


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, cwd=cwd, check=False)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["train"], "pgrad: Missing argument 'env'; see python -m pgrad train --help"),
        (["train", "CartPole-v1", "--timesteps", "many"], "pgrad: Invalid value for '--timesteps'"),
        (["train", "CartPole-v1", "--sett", "a=1"], "pgrad: No such option"),
        (["evaluate", "/nowhere", "CartPole-v1"], "pgrad: "),
        (["learn"], "pgrad: No such command 'learn'"),
    ],
)
def test_a_wrong_use_is_one_line_and_status_2(arguments: list[str], line: str) -> None:
    ended = run(*arguments)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(line)
    assert ended.stderr.count("\n") == 1


def test_an_error_of_pgrad_itself_is_one_line_and_status_70(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "import gymnasium\ngymnasium.register('Broken-v0', entry_point=lambda: 1 / 0)\n"
    )
    ended = run("train", "broken:Broken-v0", cwd=tmp_path)
    assert ended.returncode == 70
    assert ended.stderr == (
        "pgrad: internal error: ZeroDivisionError: division by zero; pgrad --debug COMMAND shows where\n"
    )
    traced = run("--debug", "train", "broken:Broken-v0", cwd=tmp_path)
    assert "Traceback" in traced.stderr
    assert "ZeroDivisionError" in traced.stderr


def test_debug_shows_the_traceback_of_a_refusal() -> None:
    assert "Traceback" in run("--debug", "evaluate", "/nowhere", "CartPole-v1").stderr


@pytest.mark.usefixtures("interruptible")
def test_control_c_is_one_line_and_status_130() -> None:
    program = """
import os, signal, sys
import pgrad.verify
from _pgrad_command import main

pgrad.verify.run = lambda *_: os.kill(os.getpid(), signal.SIGINT)
sys.argv[1:] = ["verify"]
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "pgrad: interrupted\n")


START = [sys.executable, "-c", "from _pgrad_command import main; main()"]
"""What the installed command runs."""


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("start", [START, COMMAND], ids=["pgrad", "python -m pgrad"])
@pytest.mark.parametrize("package", ["numpy", "typer", "gymnasium"])
def test_control_c_during_imports_is_one_line_and_status_130(package: str, start: list[str], tmp_path: Path) -> None:
    (tmp_path / f"{package}.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nimport nothing\n")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    ended = subprocess.run(
        [*start, "train", "CartPole-v1"], capture_output=True, text=True, env=environment, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "pgrad: interrupted\n")


@pytest.mark.usefixtures("interruptible")
def test_importing_the_package_leaves_control_c_to_the_program(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "__init__.py").write_text("import pgrad\n")
    (tmp_path / "theirs" / "__main__.py").write_text(
        "import signal\nassert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    )
    for program in (["-c", "import theirs.__main__"], ["-m", "theirs"], ["-m", "theirs", "pgrad"]):
        subprocess.run([sys.executable, *program], check=True, cwd=tmp_path)


def test_without_its_packages_the_command_names_the_one_to_install(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise ModuleNotFoundError('not here', name='typer')\n")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    ended = subprocess.run([*START, "info"], capture_output=True, text=True, env=environment, check=False)
    assert (ended.returncode, ended.stderr) == (2, "pgrad: the command needs typer: pip install typer\n")


@pytest.mark.usefixtures("interruptible")
def test_control_c_keeps_what_was_learned(tmp_path: Path) -> None:
    file = tmp_path / "agent.safetensors"
    arguments = ["train", "pgrad/CartPole-v1", "--timesteps", "100000000", "--eval-episodes", "2", "--save", str(file)]
    with subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            while "return" not in process.stderr.read(40):
                pass
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert "over 2 episodes" in output
    assert file.exists()
    assert os.listdir(tmp_path) == [file.name]


def test_an_output_on_a_full_disk_is_one_line() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run([*COMMAND, "info"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "pgrad: No space left on device\n")


def test_a_closed_output_is_no_error() -> None:
    ended = subprocess.run(["bash", "-c", f"{' '.join(COMMAND)} info >&-"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_log_on_a_full_disk_does_not_lose_what_was_learned(tmp_path: Path) -> None:
    log, agent = tmp_path / "log.csv", tmp_path / "agent.safetensors"
    program = f"""
import resource, signal, sys
from _pgrad_command import main

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
sys.argv[1:] = ["train", "pgrad/CartPole-v1", "--set", "n_steps=2", "--set", "batch_size=16", "--set", "n_epochs=1",
                "--set", "hidden_sizes=[8]",
                "--csv", {str(log)!r}, "--save", {str(agent)!r}]
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == f"pgrad: cannot write {log}: File too large"
    assert "Traceback" not in ended.stderr
    loaded = pgrad.load(agent)
    assert isinstance(loaded, pgrad.Agent)
    assert 0 < loaded.num_timesteps < 100_000


def test_a_pipe_that_closes_is_silent() -> None:
    shell = f"{' '.join(COMMAND)} presets --preset pgrad | true; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.parametrize("columns", ["40", "160"])
def test_the_help_names_the_exit_statuses(columns: str) -> None:
    environment = os.environ | {"COLUMNS": columns}
    ended = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, env=environment, check=True)
    words = " ".join(ended.stdout.split())
    assert "130 Control-C" in words
    assert max(map(len, ended.stdout.splitlines())) <= int(columns)


def test_an_environment_may_be_in_a_module_of_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "corridor.py").write_text(
        "import gymnasium\n"
        "def make(): return gymnasium.make('CartPole-v1')\n"
        "gymnasium.register('Corridor-v0', entry_point=make)\n"
    )
    program = tmp_path / "bin" / "pgrad"  # as pip installs it, so that Python adds this folder and not the current one
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nfrom _pgrad_command import main\nmain()\n")
    program.chmod(0o755)
    arguments = ["train", "corridor:Corridor-v0", "--timesteps", "512", "--eval-episodes", "1"]
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (ended.returncode, "over 1 episode\n" in ended.stdout) == (0, True), ended.stderr


def test_the_help_shows_no_value_for_switches_and_groups_options() -> None:
    ended = subprocess.run([*COMMAND, "train", "--help"], capture_output=True, text=True, check=True)
    assert "<bool>" not in ended.stdout
    for heading in ("Options", "Watching and evaluating", "Files", "Actors of Ray"):
        assert f"╭─ {heading} " in ended.stdout


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("pgrad train pgrad/Pend", ["pgrad/Pendulum-v1"]),
        ("pgrad train CartPole-v1 --algorithm np", ["npg"]),
        ("pgrad train CartPole-v1 --preset cl", ["cleanrl"]),
        ("pgrad presets CartPole-v1 --memory g", ["gru"]),
        ("pgrad presets pgrad/Pend", ["pgrad/Pendulum-v1"]),
        ("pgrad train CartPole-v1 --vectorization as", ["async"]),
        ("pgrad export agent.safetensors agent.c --quantize i", ["int8"]),
    ],
)
def test_the_shell_completes_environments_and_values(words: str, completed: list[str]) -> None:
    environment = os.environ | {"_PGRAD_COMPLETE": "complete_bash", "COMP_WORDS": words}
    environment["COMP_CWORD"] = str(len(words.split()) - 1)
    program = "from pgrad.cli import app; app(prog_name='pgrad')"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=False
    )
    assert ended.stdout.split() == completed


@pytest.mark.parametrize(
    ("shell", "between", "script"),
    [
        (["fish", "--no-config"], "\t", "pgrad --show-completion | source; complete -C 'pgrad train CartPole-v1 --'"),
        (
            ["zsh", "-f"],
            '":"',
            """_arguments() { print -r -- "${1#*: :}" }; compdef() { }  # the real ones need a terminal
            eval "$(pgrad --show-completion)"
            words=(pgrad train CartPole-v1 --); CURRENT=4
            _pgrad_completion""",
        ),
    ],
    ids=["fish", "zsh"],
)
def test_shells_complete_options_in_one_line_each(shell: list[str], between: str, script: str, tmp_path: Path) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    program = tmp_path / "pgrad"
    program.write_text(f"#!{sys.executable}\nfrom _pgrad_command import main\nmain()\n")
    program.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    ended = subprocess.run([*shell, "-c", script], capture_output=True, text=True, env=environment, check=True)
    found = [line for line in ended.stdout.replace('" "', '"\n"').splitlines() if line]
    assert len(found) > 20
    assert all(line.lstrip('("').startswith("--") and between in line for line in found)
