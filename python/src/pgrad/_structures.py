"""The structures of include/pgrad.h, as ctypes sees them."""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_double, c_float, c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Final


class ActionPart(ctypes.Structure):
    """pgrad_action_part."""

    _fields_ = (("kind", c_int32), ("size", c_int32), ("low", c_float), ("high", c_float))


class ObservationPart(ctypes.Structure):
    """pgrad_observation_part."""

    _fields_ = (
        ("kind", c_int32),
        ("size", c_int32),
        ("height", c_int32),
        ("width", c_int32),
        ("channels", c_int32),
        ("embedding", c_int32),
    )


class Convolution(ctypes.Structure):
    """pgrad_convolution."""

    _fields_ = (("filters", c_int32), ("kernel", c_int32), ("stride", c_int32), ("padding", c_int32))


class PolicyConfig(ctypes.Structure):
    """pgrad_policy_config."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("activation", c_int32),
        ("observation_size", c_int64),
        ("parts", ctypes.POINTER(ActionPart)),
        ("part_count", c_int64),
        ("hidden_sizes", ctypes.POINTER(c_int64)),
        ("hidden_count", c_int64),
        ("seed", c_uint64),
        ("value_function", c_int32),
        ("initial_log_std", c_float),
        ("state_dependent_std", c_int32),
        ("layer_norm", c_int32),
        ("shared_trunk", c_int32),
        ("initialization", c_int32),
        ("bias", c_int32),
        ("state_dependent_exploration", c_int32),
        ("rescale_actions", c_int32),
        ("reserved", c_int32),
        ("value_hidden_sizes", ctypes.POINTER(c_int64)),
        ("value_hidden_count", c_int64),
        ("memory", c_int32),
        ("value_memory", c_int32),
        ("memory_size", c_int64),
        ("memory_layers", c_int64),
        ("observation_parts", ctypes.POINTER(ObservationPart)),
        ("observation_part_count", c_int64),
        ("encoder", c_int32),
        ("reserved_2", c_int32),
        ("memory_first", c_int32),
        ("reserved_3", c_int32),
        ("convolutions", ctypes.POINTER(Convolution)),
        ("convolution_count", c_int64),
        ("encoder_size", c_int64),
        ("expln", c_int32),
        ("value_encoder", c_int32),
        ("shared_memory", c_int32),
        ("reserved_4", c_int32),
    )


class OptimizerConfig(ctypes.Structure):
    """pgrad_optimizer_config."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("kind", c_int32),
        ("learning_rate", c_double),
        ("momentum", c_double),
        ("beta1", c_double),
        ("beta2", c_double),
        ("decay", c_double),
        ("epsilon", c_double),
        ("max_grad_norm", c_double),
        ("weight_decay", c_double),
    )


class AgentConfig(ctypes.Structure):
    """pgrad_agent_config."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("algorithm", c_int32),
        ("n_envs", c_int64),
        ("n_steps", c_int64),
        ("n_episodes", c_int64),
        ("group_size", c_int64),
        ("sde_sample_freq", c_int64),
        ("batch_size", c_int64),
        ("n_epochs", c_int64),
        ("total_timesteps", c_int64),
        ("seed", c_uint64),
        ("learning_rate", c_double),
        ("gamma", c_double),
        ("gae_lambda", c_double),
        ("clip_range", c_double),
        ("clip_range_value", c_double),
        ("entropy_coefficient", c_double),
        ("value_coefficient", c_double),
        ("max_grad_norm", c_double),
        ("target_kl", c_double),
        ("desired_kl", c_double),
        ("kl_coefficient", c_double),
        ("rho_clip", c_double),
        ("c_clip", c_double),
        ("cg_damping", c_double),
        ("line_search_shrinking_factor", c_double),
        ("optimizer_epsilon", c_double),
        ("observation_clip", c_double),
        ("reward_clip", c_double),
        ("optimizer", c_int32),
        ("estimator", c_int32),
        ("baseline", c_int32),
        ("discount_scores", c_int32),
        ("normalize_advantage", c_int32),
        ("normalize_observations", c_int32),
        ("normalize_rewards", c_int32),
        ("learning_rate_schedule", c_int32),
        ("clip_range_schedule", c_int32),
        ("entropy_coefficient_schedule", c_int32),
        ("surrogate", c_int32),
        ("recompute_advantages", c_int32),
        ("cg_max_steps", c_int32),
        ("line_search_max_iter", c_int32),
        ("autoreset_mode", c_int32),
        ("threads", c_int32),
        ("weight_decay", c_double),
        ("sequence_length", c_int64),
        ("value_clip", c_int32),
        ("reserved", c_int32),
        ("shuffle_groups", c_int64),
        ("update_mode", c_int32),
        ("stats_window_size", c_int32),
        ("sub_sampling_factor", c_int64),
        ("cg_rtol", c_double),
        ("cg_atol", c_double),
        ("reverse_kl", c_int32),
        ("reserved_2", c_int32),
    )


class StatisticsRecord(ctypes.Structure):
    """pgrad_statistics."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("updates", c_int64),
        ("timesteps", c_int64),
        ("episodes", c_int64),
        ("mean_return", c_double),
        ("mean_length", c_double),
        ("policy_loss", c_double),
        ("value_loss", c_double),
        ("entropy", c_double),
        ("approx_kl", c_double),
        ("clip_fraction", c_double),
        ("explained_variance", c_double),
        ("gradient_norm", c_double),
        ("learning_rate", c_double),
        ("clip_range", c_double),
        ("entropy_coefficient", c_double),
        ("kl_coefficient", c_double),
        ("gradient_snr", c_double),
        ("update_seconds", c_double),
        ("timesteps_per_second", c_double),
    )


