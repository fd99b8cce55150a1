/*
 * pgrad: train and run policy-gradient agents inside any process.
 *
 * An agent acts by a parametrised stochastic policy π(a|s, θ), collects trajectories τ = {s₁, a₁, r₁, …} with return
 * R(τ) = Σ γ^{t-1} r_t, and climbs
 *
 *     ∇θ E[R(τ)] = E[ Σ_t Ψ_t ∇θ log π(a_t | s_t, θ) ]           (Williams 1992; Sutton et al. 2000)
 *
 * without ever asking how the environment answers. Every algorithm here is a choice of the weight Ψ_t.
 *
 * WHAT HOLDS FOR EVERY FUNCTION
 *
 * Arrays.    Observations are float, row-major, count × observation_size. Actions are float, row-major, count ×
 *            action_size, discrete choices as whole numbers. action_size is the sum over the parts of an action space
 *            of their columns. Flags are uint8_t, 0 or 1. Inputs must be finite. Arrays given to one call may not
 *            overlap where one is written; this is not checked.
 * Status.    Every call that can fail returns a pgrad_status. A refused call has written nothing: outputs, parameters,
 *            the state of optimizers and environments, and counters are as before, the object stays usable, and
 *            pgrad_last_error() names the argument, the value and what was expected. A result that is not finite, as
 *            huge but finite inputs or parameters may give, is refused with PGRAD_NOT_FINITE. Only pgrad_train and
 *            pgrad_agent_observe do several things in one call: steps that were complete stay, and what failed after
 *            them leaves no trace. What a callback did to the host's own data before it failed is for the host to undo.
 * Ownership. What an out-parameter received with create, load or pgrad_agent_policy is the caller's to destroy, in any
 *            order: objects keep alive what they use. Destroying NULL does nothing. All other pointers are borrowed for
 *            the length of the call; nothing given is kept.
 * Handles.   A handle is a ticket, not an address: a destroyed, foreign or NULL handle is recognised and refused
 *            with PGRAD_INVALID_HANDLE. At most PGRAD_MAX_HANDLES objects live at a time.
 * Threads.   One call at a time for each object and what shares its policy; different objects, any threads. A call that
 *            finds its object in use on another thread is refused with PGRAD_BAD_STATE. A callback may use the objects
 *            of the call that it comes from, on that thread; it must return, and not throw or longjmp out.
 * Options.   Structures begin with struct_size and only ever grow at their end. Fill one with its pgrad_…_init, which
 *            takes sizeof, then change fields. A program built against an older, shorter structure gets the defaults
 *            for the rest; a longer one whose tail this library does not know is refused unless that tail is zero.
 * Numbers.   The same seed gives the same bits on the same machine, for any number of threads.
 */
#ifndef PGRAD_H
#define PGRAD_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PGRAD_API __attribute__((visibility("default")))
#else
#define PGRAD_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------------------------------------------------- version */

#define PGRAD_VERSION "0.1.0"
/** Changes whenever programs must be rebuilt; libraries with equal numbers are compatible. */
#define PGRAD_ABI_VERSION 1

/** The library's PGRAD_VERSION at run time; static memory. */
PGRAD_API const char *pgrad_version(void);

/** PGRAD_ABI_VERSION of the library at run time; compare it with the header's. */
PGRAD_API int32_t pgrad_abi_version(void);

/** The instruction set chosen when the library was loaded, the best that the processor has of "avx512", "avx2" and
 *  "baseline"; static memory. The environment variable PGRAD_KERNELS names another of these, and counts where the
 *  processor has it. */
PGRAD_API const char *pgrad_kernels(void);

/* ----------------------------------------------------------------------------------------------------------- status */

/** How a call ended. The values are fixed for all time. */
typedef enum pgrad_status {
  PGRAD_OK = 0,
  PGRAD_INVALID_ARGUMENT = 1, /**< An argument is NULL, out of range, of the wrong size, or contradicts another. */
  PGRAD_INVALID_HANDLE = 2,   /**< A handle is NULL, destroyed, of another type, or was never one. */
  PGRAD_NOT_FINITE = 3,       /**< An input, or a result, holds NaN or infinity. */
  PGRAD_BAD_STATE = 4,        /**< The object cannot do this now, such as observe before act, or is in use on another
                                   thread. */
  PGRAD_OUT_OF_MEMORY = 5,
  PGRAD_UNSUPPORTED = 6, /**< Known to the header, not to this library. */
  PGRAD_IO_ERROR = 7,    /**< The operating system refused to read or write a file. */
  PGRAD_BAD_FILE = 8,    /**< A file is truncated, foreign or damaged. */
  PGRAD_HOST_ERROR = 9   /**< A callback of the host reported failure. */
} pgrad_status;

/** The name of a status, such as "PGRAD_NOT_FINITE"; "unknown status" for any other number. Static memory. */
PGRAD_API const char *pgrad_status_name(int32_t status);

/** What the last failed call on this thread had to say; "" before any. Valid until the next failure on this thread. */
PGRAD_API const char *pgrad_last_error(void);

/* ----------------------------------------------------------------------------------------------------------- limits */

#define PGRAD_MAX_SIZE 65536            /**< Widths: an observation, a hidden layer, an action part. */
#define PGRAD_MAX_LAYERS 64             /**< Hidden layers of a network. */
#define PGRAD_MAX_PARTS 1024            /**< Parts of an action space. */
#define PGRAD_MAX_ROWS 16777216         /**< Rows in one call, or steps × environments in one rollout. */
#define PGRAD_MAX_ENVS 1048576          /**< Environments stepped side by side. */
#define PGRAD_MAX_THREADS 256           /**< Workers inside one call. */
#define PGRAD_MAX_ELEMENTS 1073741824LL /**< Numbers in any one array; parameters of a policy: half as many. */
#define PGRAD_MAX_HANDLES 1048576       /**< Objects alive at one time. */
#define PGRAD_MAX_NOTE 131072           /**< Bytes of a policy's note, without the terminating zero. */

/* ---------------------------------------------------------------------------------------------------- action spaces */

/** What one part of an action space holds. */
typedef enum pgrad_part_kind {
  PGRAD_CATEGORICAL = 1, /**< One column holding one of size choices: 0, 1, …, size - 1. */
  PGRAD_BERNOULLI = 2,   /**< size columns, each 0 or 1, of probability p = 1/(1 + exp(-output)) to be 1. */
  PGRAD_GAUSSIAN = 3,    /**< size columns, each any real number; what an agent hands to the world is clipped to [low,
                              high]. */
  PGRAD_SQUASHED_GAUSSIAN = 4, /**< size columns a = low + (high - low)(tanh u + 1)/2 of Gaussian u (Haarnoja et al.
                                    2018). An action on a bound, to which a float may round, counts as a quarter of the
                                    last float's step inside it, so its log-probability is finite. */
  PGRAD_BETA = 5               /**< size columns in [low, high], of shapes α, β = 1 + softplus(outputs): one mode each
                                    (Chou et al. 2017). An action on a bound counts as above. */
} pgrad_part_kind;

/** One part of an action space. A space is an array of these: several categorical parts make a multi-discrete space, a
 *  categorical and a Gaussian part a hybrid one. */
typedef struct pgrad_action_part {
  int32_t kind; /**< A pgrad_part_kind. */
  int32_t size; /**< Choices (categorical, at least 2) or columns (at least 1); at most PGRAD_MAX_SIZE. */
  float low;    /**< Lower bound of a continuous part; ignored by discrete ones. -INFINITY for none (Gaussian only). */
  float high;   /**< Upper bound, above low; ignored by discrete parts. INFINITY for none (Gaussian only). Where neither
                     may be infinite, high - low must be a finite float. */
} pgrad_action_part;

/* ----------------------------------------------------------------------------------------------------------- policy */

/** A stochastic policy π(a|s, θ), with an optional value function V(s), and all their parameters in one flat vector. */
typedef struct pgrad_policy pgrad_policy;

