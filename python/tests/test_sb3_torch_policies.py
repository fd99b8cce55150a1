"""Policies and features extractors of the user, which are modules of torch, compared with Stable-Baselines3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad import sb3
from tests.helpers import Scripted

torch = pytest.importorskip("torch", reason="pip install 'pgrad[sb3]'")
theirs = pytest.importorskip("stable_baselines3", reason="pip install stable-baselines3")
nn: Any = torch.nn
base: Any = pytest.importorskip("stable_baselines3.common.torch_layers").BaseFeaturesExtractor
distributions: Any = pytest.importorskip("stable_baselines3.common.distributions")
own_policy: Any = pytest.importorskip("stable_baselines3.common.policies").ActorCriticPolicy

BOX, PAIR, CHOICE = spaces.Box(-2, 2, (3,), np.float32), spaces.Box(-1, 1, (2,), np.float32), spaces.Discrete(3)
IMAGE = spaces.Box(0, 255, (2, 12, 11), np.uint8)
SMALL: dict[str, Any] = {"n_steps": 8, "batch_size": 8, "seed": 4}


class Convolutions(base):  # type: ignore[misc]
    """Convolutions with padding, in other words than a Sequential."""

    def __init__(self, observation_space: Any, features_dim: int = 6) -> None:
        super().__init__(observation_space, features_dim)
        self.cnn = nn.Sequential(
            nn.Conv2d(observation_space.shape[0], 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 5, 4, stride=2)
        )
        with torch.no_grad():
            count = self.cnn(torch.zeros(1, *observation_space.shape)).numel()
        self.linear = nn.Sequential(nn.Linear(count, features_dim))

    def forward(self, observations: Any) -> Any:
        return torch.relu(self.linear(torch.flatten(self.cnn(observations).relu(), 1)))


class Widths(base):  # type: ignore[misc]
    """A hidden layer below those of net_arch."""

    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space, 5)
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(observation_space.shape[0], 5), nn.ELU())

    def forward(self, observations: Any) -> Any:
        return self.layers(observations)


class Networks(nn.Module):  # type: ignore[misc]
    latent_dim_pi, latent_dim_vf = 7, 4

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.policy_net = nn.Sequential(nn.Linear(inputs, 7), nn.SiLU())
        self.value_net = nn.Sequential(nn.Linear(inputs, 6), nn.SiLU(), nn.Linear(6, 4), nn.SiLU())

    def forward(self, features: Any) -> Any:
        return self.forward_actor(features), self.forward_critic(features)

    def forward_actor(self, features: Any) -> Any:
        return self.policy_net(features)

    def forward_critic(self, features: Any) -> Any:
        return self.value_net(features)


class Policy(own_policy):  # type: ignore[misc]
    """The policy of the guide "Custom Policy Networks", with other layers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["ortho_init"] = False
        super().__init__(*args, **kwargs)

    def _build_mlp_extractor(self) -> None:
        self.mlp_extractor = Networks(self.features_dim)


def numbers(policy: Any, observations: Any) -> tuple[Any, Any]:
    """Log-probabilities of the most probable actions, and values."""
    rows = policy.obs_to_tensor(observations)[0]
    with torch.no_grad():
        _, values, log_probs = policy.forward(torch.as_tensor(rows), deterministic=True)
    return np.asarray(log_probs), np.asarray(values)


