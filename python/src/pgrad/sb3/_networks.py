"""Policy names and ``policy_kwargs`` of Stable-Baselines3, as options of `pgrad.Policy`."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad._validation import positive
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._image_layers import NATURE, NATURE_PIXELS
from pgrad.sb3._options import AssertedArgumentError, name_of, option, refused
from pgrad.sb3._torch_networks import Dense, common_activation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pgrad.observations import Convolution, Image
    from pgrad.sb3._torch_extractors import Features

_CLASSES = {
    "ActorCriticPolicy": "MlpPolicy",
    "ActorCriticCnnPolicy": "CnnPolicy",
    "MultiInputActorCriticPolicy": "MultiInputPolicy",
    "MaskableActorCriticPolicy": "MlpPolicy",
    "MaskableActorCriticCnnPolicy": "CnnPolicy",
    "MaskableMultiInputActorCriticPolicy": "MultiInputPolicy",
    "RecurrentActorCriticPolicy": "MlpLstmPolicy",
    "RecurrentActorCriticCnnPolicy": "CnnLstmPolicy",
    "RecurrentMultiInputActorCriticPolicy": "MultiInputLstmPolicy",
}
"""The names of Stable-Baselines3's own classes of policies."""
_ACTIVATIONS = {name.lower(): name.lower() for name in ("Tanh", "ReLU", "ELU", "SiLU", "GELU")}
_OPTIMIZERS = {
    **{name: name for name in ("adam", "adamw", "sgd", "rmsprop")},
    "rmsproptflike": "rmsprop_tensorflow",  # a class of Stable-Baselines3
}
_DEFAULT_EPSILON = 1e-8
EXTRACTORS = {"flatten": "FlattenExtractor", "cnn": "NatureCNN", "combined": "CombinedExtractor"}
"""Stable-Baselines3's own features extractors, by what a policy observes; see `policy_kind`."""
_NATURE_FEATURES = 512
_COMBINED_FEATURES = 256


class Networks(NamedTuple):
    """What a policy is made of.

    Attributes:
        agent: Arguments of agents.
        policy: Further arguments of `pgrad.Policy`.
        optimizer: "adam" and so on, with its ``optimizer_epsilon`` and ``weight_decay``; empty for the class's default.
        orthogonal: Whether initial weights are orthogonal.
        squashes: Whether actions are squashed into their bounds.
    """

    agent: dict[str, Any]
    policy: dict[str, Any]
    optimizer: dict[str, Any]
    orthogonal: bool
    squashes: bool


def policy_name(policy: Any, *, recurrent: bool) -> str:
    """The name of a policy, which is given by its name or by Stable-Baselines3's class."""
    name = name_of(policy) or ""
    given = _CLASSES.get(name, name)
    endings = ("MlpLstmPolicy", "CnnLstmPolicy", "MultiInputLstmPolicy")
    expected = endings if recurrent else ("MlpPolicy", "CnnPolicy", "MultiInputPolicy")
    if given in expected:
        return given
    other = ": use RecurrentPPO" if given in endings else ": use PPO" if recurrent and "Lstm" not in given else ""
    raise InvalidArgumentError(
        f"policy is {policy!r}; expected one of {', '.join(map(repr, expected))}{other}. For another network, see "
        "pgrad.Policy and the argument policy of pgrad.PPO"
    )


def policy_kind(name: str) -> str:
    """What a policy observes: "flatten" for vectors, "cnn" for one image, "combined" for a Dict."""
    return {"Mlp": "flatten", "Cnn": "cnn", "Mul": "combined"}[name[:3]]