/** The function between the layers of a network. */
typedef enum pgrad_activation {
  PGRAD_TANH = 1,
  PGRAD_RELU = 2, /**< max(x, 0). */
  PGRAD_ELU = 3,  /**< x above 0, else exp(x) - 1 (Clevert et al. 2016). */
  PGRAD_SILU = 4, /**< x/(1 + exp(-x)), also called swish (Elfwing et al. 2018). */
  PGRAD_GELU = 5  /**< x Φ(x), the exact form by the error function (Hendrycks & Gimpel 2016). */
} pgrad_activation;

/** How weights are drawn at first, of a gain that is 0.01 in the policy's last layer and 1 in the value's last. */
typedef enum pgrad_initialization {
  PGRAD_ORTHOGONAL = 1,     /**< gain times orthonormal rows or columns (Saxe et al. 2014); √2 in hidden layers. */
  PGRAD_GLOROT_UNIFORM = 2, /**< Within ± gain·√(6/(inputs + outputs)) (Glorot & Bengio 2010); 1 in hidden layers. */
  PGRAD_KAIMING_UNIFORM = 3 /**< Within ± gain·√(3/inputs) (He et al. 2015); √2 in hidden layers. */
} pgrad_initialization;

typedef struct pgrad_policy_config {
  uint32_t struct_size;
  int32_t activation;             /**< A pgrad_activation; PGRAD_TANH. */
  int64_t observation_size;       /**< Length of one observation, 1 to PGRAD_MAX_SIZE; no default. */
  const pgrad_action_part *parts; /**< The action space; no default. */
  int64_t part_count;             /**< 1 to PGRAD_MAX_PARTS. */
  const int64_t *hidden_sizes;    /**< Widths of the hidden layers; {64, 64}. */
  int64_t hidden_count;           /**< 0 (linear) to PGRAD_MAX_LAYERS; 2. */
  uint64_t seed;                  /**< Of the initialisation and of the samples; 0. */
  int32_t value_function;         /**< 1: a value function, by default a network of the same hidden sizes; 0: none.
                                       1. */
  float initial_log_std;          /**< Of Gaussian and squashed Gaussian parts, -20 to 2; 0, so a standard deviation of
                                       1. */
  int32_t state_dependent_std;    /**< 1: the network gives the log standard deviations too, clipped to [-20, 2], beyond
                                       which their gradient is 0; 0: they are parameters that no observation changes.
                                       0. */
  int32_t layer_norm;             /**< 1: hidden layers are normalised before their activation, with a learned scale and
                                       shift and 10⁻⁵ added to the variance (Ba et al. 2016); 0: not. 0. */
  int32_t shared_trunk;           /**< 1: the value function is one layer on the policy's last hidden layer; 0: a
                                       network of its own. 0. */
  int32_t initialization;         /**< A pgrad_initialization; PGRAD_ORTHOGONAL. */
  int32_t bias;                   /**< 1: layers have biases; 0: none. Without, and without hidden layers, a policy of
                                       one-hot observations is a table: a row of outputs for each. 1. */
  int32_t state_dependent_exploration; /**< 1: gSDE (Raffin et al. 2021): the noise of Gaussian and squashed Gaussian
                                       parts is linear in the last hidden layer φ (without one, the observation), by a
                                       matrix W of standard normal numbers that is kept for a while:
                                       a_j = μ_j + e^{b_j} Σ_k φ_k e^{s_kj} W_kj, so that
                                       σ_j = e^{b_j} √(Σ_k φ_k² e^{2 s_kj} + 10⁻⁶). s, at first 0, and b, at first
                                       initial_log_std, learn; φ does not learn from σ. b is what Stable-Baselines3 has
                                       in s alone, at first -2 in its zoo. Excludes state_dependent_std. 0. */
  int32_t rescale_actions; /**< 1: the network gives means of bounded Gaussian parts in units of half the range,
                                       around its middle: (low + high)/2 + (high - low)/2 · output. Their log standard
                                       deviations begin at initial_log_std + log((high - low)/2). So policies learn
                                       alike whatever the bounds, and actions are in the world's units, as ever.
                                       Gymnasium's RescaleAction does this in the world. Squashed Gaussian and beta
                                       parts are always so. 0. */
  int32_t reserved;        /**< 0. */
} pgrad_policy_config;

/** Fill config with the defaults above. struct_size is sizeof(pgrad_policy_config) where the caller was compiled. */
PGRAD_API pgrad_status pgrad_policy_config_init(pgrad_policy_config *config, size_t struct_size);

/**
 * Create a policy. Weights are drawn as initialization says. Biases and shifts start at 0, those that give log standard
 * deviations at initial_log_std, and scales at 1.
 *
 * @param policy  Receives the policy; destroy it with pgrad_policy_destroy.
 * @param config  observation_size and parts must be set.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_UNSUPPORTED, PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_policy_create(pgrad_policy **policy, const pgrad_policy_config *config);
PGRAD_API void pgrad_policy_destroy(pgrad_policy *policy);

/**
 * Describe how a policy was created.
 *
 * @param config       Receives what pgrad_policy_create would take to make another such policy. Its arrays belong to
 *                     the policy and live as long as it does.
 * @param struct_size  sizeof(pgrad_policy_config) where the caller was compiled.
 */
PGRAD_API pgrad_status pgrad_policy_describe(pgrad_policy *policy, pgrad_policy_config *config, size_t struct_size);

/**
 * Draw an action for each observation: a ~ π(·|s, θ).
 *
 * @param observations  count × observation_size.
 * @param count         Rows, 1 to PGRAD_MAX_ROWS.
 * @param actions       Receives count × action_size. Gaussian columns are not clipped and may exceed their bounds: pass
 *                      the actions to pgrad_policy_clip before they reach an environment or a machine.
 * @param log_probs     Receives count values of log π(a|s, θ), a density for continuous parts; may be NULL. Of squashed
 *                      columns it is the density at the pre-squash action; see pgrad_policy_sample_draws.
 *
 * Each call makes new draws, with state_dependent_exploration a W for each row. The n-th successful call after creation
 * or loading gives the same draws for the same seed. Allocates nothing for up to 1,024 rows of up to 255 columns. For
 * more, this function and those below allocate memory for the results during the call, since all are checked before any
 * is written.
 */
PGRAD_API pgrad_status pgrad_policy_sample(pgrad_policy *policy, const float *observations, int64_t count,
                                           float *actions, float *log_probs);

/**
 * The most representative action for each observation; arguments as in pgrad_policy_sample.
 *
 * Of a categorical part the most probable choice, the first of equals; of a Bernoulli column 1 where that is the
 * likelier, else 0; of a Gaussian column its mean; of a squashed Gaussian column the image of the mean, which is its
 * median; of a beta column the mode, (α - 1)/(α + β - 2) of the range, and its middle where α = β = 1. A Gaussian mean
 * may exceed the bounds: see pgrad_policy_clip.
 */
PGRAD_API pgrad_status pgrad_policy_mode(pgrad_policy *policy, const float *observations, int64_t count,
                                         float *actions);

/**
 * log π(a|s, θ) of given actions, summed over the parts; with z the logits, μ and σ the mean and standard deviation, x
 * the share (a - low)/(high - low) of the range and B the beta function, a column's is
 *
 *     categorical        z_a - log Σ_j exp z_j
 *     Bernoulli          -log(1 + exp(-z)) of a 1, -log(1 + exp z) of a 0
 *     Gaussian           -½((a - μ)/σ)² - log σ - ½ log 2π
 *     squashed Gaussian  -½((u - μ)/σ)² - log σ - ½ log 2π - log |da/du|,
 *                        u = ½ log(x/(1 - x)),  |da/du| = 2(high - low) x (1 - x)
 *     beta               (α - 1) log x + (β - 1) log(1 - x) - log B(α, β) - log(high - low)
 *
 * @param actions    count × action_size, each inside its space; otherwise PGRAD_INVALID_ARGUMENT.
 * @param log_probs  Receives count values.
 */
PGRAD_API pgrad_status pgrad_policy_log_prob(pgrad_policy *policy, const float *observations, const float *actions,
                                             int64_t count, float *log_probs);

