/*
 * pgrad_oracle: Markov decision processes (MDPs) that are small enough to be solved exactly, and a laboratory that
 * compares estimators of the policy gradient.
 *
 * This header extends pgrad.h; the library is the same. The rules at the top of pgrad.h hold here too.
 */
#ifndef PGRAD_ORACLE_H
#define PGRAD_ORACLE_H

#include "pgrad.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------------------------------------------------- limits */

#define PGRAD_MAX_STATES 4096     /**< States of an MDP. */
#define PGRAD_MAX_HORIZON 65536   /**< Steps of a finite horizon. */
#define PGRAD_MAX_TABLE 67108864  /**< Numbers in one table of an MDP, and horizon × states × actions. */
#define PGRAD_MAX_GROUP_SIZE 1024 /**< Trajectories that share a baseline in the laboratory. */
#define PGRAD_MAX_LAMBDAS 64      /**< Values of λ in the laboratory. */
#define PGRAD_MAX_CHECKPOINTS 64  /**< Points of the laboratory's curves. */
#define PGRAD_MAX_PAIRS 4096      /**< States × actions of an MDP in the laboratory. */

/* ----------------------------------------------------------------------------------------------------- tabular MDPs */

/** A finite Markov decision process given by its tables, small enough to be solved exactly. A policy fits if it has the
 *  MDP's observation size and its parts are categorical or Bernoulli with as many combinations of choices as the MDP
 *  has actions. Actions are numbered with the first part as the most significant. */
typedef struct pgrad_mdp pgrad_mdp;

typedef struct pgrad_mdp_config {
  uint32_t struct_size;
  int32_t rewards_by_next_state; /**< 1: rewards are r(s, a, s'); 0: r(s, a). 0. */
  int64_t state_count;           /**< 1 to PGRAD_MAX_STATES; no default. */
  int64_t action_count;          /**< 2 to PGRAD_MAX_SIZE; no default. */
  const double *transitions;     /**< P(s'|s, a), states × actions × states; each row sums to 1 within 1e-6, and is
                                      divided by its sum. Rows of terminal states are not read. No default. */
  const double *rewards;         /**< states × actions (× states), from -1e30 to 1e30. Rows of terminal states are not
                                      read. No default. */
  const double *initial;         /**< ρ(s), states; sums to 1, and is 0 in terminal states. No default. */
  const uint8_t *terminal;       /**< states; 1: an episode that reaches this state ends. NULL: none. NULL. */
  const float *observations;     /**< states × observation_size: the observation of each state. NULL: one-hot states.
                                      NULL. */
  int64_t observation_size;      /**< Length of an observation; not read if observations is NULL. 0. */
  const pgrad_action_part *parts; /**< The actions as discrete parts with action_count combinations of choices. NULL:
                                       one categorical part. NULL. */
  int64_t part_count;             /**< Not read if parts is NULL. 0. */
  double gamma;                   /**< Discount γ, 0 to 1; 0.99. */
  int64_t horizon;                /**< Steps after which an episode ends, at most PGRAD_MAX_HORIZON; 0: never. Without a
                                      horizon, γ must be below 1, or a terminal state must be reachable from every state
                                      that an episode can reach. 0. */
} pgrad_mdp_config;

PGRAD_API pgrad_status pgrad_mdp_config_init(pgrad_mdp_config *config, size_t struct_size);

/** Create an MDP from tables. The tables are copied. An error names the row, its value and what was expected. */
PGRAD_API pgrad_status pgrad_mdp_create(pgrad_mdp **mdp, const pgrad_mdp_config *config);

/**
 * Create one of the standard MDPs.
 *
 * @param name     "bandit": three arms that pay 1 with probability 0.2, 0.5 and 0.8; state 0 leads to 1 (lost) or 2
 *                 (won). "chain": two states; stay, or go to the other, which costs 0.1 and fails one time in ten;
 *                 staying in state 1 pays 1. "cliff": cliff walking (Sutton & Barto 2018, example 6.6), 4 × 12 states;
 *                 actions up, right, down and left; each step pays -1; a step into the cliff pays -100 and returns to
 *                 the start.
 * @param gamma    Discount γ, 0 to 1; below 1 for the chain if horizon is 0.
 * @param horizon  As in pgrad_mdp_config.
 */
PGRAD_API pgrad_status pgrad_mdp_create_named(pgrad_mdp **mdp, const char *name, double gamma, int64_t horizon);

/**
 * Create a random MDP (Archibald et al. 1995). Each action in each state leads to `branching` states; their
 * probabilities are the parts into which uniform points divide [0, 1]. Its reward is uniform on [0, 1). Episodes start
 * in every state with equal probability.
 *
 * @param branching  1 to state_count.
 * @param seed       The same seed gives the same MDP.
 */
PGRAD_API pgrad_status pgrad_mdp_create_garnet(pgrad_mdp **mdp, int64_t state_count, int64_t action_count,
                                               int64_t branching, uint64_t seed, double gamma, int64_t horizon);
PGRAD_API void pgrad_mdp_destroy(pgrad_mdp *mdp);

