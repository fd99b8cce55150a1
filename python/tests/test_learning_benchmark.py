"""The learning benchmark in its short form."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad
from benchmarks.learning import measuring, records, report, training
from benchmarks.learning.__main__ import main
from benchmarks.learning.plan import PLANS, Job, jobs
from benchmarks.learning.records import Record
from benchmarks.learning.running import run_all
from benchmarks.learning.summary import area, bootstrap_interval, digits, interquartile_mean, permutation_p_value
from pgrad.presets import find, preset, settings

JOB = Job("pgrad", "ppo", "sb3", "CartPole-v1", 1, 1_000)


def short_record(
    job: Job = JOB,
    curve: Sequence[tuple[int, float]] = ((1_000, 9.0),),
    value: float = 9.0,
) -> Record:
    """A record without a training."""
    return Record(
        job=job,
        options={},
        version="1",
        packages={"gymnasium": "2"},
        machine="here",
        curve=list(curve),
        returns=[value],
        seconds=4.0,
        cpu_seconds=2.0,
    )


def test_the_short_form_trains_resumes_and_reports(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--plan", "short", "--seeds", "1", "--output", str(tmp_path)]) == 0
    path = tmp_path / "records.jsonl"
    first = path.read_text()
    assert len(first.splitlines()) == 3
    # What is there is not trained again; a record that was cut short is.
    path.write_text(first[:-20])
    assert main(["--plan", "short", "--seeds", "2", "--processes", "1", "--output", str(tmp_path)]) == 0
    found = records.load(path)
    assert {record.job for record in found} == set(jobs("short"))
    assert path.read_text().splitlines()[:2] == first.splitlines()[:2]
    text = (tmp_path / "README.md").read_text()
    for expected in (
        "## pgrad/CartPole-v1",
        "PPO, pgrad",
        "A2C, pgrad",
        "490 ± 6",
        "docs.cleanrl.dev",
        "| 2,048 | 2 |",
    ):
        assert expected in text
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "step/s" in capfd.readouterr().err


def test_a_record_is_equal_after_writing_and_reading() -> None:
    record = training.run(Job("pgrad", "ppo", "cleanrl", "pgrad/CartPole-v1", 3, 1_024, 2))
    assert records.from_line(records.to_line(record)) == record
    assert record.options["vf_coef"] == "0.25"
    assert record.curve[-1][0] == 1_024
    assert len(record.returns) == 2


def test_records_with_outdated_hyperparameters_are_trained_again(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    jobs = [Job("pgrad", "ppo", "pgrad", "pgrad/CartPole-v1", seed, 512, 1) for seed in (1, 2, 3)]
    old, good, other = map(training.run, jobs)
    records.save(path, [replace(each, options=each.options | {"gamma": "0.5"}) for each in (old, other)] + [good])
    assert run_all(jobs[:2], path, 1) == 0
    gammas = {record.job.seed: record.options["gamma"] for record in records.load(path)}
    # The third was not asked for.
    assert gammas == {1: "0.98", 2: "0.98", 3: "0.5"}


def test_committed_records_are_of_the_presets_as_they_are() -> None:
    found = records.load(Path(records.__file__).parent / "results" / "records.jsonl")
    assert found
    for record in found:
        job = record.job
        if job.library == "pgrad":
            named, env = find(job.algorithm, job.preset), job.env.removeprefix("pgrad/")
            sets = [named.special[env]] if env in named.special else [named.discrete, named.continuous]
            assert any({name: str(each[name]) for name in each}.items() <= record.options.items() for each in sets), job


def test_records_of_peers_are_kept_while_their_hyperparameters_stay() -> None:
    peers = [
        job
        for plan in ("peers", "memory", "recall", "minatar", "masks")
        for job in jobs(plan)
        if job.library != "pgrad"
    ]
    assert {job.library for job in peers} == {"sb3", "sb3_contrib"}
    for job in peers:
        record = replace(short_record(job), options=measuring.options(job))
        assert not training.is_outdated(record)
        assert training.is_outdated(replace(record, options=record.options | {"gamma": "0.5"}))


@pytest.mark.parametrize("game", ["Breakout", "Asterix", "Freeway", "Seaquest", "SpaceInvaders"])
def test_the_peer_of_minatars_games_has_our_network_and_hyperparameters(game: str) -> None:
    for package in ("torch", "stable_baselines3"):
        pytest.importorskip(package, reason="a requirement of the learning benchmark")
    from benchmarks.learning import sb3_minatar

    env = f"pgrad/MinAtar/{game}-v1"
    peer: Any = sb3_minatar.model(Job("sb3", "ppo", "pgrad", env, 1, 1_000))
    with pgrad.PPO(env, **preset("ppo", env)) as ours:
        assert sum(each.numel() for each in peer.policy.parameters()) == ours.policy.parameter_count
    had = settings("ppo", env)
    for name in ("n_envs", "n_steps", "batch_size", "n_epochs", "gamma", "gae_lambda", "ent_coef", "vf_coef"):
        assert getattr(peer, name) == had[name], name
    assert (peer.clip_range(1), peer.clip_range_vf) == (had["clip_range"], had["clip_range_vf"])
    assert (peer.max_grad_norm, peer.normalize_advantage) == (had["max_grad_norm"], had["normalize_advantage"])
    assert peer.policy.optimizer.defaults["eps"] == had["optimizer_epsilon"]
    # The rate falls linearly to 0, and stays there.
    assert [peer.lr_schedule(share) / had["learning_rate"] for share in (1, 0.5, -0.1)] == [1, 0.5, 0]


def test_the_peer_plays_our_native_games() -> None:
    pytest.importorskip("stable_baselines3", reason="a requirement of the learning benchmark")
    from benchmarks.learning import native_games

    games: Any = native_games.make("pgrad/MinAtar/Breakout-v1", n_envs=3, seed=5)
    actions = np.random.default_rng(1).integers(3, size=(200, 3))
    returns, ended = np.zeros(3), 0
    with pgrad.NativeEnv("MinAtar/Breakout-v1", n_envs=3) as env:
        assert np.array_equal(games.reset().reshape(3, -1), env.reset(seed=5))
        for each in actions:
            observations, rewards, dones, infos = games.step(each)
            step = env.step(each)
            returns += step.rewards
            assert np.array_equal(observations.reshape(3, -1), step.observations)
            assert np.array_equal(rewards, step.rewards)
            assert np.array_equal(dones, step.terminated)
            for game in np.flatnonzero(dones):
                assert np.array_equal(infos[game]["terminal_observation"].ravel(), step.final_observations[game])
                assert infos[game]["episode"]["r"] == returns[game]
                returns[game], ended = 0, ended + 1
    assert observations.shape == (3, 10, 10, 4)
    assert ended > 10


def test_the_peers_of_masks_have_the_same_hyperparameters_by_default() -> None:
    for package in ("torch", "sb3_contrib"):
        pytest.importorskip(package, reason="a requirement of the learning benchmark")
    from sb3_contrib import MaskablePPO
    from stable_baselines3 import PPO

    had = settings("ppo", "LargestAllowed-v1", "sb3")
    for make in (PPO, MaskablePPO):
        peer: Any = make("MlpPolicy", gymnasium.make("LargestAllowed-v1"))
        assert peer.env.num_envs == had["n_envs"]
        for name in (
            "learning_rate",
            "n_steps",
            "batch_size",
            "n_epochs",
            "gamma",
            "gae_lambda",
            "ent_coef",
            "vf_coef",
        ):
            assert getattr(peer, name) == had[name], name
        assert (peer.clip_range(1), peer.clip_range_vf) == (had["clip_range"], had["clip_range_vf"])
        assert (peer.max_grad_norm, peer.normalize_advantage) == (had["max_grad_norm"], had["normalize_advantage"])


def test_a_training_that_fails_does_not_end_the_others(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "records.jsonl"
    good = Job("pgrad", "ppo", "pgrad", "pgrad/CartPole-v1", 1, 256, 1)
    bad = Job("pgrad", "ppo", "pgrad", "Nowhere-v1", 1, 256, 1)
    assert run_all([bad, good], path, 1) == 1
    assert [record.job for record in records.load(path)] == [good]
    assert "Nowhere-v1" in capfd.readouterr().err


def test_an_invalid_line_is_reported_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "records.jsonl"
    for broken in ('{"job": {"library"\n', "3\n", "{}\n", "\xff\n"):
        path.write_text(broken, encoding="latin-1")
        for arguments in (["--report-only"], ["--plan", "short"]):
            assert main([*arguments, "--output", str(tmp_path)]) == 1
            assert f"{path}:1 is not a record: remove the line" in capsys.readouterr().err
        assert path.read_text(encoding="latin-1") == broken


def test_a_record_truncated_within_a_character_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    record = replace(short_record(), machine="Café")
    records.append(path, record)
    path.write_bytes(path.read_bytes() + records.to_line(record).partition("é")[0].encode() + b"\xc3")
    assert records.load(path) == [record]
    records.append(path, record)
    assert records.load(path) == [record] * 2


def test_records_survive_an_interrupted_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "records.jsonl"
    records.append(path, short_record())

    def cut(self: Path, data: str, **options: Any) -> int:
        with self.open("w", **options) as file:
            file.write(data[:20])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", cut)
    with pytest.raises(KeyboardInterrupt):
        records.save(path, [short_record()])
    assert records.load(path) == [short_record()]


def test_an_interrupt_ends_the_trainings_that_run_and_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted = 0.0

    def interrupt(*_: Any) -> None:
        nonlocal interrupted
        interrupted = time.monotonic()
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "append", interrupt)
    # The later ones would take minutes.
    jobs = [
        Job("pgrad", "ppo", "pgrad", "pgrad/CartPole-v1", seed, steps, 1)
        for seed, steps in enumerate((64, 10**8, 10**8))
    ]
    with pytest.raises(KeyboardInterrupt):
        run_all(jobs, tmp_path / "records.jsonl", 1)
    assert time.monotonic() - interrupted < 10


def test_trainings_too_short_for_a_curve_are_compared_by_returns(tmp_path: Path) -> None:
    ours = short_record(curve=[])
    theirs = replace(ours, job=replace(ours.job, library="sb3"))
    report.write([ours, theirs], tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert "| CartPole-v1, PPO | sb3 | return |" in text
    assert "height of the curve |" not in text


def test_an_empty_report_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report-only", "--output", str(tmp_path)]) == 1
    assert "contains no record" in capsys.readouterr().err


def test_our_runs_with_a_librarys_hyperparameters_are_compared_with_it(tmp_path: Path) -> None:
    values = {"pgrad": (480.0, 490.0, 500.0, 470.0, 485.0), "sb3": (100.0, 110.0, 90.0, 95.0, 105.0)}
    found = [
        short_record(Job(library, "ppo", "sb3", "CartPole-v1", seed, 1_000), [(500, each / 2), (1_000, each)], each)
        for library in values
        for seed, each in enumerate(values[library])
    ]
    report.write(found, tmp_path)
    text = (tmp_path / "README.md").read_text()
    # 2 of the 252 ways to part ten into fives are as far apart.
    assert "| CartPole-v1, PPO | sb3 | return | 5 | 485.0 | sb3, 5 | 100.0 | 0.0" in text
    assert "| CartPole-v1, PPO | sb3 | height of the curve | 5 | 363.8 | sb3, 5 | 75.0 | 0.0" in text
    assert "PPO, pgrad, preset sb3" in text


def test_other_hyperparameters_are_compared_with_our_preset_and_named(tmp_path: Path) -> None:
    env = "popgym-HigherLowerEasy-v0"
    found = [
        short_record(Job(library, "ppo", name, env, seed, 1_000), value=value + seed / 1_000)
        for library, name, value in (("pgrad", "pgrad", 0.483), ("sb3_contrib", "alike", 0.492))
        for seed in (0, 1, 2)
    ]
    report.write(found, tmp_path)
    text = (tmp_path / "README.md").read_text()
    assert f"| {env}, PPO | pgrad and alike | return | 3 | 0.484 | sb3_contrib, 3 | 0.493 | 0." in text
    assert "| PPO, pgrad | 1,000 | 3 | 0.484 ± 0.001 | 0.483 | 0.484 [0.483, 0.485] |" in text
    assert "pgrad's is read by a GRU" in text


def test_results_below_ten_have_three_decimals() -> None:
    assert [digits(values) for values in ([9.99, -9.99], [0.5, 10.0], [-10.0])] == [3, 1, 1]


def test_timesteps_per_second_are_of_one_kind_of_processor(tmp_path: Path) -> None:
    ours = replace(JOB, env="Reacher-v5")
    theirs = replace(ours, library="sb3")
    found = [
        replace(
            short_record(replace(job, seed=seed)), machine=f"P (family 6, {model}), 2 cores, L", cpu_seconds=seconds
        )
        for job, seed, model, seconds in (
            (ours, 1, "model 1", 1.0),
            (ours, 2, "model 1", 1.0),
            (ours, 3, "model 2", 2.0),
            (theirs, 1, "model 2", 5.0),
            (theirs, 2, "model 2", math.nan),
        )
    ]
    report.write(found, tmp_path)
    text = (tmp_path / "README.md").read_text()
    # Only model 2 timed both libraries: 1,000 timesteps in 2 and in 5 seconds.
    assert "| timesteps per CPU second, P (family 6, model 2) |" in text
    assert [row.split("|")[-2] for row in text.splitlines() if row.startswith("| PPO, ")] == [" 500 ", " 200 "]


def test_the_interquartile_mean_is_the_mean_of_the_middle_half() -> None:
    assert interquartile_mean([100, 1, 3, -50]) == 2
    # Of five, 1.25 are left out on each side: ¾·2 + 3 + ¾·4 over 2.5.
    assert interquartile_mean([1, 2, 3, 4, 99]) == pytest.approx(3)
    assert interquartile_mean([7]) == 7


def test_the_interval_holds_the_mean_and_narrows_with_seeds() -> None:
    random = np.random.default_rng(1)
    few, many = random.normal(5, 1, 5), random.normal(5, 1, 50)
    intervals = [bootstrap_interval(each) for each in (few, many)]
    assert all(low < interquartile_mean(each) < high for (low, high), each in zip(intervals, (few, many), strict=True))
    assert np.ptp(intervals[1]) < np.ptp(intervals[0])
    assert bootstrap_interval([3, 3, 3]) == (3, 3)


def test_the_p_value_is_large_for_equal_groups_and_small_for_different_ones() -> None:
    assert permutation_p_value([1, 2, 3], [1, 2, 3]) == 1
    # 2 of 20 ways to choose three of six are as extreme.
    assert permutation_p_value([1, 2, 3], [11, 12, 13]) == pytest.approx(0.1, abs=0.02)


def test_the_area_is_the_mean_height() -> None:
    assert area([(0, 0.0), (10, 10.0), (30, 10.0)]) == pytest.approx(250 / 30)
    assert area([(5, 3.0)]) == 3


def test_a_thinned_curve_includes_its_last_point() -> None:
    curve = [(step, math.nan if step < 3 else float(step)) for step in range(1_000)]
    thin = measuring.thinned(curve)
    assert thin[-1] == (999, 999.0)
    assert 100 <= len(thin) <= 120
    assert thin[0][0] >= 3


def test_plans_name_presets_and_seeds() -> None:
    for name in PLANS:
        found = jobs(name)
        assert len(set(found)) == len(found)
        assert [job.seed for job in found] == sorted(job.seed for job in found)
    assert {job.env for job in jobs("full", ["Hopper-v5"], 2)} == {"Hopper-v5"}
    assert max(job.seed for job in jobs("full", ["Hopper-v5"], 2)) == 2
    games = jobs("minatar", seeds=1, libraries=["sb3"], timesteps=1_000_000)
    assert [(job.library, job.timesteps) for job in games] == [("sb3", 1_000_000)] * 5