/**
 * Entropy H(π(·|s, θ)) in nats of each observation, differential for continuous parts. @param entropies Receives count.
 *
 * The entropy of a squashed Gaussian column has no closed form. Its term E[log(1 - tanh² u)] is a sum over fixed nodes,
 * within 3·10⁻⁶ for every μ and σ, and agents climb the gradient of that sum.
 */
PGRAD_API pgrad_status pgrad_policy_entropy(pgrad_policy *policy, const float *observations, int64_t count,
                                            float *entropies);

/**
 * How far another policy is from this one at each observation:
 * KL(π ‖ π_other) = E_{a~π(·|s)}[ log π(a|s) - log π_other(a|s) ], in nats, exactly; summed over the parts. A column's
 * is
 *
 *     categorical        Σ_j p_j (log p_j - log q_j)
 *     Bernoulli          p log(p/q) + (1 - p) log((1 - p)/(1 - q))
 *     Gaussian           log(s/σ) + (σ² + (μ - m)²)/(2s²) - ½
 *     squashed Gaussian  as for the Gaussians before squashing
 *     beta               log B(γ, δ) - log B(α, β) + (α - γ) ψ(α) + (β - δ) ψ(β) - (α - γ + β - δ) ψ(α + β)
 *
 * where q, m, s, γ and δ belong to the other policy, and ψ is the digamma function.
 *
 * @param other  A policy of the same observation_size and action space, its networks whatever they are; may be policy.
 * @param kls    Receives count values, 0 or more.
 */
PGRAD_API pgrad_status pgrad_policy_kl(pgrad_policy *policy, pgrad_policy *other, const float *observations,
                                       int64_t count, float *kls);

/** V(s) ≈ E[ Σ_k γ^k r_{t+k} | s_t = s ] of each observation. PGRAD_BAD_STATE without a value function. */
PGRAD_API pgrad_status pgrad_policy_value(pgrad_policy *policy, const float *observations, int64_t count,
                                          float *values);

/**
 * The score, weighted: Σ_i weights_i ∇θ log π(actions_i | observations_i, θ).
 *
 * With weights Ψ_t this is the policy gradient of a batch; divide them by the number of trajectories for its mean.
 *
 * @param actions   As in pgrad_policy_log_prob.
 * @param weights   count numbers.
 * @param count     Rows, 1 to PGRAD_MAX_ROWS.
 * @param gradient  Receives one float for each parameter, in the order of pgrad_policy_parameters; 0 for the value
 *                  function's parameters.
 */
PGRAD_API pgrad_status pgrad_policy_score_gradient(pgrad_policy *policy, const float *observations,
                                                   const float *actions, const float *weights, int64_t count,
                                                   float *gradient);

/**
 * A product with the Fisher matrix, averaged over observations (Amari 1998):
 *
 *     F v = 1/count Σ_i E_{a~π(·|s_i)}[ ∇θ log π(a|s_i) ∇θ log π(a|s_i)ᵀ ] v
 *
 * The expectation is exact: Jᵀ M J v with J the derivative of the network's outputs by θ and M the distribution's own
 * matrix, by one pass along v (Pearlmutter 1994) and one back. F is the second derivative of KL(π ‖ π_θ') by θ' at θ' =
 * θ, except for what scores leave out with state_dependent_exploration. With these products, conjugate gradients solve
 * F x = ∇J for the natural gradient x. Allocates nothing.
 *
 * @param vector   One number for each parameter, in the order of pgrad_policy_parameters.
 * @param product  Receives as many; 0 for the value function's parameters.
 */
PGRAD_API pgrad_status pgrad_policy_fisher_vector(pgrad_policy *policy, const float *observations, int64_t count,
                                                  const float *vector, float *product);

/**
 * Clip bounded Gaussian columns to [low, high] of their part, as an agent does for its environment; copy all other
 * columns.
 *
 * Policies keep the bounds in their files. Compute log-probabilities and scores from the actions before clipping.
 *
 * @param actions  count × action_size, finite; otherwise PGRAD_NOT_FINITE.
 * @param count    Rows, 1 to PGRAD_MAX_ROWS.
 * @param clipped  Receives count × action_size; may be actions itself.
 */
PGRAD_API pgrad_status pgrad_policy_clip(pgrad_policy *policy, const float *actions, int64_t count, float *clipped);

/* ---------------------------------------------------------------------------------------------------------- draws */

/**
 * Draw actions, and keep the pre-squash actions.
 *
 * A squashed Gaussian column is a = low + (high - low)(tanh u + 1)/2 of a normal u. Far from 0, a rounds to a bound and
 * no longer determines u: log-probabilities and scores that are computed from a are then biased, from |u| of about 8
 * for bounds [-1, 1] and of 5 for [1000, 1001]. Those that are computed from u are exact for every u. A row of draws is
 * a row of actions with u in its squashed columns; all other columns are equal. Agents keep and learn from draws.
 *
 * @param masks      As in pgrad_policy_sample_masked; NULL for all.
 * @param actions    Receives count × action_size.
 * @param draws      Receives count × action_size.
 * @param log_probs  Receives count values, as pgrad_policy_log_prob_draws computes them; may be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_sample_draws(pgrad_policy *policy, const float *observations, const uint8_t *masks,
                                                 int64_t count, float *actions, float *draws, float *log_probs);

/** pgrad_policy_log_prob_masked of draws: log π(a|s, θ) at the actions a that the draws give. @param draws Finite. */
PGRAD_API pgrad_status pgrad_policy_log_prob_draws(pgrad_policy *policy, const float *observations,
                                                   const uint8_t *masks, const float *draws, int64_t count,
                                                   float *log_probs);

/** pgrad_policy_score_gradient_masked of draws. @param draws Finite. */
PGRAD_API pgrad_status pgrad_policy_score_gradient_draws(pgrad_policy *policy, const float *observations,
                                                         const uint8_t *masks, const float *draws, const float *weights,
                                                         int64_t count, float *gradient);

/* ----------------------------------------------------------------------------------------------------- action masks */

/** How many flags a row of masks has: for each part in order, one for each choice of a categorical part, and two for
 *  each Bernoulli column, whether it may be 0 and whether it may be 1; none of continuous parts. @param size Receives
 *  it. */
PGRAD_API pgrad_status pgrad_policy_mask_size(pgrad_policy *policy, int64_t *size);

/**
 * The functions above for a policy of which not every choice is allowed in every state. A choice that is not has
 * probability exactly 0, and the others share what it had:
 *
 *     π(a|s) = allowed_a exp z_a / Σ_j allowed_j exp z_j                                       (Huang & Ontañón 2022)
 *
 * which log-probabilities, entropies, divergences, scores and Fisher matrices follow. Both policies of a divergence are
 * masked.
 *
 * @param masks  count × mask_size flags, 1 where a choice is allowed; NULL for all. Each categorical part and each
 *               Bernoulli column must have a choice left. An action that is not allowed is refused with
 *               PGRAD_INVALID_ARGUMENT.
 */
PGRAD_API pgrad_status pgrad_policy_sample_masked(pgrad_policy *policy, const float *observations, const uint8_t *masks,
                                                  int64_t count, float *actions, float *log_probs);
PGRAD_API pgrad_status pgrad_policy_mode_masked(pgrad_policy *policy, const float *observations, const uint8_t *masks,
                                                int64_t count, float *actions);
PGRAD_API pgrad_status pgrad_policy_log_prob_masked(pgrad_policy *policy, const float *observations,
                                                    const uint8_t *masks, const float *actions, int64_t count,
                                                    float *log_probs);
PGRAD_API pgrad_status pgrad_policy_entropy_masked(pgrad_policy *policy, const float *observations,
                                                   const uint8_t *masks, int64_t count, float *entropies);
PGRAD_API pgrad_status pgrad_policy_kl_masked(pgrad_policy *policy, pgrad_policy *other, const float *observations,
                                              const uint8_t *masks, int64_t count, float *kls);
PGRAD_API pgrad_status pgrad_policy_score_gradient_masked(pgrad_policy *policy, const float *observations,
                                                          const uint8_t *masks, const float *actions,
                                                          const float *weights, int64_t count, float *gradient);
PGRAD_API pgrad_status pgrad_policy_fisher_vector_masked(pgrad_policy *policy, const float *observations,
                                                         const uint8_t *masks, int64_t count, const float *vector,
                                                         float *product);