/** Describe how an MDP was created; arguments as in pgrad_policy_describe. Optional arrays have their final values. */
PGRAD_API pgrad_status pgrad_mdp_describe(pgrad_mdp *mdp, pgrad_mdp_config *config, size_t struct_size);

/**
 * The exact J(θ) = E[ Σ_t γ^t r_t ] in double precision: by dynamic programming for a finite horizon, else by a linear
 * solve.
 *
 * @param policy      A policy that fits the MDP. It is evaluated from its equations, independently of the library's
 *                    fast code.
 * @param parameters  Values to use instead of the policy's own parameters, one double for each; NULL for its own.
 * @param objective   Receives J.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_NOT_FINITE, PGRAD_UNSUPPORTED, PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_mdp_objective(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters,
                                           double *objective);

/** The exact ∇J(θ) = Σ_s d(s) Σ_a π(a|s) A(s, a) ∇log π(a|s) (Sutton et al. 2000); arguments as in pgrad_mdp_objective.
 *  @param gradient Receives one double for each parameter; 0 for parameters of the value function alone. */
PGRAD_API pgrad_status pgrad_mdp_gradient(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters,
                                          double *gradient);

/**
 * The exact values of states and actions under a policy; policy and parameters as in pgrad_mdp_objective.
 *
 *     V(s) = Σ_a π(a|s) Q(s, a),   Q(s, a) = r(s, a) + γ Σ_s' P(s'|s, a) V(s'),   A = Q - V,   d(s) = Σ_t γ^t Pr(s_t =
 *     s)
 *
 * With a finite horizon, all four depend on the step and have one layer for each step, in order; d is then
 * γ^t Pr(s_t = s). Without a horizon there is one layer. Terminal states have 0. Any of the outputs may be NULL.
 *
 * @param values         Receives V, layers × states.
 * @param action_values  Receives Q, layers × states × actions.
 * @param advantages     Receives A, layers × states × actions.
 * @param visitation     Receives d, layers × states.
 */
PGRAD_API pgrad_status pgrad_mdp_values(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters, double *values,
                                        double *action_values, double *advantages, double *visitation);

/** log π(a|s), states × actions, in double precision; policy and parameters as in pgrad_mdp_objective. */
PGRAD_API pgrad_status pgrad_mdp_log_probs(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters,
                                           double *log_probs);

/** ∇θ log π(a|s), states × actions × parameters, in double precision; policy and parameters as in pgrad_mdp_objective.
 *  At most PGRAD_MAX_TABLE numbers. */
PGRAD_API pgrad_status pgrad_mdp_scores(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters, double *scores);

/** Create environments that sample an MDP, in which agents can learn. An episode terminates in a terminal state and at
 *  the horizon. The environments keep the MDP alive. @param n_envs 1 to PGRAD_MAX_ENVS. */
PGRAD_API pgrad_status pgrad_env_create_mdp(pgrad_env **env, pgrad_mdp *mdp, int64_t n_envs);

/* ------------------------------------------------------------------------------------------------------- laboratory */

/** Every estimator of the policy gradient on the same trajectories of an MDP, compared with the exact gradient. */
typedef struct pgrad_laboratory pgrad_laboratory;

typedef struct pgrad_laboratory_config {
  uint32_t struct_size;
  int32_t group_size;         /**< Trajectories that share a baseline in RLOO and GRPO, 2 to PGRAD_MAX_GROUP_SIZE; 8. */
  int64_t trajectories;       /**< A multiple of group_size, at least 4 groups; 10000. */
  uint64_t seed;              /**< Seed of the trajectories; 0. */
  const double *lambdas;      /**< λ of GAE, 0 to 1; {0, 0.5, 0.9, 0.95, 1}. */
  int64_t lambda_count;       /**< At most PGRAD_MAX_LAMBDAS; 5. */
  const double *wrong_values; /**< V of the wrong critic, layers × states; NULL: 0 everywhere, as before training.
                                   NULL. */
  const double *scores;       /**< The scores to use, as pgrad_mdp_scores writes them; NULL: the exact scores. NULL. */
  int64_t checkpoints;        /**< Points of the curves, evenly spaced on a logarithmic scale; 10. */
} pgrad_laboratory_config;

PGRAD_API pgrad_status pgrad_laboratory_config_init(pgrad_laboratory_config *config, size_t struct_size);

/**
 * Sample trajectories and run every estimator on them.
 *
 * Trajectories end in terminal states and at the horizon. Without a horizon they are truncated at the first step t at
 * which γ^t times the probability that an episode still continues is below 1e-9. The score of each state and action is
 * computed once; the gradient of a trajectory is a weighted sum of these scores.
 *
 * @param policy  A policy that fits the MDP.
 * @param config  NULL for the defaults.
 */
PGRAD_API pgrad_status pgrad_laboratory_create(pgrad_laboratory **laboratory, pgrad_mdp *mdp, pgrad_policy *policy,
                                               const pgrad_laboratory_config *config);
PGRAD_API void pgrad_laboratory_destroy(pgrad_laboratory *laboratory);

typedef struct pgrad_laboratory_info {
  uint32_t struct_size;
  int32_t reserved;
  int64_t estimate_count;
  int64_t checkpoint_count;
  int64_t parameter_count;
} pgrad_laboratory_info;