def networks(
    kind: str,
    policy_kwargs: Mapping[str, Any] | None,
    images: Sequence[Image],
    *,
    recurrent: bool,
    use_sde: bool,
    features: Features | None = None,
) -> Networks:
    """Translate the ``policy_kwargs`` of a policy.

    Args:
        kind: See `policy_kind`.
        policy_kwargs: Arguments of Stable-Baselines3's ``ActorCriticPolicy``, or of Contrib's
            ``RecurrentActorCriticPolicy``.
        images: The images of an observation.
        recurrent: Whether the policy has an LSTM.
        use_sde: Whether the policy explores with gSDE.
        features: What the networks read in place of what ``policy_kwargs`` say.
    """
    given = _Given("policy_kwargs", policy_kwargs)
    activation = option("policy_kwargs['activation_fn']", given.take("activation_fn", "tanh"), _ACTIVATIONS)
    default = [] if kind == "cnn" and features is None else [64, 64]  # only NatureCNN has no layers above it
    hidden, value_hidden = _net_arch(given.take("net_arch", None), default)
    if features is not None:
        above = [Dense([*sizes], activation, []) for sizes in (hidden, value_hidden)]
        activation = common_activation([*features.below, *above], activation)
        hidden, value_hidden = ((*below.sizes, *own.sizes) for below, own in zip(features.below, above, strict=True))
    agent: dict[str, Any] = {
        "hidden_sizes": hidden,
        "value_hidden_sizes": None if value_hidden == hidden else value_hidden,
        "activation": activation,
    }
    own: dict[str, Any] = {"initial_log_std": given.take("log_std_init", 0.0)}
    if recurrent:
        own |= {"memory_first": True, "shared_memory": _shares_memory(given)}
        agent |= _memory(given)
    squashes = bool(given.take("squash_output", False))
    if squashes and not use_sde:
        raise AssertedArgumentError(
            "policy_kwargs['squash_output'] is True; expected use_sde=True with it. Without gSDE, pgrad.PPO(…, "
            "policy_options={'action_space': pgrad.SquashedGaussian(…)}) squashes actions"
        )
    expln = bool(given.take("use_expln", False))
    if use_sde:
        own["expln"] = expln
        given.must_be("full_std", True, "leave it out, pgrad has one σ for every feature and action")
    else:
        given.take("full_std", True)
    floats = given.take("normalize_images", True) is False and bool(images)
    agent["float_images"] = floats
    own["value_encoder"] = bool(images) and not given.take("share_features_extractor", True)
    given.take("share_features_extractor", True)
    size = _extractor(kind, given, floats=floats)
    encoder = None if features is None else features.encoder
    agent["encoder"], own["encoder_size"] = _encoder(size, images) if encoder is None else encoder[:2]
    orthogonal = bool(given.take("ortho_init", True))
    optimizer = _optimizer(given)
    given.check_empty()
    return Networks(agent, own, optimizer, orthogonal, squashes)


def reads_floats(policy_kwargs: Mapping[str, Any] | None) -> bool:
    """Whether images are read as they are: ``normalize_images=False``."""
    return isinstance(policy_kwargs, dict) and policy_kwargs.get("normalize_images", True) is False


class _Given:
    """The arguments in a dict, which are taken out one by one."""

    def __init__(self, name: str, arguments: Mapping[str, Any] | None) -> None:
        if arguments is not None and not hasattr(arguments, "items"):
            raise InvalidArgumentError(f"{name} is {arguments!r}; expected a dict, or None")
        self._name, self._left = name, dict(arguments or {})

    def take(self, key: str, default: Any) -> Any:
        return self._left.pop(key, default)

    def peek(self, key: str, default: Any) -> Any:
        return self._left.get(key, default)

    def must_be(self, key: str, only: Any, advice: str) -> None:
        value = self.take(key, only)
        if value != only:
            raise refused(f"{self._name}[{key!r}]", value, only, advice)

    def check_empty(self) -> None:
        if self._left:
            key, value = next(iter(self._left.items()))
            raise InvalidArgumentError(
                f"{self._name} has {key!r}: {value!r}, which pgrad.sb3 does not have; leave it out"
            )


