"""The enumerations of include/pgrad.h."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from pgrad.errors import Status


class LogLevel(IntEnum):
    """How important a message is; the values are those of Python's logging."""

    LOG_DEBUG = 10
    LOG_INFO = 20
    LOG_WARNING = 30


class PartKind(IntEnum):
    """What one part of an action space holds."""

    CATEGORICAL = 1
    BERNOULLI = 2
    GAUSSIAN = 3
    SQUASHED_GAUSSIAN = 4
    BETA = 5


class ObservationKind(IntEnum):
    """What one part of an observation holds."""

    VECTOR = 1
    CHOICE = 2
    IMAGE = 3
    BITMAP = 4
    FLOAT_IMAGE = 5


class Encoder(IntEnum):
    """The layers that read images."""

    ENCODER_AUTO = 0
    ENCODER_MINATAR = 1
    ENCODER_NATURE = 2
    ENCODER_IMPALA = 3


class Activation(IntEnum):
    """The function between the layers of a network."""

    TANH = 1
    RELU = 2
    ELU = 3
    SILU = 4
    GELU = 5


class Initialization(IntEnum):
    """How initial weights are drawn."""

    ORTHOGONAL = 1
    GLOROT_UNIFORM = 2
    KAIMING_UNIFORM = 3


class Memory(IntEnum):
    """What a policy remembers of earlier observations."""

    MEMORY_NONE = 0
    MEMORY_GRU = 1
    MEMORY_LSTM = 2


class OptimizerKind(IntEnum):
    """The rule of gradient ascent."""

    SGD = 1
    ADAM = 2
    RMSPROP = 3
    ADAMW = 4
    RMSPROP_TENSORFLOW = 5


class Algorithm(IntEnum):
    """What an agent does with a rollout."""

    REINFORCE = 1
    A2C = 2
    PPO = 3
    NPG = 4
    TRPO = 5
    SPO = 6


class Estimator(IntEnum):
    """The weight on the score."""

    WHOLE_TRAJECTORY = 1
    REWARD_TO_GO = 2
    GAE = 3
    VTRACE = 4
    LEAVE_ONE_OUT = 5
    GROUP_NORMALIZED = 6
    GROUP_CENTERED = 7


COMPARING_ESTIMATORS: Final = (Estimator.LEAVE_ONE_OUT, Estimator.GROUP_NORMALIZED, Estimator.GROUP_CENTERED)
"""Estimators that compare the trajectories of a group."""


class AutoresetMode(IntEnum):
    """When an ended episode is reset."""

    AUTORESET_SAME_STEP = 1
    AUTORESET_NEXT_STEP = 2


class Schedule(IntEnum):
    """How a hyperparameter changes over the training."""

    CONSTANT = 1
    LINEAR = 2
    COSINE = 3
    KL_ADAPTIVE = 4


class AdvantageNormalization(IntEnum):
    """When the weights are normalised to mean 0 and standard deviation 1."""

    NORMALIZE_OFF = 0
    NORMALIZE_MINIBATCH = 1
    NORMALIZE_BATCH = 2


class Surrogate(IntEnum):
    """The objective that PPO maximises."""

    CLIP = 1
    KL_PENALTY = 2


class ValueClip(IntEnum):
    """The loss of the values within a clip range."""

    VALUE_CLIP_LARGER = 1
    VALUE_CLIP_ALONE = 2


class UpdateMode(IntEnum):
    """When an agent makes the update that a full rollout calls for."""

    UPDATE_AT_ONCE = 1
    UPDATE_DEFERRED = 2
    UPDATE_IN_BACKGROUND = 3


class FileContent(IntEnum):
    """What a file contains."""

    FILE_POLICY = 1
    FILE_AGENT = 2
    FILE_CHECKPOINT = 3


class EnvKind(IntEnum):
    """What the environment of a checkpoint is."""

    ENV_NATIVE = 1
    ENV_MDP = 2
    ENV_CALLBACKS = 3


class Number(IntEnum):
    """The type of the numbers that ranks sum."""

    FLOAT32 = 1
    FLOAT64 = 2


ENUMERATIONS: Final[dict[str, type[IntEnum]]] = {
    "pgrad_status": Status,
    "pgrad_log_level": LogLevel,
    "pgrad_part_kind": PartKind,
    "pgrad_observation_kind": ObservationKind,
    "pgrad_encoder": Encoder,
    "pgrad_activation": Activation,
    "pgrad_initialization": Initialization,
    "pgrad_memory": Memory,
    "pgrad_optimizer_kind": OptimizerKind,
    "pgrad_algorithm": Algorithm,
    "pgrad_estimator": Estimator,
    "pgrad_autoreset_mode": AutoresetMode,
    "pgrad_number": Number,
    "pgrad_schedule": Schedule,
    "pgrad_advantage_normalization": AdvantageNormalization,
    "pgrad_surrogate": Surrogate,
    "pgrad_update_mode": UpdateMode,
    "pgrad_value_clip": ValueClip,
    "pgrad_file_content": FileContent,
    "pgrad_env_kind": EnvKind,
}