def check_equal(own: Any, other: Any, space: Any) -> None:
    space.seed(2)
    observations = np.stack([space.sample() for _ in range(6)])
    for found, expected in zip(numbers(own, observations), numbers(other, observations), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("actions", [PAIR, CHOICE], ids=str)
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("PPO", SMALL),
        ("PPO", {**SMALL, "use_sde": True, "policy_kwargs": {"log_std_init": -1.0, "use_expln": True}}),
        ("A2C", {"n_steps": 8, "seed": 4}),
        ("PPO", {**SMALL, "policy_kwargs": {"optimizer_class": torch.optim.AdamW}}),
    ],
)
def test_a_policy_of_the_user_starts_with_its_own_weights(name: str, options: Any, actions: Any) -> None:
    if options.get("use_sde") and actions is CHOICE:
        return
    env = Scripted(BOX, actions)
    own, other = (getattr(library, name)(Policy, env, device="cpu", **options) for library in (sb3, theirs))
    assert own.policy.net_arch == {"pi": [7], "vf": [6, 4]}
    check_equal(own.policy, other.policy, BOX)
    weights = {name: np.asarray(tensor) for name, tensor in own.policy.state_dict().items()}
    for layer, tensor in other.policy.state_dict().items():
        np.testing.assert_array_equal(weights[layer], tensor.numpy(), layer)
    before = own.policy.parameters.copy()
    own.learn(8)
    assert not np.array_equal(own.policy.parameters, before)


@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("policy", ["CnnPolicy", Policy])
def test_convolutions_of_the_user_are_an_encoder(tmp_path: Path, policy: Any, shares: bool) -> None:
    kwargs = {"features_extractor_class": Convolutions, "share_features_extractor": shares, "ortho_init": False}
    kwargs["features_extractor_kwargs"] = {"features_dim": 5}
    own, other = (
        library.PPO(policy, Scripted(IMAGE, CHOICE), policy_kwargs=kwargs, device="cpu", **SMALL)
        for library in (sb3, theirs)
    )
    assert own.policy.encoder == (pgrad.Convolution(4, 3, padding=1), pgrad.Convolution(5, 4, stride=2))
    assert (own.policy.encoder_size, own.policy.value_encoder) == (5, not shares)
    given = other.policy.state_dict()
    drawn = own.policy.state_dict()["features_extractor.cnn.0.weight"]
    np.testing.assert_array_equal(drawn, given["features_extractor.cnn.0.weight"])
    own.policy.load_state_dict(given)
    check_equal(own.policy, other.policy, IMAGE)
    own.learn(8).save(tmp_path / "model")
    loaded = sb3.PPO.load(tmp_path / "model", policy_kwargs=kwargs if isinstance(policy, str) else None)
    np.testing.assert_array_equal(loaded.policy.parameters, own.policy.parameters)


def test_images_with_their_channels_last_are_given_to_an_extractor_with_these_first() -> None:
    kwargs = {"features_extractor_class": Convolutions, "net_arch": [4]}
    last = spaces.Box(0, 255, (12, 11, 2), np.uint8)
    for observations in (last, IMAGE):
        model = sb3.PPO("CnnPolicy", Scripted(observations, CHOICE), policy_kwargs=kwargs, **SMALL)
        assert model.policy.state_dict()["features_extractor.cnn.0.weight"].shape == (4, 2, 3, 3)
    floats = spaces.Box(-1, 1, (2, 12, 11), np.float32)
    kwargs |= {"normalize_images": False}
    model = sb3.PPO("CnnPolicy", Scripted(floats, CHOICE), policy_kwargs=kwargs, **SMALL)
    assert isinstance(model.policy.observation_parts[0], pgrad.FloatImage)


def test_layers_below_net_arch_belong_to_each_network() -> None:
    kwargs: dict[str, Any] = {
        "features_extractor_class": Widths,
        "share_features_extractor": False,
        "activation_fn": nn.ELU,
        "net_arch": {"pi": [6], "vf": []},
        "ortho_init": False,
    }
    own, other = (
        library.PPO("MlpPolicy", Scripted(BOX, PAIR), policy_kwargs=kwargs, device="cpu", **SMALL)
        for library in (sb3, theirs)
    )
    assert own.policy.net_arch == {"pi": [5, 6], "vf": [5]}
    given = other.policy.state_dict()
    first = own.policy.state_dict()["mlp_extractor.value_net.0.weight"]
    np.testing.assert_array_equal(first, given["vf_features_extractor.layers.1.weight"])
    without = {**kwargs, "share_features_extractor": True}
    with pytest.raises(ValueError, match="that the policy and the value function share; expected share_features_extr"):
        sb3.PPO("MlpPolicy", Scripted(BOX, PAIR), policy_kwargs=without, **SMALL)
    with pytest.raises(ValueError, match="hidden layers with elu, tanh; expected the same activation"):
        sb3.PPO("MlpPolicy", Scripted(BOX, PAIR), policy_kwargs={**kwargs, "activation_fn": nn.Tanh}, **SMALL)