/* ------------------------------------------------------------------------------------------------------- parameters */

/**
 * The parameters θ themselves, in place: what is written there is what the policy does next.
 *
 * They are, in this order:
 *
 *     1. for each layer of the policy network its weight (inputs × outputs, row-major), its bias, and its scale and
 *        shift where it is normalised;
 *     2. the log standard deviations of Gaussian and squashed Gaussian parts, unless the network gives them;
 *     3. the layers of the value network in the same way; with shared_trunk there is one.
 *
 * With state_dependent_exploration those columns of the policy network's last layer that are log standard deviations
 * hold s in the weight, and b in the bias.
 *
 * @param parameters  Receives a pointer, 64-byte aligned, valid while any handle to the policy, or an agent or
 *                    optimizer that uses it, lives. May be NULL.
 * @param count       Receives how many floats. May be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_parameters(pgrad_policy *policy, float **parameters, int64_t *count);

/**
 * Read the moments by which the policy normalises observations before its networks:
 *
 *     x̂ = clip((x - mean) / √(variance + 1e-8), ±observation_clip)
 *
 * An agent with normalize_observations gives its policy a normaliser and teaches it; it is part of the policy's file.
 * Every function takes observations as the environment gives them, and normalises them by the current moments.
 *
 * @param means      Receives observation_size numbers; may be NULL. Untouched without a normaliser.
 * @param variances  The same.
 * @param count      Receives the observations that the moments are of; -1 without a normaliser.
 */
PGRAD_API pgrad_status pgrad_policy_observation_moments(pgrad_policy *policy, double *means, double *variances,
                                                        int64_t *count);

/**
 * Set the note of a policy: one text for the host's own use, which the library keeps but does not read. Files of the
 * policy and of agents that use it contain the note. The Python package describes the environment's spaces there, in
 * JSON.
 *
 * @param note  In UTF-8, zero-terminated, at most PGRAD_MAX_NOTE bytes; copied. "" removes the note. NULL, other
 *              encodings and longer texts give PGRAD_INVALID_ARGUMENT.
 */
PGRAD_API pgrad_status pgrad_policy_set_note(pgrad_policy *policy, const char *note);

/**
 * Read the note of a policy; "" unless pgrad_policy_set_note or the policy's file set one.
 *
 * @param note      Receives length + 1 bytes, the last of which is zero; NULL to read the length alone.
 * @param capacity  Bytes at note, at least length + 1, else PGRAD_INVALID_ARGUMENT; 0 where note is NULL.
 * @param length    Receives the number of bytes without the terminating zero; may be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_note(pgrad_policy *policy, char *note, int64_t capacity, int64_t *length);

/**
 * Write a policy to a file in the safetensors format, one tensor a weight, bias or log standard deviation.
 *
 * A file of that name is replaced only once the new one is whole and on disk; it keeps its mode, and its owner where
 * the system allows it. A new file has mode 0666 less umask. Of a symbolic link the target is written, existing or not.
 * Other hard links keep the old content. Until it is whole, the new file is "PATH.xxxxxxxx.partial" with random
 * hexadecimal digits, in the same folder. The next save to the same path removes such files of killed processes, if
 * the file system has locks.
 *
 * @param path  In UTF-8.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT; PGRAD_IO_ERROR for a device, FIFO, socket or folder, for links in a circle,
 *         and where the system refuses; PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_policy_save(pgrad_policy *policy, const char *path);

/** Read a policy from a file of pgrad_policy_save or pgrad_agent_save. PGRAD_IO_ERROR, PGRAD_BAD_FILE. */
PGRAD_API pgrad_status pgrad_policy_load(pgrad_policy **policy, const char *path);

/**
 * Write the bytes of a policy's file to memory.
 *
 * @param bytes     Receives what pgrad_policy_save would write to a file; NULL to ask for the size alone.
 * @param capacity  Bytes at `bytes`, at least the size, else PGRAD_INVALID_ARGUMENT; 0 where bytes is NULL.
 * @param size      Receives the number of bytes; may be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_save_memory(pgrad_policy *policy, void *bytes, int64_t capacity, int64_t *size);

/** Read a policy from the bytes of a file, size of them, which are copied. PGRAD_INVALID_ARGUMENT, PGRAD_BAD_FILE. */
PGRAD_API pgrad_status pgrad_policy_load_memory(pgrad_policy **policy, const void *bytes, int64_t size);

/** What a file holds. */
typedef enum pgrad_file_content {
  PGRAD_FILE_POLICY = 1, /**< A policy, for pgrad_policy_load. */
  PGRAD_FILE_AGENT = 2   /**< An agent with its policy, for pgrad_agent_load and pgrad_policy_load. */
} pgrad_file_content;

/**
 * Read what a file holds.
 *
 * Whether its tensors are sound is not checked; loading it does that.
 *
 * @param kind  Receives a pgrad_file_content.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_IO_ERROR, PGRAD_BAD_FILE, PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_file_kind(const char *path, int32_t *kind);

/* ---------------------------------------------------------------------------------------------------- gradient step */

/** Climbs gradients of one policy's parameters, and keeps what its rule remembers of them. */
typedef struct pgrad_optimizer pgrad_optimizer;

typedef enum pgrad_optimizer_kind {
  PGRAD_SGD = 1,    /**< v ← momentum·v + g;  θ ← θ + learning_rate·v. */
  PGRAD_ADAM = 2,   /**< Kingma & Ba 2015, bias-corrected; epsilon is added to √v̂. */
  PGRAD_RMSPROP = 3 /**< v ← decay·v + (1 - decay)·g²;  θ ← θ + learning_rate·g / (√v + epsilon). Hinton 2012. */
} pgrad_optimizer_kind;

typedef struct pgrad_optimizer_config {
  uint32_t struct_size;
  int32_t kind;         /**< A pgrad_optimizer_kind; PGRAD_ADAM. */
  double learning_rate; /**< Above 0; 3e-4. */
  double momentum;      /**< SGD: 0 to below 1; 0. */
  double beta1;         /**< Adam: 0 to below 1; 0.9. */
  double beta2;         /**< Adam: 0 to below 1; 0.999. */
  double decay;         /**< RMSProp: 0 to below 1; 0.99. */
  double epsilon;       /**< Above 0; 1e-8. */
  double max_grad_norm; /**< A longer gradient is scaled to this Euclidean norm first; 0: never. 0. */
} pgrad_optimizer_config;

PGRAD_API pgrad_status pgrad_optimizer_config_init(pgrad_optimizer_config *config, size_t struct_size);

/** Create an optimizer of the policy's parameters; it keeps the policy alive. The policy may have several.
 *  @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_OUT_OF_MEMORY. */
PGRAD_API pgrad_status pgrad_optimizer_create(pgrad_optimizer **optimizer, pgrad_policy *policy,
                                              const pgrad_optimizer_config *config);

/**
 * One step of ascent: the caller passes the gradient of what it wants more of.
 *
 * @param gradient  One float for each parameter. PGRAD_NOT_FINITE if one is not, or a parameter would not be; then
 *                  neither the policy nor the optimizer has changed.
 */
PGRAD_API pgrad_status pgrad_optimizer_step(pgrad_optimizer *optimizer, const float *gradient);
PGRAD_API void pgrad_optimizer_destroy(pgrad_optimizer *optimizer);

/* ------------------------------------------------------------------------------------------------------------ agent */

/** Acts, remembers, and learns whenever a rollout is full. */
typedef struct pgrad_agent pgrad_agent;

