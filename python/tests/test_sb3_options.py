"""Arguments, callbacks and environments of Stable-Baselines3 in pgrad.sb3."""

from __future__ import annotations

import random
import warnings
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad
from pgrad import sb3
from pgrad.sb3 import A2C, PPO, TRPO, RecurrentPPO, make_vec_env
from tests.helpers import same_parameters

SMALL: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "seed": 1, "policy_kwargs": {"net_arch": [8]}}
ENV = "CartPole-v1"


def ppo(**options: Any) -> PPO:
    return PPO("MlpPolicy", ENV, **SMALL | options)


def kwargs(**options: Any) -> dict[str, Any]:
    return {"policy_kwargs": options}


def named(model: Any) -> Any:
    """The parameters by pgrad's names."""
    return pgrad.Policy.state_dict(model.policy)


class ReLU:
    """Stands for a class of torch."""


def test_policy_kwargs_make_the_networks() -> None:
    net_arch = {"pi": [6], "vf": [5, 4]}
    policy = ppo(**kwargs(net_arch=net_arch, activation_fn=ReLU, log_std_init=-1.0)).policy
    assert (policy.hidden_sizes, policy.value_hidden_sizes, policy.activation) == ((6,), (5, 4), "relu")
    with pytest.warns(UserWarning, match="the form of Stable-Baselines3 before 1.8"):
        assert ppo(**kwargs(net_arch=[net_arch])).policy.net_arch == net_arch
    assert policy.initial_log_std == -1
    assert PPO("MlpPolicy", ENV).policy.hidden_sizes == (64, 64)
    options = {"lstm_hidden_size": 4, "enable_critic_lstm": False, "net_arch": [3]}
    memory = RecurrentPPO("MlpLstmPolicy", ENV, policy_kwargs=options).policy
    assert (memory.memory, memory.memory_size, memory.value_memory, memory.memory_first) == ("lstm", 4, False, True)
    assert not memory.shared_memory
    memory = shared_lstm(enable_critic_lstm=False, lstm_hidden_size=4).policy
    assert (memory.shared_memory, memory.value_memory, memory.state_size) == (True, False, 8)


def test_initial_weights_are_those_of_torch_where_pgrad_has_others() -> None:
    tensors = named(ppo(**kwargs(net_arch=[100], ortho_init=False)))
    for name, inputs in (("policy.0", 4), ("policy.1", 100), ("value.1", 100)):
        for kind in ("weight", "bias"):
            assert 0 < np.abs(tensors[f"{name}.{kind}"]).max() <= inputs**-0.5
    # The standard deviation of a uniform distribution between ±a is a/√3; 400 draws have 3 %.
    assert tensors["policy.0.weight"].std() == pytest.approx(0.5 / 3**0.5, rel=0.15)
    tensors = named(RecurrentPPO("MlpLstmPolicy", ENV, seed=1, policy_kwargs={"lstm_hidden_size": 25}))
    assert 0.19 < np.abs(tensors["policy.memory.0.hidden.weight"]).max() <= 0.2
    output = tensors["policy.2.weight"]
    assert np.allclose(output.T @ output, 1e-4 * np.eye(2), atol=1e-7)  # still orthogonal, with gain 0.01