def test_other_agents_take_policies_and_extractors_too() -> None:
    contrib: Any = pytest.importorskip("sb3_contrib.common.maskable.policies", reason="pip install sb3-contrib")

    class Maskable(contrib.MaskableActorCriticPolicy):  # type: ignore[misc]
        def _build_mlp_extractor(self) -> None:
            self.mlp_extractor = Networks(self.features_dim)

    class Masked(Scripted):
        def action_masks(self) -> Any:
            return np.array([True, False, True])

    net_arch = {"pi": [7], "vf": [6, 4]}
    assert sb3.MaskablePPO(Maskable, Masked(BOX, CHOICE), **SMALL).learn(8).policy.net_arch == net_arch
    assert sb3.TRPO(Policy, Scripted(BOX, PAIR), **SMALL).learn(8).policy.net_arch == net_arch
    kwargs = {"features_extractor_class": Convolutions, "lstm_hidden_size": 4}
    recurrent = sb3.RecurrentPPO("CnnLstmPolicy", Scripted(IMAGE, CHOICE), policy_kwargs=kwargs, **SMALL).learn(8)
    assert (recurrent.policy.memory, recurrent.policy.encoder_size) == ("lstm", 6)


def test_a_policy_of_the_user_reads_a_dict() -> None:
    kind: Any = theirs.common.policies.MultiInputActorCriticPolicy

    class OfDict(kind):  # type: ignore[misc]
        def _build_mlp_extractor(self) -> None:
            self.mlp_extractor = Networks(self.features_dim)

    both = spaces.Dict({"a": BOX, "b": spaces.Box(0, 255, (1, 36, 36), np.uint8)})
    own, other = (library.PPO(OfDict, Scripted(both, CHOICE), device="cpu", **SMALL) for library in (sb3, theirs))
    own.policy.load_state_dict(other.policy.state_dict())
    both.seed(2)
    observations = {key: np.stack([space.sample() for _ in range(6)]) for key, space in both.items()}
    expected = other.policy.predict_values(other.policy.obs_to_tensor(observations)[0]).detach().numpy()
    np.testing.assert_allclose(own.policy.predict_values(observations), expected, rtol=1e-5, atol=1e-5)


def test_a_native_environment_has_no_spaces_for_them() -> None:
    with pytest.raises(ValueError, match="policy is .*Policy.*, which is created with the spaces of Gymnasium"):
        sb3.PPO(Policy, "pgrad/CartPole-v1", **SMALL)
    with pytest.raises(ValueError, match=r"policy_kwargs has .*Widths.*, which is created"):
        sb3.PPO("MlpPolicy", "pgrad/CartPole-v1", policy_kwargs={"features_extractor_class": Widths}, **SMALL)


class Branching(Widths):
    def forward(self, observations: Any) -> Any:
        return self.layers(observations) + observations.sum()


class Deciding(Widths):
    def forward(self, observations: Any) -> Any:
        return self.layers(observations) if observations.sum() > 0 else observations