typedef enum pgrad_algorithm {
  PGRAD_REINFORCE = 1, /**< Williams 1992. */
  PGRAD_A2C = 2,       /**< Mnih et al. 2016, synchronous. */
  PGRAD_PPO = 3,       /**< Schulman et al. 2017, with the clipped surrogate. */
  PGRAD_NPG = 4,       /**< The natural gradient, Kakade 2001: one step for each rollout,
                            θ ← θ + √(2δ / xᵀ(F + d) x) x,  x = (F + d)⁻¹ g,  F = E[score scoreᵀ],
                            of the length that moves the policy by a mean KL divergence of δ, target_kl, to second order
                            (Rajeswaran et al. 2017); d is cg_damping. The value function is then fitted apart, in
                            n_epochs passes over minibatches, without moving what it shares with the policy. */
  PGRAD_TRPO = 5,      /**< Schulman et al. 2015: the same step, but shortened until the surrogate E[r A] has risen, and
                            the exact mean KL(π_old‖π) over the rollout is at most target_kl; if it never is, none is
                            taken. */
  PGRAD_SPO = 6        /**< Simple Policy Optimization, Xie et al. 2024: PPO with the surrogate
                            E[ r A - |A| (r - 1)² / (2 clip_range) ]. Beyond the clip range its gradient leads back,
                            where PPO's is 0. Options and defaults are PPO's, without surrogate and kl_coefficient. */
} pgrad_algorithm;

/** The weight Ψ_t on the score. */
typedef enum pgrad_estimator {
  PGRAD_WHOLE_TRAJECTORY = 1, /**< R(τ) = Σ_k γ^{k-1} r_k on every step: the theorem as stated. */
  PGRAD_REWARD_TO_GO = 2,     /**< Σ_{k≥t} γ^{k-t} r_k; with discount_scores, times γ^{t-1}. */
  PGRAD_GAE = 3,              /**< Generalised advantage estimation, Schulman et al. 2016; needs a value function. */
  PGRAD_VTRACE = 4,           /**< PPO, SPO, A2C: V-trace, Espeholt et al. 2018: advantages under the current policy
                                   of steps that an older one drew, as in later epochs with recompute_advantages;
                                   see pgrad_vtrace. Its λ is gae_lambda. Needs a value function. */
  PGRAD_LEAVE_ONE_OUT = 5, /**< REINFORCE: R_i - 1/(n-1) Σ_{j≠i} R_j on every step of trajectory i of a group of n:
                                   RLOO (Kool et al. 2019; Ahmadian et al. 2024). Unbiased wherever the group's
                                   trajectories begin; of least variance where they begin in one state. */
  PGRAD_GROUP_NORMALIZED = 6, /**< REINFORCE: (R_i - mean_j R_j) / (std_j R_j + 1e-4), the advantage of GRPO (Shao et
                                   al. 2024) as in TRL. Biased: groups whose returns differ little weigh more. */
  PGRAD_GROUP_CENTERED = 7    /**< REINFORCE: R_i - mean_j R_j, GRPO without the division (Liu et al. 2025): (n-1)/n
                                   times as long as RLOO's. */
} pgrad_estimator;

/** When an environment resets after an episode has ended; the names are Gymnasium's. */
typedef enum pgrad_autoreset_mode {
  PGRAD_AUTORESET_SAME_STEP = 1, /**< At once: next_observations holds the new episode's first observation and
                                      final_observations the ended one's last. Also for a host that resets by itself. */
  PGRAD_AUTORESET_NEXT_STEP = 2  /**< At the next step, whose action and reward mean nothing and are left out of the
                                      batch; next_observations holds the ended episode's last observation. */
} pgrad_autoreset_mode;

typedef enum pgrad_schedule {
  PGRAD_CONSTANT = 1,
  PGRAD_LINEAR = 2,     /**< Falls from its value to 0 over total_timesteps. */
  PGRAD_COSINE = 3,     /**< Falls from its value to 0 over total_timesteps along half a cosine: slowly at first, and at
                         last. */
  PGRAD_KL_ADAPTIVE = 4 /**< Learning rates of PPO and SPO only: after an update whose last epoch had a mean KL above 2
                             desired_kl it is divided by 1.5, below desired_kl / 2 multiplied; within a factor of 100 of
                             learning_rate. */
} pgrad_schedule;

/** When the weights Ψ are brought to mean 0 and standard deviation 1. A single row is left as it is. */
typedef enum pgrad_advantage_normalization {
  PGRAD_NORMALIZE_OFF = 0,
  PGRAD_NORMALIZE_MINIBATCH = 1, /**< Within each minibatch: Stable-Baselines3 and CleanRL. */
  PGRAD_NORMALIZE_BATCH = 2      /**< Over the rollout, whenever advantages are estimated: OpenAI Baselines, Spinning
                                      Up. */
} pgrad_advantage_normalization;

/** What PPO climbs; r = π(a|s) / π_old(a|s). */
typedef enum pgrad_surrogate {
  PGRAD_CLIP = 1,      /**< E[ min(r A, clip(r, 1 ± clip_range) A) ]. */
  PGRAD_KL_PENALTY = 2 /**< mean[ r A - β ((r - 1) - log r) ] over the rows of a minibatch. The second term is an
                            estimate of β KL(π_old‖π) from the sampled actions, without bias, since E_old[ (r - 1) - log
                            r ] = KL(π_old‖π); it is not the closed form over all actions. Its gradient is β mean[ (r -
                            1) ∇log π(a|s) ]. β is kl_coefficient at first, doubles after an update whose last epoch had
                            a mean of (r - 1) - log r above 1.5 desired_kl, and halves below desired_kl / 1.5 (section 4
                            of the PPO paper). */
} pgrad_surrogate;

/** Defaults in brackets: PPO; A2C; REINFORCE; NPG and TRPO, where they differ from PPO's. SPO has PPO's. The defaults
 *  of PPO and A2C are taken from Stable-Baselines3, TRPO's from its Contrib. */
