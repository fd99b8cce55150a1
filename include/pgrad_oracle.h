/*
 * pgrad_oracle: worlds small enough to be solved exactly, and a laboratory that compares estimators of the policy
 * gradient.
 *
 * An addition to pgrad.h, in the same library. What pgrad.h says of every function holds here too.
 */
#ifndef PGRAD_ORACLE_H
#define PGRAD_ORACLE_H

#include "pgrad.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------------------------------------------------- limits */

#define PGRAD_MAX_STATES 4096     /**< States of a tabular world. */
#define PGRAD_MAX_HORIZON 65536   /**< Steps of a finite horizon. */
#define PGRAD_MAX_TABLE 67108864  /**< Numbers in one of its tables; horizon × states × actions too. */
#define PGRAD_MAX_GROUP_SIZE 1024 /**< Trajectories that share a baseline in the laboratory. */
#define PGRAD_MAX_LAMBDAS 64      /**< Values of λ that it tries. */
#define PGRAD_MAX_CHECKPOINTS 64  /**< Points of its curves. */
#define PGRAD_MAX_PAIRS 4096      /**< States × actions of a world in it. */

/* --------------------------------------------------------------------------------------------------- tabular worlds */

/** A finite Markov decision process given by its tables: a world small enough to be solved exactly. A policy fits it
 *  when its observation size is the world's and the choices of its categorical and Bernoulli parts multiply to the
 *  number of actions, which are then numbered so that the first part counts most. */
typedef struct pgrad_mdp pgrad_mdp;

typedef struct pgrad_mdp_config {
  uint32_t struct_size;
  int32_t rewards_by_next_state;  /**< 1: rewards are r(s, a, s'); 0: r(s, a). 0. */
  int64_t state_count;            /**< 1 to PGRAD_MAX_STATES; no default. */
  int64_t action_count;           /**< 2 to PGRAD_MAX_SIZE; no default. */
  const double *transitions;      /**< P(s'|s, a), states × actions × states; each row sums to 1 within 1e-6, and is
                                      divided by its sum. Rows of terminal states are not read. No default. */
  const double *rewards;          /**< states × actions (× states), from -1e30 to 1e30; likewise. No default. */
  const double *initial;          /**< ρ(s), states; sums to 1, and is 0 in terminal states. No default. */
  const uint8_t *terminal;        /**< states; 1 where an episode ends on arrival. NULL: nowhere. NULL. */
  const float *observations;      /**< states × observation_size: what is seen of each state. NULL: one-hot states.
                                      NULL. */
  int64_t observation_size;       /**< Length of an observation; not read where observations is NULL. 0. */
  const pgrad_action_part *parts; /**< The actions as discrete parts whose choices multiply to action_count. NULL: one
                                       categorical part. NULL. */
  int64_t part_count;             /**< Not read where parts is NULL. 0. */
  double gamma;                   /**< Discount γ, 0 to 1; 0.99. */
  int64_t horizon;                /**< Steps after which an episode ends, at most PGRAD_MAX_HORIZON; 0: never. Then γ
                                      must be below 1, or a terminal state be within reach from wherever an episode
                                      comes. 0. */
} pgrad_mdp_config;

PGRAD_API pgrad_status pgrad_mdp_config_init(pgrad_mdp_config *config, size_t struct_size);

/** Create a world from tables, which are copied. A refusal names the row, what it holds and what was expected. */
PGRAD_API pgrad_status pgrad_mdp_create(pgrad_mdp **mdp, const pgrad_mdp_config *config);

/**
 * Create one of the standard worlds.
 *
 * @param name     "bandit": three arms that pay 1 with probability 0.2, 0.5 and 0.8; state 0 leads to 1 (lost) or 2
 *                 (won). "chain": two states; stay, or go to the other, which costs 0.1 and fails one time in ten;
 *                 staying in state 1 pays 1. "cliff": walking along it (Sutton & Barto 2018, example 6.6), 4 × 12
 *                 states, actions up, right, down and left, each step -1, into the cliff -100 and back to the start.
 * @param gamma    Discount γ, 0 to 1; below 1 for the chain where horizon is 0.
 * @param horizon  As in pgrad_mdp_config.
 */
PGRAD_API pgrad_status pgrad_mdp_create_named(pgrad_mdp **mdp, const char *name, double gamma, int64_t horizon);

/**
 * Create a random world (Archibald et al. 1995): each action in each state leads to `branching` states, with
 * probabilities cut from [0, 1] at uniform points, and pays a reward uniform on [0, 1). Episodes begin in every state
 * alike.
 *
 * @param branching  1 to state_count.
 * @param seed       The same seed gives the same world.
 */
