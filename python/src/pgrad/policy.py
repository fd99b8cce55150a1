"""The stochastic policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import ActionLayout
from pgrad._bindings import check, create, describe, file_bytes, library, moments, path_bytes, reference, view
from pgrad._closeable import Closeable
from pgrad._html import html_table
from pgrad._plain_calls import PlainCalls
from pgrad._policy_functions import PolicyFunctions
from pgrad._policy_options import PolicyOptions, policy_config
from pgrad._policy_parameters import PolicyParameters
from pgrad._structures import PolicyConfig
from pgrad._whole_files import new_file
from pgrad._wording import policy_words, reword_errors
from pgrad.errors import InvalidArgumentError
from pgrad.observations import ObservationMoments

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from typing_extensions import Self

    from pgrad._envs.making import EnvLike
    from pgrad._handle import Handle
    from pgrad.export import Export
    from pgrad.observations import Convolution, ObservationPart
    from pgrad.spaces import ActionSpace
    from pgrad.types import ArrayLike, FloatArray


def require_policy(value: object) -> Policy:
    """Return ``value`` if it is a policy, and raise otherwise."""
    if isinstance(value, Policy):
        return value
    raise InvalidArgumentError(f"policy is {value!r}; expected a pgrad.Policy")


class Policy(PolicyOptions, PolicyFunctions, PolicyParameters, Closeable):
    """A stochastic policy π(a|s, θ); the library's memory holds its parameters.

    Every method takes one observation of shape (observation_size,) or a batch of shape (n, observation_size), and
    returns one result or a batch accordingly. A policy with a memory also takes n sequences of shape
    (steps, n, observation_size), and returns results of shape (steps, n).

    Any number of threads may use the methods of a policy at the same time, also while an agent or an optimizer changes
    its parameters: a call then uses the parameters as they are before or after an update. Threads that change the
    policy at the same time, by optimizers or agents, get `Error`. ``copy.deepcopy`` makes a copy with its own
    parameters.

    Args:
        observation_size: Length of one observation; or its parts in order, such as
            ``[pgrad.Image(84, 84, 4), pgrad.Vector(3), pgrad.Choice(5)]``.
        action_space: The space of its actions, such as ``pgrad.Categorical(2)``.
        hidden_sizes: Widths of the hidden layers, each 1 to 131072, at most 64; () makes a linear policy.
        activation: Activation of the hidden layers: "tanh", "relu", "elu", "silu" or "gelu".
        seed: Seed of the initial weights and of sampling; None draws one.
        value_function: Whether the policy also estimates V(s), by default with a network of the same hidden sizes.
        value_hidden_sizes: Widths of the hidden layers of the value function's network; () makes it linear, None gives
            it ``hidden_sizes``. Refused without a value function that has its own network.
        initial_log_std: Initial log standard deviation of Gaussian and squashed Gaussian parts, -20 to 2.
        state_dependent_std: Whether the network also outputs their log standard deviations, clipped to [-20, 2].
            Otherwise these are parameters that do not depend on the observation.
        state_dependent_exploration: gSDE (Raffin et al. 2021): whether the noise of those parts is linear in the last
            hidden layer φ by a matrix W that is kept for several steps, a = μ + e^b Σ_k φ_k e^{s_k} W_k, so that equal
            states get equal noise. s and b are learned; s starts at 0, b at ``initial_log_std``. Use a value of about
            -2, because σ grows with the norm of φ.
        rescale_actions: Whether the network outputs means of bounded Gaussian parts in units of half the range around
            its middle, with initial deviations in these units, so that learning does not depend on the bounds.
            `SquashedGaussian` and `Beta` always work this way.
        layer_norm: Whether hidden layers are normalised before their activation, with a learned scale and shift
            (Ba et al. 2016).
        shared_trunk: Whether the value function is one layer on top of the policy's last hidden layer. Otherwise it is
            a separate network.
        initialization: How initial weights are drawn: "orthogonal" (Saxe et al. 2014), "glorot_uniform" (Glorot &
            Bengio 2010) or "kaiming_uniform" (He et al. 2015).
        bias: Whether layers have biases. Without biases and hidden layers, a policy on one-hot observations is a table
            with one row of logits per observation.
        encoder: The layers that read the images of an observation: "minatar" (Young & Tian 2019), "nature" (Mnih et al.
            2015), "impala" (Espeholt et al. 2018), or "auto": "nature" from 36 × 36 pixels, otherwise "minatar". Or an
            encoder of your own: the convolutions, each with relu, which a dense layer of ``encoder_size`` follows, such
            as ``[pgrad.Convolution(32, 5, stride=2), pgrad.Convolution(64, 3)]``.
        encoder_size: Outputs of the dense layer after the convolutions of an encoder of your own, 1 to 131072.
        memory: What the policy remembers of earlier observations: "gru" (Cho et al. 2014) or "lstm" (Hochreiter &
            Schmidhuber 1997), in layers between the hidden layers and the outputs; None for no memory. Methods then
            also take and return a state, see `sample`.
        memory_size: Units of each layer of the memory, 1 to 131072. Has no effect without a memory.
        memory_layers: Layers of the memory, 1 to 64. Has no effect without a memory.
        value_memory: With a memory and a value function that has its own network: whether that network has its own
            memory of the same kind and size. Otherwise it sees the current observation only, or with ``shared_memory``
            the policy's memory. With ``shared_trunk`` both use one memory.
        memory_first: With a memory: whether the hidden layers read its outputs, as in Stable-Baselines3 Contrib.
            Otherwise the memory reads the last hidden layer.
        expln: With ``state_dependent_exploration``: whether expln(s) replaces e^s in the noise: it is e^s for s ≤ 0,
            and 1 + log(1 + s) for larger s, so that σ grows more slowly.
        value_encoder: With images or embeddings: whether a value function that has its own network also has its own
            layers that read them, of the same kind and size. Otherwise it shares the policy's.
        shared_memory: With a memory and ``value_memory=False``: whether a value function that has its own network reads
            the outputs of the policy's memory in place of the observation, as with ``shared_lstm`` in Stable-Baselines3
            Contrib. Its gradient does not reach the memory.

    Example:
        >>> policy = pgrad.Policy(4, pgrad.Categorical(2), seed=0)
        >>> actions, log_probs = policy.sample(np.zeros((3, 4), np.float32))
        >>> actions.shape
        (3,)
        >>> policy = pgrad.Policy(4, pgrad.Categorical(2), memory="gru", memory_size=32)
        >>> actions, log_probs, state = policy.sample(np.zeros((3, 4), np.float32))
        >>> actions, log_probs, state = policy.sample(np.ones((3, 4), np.float32), state=state)
    """

    def __init__(
        self,
        observation_size: int | ObservationPart | Sequence[ObservationPart],
        action_space: ActionSpace,
        hidden_sizes: Sequence[int] = (64, 64),
        activation: str = "tanh",
        seed: int | None = 0,
        *,
        value_function: bool = True,
        value_hidden_sizes: Sequence[int] | None = None,
        initial_log_std: float = 0.0,
        state_dependent_std: bool = False,
        state_dependent_exploration: bool = False,
        rescale_actions: bool = False,
        layer_norm: bool = False,
        shared_trunk: bool = False,
        initialization: str = "orthogonal",
        bias: bool = True,
        encoder: str | Sequence[Convolution] = "auto",
        encoder_size: int = 512,
        memory: str | None = None,
        memory_size: int = 128,
        memory_layers: int = 1,
        value_memory: bool = True,
        memory_first: bool = False,
        expln: bool = False,
        value_encoder: bool = False,
        shared_memory: bool = False,
    ) -> None:
        config = policy_config(locals())
        with reword_errors(policy_words):
            handle = create("policy", "create", reference(config))
        self._adopt(handle)

    def _adopt(self, handle: Handle) -> None:
        config = describe(PolicyConfig, "pgrad_policy_describe", handle)
        self._handle = handle
        self._adopt_options(config)
        self._parameters: FloatArray | None = view(handle)
        self.parameter_count = self._parameters.size
        self._layout = ActionLayout(self.action_space)
        self._plain = PlainCalls(handle, self._layout)

    @classmethod
    def _of(cls, handle: Handle) -> Self:
        policy = cls.__new__(cls)
        policy._adopt(handle)
        return policy

    @classmethod
    def for_env(cls, env: EnvLike, **options: Any) -> Self:
        """A policy that fits an environment.

        Args:
            env: Any environment that agents accept: a Gymnasium id, an Env, a VectorEnv, a callable that makes one, a
                native one, an MDP.
            options: Further arguments of the constructor, and ``embedding`` and ``float_images`` as in agents, which
                choose the parts of observations in the same way.

        Example:
            >>> pgrad.Policy.for_env("CartPole-v1", seed=3)
            Policy(observation_size=4, action_space=Categorical(n=2), hidden_sizes=(64, 64), activation='tanh', seed=3)
        """
        from pgrad._envs.making import adapt_env
        from pgrad._envs.policy_parts import policy_parts

        adapter = adapt_env(env, None)
        try:
            return cls(policy_parts(adapter, options), adapter.action_space, **options)
        finally:
            adapter.close()

    def clone(self) -> Policy:
        """A policy of its own with the same parameters, normaliser, note and next draws, as it is at this moment.

        Any thread may call this, also while another thread trains the policy. ``copy.copy``, ``copy.deepcopy`` and
        pickling make such copies too; they also keep a subclass.

        Example:
            >>> policy = pgrad.Policy(4, pgrad.Categorical(2), seed=1)
            >>> opponent = policy.clone()
            >>> policy.parameters += 1
            >>> bool((policy.parameters == opponent.parameters + 1).all())
            True
        """
        return Policy._of(create("policy", "clone", self._handle.value))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Load the policy from a file written by `save` of a policy or an agent."""
        return cls._of(create("policy", "load", path_bytes(path)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a safetensors file, and its folder if missing; an old file is replaced once the new one is complete."""
        check(library.pgrad_policy_save(self._handle.value, new_file(path)))

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        quantize: str | None = None,
        observations: ArrayLike | None = None,
    ) -> Export:
        """Write the policy to a file that acts without pgrad: an ONNX model, or C99.

        Both take raw observations, as `mode` does, and include the encoders, the normalisation of observations, the
        memory and the masks; the value function is left out. Existing files are replaced only after the new ones are
        complete.

        An ``.onnx`` model has the inputs ``observation``, (n, observation_size); with choices ``mask``, (n, mask_size)
        booleans, all True by default; with a memory ``state``, (n, size), and ``episode_start``, (n,) booleans, False
        by default. Its outputs are ``action``, as `mode` returns it; the numbers of the distribution: ``logits`` after
        the mask, ``mean`` and ``std`` (of squashed Gaussian columns before squashing), or ``alpha`` and ``beta``, with
        the number of the part appended where there are several, such as ``logits_0``; and with a memory ``next_state``.
        If onnxruntime is installed, actions are compared with this policy's before the file is written.

        A ``.c`` file comes with a header; both need only ``math.h``. A file ``name.c`` has one function,
        ``name_act(state, observation, mask, action)``, which allocates nothing.

        Args:
            path: The file; its name ends in .onnx or .c.
            quantize: "int8" stores the weights of a .c file as 8-bit integers, with one scale for each output of a
                layer; None as float.
            observations: Rows on which the loss of quantization is measured, (n, observation_size); None draws them.

        Returns:
            The files, and how far they are from the policy.

        Raises:
            ImportError: onnx is not installed.
            InvalidArgumentError: The suffix is unknown, or an argument does not suit it.
            FileAccessError: A file cannot be written.

        Example:
            >>> import tempfile
            >>> policy = pgrad.Policy(4, pgrad.Categorical(2), seed=0)
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     [file.name for file in policy.export(f"{folder}/pole.c").files]
            ['pole.c', 'pole.h']
        """
        from pgrad.export import export

        return export(self, path, quantize=quantize, observations=observations)

    @property
    def observation_moments(self) -> ObservationMoments | None:
        """The moments that normalise observations before the networks; None if they are not normalised.

        An agent with ``normalize_observations`` adds a normaliser to its policy and updates it. Every method takes raw
        observations and normalises them itself.
        """
        handle = self._handle
        means, variances = np.empty((2, handle.sizes.observation_size), np.float64)
        count = moments(handle, means, variances)
        return None if count is None else ObservationMoments(means, variances, count)

    def close(self) -> None:
        """Close the policy; further use raises `Error`. Its memory is freed with the last array of its parameters."""
        self._handle = self._handle.closed()
        self._plain = PlainCalls(self._handle, self._layout)
        self._parameters = None

    def _repr_html_(self) -> str | None:
        """What a notebook shows: spaces and layers; None for ``repr`` if the policy was closed."""
        if self._handle.value is None:
            return None
        tensors = [(name, " × ".join(map(str, array.shape)), array.size) for name, array in self._tensors().items()]
        parts = ", ".join(map(str, self.observation_parts))
        return html_table(
            [*tensors, ("all", "", self.parameter_count)],
            ("tensor", "shape", "parameters"),
            f"{type(self).__name__}: {parts} → {self.action_space}",
        )

    def __getstate__(self) -> dict[str, Any]:
        return {"file": file_bytes("policy", self._handle)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._adopt(create("policy", "load_memory", state["file"], len(state["file"])))
