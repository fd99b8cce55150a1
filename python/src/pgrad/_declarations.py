"""Every C function of the headers in include/ in one table, and their limits."""

from __future__ import annotations

from typing import Final

from pgrad import _oracle_declarations

MACROS: Final[dict[str, int | str]] = {
    "PGRAD_ABI_VERSION": 2,
    "PGRAD_MAX_SIZE": 131072,
    "PGRAD_MAX_LAYERS": 64,
    "PGRAD_MAX_PARTS": 1024,
    "PGRAD_MAX_ROWS": 16777216,
    "PGRAD_MAX_ENVS": 1048576,
    "PGRAD_MAX_THREADS": 256,
    "PGRAD_MAX_ELEMENTS": 1073741824,
    "PGRAD_MAX_HANDLES": 1048576,
    "PGRAD_MAX_NOTE": 131072,
    **_oracle_declarations.MACROS,
}
"""The ABI version and limits in the headers. `pgrad.version` comes from the loaded library."""

SIGNATURES: Final[dict[str, tuple[str, ...]]] = {
    "pgrad_version": ("const char *",),
    "pgrad_abi_version": ("int32_t",),
    "pgrad_kernels": ("const char *",),
    "pgrad_status_name": ("const char *", "int32_t"),
    "pgrad_last_error": ("const char *",),
    "pgrad_policy_config_init": ("pgrad_status", "pgrad_policy_config *", "size_t"),
    "pgrad_policy_create": ("pgrad_status", "pgrad_policy **", "const pgrad_policy_config *"),
    "pgrad_policy_destroy": ("void", "pgrad_policy *"),
    "pgrad_policy_describe": ("pgrad_status", "pgrad_policy *", "pgrad_policy_config *", "size_t"),
    "pgrad_policy_sample": ("pgrad_status", "pgrad_policy *", "const float *", "int64_t", "float *", "float *"),
    "pgrad_policy_mode": ("pgrad_status", "pgrad_policy *", "const float *", "int64_t", "float *"),
    "pgrad_policy_log_prob": (
        *("pgrad_status", "pgrad_policy *"),
        *("const float *", "const float *", "int64_t", "float *"),
    ),
    "pgrad_policy_entropy": ("pgrad_status", "pgrad_policy *", "const float *", "int64_t", "float *"),
    "pgrad_policy_kl": ("pgrad_status", "pgrad_policy *", "pgrad_policy *", "const float *", "int64_t", "float *"),
    "pgrad_policy_value": ("pgrad_status", "pgrad_policy *", "const float *", "int64_t", "float *"),
    "pgrad_policy_score_gradient": (
        *("pgrad_status", "pgrad_policy *"),
        *("const float *", "const float *", "const float *", "int64_t", "float *"),
    ),
    "pgrad_policy_fisher_vector": (
        *("pgrad_status", "pgrad_policy *"),
        *("const float *", "int64_t", "const float *", "float *"),
    ),
    "pgrad_policy_clip": ("pgrad_status", "pgrad_policy *", "const float *", "int64_t", "float *"),
    "pgrad_policy_sample_draws": (
        *("pgrad_status", "pgrad_policy *", "const float *", "const uint8_t *", "int64_t"),
        *("float *", "float *", "float *"),
    ),
    "pgrad_policy_log_prob_draws": (
        *("pgrad_status", "pgrad_policy *"),
        *("const float *", "const uint8_t *", "const float *", "int64_t", "float *"),
    ),
    "pgrad_policy_score_gradient_draws": (
        *("pgrad_status", "pgrad_policy *", "const float *", "const uint8_t *"),
        *("const float *", "const float *", "int64_t", "float *"),
    ),
    "pgrad_policy_mask_size": ("pgrad_status", "pgrad_policy *", "int64_t *"),
    "pgrad_policy_state_size": ("pgrad_status", "pgrad_policy *", "int64_t *"),
    "pgrad_rows_init": ("pgrad_status", "pgrad_rows *", "size_t"),
    "pgrad_policy_sample_rows": ("pgrad_status", "pgrad_policy *", "const pgrad_rows *", "float *", "float *"),
    "pgrad_policy_mode_rows": ("pgrad_status", "pgrad_policy *", "const pgrad_rows *", "float *"),
    "pgrad_policy_log_prob_rows": ("pgrad_status", "pgrad_policy *", "const pgrad_rows *", "const float *", "float *"),
    "pgrad_policy_entropy_rows": ("pgrad_status", "pgrad_policy *", "const pgrad_rows *", "float *"),
    "pgrad_policy_kl_rows": ("pgrad_status", "pgrad_policy *", "pgrad_policy *", "const pgrad_rows *", "float *"),
    "pgrad_policy_value_rows": ("pgrad_status", "pgrad_policy *", "const pgrad_rows *", "float *"),
    "pgrad_policy_score_gradient_rows": (
        *("pgrad_status", "pgrad_policy *", "const pgrad_rows *"),
        *("const float *", "const float *", "float *"),
    ),
    "pgrad_policy_fisher_vector_rows": (
        *("pgrad_status", "pgrad_policy *", "const pgrad_rows *"),
        *("const float *", "float *"),
    ),
    "pgrad_policy_entropy_gradient_rows": (
        *("pgrad_status", "pgrad_policy *", "const pgrad_rows *"),
        *("const float *", "float *"),
    ),
    "pgrad_policy_value_gradient_rows": (
        *("pgrad_status", "pgrad_policy *", "const pgrad_rows *"),
        *("const float *", "float *"),
    ),
    "pgrad_policy_parameters": ("pgrad_status", "pgrad_policy *", "float **", "int64_t *"),
    "pgrad_policy_tensor_count": ("pgrad_status", "pgrad_policy *", "int64_t *"),
    "pgrad_policy_tensor": ("pgrad_status", "pgrad_policy *", "int64_t", "pgrad_tensor *", "size_t"),
    "pgrad_policy_observation_moments": ("pgrad_status", "pgrad_policy *", "double *", "double *", "int64_t *"),
    "pgrad_policy_set_note": ("pgrad_status", "pgrad_policy *", "const char *"),
    "pgrad_policy_note": ("pgrad_status", "pgrad_policy *", "char *", "int64_t", "int64_t *"),
    "pgrad_policy_save": ("pgrad_status", "pgrad_policy *", "const char *"),
    "pgrad_policy_load": ("pgrad_status", "pgrad_policy **", "const char *"),
    "pgrad_policy_save_memory": ("pgrad_status", "pgrad_policy *", "void *", "int64_t", "int64_t *"),
    "pgrad_policy_load_memory": ("pgrad_status", "pgrad_policy **", "const void *", "int64_t"),
    "pgrad_file_kind": ("pgrad_status", "const char *", "int32_t *"),
    "pgrad_optimizer_config_init": ("pgrad_status", "pgrad_optimizer_config *", "size_t"),
    "pgrad_optimizer_create": (
        *("pgrad_status", "pgrad_optimizer **"),
        *("pgrad_policy *", "const pgrad_optimizer_config *"),
    ),
    "pgrad_optimizer_step": ("pgrad_status", "pgrad_optimizer *", "const float *"),
    "pgrad_optimizer_set_learning_rate": ("pgrad_status", "pgrad_optimizer *", "double"),
    "pgrad_optimizer_destroy": ("void", "pgrad_optimizer *"),
    "pgrad_agent_config_init": ("pgrad_status", "pgrad_agent_config *", "size_t"),
    "pgrad_agent_config_algorithm": ("pgrad_status", "pgrad_agent_config *", "int32_t"),
    "pgrad_agent_create": ("pgrad_status", "pgrad_agent **", "pgrad_policy *", "const pgrad_agent_config *"),
    "pgrad_agent_destroy": ("void", "pgrad_agent *"),
    "pgrad_agent_describe": ("pgrad_status", "pgrad_agent *", "pgrad_agent_config *", "size_t"),
    "pgrad_agent_begin": ("pgrad_status", "pgrad_agent *", "const float *"),
    "pgrad_agent_set_total_timesteps": ("pgrad_status", "pgrad_agent *", "int64_t"),
    "pgrad_agent_set_masks": ("pgrad_status", "pgrad_agent *", "const uint8_t *"),
    "pgrad_agent_act": ("pgrad_status", "pgrad_agent *", "float *"),
    "pgrad_agent_observe": (
        *("pgrad_status", "pgrad_agent *"),
        *("const float *", "const uint8_t *", "const uint8_t *", "const float *", "const float *"),
    ),
    "pgrad_rollout_init": ("pgrad_status", "pgrad_rollout *", "size_t"),
    "pgrad_agent_learn": ("pgrad_status", "pgrad_agent *", "const pgrad_rollout *"),
    "pgrad_agent_statistics": ("pgrad_status", "pgrad_agent *", "pgrad_statistics *", "size_t"),
    "pgrad_agent_policy": ("pgrad_status", "pgrad_agent *", "pgrad_policy **"),
    "pgrad_agent_save": ("pgrad_status", "pgrad_agent *", "const char *"),
    "pgrad_agent_load": ("pgrad_status", "pgrad_agent **", "const char *"),
    "pgrad_agent_save_memory": ("pgrad_status", "pgrad_agent *", "void *", "int64_t", "int64_t *"),
    "pgrad_agent_load_memory": ("pgrad_status", "pgrad_agent **", "const void *", "int64_t"),
    "pgrad_env_create": ("pgrad_status", "pgrad_env **", "const char *", "int64_t"),
    "pgrad_env_callbacks_init": ("pgrad_status", "pgrad_env_callbacks *", "size_t"),
    "pgrad_env_create_callbacks": ("pgrad_status", "pgrad_env **", "const pgrad_env_callbacks *"),
    "pgrad_env_destroy": ("void", "pgrad_env *"),
    "pgrad_env_describe": ("pgrad_status", "pgrad_env *", "pgrad_env_info *", "size_t"),
    "pgrad_env_reset": ("pgrad_status", "pgrad_env *", "uint64_t", "float *"),
    "pgrad_env_step": (
        *("pgrad_status", "pgrad_env *", "const float *"),
        *("float *", "uint8_t *", "uint8_t *", "float *", "float *"),
    ),
    "pgrad_env_masks": ("pgrad_status", "pgrad_env *", "uint8_t *"),
    "pgrad_env_state": ("pgrad_status", "pgrad_env *", "double *"),
    "pgrad_env_set_state": ("pgrad_status", "pgrad_env *", "const double *"),
    "pgrad_progress_stop": ("int32_t", "void *", "const pgrad_statistics *"),
    "pgrad_train": ("pgrad_status", "pgrad_agent *", "pgrad_env *", "int64_t", "pgrad_progress", "void *"),
    "pgrad_returns": (
        *("pgrad_status", "const float *", "const uint8_t *"),
        *("int64_t", "int64_t", "double", "float *"),
    ),
    "pgrad_gae": (
        *("pgrad_status", "const float *", "const float *", "const uint8_t *", "const uint8_t *"),
        *("const float *", "const float *", "int64_t", "int64_t", "double", "double", "float *"),
    ),
    "pgrad_vtrace": (
        *("pgrad_status", "const float *", "const float *", "const float *", "const uint8_t *", "const uint8_t *"),
        *("const float *", "const float *", "int64_t", "int64_t"),
        *("double", "double", "double", "double", "float *", "float *"),
    ),
    **_oracle_declarations.SIGNATURES,
}
"""Result, then parameters, of each function, as the header writes them."""
