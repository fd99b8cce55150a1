"""``pgrad evaluate``."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import pgrad
from pgrad._envs.making import gymnasium_env
from pgrad._extras import needs
from pgrad._whole_files import replacing
from pgrad.cli._report import evaluation_as_dict
from pgrad.cli._terminal import AsJSON, EnvName, check_writable, print_json, report_errors, table

if TYPE_CHECKING:
    from collections.abc import Iterator


def evaluate(
    file: Annotated[Path, typer.Argument(help="A saved agent or policy.")],
    env: EnvName,
    episodes: Annotated[int, typer.Option(help="Number of episodes.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the first environment.")] = 0,
    stochastic: Annotated[
        bool, typer.Option("--stochastic", help="Sample actions instead of taking the most probable.")
    ] = False,
    render: Annotated[bool, typer.Option("--render", help="Show the episodes in a window.")] = False,
    video: Annotated[Path | None, typer.Option(help="Film of the first episode, such as out.mp4.")] = None,
    as_json: AsJSON = False,
) -> None:
    """Run episodes of a saved agent."""
    with report_errors():
        check_writable(video, None)
        agent = pgrad.load(file)
        with _shown(env, render, video) as shown:
            result = pgrad.evaluate(agent, shown, episodes, deterministic=not stochastic, seed=seed)
    if as_json:
        print_json({"env": env, **evaluation_as_dict(result), "video": None if video is None else str(video)})
        return
    rows = {
        "episodes": str(len(result.returns)),
        "return": f"{result.mean:.1f} ± {result.std:.1f}",
        "lowest, highest": f"{result.returns.min():.1f}, {result.returns.max():.1f}",
        "length": f"{result.lengths.mean():.1f} steps",
    }
    table(rows if video is None else rows | {"video": str(video)})


@contextmanager
def _shown(env: str, render: bool, video: Path | None) -> Iterator[Any]:
    """The environment to evaluate in: the name or, to see it, an environment that is shown or filmed."""
    if not render and video is None:
        yield env
        return
    if env.startswith("pgrad/"):
        raise pgrad.InvalidArgumentError(f"env is {env!r}, which cannot be shown; expected a Gymnasium id")
    if render and video is not None:
        raise pgrad.InvalidArgumentError("render and video are both given; expected one of them")
    import gymnasium

    made = gymnasium_env(env, render_mode="human" if video is None else "rgb_array")
    try:
        made.reset()
        made.render()
    except gymnasium.error.DependencyNotInstalled as error:
        raise ImportError(f"showing {env} needs a package: {error}; or pip install 'pgrad[video]'") from error
    if video is None:
        with made:
            yield made
        return
    with needs("a video", "moviepy", "video"):
        import_module("moviepy")
    with tempfile.TemporaryDirectory() as folder:
        films = Path(folder) / "films"  # a new folder: the wrapper warns of one that exists
        with gymnasium.wrappers.RecordVideo(
            made, str(films), lambda episode: episode == 0, disable_logger=True
        ) as filmed:
            yield filmed
        (film,) = films.glob("*.mp4")
        with replacing(video) as partial:
            shutil.copyfile(film, partial)