def test_optimizers() -> None:
    options = {"optimizer_class": "AdamW", "optimizer_kwargs": {"weight_decay": 0.3}}
    found = ppo(**kwargs(**options)).hyperparameters
    assert (found["optimizer"], found["weight_decay"], found["optimizer_epsilon"]) == ("adamw", 0.3, 1e-8)
    assert ppo().hyperparameters["optimizer_epsilon"] == 1e-5
    for arguments, expected in (
        ({}, (True, 1e-5)),
        ({"rms_prop_eps": 1e-3}, (True, 1e-3)),
        ({"use_rms_prop": False, "rms_prop_eps": 1e-3}, (False, 1e-5)),
        (kwargs(optimizer_class="Adam", optimizer_kwargs={"eps": 1e-4}), (False, 1e-4)),
        (kwargs(optimizer_class="RMSprop"), (True, 1e-8)),
        (kwargs(optimizer_class="RMSpropTFLike", optimizer_kwargs={"eps": 1e-5}), (False, 1e-5)),
    ):
        found = A2C("MlpPolicy", ENV, **arguments).hyperparameters
        assert (found["use_rms_prop"], found["rms_prop_eps"]) == expected
    found = ppo(**kwargs(optimizer_class="RMSpropTFLike")).hyperparameters
    assert (found["optimizer"], found["optimizer_epsilon"]) == ("rmsprop_tensorflow", 1e-8)
    found = A2C("MlpPolicy", ENV, policy_kwargs=options).hyperparameters
    assert (found["optimizer"], found["weight_decay"], found["rms_prop_eps"]) == ("adamw", 0.3, 1e-8)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"policy": "MlpLstmPolicy"}, "policy is 'MlpLstmPolicy'; expected one of 'MlpPolicy', .*: use RecurrentPPO"),
        ({"policy": object}, "policy is <class 'object'>; expected one of"),
        ({"_init_setup_model": False}, "_init_setup_model is False; expected True"),
        ({"stats_window_size": 0}, "stats_window_size is 0; expected at least 1"),
        ({"rollout_buffer_class": dict}, "rollout_buffer_class is <class 'dict'>; expected None: agent.learn_from"),
        ({"rollout_buffer_kwargs": {"gamma": 1}}, "rollout_buffer_kwargs is .*; expected None"),
        ({"clip_range_vf": lambda _: "wide"}, "clip_range_vf returned 'wide' for 1; expected a number"),
        ({"batch_size": 0}, "batch_size is 0; expected a whole number of at least 1"),
        ({"learning_rate": lambda _: "fast"}, "learning_rate returned 'fast' for 1; expected a number"),
        (kwargs(net_arch="64"), r"policy_kwargs\['net_arch'\] is '64'; expected a list of widths"),
        (kwargs(activation_fn=dict), r"policy_kwargs\['activation_fn'\] is <class 'dict'>; expected one of tanh, relu"),
        (kwargs(squash_output=True), "SquashedGaussian"),
        ({"use_sde": True, **kwargs(full_std=False)}, r"policy_kwargs\['full_std'\] is False; expected True"),
        (kwargs(features_extractor_class=dict), "expected 'FlattenExtractor'"),
        (kwargs(optimizer_class=dict), "expected one of adam, adamw, sgd, rmsprop"),
        (kwargs(optimizer_kwargs={"weight_decay": 1e-4}), "AdamW decays weights"),
        (kwargs(optimizer_kwargs={"betas": (0.5, 0.9)}), r"\['betas'\] is \(0.5, 0.9\); expected .*: leave them out"),
        (kwargs(n_lstm_layers=2), "policy_kwargs has 'n_lstm_layers': 2, which pgrad.sb3 does not have"),
        ({"policy_kwargs": 3}, "policy_kwargs is 3; expected a dict, or None"),
        ({"gamma": 1.5}, "gamma is 1.5"),
        ({"n_steps": "many"}, "n_steps is 'many'; expected a whole number"),
    ],
)
def test_what_cannot_be_served_is_named(options: dict[str, Any], message: str) -> None:
    policy = options.pop("policy", "MlpPolicy")
    with pytest.raises(ValueError, match=message):
        PPO(policy, ENV, **SMALL | options)


def test_other_classes_refuse_too() -> None:
    with pytest.raises(ValueError, match="sub_sampling_factor is 0"):
        TRPO("MlpPolicy", ENV, sub_sampling_factor=0)
    with pytest.raises(ValueError, match="is 'AdamW'; expected 'Adam': AdamW would also decay the policy"):
        TRPO("MlpPolicy", ENV, policy_kwargs={"optimizer_class": "AdamW"})
    with pytest.raises(ValueError, match=r"lstm_kwargs'\]\['dropout'\] is 0.5; expected 0: leave it out"):
        RecurrentPPO("MlpLstmPolicy", ENV, policy_kwargs={"n_lstm_layers": 2, "lstm_kwargs": {"dropout": 0.5}})
    with pytest.warns(UserWarning, match="has no effect with one layer, as in PyTorch"):
        one = RecurrentPPO("MlpLstmPolicy", ENV, policy_kwargs={"lstm_kwargs": {"dropout": 0.5}}, seed=1)
    assert same_parameters(one, RecurrentPPO("MlpLstmPolicy", ENV, seed=1))
    with pytest.raises(ValueError, match="policy is 'MlpPolicy'; expected one of 'MlpLstmPolicy', .*: use PPO"):
        RecurrentPPO("MlpPolicy", ENV)
    with pytest.warns(UserWarning, match="device is 'cuda'; pgrad runs on the CPU"):
        ppo(device="cuda")