PGRAD_API pgrad_status pgrad_mdp_create_garnet(pgrad_mdp **mdp, int64_t state_count, int64_t action_count,
                                               int64_t branching, uint64_t seed, double gamma, int64_t horizon);
PGRAD_API void pgrad_mdp_destroy(pgrad_mdp *mdp);

/** Describe how a world was created; arguments as in pgrad_policy_describe. Optional arrays have their final values. */
PGRAD_API pgrad_status pgrad_mdp_describe(pgrad_mdp *mdp, pgrad_mdp_config *config, size_t struct_size);

/**
 * J(θ) = E[ Σ_t γ^t r_t ], exactly, in double precision: by dynamic programming over a finite horizon, else by a linear
 * solve.
 *
 * @param policy      A policy that fits the world. It is evaluated from its equations, apart from the library's fast
 *                    code.
 * @param parameters  One double for each of its parameters, taken in their place; NULL for those it has.
 * @param objective   Receives J.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_NOT_FINITE, PGRAD_UNSUPPORTED, PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_mdp_objective(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters,
                                           double *objective);

/** ∇J(θ) = Σ_s d(s) Σ_a π(a|s) A(s, a) ∇log π(a|s) (Sutton et al. 2000), exactly; arguments as in pgrad_mdp_objective.
 *  @param gradient Receives one double for each parameter; 0 for those that only the value function has. */
PGRAD_API pgrad_status pgrad_mdp_gradient(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters,
                                          double *gradient);

/**
 * What states and actions are worth under a policy, exactly; policy and parameters as in pgrad_mdp_objective.
 *
 *     V(s) = Σ_a π(a|s) Q(s, a),   Q(s, a) = r(s, a) + γ Σ_s' P(s'|s, a) V(s'),   A = Q - V,   d(s) = Σ_t γ^t Pr(s_t =
 *     s)
 *
 * With a finite horizon all four depend on the step, and have as many layers as there are steps, the first step first;
 * d then is γ^t Pr(s_t = s). Without a horizon there is one layer. Terminal states have 0. Any of the outputs may be
 * NULL.
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

/** ∇θ log π(a|s), states × actions × parameters, in double precision; as above. At most PGRAD_MAX_TABLE numbers. */
PGRAD_API pgrad_status pgrad_mdp_scores(pgrad_mdp *mdp, pgrad_policy *policy, const double *parameters, double *scores);

/** Create environments that sample a world, so that agents learn in it; an episode terminates in a terminal state and
 *  at the horizon. The world is kept alive. @param n_envs 1 to PGRAD_MAX_ENVS. */
PGRAD_API pgrad_status pgrad_env_create_mdp(pgrad_env **env, pgrad_mdp *mdp, int64_t n_envs);

/* ------------------------------------------------------------------------------------------------------- laboratory */

/** Every estimator of the policy gradient on the same trajectories of a world, compared with the exact gradient. */
typedef struct pgrad_laboratory pgrad_laboratory;

typedef struct pgrad_laboratory_config {
  uint32_t struct_size;
  int32_t group_size;         /**< Trajectories that share a baseline in RLOO and GRPO, 2 to PGRAD_MAX_GROUP_SIZE; 8. */
  int64_t trajectories;       /**< A multiple of group_size, at least 4 times as many; 10000. */
  uint64_t seed;              /**< Of the trajectories; 0. */
  const double *lambdas;      /**< λ of GAE, 0 to 1; {0, 0.5, 0.9, 0.95, 1}. */
  int64_t lambda_count;       /**< At most PGRAD_MAX_LAMBDAS; 5. */
  const double *wrong_values; /**< V of the wrong critic, layers × states; NULL: 0 everywhere, an untrained one.
                                   NULL. */
  const double *scores;       /**< The scores to use, as pgrad_mdp_scores writes them; NULL: the exact ones. NULL. */
  int64_t checkpoints;        /**< Points of the curves, spaced evenly in the logarithm; 10. */
} pgrad_laboratory_config;

PGRAD_API pgrad_status pgrad_laboratory_config_init(pgrad_laboratory_config *config, size_t struct_size);

/**
 * Sample trajectories and run every estimator on them.
 *
 * Trajectories end in terminal states and at the horizon; without one they are cut where less than 1e-9 of the
 * discounted probability of still being under way is left. Scores are found once for each state and action, so that a
 * trajectory's gradient is a weighted sum of them.
 *
 * @param policy  A policy that fits the world.
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

/** @param struct_size sizeof(pgrad_laboratory_info) where the caller was compiled; so many bytes are written. */
PGRAD_API pgrad_status pgrad_laboratory_describe(pgrad_laboratory *laboratory, pgrad_laboratory_info *info,
                                                 size_t struct_size);