typedef struct pgrad_agent_config {
  uint32_t struct_size;
  int32_t algorithm;       /**< A pgrad_algorithm; set by pgrad_agent_config_algorithm. */
  int64_t n_envs;          /**< Environments stepped side by side, 1 to PGRAD_MAX_ENVS [1]. */
  int64_t n_steps;         /**< All but REINFORCE: steps of each environment in a rollout [2048; 5].
                                  REINFORCE: a longer trajectory is cut there, 0 for never [0]. */
  int64_t n_episodes;      /**< REINFORCE: whole trajectories of each environment in a rollout [8]. */
  int64_t group_size;      /**< PGRAD_LEAVE_ONE_OUT, PGRAD_GROUP_…: environments side by side whose k-th trajectories
                                  are compared; at least 2, and divides n_envs; 0: all [0]. TRL: 8 in GRPO, 2 in
                                  RLOO. */
  int64_t sde_sample_freq; /**< With state_dependent_exploration: steps after which each environment gets a new W; 0:
                                  a new one with each rollout, which is -1 in Stable-Baselines3 [0]. */
  int64_t batch_size;      /**< PPO, SPO: rows of a minibatch; NPG, TRPO: of the value function's; divides n_steps ×
                                  n_envs. Where rows that are only a reset are dropped, an epoch's last is shorter [64;
                                  NPG, TRPO: 128]. */
  int64_t n_epochs;        /**< PPO, SPO: passes over a rollout, at least 1; NPG, TRPO: of the value function,
                                  n_critic_updates in SB3's [10]. */
  int64_t total_timesteps; /**< The step, counted over all environments and calls, at which linear and cosine
                                  schedules reach 0; at least 0. 0: the end of each call of pgrad_train, so that a
                                  further call raises the rates again; in a host's own loop, what
                                  pgrad_agent_set_total_timesteps says [0]. */
  uint64_t seed;           /**< Of actions and of shuffling [0]. */
  double learning_rate;    /**< Above 0; NPG, TRPO: of the value function [3e-4; 7e-4; 2.5e-3; 1e-3]. */
  double gamma;            /**< Discount γ, 0 to 1 [0.99]. */
  double gae_lambda;       /**< λ of GAE, 0 to 1 [0.95; 1; 1]. */
  double clip_range;       /**< PPO, SPO: ε of the clipped ratio, above 0 [0.2]. */
  double clip_range_value; /**< PPO, SPO: c of the clipped value loss, the larger of two squares for each row,
                                  mean[ max( (V - R)², (V_old + clip(V - V_old, -c, c) - R)² ) ], R being the target; at
                                  least 0. 0 turns it off: mean[ (V - R)² ]. CleanRL with clip_vloss has this loss,
                                  times 1/2. Stable-Baselines3's clip_range_vf has the second square alone [0]. */
  double entropy_coefficient; /**< β of the entropy bonus, at least 0 [0]. */
  double value_coefficient;   /**< Weight of the mean squared value error, at least 0 [0.5; 0.5; 0.5; 1]. */
  double max_grad_norm;       /**< Longest gradient; NPG, TRPO: of the value function; 0: any [0.5; 0.5; 0; 0]. */
  double target_kl;           /**< PPO, SPO: an update ends before the first minibatch whose mean of (r - 1) - log r
                                  exceeds 1.5 times this, at least 0; 0 turns it off. NPG, TRPO: δ, above 0; 0.01 in the
                                  paper, SB3's and Spinning Up [0; NPG, TRPO: 0.01]. */
  double desired_kl;          /**< PPO: where PGRAD_KL_ADAPTIVE and PGRAD_KL_PENALTY steer the KL of an update, above 0
                                  [0.01]. */
  double kl_coefficient;      /**< PPO: the first β of PGRAD_KL_PENALTY, above 0 [1]. */
  double rho_clip;            /**< PGRAD_VTRACE: ρ̄, above 0 [1]. */
  double c_clip;              /**< PGRAD_VTRACE: c̄, above 0 [1]. */
  double cg_damping;          /**< NPG, TRPO: d, added to the diagonal of F, at least 0; 0.1 in SB3's and Spinning Up
                                  [0.1]. */
  double line_search_shrinking_factor; /**< TRPO: what a refused step is multiplied by, between 0 and 1; 0.8 in SB3's
                                  and Spinning Up, 0.5 in OpenAI Baselines [0.8]. */
  double optimizer_epsilon;            /**< ε of Adam or RMSProp [1e-5; 1e-5; 1e-8]. */
  double observation_clip;             /**< Largest absolute value of a normalised observation, above 0 [10]. */
  double reward_clip;                  /**< Largest absolute value of a normalised reward, above 0 [10]. */
  int32_t optimizer;                   /**< A pgrad_optimizer_kind [PGRAD_ADAM; PGRAD_RMSPROP; PGRAD_ADAM]. */
  int32_t estimator;                   /**< A pgrad_estimator [PGRAD_GAE; PGRAD_GAE; PGRAD_WHOLE_TRAJECTORY]. */
  int32_t baseline;        /**< REINFORCE: 1 subtracts the value function, which is then fitted to the returns [0]. */
  int32_t discount_scores; /**< 1: the weight of step t carries the theorem's leading γ^{t-1} that most libraries
                                  drop. Whole-trajectory weights have no such factor [0]. */
  int32_t normalize_advantage; /**< A pgrad_advantage_normalization; where the policy has no minibatches the first two
                                    are one [PGRAD_NORMALIZE_MINIBATCH; PGRAD_NORMALIZE_OFF; PGRAD_NORMALIZE_OFF]. */
  int32_t normalize_observations; /**< 1: by the running mean and standard deviation of each number, merged a step at a
                                  time over all environments (Chan et al. 1979). They live in the policy and its file,
                                  see pgrad_policy_observation_moments, and stay fixed for other users of the policy.
                                  0: a normaliser that the policy already has stays as it is. CleanRL uses it for
                                  continuous control; Stable-Baselines3 leaves it to VecNormalize [0]. */
  int32_t normalize_rewards;      /**< 1: rewards are divided by the running standard deviation of each environment's
                                  discounted return. Statistics report unscaled returns; the moments live in the agent
                                  and its file. CleanRL and Stable-Baselines3 as above [0]. */
  int32_t learning_rate_schedule; /**< A pgrad_schedule [PGRAD_CONSTANT]. */
  int32_t clip_range_schedule;    /**< A pgrad_schedule [PGRAD_CONSTANT]. */
  int32_t entropy_coefficient_schedule; /**< A pgrad_schedule; constant in Stable-Baselines3 and CleanRL
                                             [PGRAD_CONSTANT]. */
  int32_t surrogate;                    /**< PPO: a pgrad_surrogate [PGRAD_CLIP]. */
  int32_t recompute_advantages;         /**< PPO, SPO: 1 estimates values and advantages again before each later epoch,
                                  as Tianshou does in its MuJoCo benchmark; Stable-Baselines3 and CleanRL do not [0]. */
  int32_t cg_max_steps; /**< NPG, TRPO: most steps of conjugate gradients, at least 1; 15 in SB3's, 10 in Spinning
                                  Up [15]. */
  int32_t line_search_max_iter; /**< TRPO: lengths of a step to try, at least 1; 10 in SB3's and Spinning Up [10]. */
  int32_t autoreset_mode;       /**< A pgrad_autoreset_mode [PGRAD_AUTORESET_SAME_STEP]. */
  int32_t threads; /**< Workers inside a call, 1 to PGRAD_MAX_THREADS; results do not depend on it. 0: one for
                                  each half million floating-point operations of a minibatch (at most 8, of at least 128
                                  rows each) or of acting once in all environments, whichever gives more, and at most as
                                  many as there are processors; so one where both are small [1]. */
} pgrad_agent_config;

/** Fill config with the defaults of PPO. */
PGRAD_API pgrad_status pgrad_agent_config_init(pgrad_agent_config *config, size_t struct_size);

/** Fill an initialised config with the defaults of another algorithm; n_envs, total_timesteps, seed, autoreset_mode and
 *  threads stay.
 *  @param algorithm  A pgrad_algorithm. */
PGRAD_API pgrad_status pgrad_agent_config_algorithm(pgrad_agent_config *config, int32_t algorithm);

/** Create an agent that acts by the policy and teaches it; it keeps the policy alive. An estimator or baseline that
 *  needs a value function is refused on a policy without one. */
PGRAD_API pgrad_status pgrad_agent_create(pgrad_agent **agent, pgrad_policy *policy, const pgrad_agent_config *config);
PGRAD_API void pgrad_agent_destroy(pgrad_agent *agent);

/** Describe how an agent was created; arguments as in pgrad_policy_describe. */
PGRAD_API pgrad_status pgrad_agent_describe(pgrad_agent *agent, pgrad_agent_config *config, size_t struct_size);

/**
 * Hand over the first observation of every environment. What a rollout held before is forgotten.
 *
 * The host's own loop, in which learning happens by itself:
 *
 *     pgrad_agent_begin(agent, observations);
 *     for (;;) {
 *       pgrad_agent_act(agent, actions);
 *       // step the world
 *       pgrad_agent_observe(agent, rewards, terminated, truncated, next_observations, final_observations);
 *     }
 *
 * @param observations  n_envs × observation_size.
 */
PGRAD_API pgrad_status pgrad_agent_begin(pgrad_agent *agent, const float *observations);

/**
 * Set the step, counted over all environments from the agent's first, at which linear and cosine schedules end in a
 * host's own loop. Until then that is total_timesteps of the configuration.
 *
 * pgrad_train does not use it: its schedules end at total_timesteps of the configuration or, where that is 0, with the
 * call. So three calls of 1000 steps each with a linear schedule and n_envs × n_steps of 500 use the shares 1, 1/2;
 * 1/2, 1/4; 1/3, 1/6 of the rate, and with total_timesteps = 3000 the shares 1, 5/6; 4/6, 3/6; 2/6, 1/6.
 *
 * @param total_timesteps  At least 0; 0: schedules stay constant.
 */
PGRAD_API pgrad_status pgrad_agent_set_total_timesteps(pgrad_agent *agent, int64_t total_timesteps);

/**
 * Restrict the choices of the next pgrad_agent_act: actions are drawn from the masked policy, and learning uses the same
 * masks for ratios, entropy, KL and Fisher products (Huang & Ontañón 2022). Masks hold for one step: call this before
 * every act. Without a call, the next act may choose anything.
 *
 * @param masks  n_envs × mask_size flags, 1 for what is allowed; see pgrad_policy_mask_size. Rows of environments that
 *               wait for their restart (PGRAD_AUTORESET_NEXT_STEP) are ignored.
 * @return PGRAD_OK; PGRAD_BAD_STATE before begin or between act and observe; PGRAD_INVALID_ARGUMENT for a flag other
 *         than 0 and 1, or a mask that leaves a part no choice: the message names the environment and the step;
 *         PGRAD_UNSUPPORTED if all parts are continuous. After a refusal, earlier masks still hold.
 *
 * Memory for masks is taken once, by the first call. Masks that wait for an act are not saved.
 */