/** @param struct_size sizeof(pgrad_laboratory_info) where the caller was compiled; the number of bytes written. */
PGRAD_API pgrad_status pgrad_laboratory_describe(pgrad_laboratory *laboratory, pgrad_laboratory_info *info,
                                                 size_t struct_size);

/** The weight Ψ_t on the score of step t. G_t = Σ_{k≥t} γ^{k-t} r_k, and R = G_0. */
typedef enum pgrad_estimate_kind {
  PGRAD_ESTIMATE_WHOLE_TRAJECTORY = 1,          /**< R: the theorem as stated (Williams 1992). */
  PGRAD_ESTIMATE_REWARD_TO_GO = 2,              /**< γ^t G_t. */
  PGRAD_ESTIMATE_REWARD_TO_GO_NO_DISCOUNT = 3,  /**< G_t: biased if γ < 1 (Nota & Thomas 2020). */
  PGRAD_ESTIMATE_CONSTANT_BASELINE = 4,         /**< R - J. */
  PGRAD_ESTIMATE_OPTIMAL_CONSTANT_BASELINE = 5, /**< R - b*, with the constant b* of lowest variance, estimated from
                                                       other trajectories (Greensmith et al. 2004). */
  PGRAD_ESTIMATE_VALUE_BASELINE = 6,            /**< γ^t (G_t - V(s_t)). */
  PGRAD_ESTIMATE_OPTIMAL_STATE_BASELINE = 7,    /**< γ^t (G_t - b*(s_t)), with the lowest variance for each single
                                                       step. */
  PGRAD_ESTIMATE_GAE = 8,                       /**< γ^t A_t: biased if λ < 1 and V is wrong (Schulman et al.
                                                       2016). */
  PGRAD_ESTIMATE_LEAVE_ONE_OUT = 9,             /**< R minus the mean of the other trajectories of the group: RLOO (Kool
                                                       et al. 2019). */
  PGRAD_ESTIMATE_GROUP_NORMALIZED = 10,         /**< (R - group's mean) / its standard deviation: GRPO (Shao et al.
                                                       2024); biased. */
  PGRAD_ESTIMATE_GROUP_CENTERED = 11            /**< R - group's mean: too short by a share of 1/group_size (Liu et al.
                                                       2025). */
} pgrad_estimate_kind;

typedef enum pgrad_critic { PGRAD_CRITIC_NONE = 0, PGRAD_CRITIC_EXACT = 1, PGRAD_CRITIC_WRONG = 2 } pgrad_critic;

/** The measurements of an estimator. */
typedef struct pgrad_estimate {
  uint32_t struct_size;
  int32_t kind;          /**< A pgrad_estimate_kind. */
  int32_t critic;        /**< A pgrad_critic: where V comes from. */
  int32_t is_unbiased;   /**< 1 if, by theory, its expectation is ∇J in every MDP with this discount. */
  double gae_lambda;     /**< λ of GAE; NaN for other estimators. */
  double bias_norm;      /**< ‖mean - ∇J‖. */
  double standard_error; /**< The value of bias_norm that chance explains: √(total_variance / trajectories). */
  double z;              /**< The bias along ∇J in standard errors. */
  double p_value; /**< Of the hypothesis that the bias is 0: Hotelling's T² over groups, along ∇J and up to 31 main
                               directions of the scores. Uniform on [0, 1] for an unbiased estimator and many groups. */
  double total_variance;  /**< Trace of the covariance of one trajectory's gradient. For estimators that compare
                               trajectories: of a group's mean gradient, times group_size. */
  double signal_to_noise; /**< ‖E gradient‖² / total_variance; with n trajectories it is n times as large. */
  double cosine;          /**< Between the mean and ∇J. */
} pgrad_estimate;

/** @param index        0 to estimate_count - 1, ordered by kind; GAE with the exact critic comes before GAE with the
 *                      wrong one, each in the order of lambdas.
 *  @param struct_size  sizeof(pgrad_estimate) where the caller was compiled; the number of bytes written. */
PGRAD_API pgrad_status pgrad_laboratory_estimate(pgrad_laboratory *laboratory, int64_t index, pgrad_estimate *estimate,
                                                 size_t struct_size);

/** The mean gradient of an estimator. @param gradient Receives parameter_count doubles. */
PGRAD_API pgrad_status pgrad_laboratory_mean(pgrad_laboratory *laboratory, int64_t index, double *gradient);

/**
 * How an estimator's mean converges to ∇J as trajectories are added. Each array receives checkpoint_count numbers, and
 * may be NULL.
 *
 * @param trajectories     The number of trajectories in the mean.
 * @param bias_norms       ‖mean - ∇J‖.
 * @param standard_errors  √(total variance / trajectories), estimated from these trajectories.
 * @param cosines          Between the mean and ∇J.
 */
PGRAD_API pgrad_status pgrad_laboratory_curve(pgrad_laboratory *laboratory, int64_t index, int64_t *trajectories,
                                              double *bias_norms, double *standard_errors, double *cosines);

#ifdef __cplusplus
}
#endif

#endif