def shared_lstm(**options: Any) -> RecurrentPPO:
    return RecurrentPPO("MlpLstmPolicy", ENV, policy_kwargs={"shared_lstm": True, **options})


def test_what_stable_baselines3_asserts_is_also_an_assertion_error() -> None:
    pendulum = "Pendulum-v1"
    for make, message in (
        (lambda: PPO("MlpPolicy", pendulum, n_steps=1), "minibatches have one row"),
        (lambda: TRPO("MlpPolicy", pendulum, n_steps=1), "minibatches have one row"),
        (lambda: ppo(clip_range_vf=-0.2), "clip_range_vf is -0.2; expected a number above 0, a function, or None"),
        (lambda: PPO("CnnPolicy", ENV), "policy is 'CnnPolicy', which does not fit env"),
        (shared_lstm, "'shared_lstm'\\] is True; expected enable_critic_lstm=False with it"),
        (
            lambda: shared_lstm(enable_critic_lstm=False, share_features_extractor=False),
            "'shared_lstm'\\] is True; expected share_features_extractor=True with it",
        ),
        (lambda: sb3.MaskablePPO("MlpPolicy", pendulum), "The algorithm only supports Discrete, MultiDiscrete"),
        (lambda: ppo().set_env(make_vec_env(ENV, 2)), "env has 2 environments; expected 1, the agent's n_envs"),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(AssertionError, match=message) as caught:
                make()
        assert isinstance(caught.value, pgrad.InvalidArgumentError)


@pytest.mark.parametrize(("n_steps", "chosen"), [(32, 32), (100, 50), (96, 48)])
def test_a_batch_size_that_does_not_divide_is_made_smaller(n_steps: int, chosen: int) -> None:
    with pytest.warns(UserWarning, match=f"batch_size is 64, .*; minibatches of {chosen} rows are used"):
        model = PPO("MlpPolicy", ENV, n_steps=n_steps)
    assert model.hyperparameters["batch_size"] == chosen


def test_schedules_follow_the_share_that_remains_after_each_rollout() -> None:
    model = ppo(learning_rate=lambda remaining: 1e-2 * remaining, clip_range=lambda remaining: 0.1 + 0.1 * remaining)
    model.learn(128)
    assert model.history["learning_rate"] == pytest.approx([0.0075, 0.005, 0.0025, 0])
    assert model.history["clip_range"] == pytest.approx([0.175, 0.15, 0.125, 0.1])
    model.learn(64)  # starts anew
    assert model.history["learning_rate"][4:] == pytest.approx([0.005, 0])
    model.learn(64, reset_num_timesteps=False)  # 64 of 128 steps are made
    assert model.history["learning_rate"][6:] == pytest.approx([0.0025, 0])
    assert model.num_timesteps == 128
    assert model.statistics.timesteps == 256


def test_the_clip_range_of_values_is_a_function_too() -> None:
    def schedule(remaining: float) -> float:
        seen.append(remaining)
        return 0.001

    seen: list[float] = []
    model = ppo(clip_range_vf=schedule).learn(64)
    assert seen == pytest.approx([1, 0.5, 0, 0])
    assert same_parameters(model, ppo(clip_range_vf=0.001).learn(64))
    assert not same_parameters(model, ppo(clip_range_vf=0.3).learn(64))


def test_trpo_takes_a_part_of_the_rows() -> None:
    first, second = (TRPO("MlpPolicy", ENV, sub_sampling_factor=factor, **SMALL).learn(64) for factor in (4, 1))
    assert first.hyperparameters["sub_sampling_factor"] == 4
    assert not same_parameters(first, second)


class Recorded(sb3.BaseCallback):
    def __init__(self, limit: int = 10_000) -> None:
        super().__init__(verbose=1)
        self.moments: list[str] = []
        self.limit = limit

    def _init_callback(self) -> None:
        self.moments.append("init")

    def _on_training_start(self) -> None:
        self.moments.append("start")

    def _on_rollout_start(self) -> None:
        self.moments.append("rollout")

    def _on_step(self) -> bool:
        assert self.locals["self"] is self.model
        assert self.locals["dones"].shape == self.locals["rewards"].shape == (2,)
        assert self.num_timesteps == self.model.num_timesteps == 2 * self.n_calls
        self.logger.record("own/value", 1.0)
        return self.n_calls < self.limit

    def _on_rollout_end(self) -> None:
        self.moments.append("end of rollout")

    def _on_training_end(self) -> None:
        self.moments.append("end")


def test_a_callback_has_the_moments_of_stable_baselines3() -> None:
    model = PPO("MlpPolicy", make_vec_env(ENV, n_envs=2), **SMALL | {"batch_size": 64})
    callback = Recorded()
    model.learn(128, callback)
    expected = ["init", "start", "rollout", "end of rollout", "rollout", "end of rollout", "rollout", "end"]
    assert callback.moments == expected
    assert callback.n_calls == 64
    assert callback.training_env is model.get_env()
    with pytest.raises(ValueError, match=r"locals\['values'\] is not available; expected one of 'self', 'env'"):
        _ = callback.locals["values"]
    short = Recorded(limit=5)
    model.learn(128, sb3.CallbackList([short]))
    assert (short.n_calls, model.num_timesteps) == (5, 10)


def test_any_falsy_answer_of_a_step_ends_the_training() -> None:
    model = ppo()
    model.learn(64, callback=lambda locals_, globals_: None)
    assert model.num_timesteps == 1
    model.learn(64, callback=lambda agent: None)  # a function of the agent, as in pgrad
    assert model.num_timesteps == 64


def test_callbacks_inside_others(tmp_path: Path) -> None:
    class Counting(sb3.BaseCallback):
        def _on_step(self) -> bool:
            return True

    counting, after = Counting(), Counting()
    evaluation = sb3.EvalCallback(
        make_vec_env(ENV),
        callback_on_new_best=sb3.StopTrainingOnRewardThreshold(1, verbose=0),
        callback_after_eval=after,
        n_eval_episodes=1,
        eval_freq=64,
        best_model_save_path=tmp_path / "best",
        verbose=0,
    )
    checkpoint = sb3.CheckpointCallback(32, tmp_path)
    model = ppo().learn(256, callback=[sb3.EveryNTimesteps(64, counting), checkpoint, evaluation])
    assert (model.num_timesteps, counting.n_calls, after.n_calls) == (64, 1, 1)
    assert same_parameters(PPO.load(tmp_path / "best" / "best_model"), model)
    assert {path.name for path in tmp_path.glob("*.safetensors")} == {
        "rl_model_32_steps.safetensors",
        "rl_model_64_steps.safetensors",
    }
    with pytest.raises(ValueError, match="render is True"):
        sb3.EvalCallback(ENV, render=True)
    with pytest.raises(ValueError, match="save_replay_buffer is True"):
        sb3.CheckpointCallback(1, tmp_path, save_replay_buffer=True)


def test_a_progress_bar_is_a_callback_too(capsys: pytest.CaptureFixture[str]) -> None:
    ppo().learn(64, sb3.ProgressBarCallback())
    assert "64.0/64.0" in capsys.readouterr().err


def test_an_evaluation_under_masks(tmp_path: Path) -> None:
    evaluation = sb3.MaskableEvalCallback(make_vec_env(ENV), n_eval_episodes=1, eval_freq=32, verbose=0)
    ppo().learn(32, evaluation)
    assert evaluation.last_mean_reward >= 8
    with pytest.raises(ValueError, match="use_masking is False"):
        sb3.MaskableEvalCallback(ENV, use_masking=False)


def test_their_seeding() -> None:
    draws = []
    for _ in range(2):
        sb3.set_random_seed(3)
        draws.append((random.random(), np.random.random()))
    assert draws[0] == draws[1]


def test_what_is_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = ppo(verbose=1)
    model.learn(64)
    assert "|    total_timesteps      | 64 " in capsys.readouterr().out
    model.learn(32)
    assert "|    total_timesteps      | 32 " in capsys.readouterr().out
    model.learn(64, log_interval=None)
    assert capsys.readouterr().out == ""
    model.set_logger(sb3.configure(str(tmp_path), ["csv", "json"]))
    model.learn(64)
    assert capsys.readouterr().out == ""
    lines = (tmp_path / "progress.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["time/total_timesteps", "32", "64"]
    assert (tmp_path / "progress.json").exists()
    with pytest.raises(ValueError, match="format_strings has 'xml'"):
        sb3.configure(str(tmp_path), ["xml"])
    with pytest.raises(ValueError, match="folder is None"):
        sb3.configure(None, ["csv"])


def test_runs_of_tensorboard_are_numbered(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    model = ppo(tensorboard_log=str(tmp_path))
    model.learn(32)
    model.learn(32)
    model.learn(32, reset_num_timesteps=False)
    model.learn(32, tb_log_name="own")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["PPO_1", "PPO_2", "own_1"]


def test_an_observation_with_info_is_named() -> None:
    with pytest.raises(ValueError, match=r"observation is a tuple; expected an array or a dict. Are you mixing Gym"):
        ppo().predict(gymnasium.make(ENV).reset())


def test_seeds_of_made_environments() -> None:
    first, second = (make_vec_env(ENV, n_envs=2, seed=seed) for seed in (5, 6))
    one, two = first.reset(), second.reset()
    assert np.array_equal(one[1], two[0])
    assert not np.array_equal(first.reset(), one)  # the random streams go on
    with pytest.raises(ValueError, match="env_fns is"):
        sb3.DummyVecEnv([])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"env_id": 5}, "env_id is 5; expected a Gymnasium id, or a function"),
        ({"n_envs": 0}, "n_envs is 0; expected at least 1"),
        ({"seed": "one"}, "seed is 'one'; expected a whole number"),
        ({"start_index": None}, "start_index is None; expected a whole number"),
        ({"monitor_dir": 5}, "monitor_dir is 5; expected a string or a path"),
        ({"wrapper_class": "Monitor"}, "wrapper_class is 'Monitor'; expected a wrapper"),
        ({"vec_env_cls": 3}, "vec_env_cls is 3; expected DummyVecEnv or SubprocVecEnv"),
        *(
            ({f"{what}_kwargs": 5}, f"{what}_kwargs is 5; expected a dict of arguments")
            for what in ("env", "monitor", "vec_env", "wrapper")
        ),
    ],
)
def test_bad_arguments_of_made_environments_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_vec_env(**{"env_id": ENV, **options})