LogCallback = ctypes.CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
Reduce = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_int64, c_int32)
Progress = ctypes.CFUNCTYPE(c_int32, c_void_p, ctypes.POINTER(StatisticsRecord))


class CheckpointInfo(ctypes.Structure):
    """pgrad_checkpoint_info."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("env_kind", c_int32),
        ("env_state", c_int32),
        ("has_acted", c_int32),
        ("algorithm", c_int32),
        ("reserved", c_int32),
        ("n_envs", c_int64),
        ("rollout_steps", c_int64),
        ("env_name", c_char_p),
    )


class Tensor(ctypes.Structure):
    """pgrad_tensor."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("dimensions", c_int32),
        ("name", c_char_p),
        ("offset", c_int64),
        ("shape", c_int64 * 4),
    )


class Rows(ctypes.Structure):
    """pgrad_rows."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("count", c_int64),
        ("steps", c_int64),
        ("observations", c_void_p),
        ("masks", c_void_p),
        ("states", c_void_p),
        ("final_states", c_void_p),
        ("episode_starts", c_void_p),
        ("draw_key", c_uint64),
        ("has_draw_key", c_int32),
        ("reserved_2", c_int32),
    )


class RolloutArrays(ctypes.Structure):
    """pgrad_rollout."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("n_steps", c_int64),
        ("n_envs", c_int64),
        ("observations", c_void_p),
        ("actions", c_void_p),
        ("draws", c_void_p),
        ("log_probs", c_void_p),
        ("rewards", c_void_p),
        ("terminated", c_void_p),
        ("truncated", c_void_p),
        ("final_observations", c_void_p),
        ("masks", c_void_p),
        ("states", c_void_p),
        ("episode_starts", c_void_p),
        ("active", c_void_p),
        ("policy_version", c_int64),
        ("max_staleness", c_int64),
    )


class LearnedRowArrays(ctypes.Structure):
    """pgrad_learned_rows."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("n_steps", c_int64),
        ("n_envs", c_int64),
        ("draws", c_void_p),
        ("log_probs", c_void_p),
        ("rewards", c_void_p),
        ("terminated", c_void_p),
        ("truncated", c_void_p),
        ("masks", c_void_p),
        ("episode_steps", c_void_p),
        ("values", c_void_p),
        ("advantages", c_void_p),
        ("targets", c_void_p),
    )


STRUCTURES: Final[dict[str, type[ctypes.Structure]]] = {
    "pgrad_action_part": ActionPart,
    "pgrad_observation_part": ObservationPart,
    "pgrad_convolution": Convolution,
    "pgrad_policy_config": PolicyConfig,
    "pgrad_optimizer_config": OptimizerConfig,
    "pgrad_agent_config": AgentConfig,
    "pgrad_statistics": StatisticsRecord,
    "pgrad_rows": Rows,
    "pgrad_rollout": RolloutArrays,
    "pgrad_learned_rows": LearnedRowArrays,
    "pgrad_tensor": Tensor,
    "pgrad_checkpoint_info": CheckpointInfo,
}
