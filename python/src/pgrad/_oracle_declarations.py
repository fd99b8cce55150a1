"""ctypes declarations of include/pgrad_oracle.h: exactly solved MDPs and the laboratory."""

from __future__ import annotations

import ctypes
from ctypes import c_double, c_float, c_int32, c_int64, c_uint8, c_uint32, c_uint64
from enum import IntEnum
from typing import Final

from pgrad._structures import ActionPart


class EstimateKind(IntEnum):
    """The weight Ψ_t on the score of step t."""

    ESTIMATE_WHOLE_TRAJECTORY = 1
    ESTIMATE_REWARD_TO_GO = 2
    ESTIMATE_REWARD_TO_GO_NO_DISCOUNT = 3
    ESTIMATE_CONSTANT_BASELINE = 4
    ESTIMATE_OPTIMAL_CONSTANT_BASELINE = 5
    ESTIMATE_VALUE_BASELINE = 6
    ESTIMATE_OPTIMAL_STATE_BASELINE = 7
    ESTIMATE_GAE = 8
    ESTIMATE_LEAVE_ONE_OUT = 9
    ESTIMATE_GROUP_NORMALIZED = 10
    ESTIMATE_GROUP_CENTERED = 11


class Critic(IntEnum):
    """Where an estimator's values come from."""

    CRITIC_NONE = 0
    CRITIC_EXACT = 1
    CRITIC_WRONG = 2


class MDPConfig(ctypes.Structure):
    """pgrad_mdp_config."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("rewards_by_next_state", c_int32),
        ("state_count", c_int64),
        ("action_count", c_int64),
        ("transitions", ctypes.POINTER(c_double)),
        ("rewards", ctypes.POINTER(c_double)),
        ("initial", ctypes.POINTER(c_double)),
        ("terminal", ctypes.POINTER(c_uint8)),
        ("observations", ctypes.POINTER(c_float)),
        ("observation_size", c_int64),
        ("parts", ctypes.POINTER(ActionPart)),
        ("part_count", c_int64),
        ("gamma", c_double),
        ("horizon", c_int64),
    )


class LaboratoryConfig(ctypes.Structure):
    """pgrad_laboratory_config."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("group_size", c_int32),
        ("trajectories", c_int64),
        ("seed", c_uint64),
        ("lambdas", ctypes.POINTER(c_double)),
        ("lambda_count", c_int64),
        ("wrong_values", ctypes.POINTER(c_double)),
        ("scores", ctypes.POINTER(c_double)),
        ("checkpoints", c_int64),
    )


class LaboratoryInfo(ctypes.Structure):
    """pgrad_laboratory_info."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("estimate_count", c_int64),
        ("checkpoint_count", c_int64),
        ("parameter_count", c_int64),
    )


class EstimateRecord(ctypes.Structure):
    """pgrad_estimate."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("critic", c_int32),
        ("is_unbiased", c_int32),
        ("gae_lambda", c_double),
        ("bias_norm", c_double),
        ("standard_error", c_double),
        ("z", c_double),
        ("p_value", c_double),
        ("total_variance", c_double),
        ("signal_to_noise", c_double),
        ("cosine", c_double),
    )


STRUCTURES: Final[dict[str, type[ctypes.Structure]]] = {
    "pgrad_mdp_config": MDPConfig,
    "pgrad_laboratory_config": LaboratoryConfig,
    "pgrad_laboratory_info": LaboratoryInfo,
    "pgrad_estimate": EstimateRecord,
}

ENUMERATIONS: Final[dict[str, type[IntEnum]]] = {"pgrad_estimate_kind": EstimateKind, "pgrad_critic": Critic}

MACROS: Final[dict[str, int | str]] = {
    "PGRAD_MAX_STATES": 4096,
    "PGRAD_MAX_HORIZON": 65536,
    "PGRAD_MAX_TABLE": 67108864,
    "PGRAD_MAX_GROUP_SIZE": 1024,
    "PGRAD_MAX_LAMBDAS": 64,
    "PGRAD_MAX_CHECKPOINTS": 64,
    "PGRAD_MAX_PAIRS": 4096,
}

_SOLVE = ("pgrad_status", "pgrad_mdp *", "pgrad_policy *", "const double *", "double *")

SIGNATURES: Final[dict[str, tuple[str, ...]]] = {
    "pgrad_mdp_config_init": ("pgrad_status", "pgrad_mdp_config *", "size_t"),
    "pgrad_mdp_create": ("pgrad_status", "pgrad_mdp **", "const pgrad_mdp_config *"),
    "pgrad_mdp_create_named": ("pgrad_status", "pgrad_mdp **", "const char *", "double", "int64_t"),
    "pgrad_mdp_create_garnet": (
        *("pgrad_status", "pgrad_mdp **", "int64_t", "int64_t", "int64_t"),
        *("uint64_t", "double", "int64_t"),
    ),
    "pgrad_mdp_destroy": ("void", "pgrad_mdp *"),
    "pgrad_mdp_describe": ("pgrad_status", "pgrad_mdp *", "pgrad_mdp_config *", "size_t"),
    "pgrad_mdp_objective": _SOLVE,
    "pgrad_mdp_gradient": _SOLVE,
    "pgrad_mdp_values": (*_SOLVE, "double *", "double *", "double *"),
    "pgrad_mdp_log_probs": _SOLVE,
    "pgrad_mdp_scores": _SOLVE,
    "pgrad_env_create_mdp": ("pgrad_status", "pgrad_env **", "pgrad_mdp *", "int64_t"),
    "pgrad_laboratory_config_init": ("pgrad_status", "pgrad_laboratory_config *", "size_t"),
    "pgrad_laboratory_create": (
        *("pgrad_status", "pgrad_laboratory **"),
        *("pgrad_mdp *", "pgrad_policy *", "const pgrad_laboratory_config *"),
    ),
    "pgrad_laboratory_destroy": ("void", "pgrad_laboratory *"),
    "pgrad_laboratory_describe": ("pgrad_status", "pgrad_laboratory *", "pgrad_laboratory_info *", "size_t"),
    "pgrad_laboratory_estimate": ("pgrad_status", "pgrad_laboratory *", "int64_t", "pgrad_estimate *", "size_t"),
    "pgrad_laboratory_mean": ("pgrad_status", "pgrad_laboratory *", "int64_t", "double *"),
    "pgrad_laboratory_curve": (
        *("pgrad_status", "pgrad_laboratory *", "int64_t"),
        *("int64_t *", "double *", "double *", "double *"),
    ),
}
"""The functions of this header, in the form of the table of all functions, which includes them."""