def test_methods_of_vector_environments() -> None:
    env = make_vec_env(
        ENV, n_envs=3, wrapper_class=gymnasium.wrappers.TimeLimit, wrapper_kwargs={"max_episode_steps": 4}
    )
    env.set_attr("length", 0.7, indices=[1])
    assert env.get_attr("length") == [0.5, 0.7, 0.5]
    assert env.env_method("get_wrapper_attr", "length", indices=1) == [0.7]
    env.reset()
    for _ in range(4):
        env.step_async(np.array([0, 1, 0]))
        *_, dones, infos = env.step_wait()
    assert dones.all()
    assert [info["TimeLimit.truncated"] for info in infos] == [True] * 3
    next_step = gymnasium.make_vec(ENV, num_envs=2)
    with pytest.raises(ValueError, match="expected AutoresetMode.SAME_STEP"):
        sb3.VecEnv(next_step)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert PPO("MlpPolicy", next_step, **SMALL).learn(64).n_envs == 2


def test_stepping_the_agents_environments_starts_new_episodes() -> None:
    env = make_vec_env(ENV, n_envs=2)
    model = PPO("MlpPolicy", env, **SMALL | {"batch_size": 64}).learn(64)
    env.reset()
    env.step(np.array([0, 1]))
    assert model._adapter is not None
    assert not model._adapter.is_undisturbed
    model.learn(64, reset_num_timesteps=False)
    assert model.num_timesteps == 128


@pytest.mark.parametrize("normalizes", [False, True])
def test_environments_of_stable_baselines3_are_environments(normalizes: bool) -> None:
    vec_env = pytest.importorskip("stable_baselines3.common.vec_env")
    theirs = vec_env.DummyVecEnv([lambda: gymnasium.make(ENV)] * 2)
    if normalizes:
        theirs = vec_env.VecNormalize(theirs)
    model = PPO("MlpPolicy", theirs, **SMALL | {"batch_size": 64}).learn(256)
    assert model.get_env() is theirs
    assert (model.num_timesteps, model.n_envs, model.statistics.episodes > 2) == (256, 2, True)
    assert sb3.evaluate_policy(model, theirs, 2)[0] > 0
    if normalizes:
        assert theirs.obs_rms.count > 256
        return
    same = PPO("MlpPolicy", make_vec_env(ENV, n_envs=2), **SMALL | {"batch_size": 64}).learn(256)
    assert same_parameters(model, same)


def test_the_value_loss_is_clipped_as_in_stable_baselines3() -> None:
    assert ppo(clip_range_vf=0.1).hyperparameters["value_clip"] == "alone"
    assert pgrad.PPO(ENV, clip_range_vf=0.1).hyperparameters["value_clip"] == "larger"