class Normalizing(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        self.layers = nn.Sequential(self.layers, nn.BatchNorm1d(5))


class Unbiased(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        self.layers = nn.Linear(3, 5, bias=False)


class Doubled(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))


class WithoutActivation(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        self.layers = nn.Linear(3, 5)


class Repeating(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        shared, relu = nn.Linear(3, 3), nn.ReLU()
        self.layers = nn.Sequential(shared, relu, shared, relu)


class Frozen(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        self.layers.requires_grad_(False)


class Hooked(Widths):
    def __init__(self, observation_space: Any) -> None:
        super().__init__(observation_space)
        self.layers[1].register_forward_hook(lambda module, inputs, outputs: 2 * outputs)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Branching, "is a Branching, which has a branch at 'sum_1'; expected a chain of Conv2d"),
        (Deciding, "is a Deciding, whose forward torch.fx cannot follow"),
        (Normalizing, r"is a Normalizing with BatchNorm1d\(5"),
        (Unbiased, r"is a Unbiased with Linear\(in_features=3, out_features=5, bias=False\)"),
        (Doubled, "has dense, dense; expected Linear layers with the same activation after each"),
        (WithoutActivation, "has dense; expected Linear layers with the same activation after each"),
        (Repeating, r"out_features=3, bias=True\) twice; expected layers that are all trained as they are"),
        (Frozen, r"bias=True\) with requires_grad=False; expected layers that are all trained as they are"),
        (Hooked, r"bias=True\) with hooks; expected layers that are all trained as they are"),
    ],
)
def test_an_extractor_that_computes_something_else_is_refused(kind: Any, message: str) -> None:
    kwargs = {"features_extractor_class": kind, "share_features_extractor": False}
    with pytest.raises(ValueError, match=message):
        sb3.PPO("MlpPolicy", Scripted(BOX, PAIR), policy_kwargs=kwargs, **SMALL)


class Acting(Policy):
    def forward(self, obs: Any, deterministic: bool = False) -> Any:
        return super().forward(obs, True)


class TwoOutputs(Policy):
    def _build(self, lr_schedule: Any) -> None:
        super()._build(lr_schedule)
        self.value_net = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 1))


class FixedDeviation(Policy):
    def _build(self, lr_schedule: Any) -> None:
        super()._build(lr_schedule)
        self.log_std.requires_grad = False


class SlowValues(Policy):
    def _build(self, lr_schedule: Any) -> None:
        super()._build(lr_schedule)
        groups = [{"params": self.mlp_extractor.parameters()}, {"params": self.value_net.parameters(), "lr": 1e-5}]
        self.optimizer = torch.optim.Adam(groups, lr=lr_schedule(1), eps=1e-5)


class Squashing(Policy):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.action_dist = distributions.SquashedDiagGaussianDistribution(2)


class Sharing(Policy):
    def _build_mlp_extractor(self) -> None:
        super()._build_mlp_extractor()
        self.mlp_extractor.value_net = self.mlp_extractor.policy_net
        self.mlp_extractor.latent_dim_vf = 7


def test_a_policy_that_computes_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match="uses a layer twice; expected one for the policy"):
        sb3.PPO(Sharing, Scripted(BOX, PAIR), **SMALL)
    with pytest.raises(ValueError, match="which overrides forward; expected a class that only builds other networks"):
        sb3.PPO(Acting, Scripted(BOX, PAIR), **SMALL)
    with pytest.raises(ValueError, match="value_net is a Sequential; expected a Linear layer with a bias"):
        sb3.PPO(TwoOutputs, Scripted(BOX, PAIR), **SMALL)
    with pytest.raises(ValueError, match="action_dist is a SquashedDiagGaussianDistribution; expected a DiagGaussian"):
        sb3.PPO(Squashing, Scripted(BOX, PAIR), **SMALL)
    with pytest.raises(ValueError, match=r"optimizer is Adam with groups of \[6, 2\] tensors; expected Adam with one"):
        sb3.PPO(SlowValues, Scripted(BOX, PAIR), **SMALL)
    with pytest.raises(ValueError, match="log_std has requires_grad=False; expected parameters that are all trained"):
        sb3.PPO(FixedDeviation, Scripted(BOX, PAIR), **SMALL)
    contrib = pytest.importorskip("sb3_contrib.common.recurrent.policies", reason="pip install sb3-contrib")
    recurrent = type("Recurrent", (contrib.RecurrentActorCriticPolicy,), {})
    with pytest.raises(ValueError, match="derived from RecurrentActorCriticPolicy; expected one of its names"):
        sb3.RecurrentPPO(recurrent, Scripted(BOX, PAIR), **SMALL)