PGRAD_API pgrad_status pgrad_agent_set_masks(pgrad_agent *agent, const uint8_t *masks);

/**
 * Draw an action for every environment. PGRAD_BAD_STATE before begin, or twice without observe.
 *
 * @param actions  Receives n_envs × action_size. Bounded Gaussian columns are clipped to their bounds; the agent learns
 *                 from what was drawn.
 *
 * Allocates nothing.
 */
PGRAD_API pgrad_status pgrad_agent_act(pgrad_agent *agent, float *actions);

/**
 * Record the result of a step. When that fills the rollout, the agent learns from it before the call returns.
 *
 * @param rewards             n_envs.
 * @param terminated          n_envs; 1 where the world ended the episode: no further reward can follow.
 * @param truncated           n_envs; 1 where a time limit cut it: γ·V(last observation) replaces later rewards.
 * @param next_observations   n_envs × observation_size; the observations to act on next.
 * @param final_observations  n_envs × observation_size; only the rows of ended episodes are read. May be NULL when no
 *                            episode was truncated, and with PGRAD_AUTORESET_NEXT_STEP, where it is not read.
 * @return PGRAD_OK; PGRAD_BAD_STATE without an action that waits for its answer; PGRAD_INVALID_ARGUMENT;
 *         PGRAD_NOT_FINITE for an input, which leaves the agent as it was, or for a result of the update: then the step
 *         counts as observed, the rollout is discarded, and parameters and optimizer are as before the update.
 */
PGRAD_API pgrad_status pgrad_agent_observe(pgrad_agent *agent, const float *rewards, const uint8_t *terminated,
                                           const uint8_t *truncated, const float *next_observations,
                                           const float *final_observations);

/** Progress of an agent. Means of an update are over all its minibatches; NaN where there is no value. */
typedef struct pgrad_statistics {
  uint32_t struct_size;
  int32_t reserved;
  int64_t updates;           /**< Rollouts learned from. */
  int64_t timesteps;         /**< Steps observed, over all environments. */
  int64_t episodes;          /**< Episodes ended. */
  double mean_return;        /**< Undiscounted, over the last 100 episodes. */
  double mean_length;        /**< Steps, over the last 100 episodes. */
  double policy_loss;        /**< Minus the surrogate: of PPO the clipped one; of NPG and TRPO E[r A] plus the entropy
                                  bonus, after the step; else -Ψ·log π. */
  double value_loss;         /**< Mean squared error of the value function. */
  double entropy;            /**< Mean, in nats. */
  double approx_kl;          /**< PPO, SPO: mean of (ratio - 1) - log ratio (Schulman 2020). NPG, TRPO: the mean
                                  KL(π_old‖π) of the step, exactly; 0 where none was taken. */
  double clip_fraction;      /**< PPO, SPO: share of rows whose ratio was outside 1 ± clip_range. */
  double explained_variance; /**< 1 - Var(target - V) / Var(target), before the update; NaN where the targets vary by no
                                  more than the rounding of floats. */
  double gradient_norm;      /**< Mean, before clipping; NPG, TRPO: of the policy's gradient. */
  double learning_rate;      /**< Of the last update. */
  double clip_range;         /**< Of the last update. */
  double entropy_coefficient; /**< Of the last update. */
  double kl_coefficient;      /**< PPO with PGRAD_KL_PENALTY: β of the last update. */
  double gradient_snr;   /**< ‖E g‖² / tr Cov g of the policy's part of a minibatch's gradient, estimated without
                                  bias from the minibatches of the first epoch, before clipping; NaN of fewer than
                                  two. */
  double update_seconds; /**< Wall clock of the last update. */
  double timesteps_per_second; /**< Since the call of pgrad_agent_begin, learning included. */
} pgrad_statistics;

/** @param struct_size sizeof(pgrad_statistics) where the caller was compiled; so many bytes are written. */
PGRAD_API pgrad_status pgrad_agent_statistics(pgrad_agent *agent, pgrad_statistics *statistics, size_t struct_size);

/** A further handle to the agent's policy; destroy it with pgrad_policy_destroy. */
PGRAD_API pgrad_status pgrad_agent_policy(pgrad_agent *agent, pgrad_policy **policy);

/** Write an agent with its policy, optimizer and counters, as pgrad_policy_save does. What an unfinished rollout holds
 *  is not kept. At the end of pgrad_train there is none: an agent saved there continues to the bit as if it had not
 *  stopped. */
PGRAD_API pgrad_status pgrad_agent_save(pgrad_agent *agent, const char *path);

/** Read an agent from a file of pgrad_agent_save; pgrad_agent_begin or pgrad_train sets it going. PGRAD_IO_ERROR,
 *  PGRAD_BAD_FILE. */
PGRAD_API pgrad_status pgrad_agent_load(pgrad_agent **agent, const char *path);

/** Write the bytes of an agent's file to memory; arguments as in pgrad_policy_save_memory. */
PGRAD_API pgrad_status pgrad_agent_save_memory(pgrad_agent *agent, void *bytes, int64_t capacity, int64_t *size);

/** Read an agent from the bytes of a file; arguments as in pgrad_policy_load_memory. */
PGRAD_API pgrad_status pgrad_agent_load_memory(pgrad_agent **agent, const void *bytes, int64_t size);

/* ----------------------------------------------------------------------------------------------------- environments */

/** Environments of one kind, stepped together. A step that ends an episode also resets its environment. */
typedef struct pgrad_env pgrad_env;

/**
 * Create native environments.
 *
 * "CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCar-v0" and "MountainCarContinuous-v0" have the dynamics, limits
 * and reset distributions of Gymnasium's environments of the same name.
 *
 * "MinAtar/Breakout-v1" (3 actions: stay, left, right) and "MinAtar/Asterix-v1" (5: stay, left, up, right, down) have
 * the rules of the Python package minatar (Young and Tian 2019) with its defaults: difficulty ramping, and a
 * probability of 0.1 that a step repeats the previous move ("stay" at an episode's first step) instead of the action
 * given. An observation is 10 × 10 × 4 floats, each 0 or 1: rows from the top, then columns, then channels: paddle,
 * ball, trail, brick; or player, enemy, trail, gold. They have no time limit. Everything random is a function of seed,
 * environment, episode and step.
 *
 * @param name    One of the names above.
 * @param n_envs  1 to PGRAD_MAX_ENVS; n_envs × observation size at most 2^30.
 */
PGRAD_API pgrad_status pgrad_env_create(pgrad_env **env, const char *name, int64_t n_envs);

/** A world of the host's own. */
typedef struct pgrad_env_callbacks {
  uint32_t struct_size;
  int32_t reserved;               /**< 0. */
  int64_t n_envs;                 /**< 1 to PGRAD_MAX_ENVS; 1. */
  int64_t observation_size;       /**< 1 to PGRAD_MAX_SIZE; no default. */
  const pgrad_action_part *parts; /**< The action space, read at creation; no default. */
  int64_t part_count;             /**< 1 to PGRAD_MAX_PARTS. */
  void *context;                  /**< Handed to every callback. */
  /** Reset every environment and write n_envs × observation_size first observations. Non-zero: failure. */
  int32_t (*reset)(void *context, uint64_t seed, float *observations);
  /** Step every environment, as pgrad_env_step describes; final_observations is never NULL here. Non-zero: failure. */
  int32_t (*step)(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                  float *next_observations, float *final_observations);
  /** Called once when the environment is gone; may be NULL. */
  void (*destroy)(void *context);
  /** Write n_envs × mask_size flags, 1 for what the current observations allow, in the format of
   *  pgrad_policy_mask_size; called after every reset and step. NULL: every choice is always allowed. Non-zero:
   *  failure. */
  int32_t (*masks)(void *context, uint8_t *masks);
} pgrad_env_callbacks;

PGRAD_API pgrad_status pgrad_env_callbacks_init(pgrad_env_callbacks *callbacks, size_t struct_size);