def _net_arch(given: Any, default: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The hidden layers of the policy, and of the value function."""
    if isinstance(given, (list, tuple)) and len(given) == 1 and isinstance(given[0], dict):
        given = given[0]
        warnings.warn(
            f"policy_kwargs['net_arch'] is [{given!r}], the form of Stable-Baselines3 before 1.8; {given!r} is used",
            UserWarning,
            stacklevel=6,
        )
    if given is None:
        given = default
    if isinstance(given, dict) and given.keys() <= {"pi", "vf"}:
        policy, value = given.get("pi", []), given.get("vf", [])
    else:
        policy = value = given
    for sizes in (policy, value):
        if not isinstance(sizes, (list, tuple)) or not all(isinstance(size, int) for size in sizes):
            raise InvalidArgumentError(
                f"policy_kwargs['net_arch'] is {given!r}; expected a list of widths, or dict(pi=[…], vf=[…])"
            )
    return tuple(policy), tuple(value)


def _shares_memory(given: _Given) -> bool:
    """Whether the value function reads the policy's LSTM, which then is the only one."""
    shares = bool(given.take("shared_lstm", False))
    for key, only in {"enable_critic_lstm": False, "share_features_extractor": True}.items() if shares else ():
        if given.peek(key, True) is not only:
            raise AssertedArgumentError(
                f"policy_kwargs['shared_lstm'] is True; expected {key}={only} with it, or shared_lstm=False"
            )
    return shares


def _memory(given: _Given) -> dict[str, Any]:
    inner = _Given("policy_kwargs['lstm_kwargs']", given.take("lstm_kwargs", None))
    inner.must_be("bias", True, "leave it out, pgrad's LSTM has biases")
    layers = given.take("n_lstm_layers", 1)
    if layers == 1 and inner.take("dropout", 0):
        warnings.warn(
            "policy_kwargs['lstm_kwargs']['dropout'] has no effect with one layer, as in PyTorch: it is between layers",
            UserWarning,
            stacklevel=6,
        )
    inner.must_be("dropout", 0, "leave it out, pgrad has no dropout between layers of an LSTM")
    inner.check_empty()
    return {
        "memory": "lstm",
        "memory_size": given.take("lstm_hidden_size", 256),
        "memory_layers": layers,
        "value_memory": bool(given.take("enable_critic_lstm", True)),
    }


def _extractor(kind: str, given: _Given, *, floats: bool) -> int:
    """Features of an image."""
    extractor = given.take("features_extractor_class", None)
    if extractor is not None and name_of(extractor) != EXTRACTORS[kind]:
        raise refused(
            "policy_kwargs['features_extractor_class']",
            extractor,
            EXTRACTORS[kind],
            "other classes of torch are taken for boxes; pgrad.PPO(…, encoder=…) has more stacks",
        )
    inner = _Given("policy_kwargs['features_extractor_kwargs']", given.take("features_extractor_kwargs", None))
    inner.must_be("normalized_image", floats, "policy_kwargs['normalize_images'] says whether images are bytes")
    features = _NATURE_FEATURES
    if kind == "cnn":
        features = inner.take("features_dim", _NATURE_FEATURES)
    elif kind == "combined":
        features = inner.take("cnn_output_dim", _COMBINED_FEATURES)
    inner.check_empty()
    return positive("features_dim", features)


def _encoder(features: int, images: Sequence[Image]) -> tuple[str | tuple[Convolution, ...], int]:
    """What reads images: Nature's stack, where they are large enough for it, and its features."""
    if not images or any(min(image.height, image.width) < NATURE_PIXELS for image in images):
        return "auto", _NATURE_FEATURES
    if features == _NATURE_FEATURES:
        return "nature", features
    return NATURE, features


def _optimizer(given: _Given) -> dict[str, Any]:
    kind = given.take("optimizer_class", None)
    inner = _Given("policy_kwargs['optimizer_kwargs']", given.take("optimizer_kwargs", None))
    name = "adam" if kind is None else option("policy_kwargs['optimizer_class']", kind, _OPTIMIZERS)
    epsilon = inner.take("eps", None)
    decay = inner.take("weight_decay", 1e-2 if name == "adamw" else 0)
    if decay and name != "adamw":
        raise refused("policy_kwargs['optimizer_kwargs']['weight_decay']", decay, 0, "AdamW decays weights")
    inner.must_be("betas", (0.9, 0.999), "leave them out, they cannot be changed")
    inner.must_be("alpha", 0.99, "leave it out, it cannot be changed")
    inner.check_empty()
    if kind is None and epsilon is None:
        return {}
    fallback = 1e-5 if name == "adam" and epsilon is None else _DEFAULT_EPSILON
    options = {"optimizer": name, "optimizer_epsilon": fallback if epsilon is None else epsilon}
    return options | ({"weight_decay": decay} if name == "adamw" else {})