/** The weight Ψ_t on the score of step t. G_t = Σ_{k≥t} γ^{k-t} r_k, and R = G_0. */
typedef enum pgrad_estimate_kind {
  PGRAD_ESTIMATE_WHOLE_TRAJECTORY = 1,          /**< R: the theorem as stated (Williams 1992). */
  PGRAD_ESTIMATE_REWARD_TO_GO = 2,              /**< γ^t G_t. */
  PGRAD_ESTIMATE_REWARD_TO_GO_NO_DISCOUNT = 3,  /**< G_t: biased where γ < 1 (Nota & Thomas 2020). */
  PGRAD_ESTIMATE_CONSTANT_BASELINE = 4,         /**< R - J. */
  PGRAD_ESTIMATE_OPTIMAL_CONSTANT_BASELINE = 5, /**< R - b*, of least variance, from other trajectories (Greensmith et
                                                       al. 2004). */
  PGRAD_ESTIMATE_VALUE_BASELINE = 6,            /**< γ^t (G_t - V(s_t)). */
  PGRAD_ESTIMATE_OPTIMAL_STATE_BASELINE = 7,    /**< γ^t (G_t - b*(s_t)), of least variance for each step alone. */
  PGRAD_ESTIMATE_GAE = 8,                       /**< γ^t A_t: biased where λ < 1 and V is wrong (Schulman et al.
                                                       2016). */
  PGRAD_ESTIMATE_LEAVE_ONE_OUT = 9,             /**< R less the mean of the group's others: RLOO (Kool et al.
                                                       2019). */
  PGRAD_ESTIMATE_GROUP_NORMALIZED = 10,         /**< (R - group's mean) / its standard deviation: GRPO (Shao et al.
                                                       2024); biased. */
  PGRAD_ESTIMATE_GROUP_CENTERED = 11            /**< R - group's mean: too short by 1/group_size (Liu et al. 2025). */
} pgrad_estimate_kind;

typedef enum pgrad_critic { PGRAD_CRITIC_NONE = 0, PGRAD_CRITIC_EXACT = 1, PGRAD_CRITIC_WRONG = 2 } pgrad_critic;

/** What was found out about an estimator. */
typedef struct pgrad_estimate {
  uint32_t struct_size;
  int32_t kind;          /**< A pgrad_estimate_kind. */
  int32_t critic;        /**< A pgrad_critic: where V comes from. */
  int32_t is_unbiased;   /**< 1 if theory says that its expectation is ∇J in every world of this discount. */
  double gae_lambda;     /**< λ of GAE; NaN of others. */
  double bias_norm;      /**< ‖mean - ∇J‖. */
  double standard_error; /**< What that would be by chance: √(total_variance / trajectories). */
  double z;              /**< The bias along ∇J in standard errors. */
  double p_value; /**< Of no bias in any direction: Hotelling's T² over groups, along ∇J and up to 31 directions
                               in which scores point most. Uniform on [0, 1] for an unbiased estimator of many
                               groups. */
  double total_variance;  /**< Trace of the covariance of one trajectory's gradient; where trajectories are compared, of
                               a group's mean gradient times group_size. */
  double signal_to_noise; /**< ‖E gradient‖² / total_variance; n trajectories have n times as much. */
  double cosine;          /**< Between the mean and ∇J. */
} pgrad_estimate;

/** @param index        0 to estimate_count - 1: by kind; GAE first with the exact critic, in the order of lambdas.
 *  @param struct_size  sizeof(pgrad_estimate) where the caller was compiled; so many bytes are written. */
PGRAD_API pgrad_status pgrad_laboratory_estimate(pgrad_laboratory *laboratory, int64_t index, pgrad_estimate *estimate,
                                                 size_t struct_size);

/** The mean gradient of an estimator. @param gradient Receives parameter_count doubles. */
PGRAD_API pgrad_status pgrad_laboratory_mean(pgrad_laboratory *laboratory, int64_t index, double *gradient);

/**
 * How an estimator's mean comes near ∇J as trajectories are added; each array receives checkpoint_count numbers, and
 * may be NULL.
 *
 * @param trajectories     How many were in the mean.
 * @param bias_norms       ‖mean - ∇J‖.
 * @param standard_errors  √(total variance / trajectories), as known then.
 * @param cosines          Between the mean and ∇J.
 */
PGRAD_API pgrad_status pgrad_laboratory_curve(pgrad_laboratory *laboratory, int64_t index, int64_t *trajectories,
                                              double *bias_norms, double *standard_errors, double *cosines);

#ifdef __cplusplus
}
#endif

#endif