/** Create an environment that calls back into the host, on the thread that steps it. If this fails, destroy is not
 *  called. */
PGRAD_API pgrad_status pgrad_env_create_callbacks(pgrad_env **env, const pgrad_env_callbacks *callbacks);
PGRAD_API void pgrad_env_destroy(pgrad_env *env);

typedef struct pgrad_env_info {
  uint32_t struct_size;
  int32_t reserved;
  int64_t n_envs;
  int64_t observation_size;
  int64_t action_size;            /**< Columns of an action. */
  const pgrad_action_part *parts; /**< Belongs to the environment. */
  int64_t part_count;
  int64_t state_size;        /**< Doubles in the state of one environment; 0 for MinAtar's games and for callbacks. */
  int64_t max_episode_steps; /**< Longer episodes are truncated; 0 for never. */
  int64_t mask_size;         /**< Flags in the mask of one environment; 0 if every choice is always allowed. */
} pgrad_env_info;

/** @param struct_size sizeof(pgrad_env_info) where the caller was compiled; so many bytes are written. */
PGRAD_API pgrad_status pgrad_env_describe(pgrad_env *env, pgrad_env_info *info, size_t struct_size);

/** Reset every environment. @param observations Receives n_envs × observation_size. */
PGRAD_API pgrad_status pgrad_env_reset(pgrad_env *env, uint64_t seed, float *observations);

/**
 * Step every environment. PGRAD_BAD_STATE before the first reset.
 *
 * @param actions             n_envs × action_size, each inside its space; continuous ones are clipped to their bounds.
 * @param rewards             Receives n_envs.
 * @param terminated          Receives n_envs flags.
 * @param truncated           Receives n_envs flags.
 * @param next_observations   Receives n_envs × observation_size; where an episode ended, the next one's first.
 * @param final_observations  Receives the last observation of each ended episode in its row, other rows untouched; may
 *                            be NULL. A host's world may leave it untold where an episode terminated.
 * @return PGRAD_OK; PGRAD_BAD_STATE; PGRAD_INVALID_ARGUMENT or PGRAD_NOT_FINITE for the actions, or for a host's
 *         answer; PGRAD_HOST_ERROR where its step callback failed.
 */
PGRAD_API pgrad_status pgrad_env_step(pgrad_env *env, const float *actions, float *rewards, uint8_t *terminated,
                                      uint8_t *truncated, float *next_observations, float *final_observations);

/** Copy the masks of the current observations: n_envs × mask_size flags, 1 for what is allowed. PGRAD_BAD_STATE before
 *  the first reset; PGRAD_UNSUPPORTED if mask_size is 0. pgrad_train uses them by itself. */
PGRAD_API pgrad_status pgrad_env_masks(pgrad_env *env, uint8_t *masks);

/** Copy out the state of every native environment: n_envs × state_size, in the order of Gymnasium's own state.
 *  PGRAD_UNSUPPORTED if state_size is 0. */
PGRAD_API pgrad_status pgrad_env_state(pgrad_env *env, double *states);

/** Put every native environment into a given state, as at the start of an episode; numbers from -1e6 to 1e6. Counts as
 *  a reset. PGRAD_UNSUPPORTED if state_size is 0. */
PGRAD_API pgrad_status pgrad_env_set_state(pgrad_env *env, const double *states);

/* ------------------------------------------------------------------------------------------------------------- loop */

/** Called after every update; non-zero ends the training, which is no failure. It may evaluate the agent in the
 *  environment. */
typedef int32_t (*pgrad_progress)(void *context, const pgrad_statistics *statistics);

/** A pgrad_progress that ends every training after one update, and needs no context: for a host that would rather look
 *  at the agent between two calls of pgrad_train than be called from inside one, as interpreters must to take signals.
 *  Calls with the timesteps that are left, one after the other, train to the bit as a single call does. Returns 1. */
PGRAD_API int32_t pgrad_progress_stop(void *context, const pgrad_statistics *statistics);

/**
 * Act, step, observe and learn inside the library until at least that many further steps were taken and the last
 * rollout was learned from.
 *
 * @param env              Of the agent's n_envs, observation size and action space. Reset with the agent's seed if it
 *                         never was. The agent continues from its last observations if nobody else has moved the
 *                         environment since, whether between calls or in progress: neither pgrad_env_step, _reset and
 *                         _set_state, nor another agent. Otherwise it drops an unfinished rollout and begins: after a
 *                         reset or set_state with what the environment shows, after steps with a reset of its own. An
 *                         agent from a file continues if the environment still shows its last observations. With an
 *                         estimator that compares the trajectories of a group it is reset before every rollout, with
 *                         the agent's seed plus the updates so far, and native environments and tabular worlds begin
 *                         all episodes of a group in one state. A host's world should do so itself; a host's own loop
 *                         resets it after each update and calls pgrad_agent_begin.
 * @param total_timesteps  Over all environments, at least 1.
 * @param progress         May be NULL.
 * @param context          Handed to progress.
 * @return PGRAD_OK also when progress ended it; what pgrad_agent_observe and pgrad_env_step may return.
 */
PGRAD_API pgrad_status pgrad_train(pgrad_agent *agent, pgrad_env *env, int64_t total_timesteps, pgrad_progress progress,
                                   void *context);

/* --------------------------------------------------------------------------------------------------- pure functions */

/**
 * Discounted returns, backwards in time: G_t = r_t + γ G_{t+1}, where G_{t+1} is 0 after a step that ended its episode.
 *
 * @param rewards  n_steps × n_envs, row-major: a row is a step.
 * @param ended    n_steps × n_envs flags, 1 where the episode ended on that step; may be NULL for none.
 * @param gamma    0 to 1.
 * @param returns  Receives n_steps × n_envs.
 */
PGRAD_API pgrad_status pgrad_returns(const float *rewards, const uint8_t *ended, int64_t n_steps, int64_t n_envs,
                                     double gamma, float *returns);

/**
 * Generalised advantage estimation (Schulman et al. 2016), all arrays n_steps × n_envs unless said:
 *
 *     δ_t = r_t + γ V(s_{t+1}) - V(s_t),   A_t = δ_t + γ λ A_{t+1}
 *
 * where V(s_{t+1}) is 0 after a terminated step and final_values_t after a truncated one, and A_{t+1} is 0 after both.
 *
 * @param values        V(s_t).
 * @param final_values  V of the last observation of a truncated episode, read only there; may be NULL when none was.
 * @param last_values   n_envs: V of the observation after the last step.
 * @param gamma         0 to 1.
 * @param gae_lambda    0 to 1.
 * @param advantages    Receives A_t; the value target is A_t + V(s_t).
 */
PGRAD_API pgrad_status pgrad_gae(const float *rewards, const float *values, const uint8_t *terminated,
                                 const uint8_t *truncated, const float *final_values, const float *last_values,
                                 int64_t n_steps, int64_t n_envs, double gamma, double gae_lambda, float *advantages);

/**
 * V-trace (Espeholt et al. 2018): advantages under a policy π of steps drawn by a slightly older one, μ. All arrays
 * n_steps × n_envs unless said:
 *
 *     ρ_t = min(rho_clip, π/μ),  c_t = gae_lambda min(c_clip, π/μ),  δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))
 *     v_t = V(s_t) + δ_t + γ c_t (v_{t+1} - V(s_{t+1})),   A_t = r_t + γ v_{t+1} - V(s_t)
 *
 * with ends as in pgrad_gae. The weight of step t on the plain score is ρ_t A_t.
 *
 * @param log_ratios  log π(a_t|s_t) - log μ(a_t|s_t).
 * @param advantages  Receives A_t.
 * @param targets     Receives v_t, the value targets.
 */
PGRAD_API pgrad_status pgrad_vtrace(const float *rewards, const float *values, const float *log_ratios,
                                    const uint8_t *terminated, const uint8_t *truncated, const float *final_values,
                                    const float *last_values, int64_t n_steps, int64_t n_envs, double gamma,
                                    double gae_lambda, double rho_clip, double c_clip, float *advantages,
                                    float *targets);

#ifdef __cplusplus
}
#endif

#endif
