/*
 * pgrad: train and run policy-gradient agents inside any process.
 *
 * An agent acts with a parametrised stochastic policy π(a|s, θ), collects trajectories τ = {s₁, a₁, r₁, …} with return
 * R(τ) = Σ γ^{t-1} r_t, and follows the policy gradient
 *
 *     ∇θ E[R(τ)] = E[ Σ_t Ψ_t ∇θ log π(a_t | s_t, θ) ]           (Williams 1992; Sutton et al. 2000)
 *
 * It needs no model of the environment. Every algorithm here is a choice of the weight Ψ_t.
 *
 * WHAT HOLDS FOR EVERY FUNCTION
 *
 * Arrays.    Observations are float, row-major, count × observation_size. Actions are float, row-major, count ×
 *            action_size, discrete choices as whole numbers. action_size is the number of columns of all parts of the
 *            action space. Flags are uint8_t, 0 or 1. Inputs must be finite. An array that a call writes may not
 *            overlap another array of the call; this is not checked.
 * Status.    Every call that can fail returns a pgrad_status. A call that fails writes nothing: outputs, parameters,
 *            counters and the state of optimizers and environments are as before, and the object stays usable.
 *            pgrad_last_error() names the argument, its value and what was expected. A result that is not finite gives
 *            PGRAD_NOT_FINITE; huge but finite inputs or parameters may cause it. Only pgrad_train and
 *            pgrad_agent_observe do several things in one call: completed steps stay, and the step that failed is
 *            undone. If a callback fails, the host must undo what the callback did to the host's own data.
 * Ownership. The caller destroys each object that it received from create, load or pgrad_agent_policy, in any order:
 *            objects keep alive what they use. Destroying NULL does nothing. All other pointers are borrowed during the
 *            call; the library keeps none of them.
 * Handles.   A handle is a ticket, not an address. A destroyed, foreign or NULL handle is recognised and gives
 *            PGRAD_INVALID_HANDLE. At most PGRAD_MAX_HANDLES objects exist at a time.
 * Threads.   Any number of threads may read a policy at the same time: the functions pgrad_policy_…, except create,
 *            destroy, set_note and parameters, neither refuse nor wait, also while an agent or an optimizer changes the
 *            policy on another thread. They see the policy as it is before or after an update, never between. A call
 *            without a draw_key draws with the next key of the policy; calls that overlap take several keys at a time,
 *            so which thread gets which draws depends on their order. Every other call needs its object, and all
 *            objects that share its policy, alone; else it gives PGRAD_BAD_STATE. An update waits for readers that
 *            began before it. Different objects may be used on different threads. A callback may use the objects of
 *            the call that invoked it, on the same thread, except in pgrad_reduce. It must return; it must not throw
 *            or longjmp out.
 * Options.   Structures start with struct_size and grow only at their end. Fill a structure with its pgrad_…_init,
 *            which takes its sizeof, then change fields. If a program was built with an older, shorter structure, the
 *            missing fields have their defaults. If it was built with a newer, longer one, the fields that this library
 *            does not know must be zero, else PGRAD_UNSUPPORTED.
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
#define PGRAD_ABI_VERSION 2

/** The library's PGRAD_VERSION at run time; static memory. */
PGRAD_API const char *pgrad_version(void);

/** PGRAD_ABI_VERSION of the library at run time; compare it with the header's. */
PGRAD_API int32_t pgrad_abi_version(void);

/** The instruction set that the library uses: "avx512", "avx2" or "baseline"; static memory. The library selects the
 *  best one that the processor has when it is loaded. The environment variable PGRAD_KERNELS selects another of these
 *  if the processor has it. */
PGRAD_API const char *pgrad_kernels(void);

/* ----------------------------------------------------------------------------------------------------------- status */

/** The result of a call. The values never change. */
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
  PGRAD_BAD_FILE = 8,    /**< A file is truncated, foreign, damaged, or of a later version of pgrad. */
  PGRAD_HOST_ERROR = 9   /**< A callback of the host reported failure. */
} pgrad_status;

/** The name of a status, such as "PGRAD_NOT_FINITE"; "unknown status" for any other number. Static memory. */
PGRAD_API const char *pgrad_status_name(int32_t status);

/** The message of the last failed call on this thread; "" before any. Valid until the next failure on this thread. */
PGRAD_API const char *pgrad_last_error(void);

/* -------------------------------------------------------------------------------------------------------------- log */

/** How important a message is. The values are those of Python's logging. */
typedef enum pgrad_log_level {
  PGRAD_LOG_DEBUG = 10,  /**< Frequent and as intended: an update ended early, a trust region allowed no step. */
  PGRAD_LOG_INFO = 20,   /**< Rare and as intended: a file of an earlier format was read. */
  PGRAD_LOG_WARNING = 30 /**< Something was lost: an update was undone, worker threads could not start. */
} pgrad_log_level;

/** Receives a message, in UTF-8, on the thread whose call caused it; valid during the call. It may call the library,
 *  but not pgrad_set_log_callback. Messages that it causes itself are dropped.
 *  @param level A pgrad_log_level. */
typedef void (*pgrad_log_callback)(void *context, int32_t level, const char *message);

/**
 * Set what receives messages about events that no status reports, of all objects on all threads. By default nothing
 * does, and the library writes nothing anywhere.
 *
 * @param callback  NULL: none; context and lowest are then ignored.
 * @param context   Passed to callback.
 * @param lowest    The lowest pgrad_log_level to report.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_OUT_OF_MEMORY; PGRAD_BAD_STATE inside a callback, or while another
 *         thread sets one. When it returns PGRAD_OK, no thread is calling the earlier callback any more.
 */
PGRAD_API pgrad_status pgrad_set_log_callback(pgrad_log_callback callback, void *context, int32_t lowest);

/* ----------------------------------------------------------------------------------------------------------- limits */

#define PGRAD_MAX_SIZE 131072           /**< Widths: an observation, a hidden layer, an action part. */
#define PGRAD_MAX_LAYERS 64             /**< Hidden layers of a network. */
#define PGRAD_MAX_PARTS 1024            /**< Parts of an action space, and of an observation. */
#define PGRAD_MAX_ROWS 16777216         /**< Rows in one call, or steps × environments in one rollout. */
#define PGRAD_MAX_ENVS 1048576          /**< Environments that are stepped together. */
#define PGRAD_MAX_THREADS 256           /**< Workers inside one call. */
#define PGRAD_MAX_ELEMENTS 1073741824LL /**< Numbers in any one array; parameters of a policy: half as many. */
#define PGRAD_MAX_HANDLES 1048576       /**< Objects alive at one time. */
#define PGRAD_MAX_NOTE 131072           /**< Bytes of a policy's note, without the terminating zero. */

/* ---------------------------------------------------------------------------------------------------- action spaces */

/** What one part of an action space holds. */
typedef enum pgrad_part_kind {
  PGRAD_CATEGORICAL = 1, /**< One column holding one of size choices: 0, 1, …, size - 1. */
  PGRAD_BERNOULLI = 2,   /**< size columns, each 0 or 1, of probability p = 1/(1 + exp(-output)) to be 1. */
  PGRAD_GAUSSIAN = 3,    /**< size columns, each any real number; an agent clips what its environment receives to [low,
                              high]. */
  PGRAD_SQUASHED_GAUSSIAN = 4, /**< size columns a = low + (high - low)(tanh u + 1)/2 of Gaussian u (Haarnoja et al.
                                    2018). A float may round to a bound. Such an action is evaluated a quarter of a
                                    float's step inside the bound, so its log-probability is finite. */
  PGRAD_BETA = 5               /**< size columns in [low, high], with shapes α, β = 1 + softplus(outputs), so each has
                                    one mode (Chou et al. 2017). An action on a bound is evaluated as above. */
} pgrad_part_kind;

/** One part of an action space. A space is an array of these: several categorical parts make a multi-discrete space, a
 *  categorical and a Gaussian part a hybrid one. */
typedef struct pgrad_action_part {
  int32_t kind; /**< A pgrad_part_kind. */
  int32_t size; /**< Choices or columns, 1 to PGRAD_MAX_SIZE. The only choice of a part has the probability 1. */
  float low;    /**< Lower bound of a continuous part; ignored by discrete ones. -INFINITY for none (Gaussian only). */
  float high;   /**< Upper bound, above low; ignored by discrete parts. INFINITY for none (Gaussian only). For other
                     continuous parts, high - low must be a finite float. */
} pgrad_action_part;

/* ----------------------------------------------------------------------------------------------------- observations */

/** What one part of an observation holds. */
typedef enum pgrad_observation_kind {
  PGRAD_VECTOR = 1, /**< size numbers, read as they are. */
  PGRAD_CHOICE = 2, /**< One column holding one of size choices: 0, 1, …, size - 1. Networks read it as a one-hot
                         vector, or as a learned embedding. */
  PGRAD_IMAGE = 3,  /**< height × width × channels bytes, written as whole numbers from 0 to 255, channels last.
                         Networks read them divided by 255, by convolutions. */
  PGRAD_BITMAP = 4, /**< height × width × channels bits, each 0 or 1, channels last. Networks read them as they are, by
                         convolutions. */
  PGRAD_FLOAT_IMAGE = 5 /**< height × width × channels finite numbers, channels last. Networks read them as they are, by
                         convolutions. Rollouts store 4 bytes for each, where those of other images take one. */
} pgrad_observation_kind;

/** One part of an observation. An observation is an array of these; its row is one of floats, in which the columns of
 *  the parts follow each other. Normalisation (normalize_observations) applies to vectors only. */
typedef struct pgrad_observation_part {
  int32_t kind;      /**< A pgrad_observation_kind. */
  int32_t size;      /**< Numbers of a vector, at least 1, or choices, at least 2; at most PGRAD_MAX_SIZE. 0 for an
                          image of any kind. */
  int32_t height;    /**< Of an image of any kind, in pixels; 0 for other parts. */
  int32_t width;     /**< Of an image of any kind, in pixels; 0 for other parts. */
  int32_t channels;  /**< Of an image of any kind; height × width × channels is at most PGRAD_MAX_SIZE. 0 for other
                          parts. */
  int32_t embedding; /**< Of a choice: 0 for one-hot; otherwise each choice has so many learned numbers, initially drawn
                          by initialization with gain 1. 0 for other parts. */
} pgrad_observation_part;

/** The layers that read the images of an observation, of any kind: convolutions without padding unless stated, then a
 *  dense layer, with relu after each. */
typedef enum pgrad_encoder {
  PGRAD_ENCODER_AUTO = 0,    /**< PGRAD_ENCODER_NATURE for images of at least 36 × 36 pixels, otherwise
                                  PGRAD_ENCODER_MINATAR. */
  PGRAD_ENCODER_MINATAR = 1, /**< 16 channels 3 × 3; dense 128 (Young & Tian 2019). At least 3 × 3 pixels. */
  PGRAD_ENCODER_NATURE = 2,  /**< 32 channels 8 × 8 at every 4th pixel, 64 4 × 4 at every 2nd, 64 3 × 3; dense 512
                                  (Mnih et al. 2015). At least 36 × 36 pixels. */
  PGRAD_ENCODER_IMPALA = 3 /**< For 16, 32 and 32 channels: 3 × 3 with padding 1 and no relu, maxima of 3 × 3 windows
                                  at every 2nd pixel with padding 1, two residual blocks x + conv(relu(conv(relu(x))))
                                  of 3 × 3 kernels with padding 1; relu, dense 256 (Espeholt et al. 2018). */
} pgrad_encoder;

/** One convolution of an encoder of your own: filters square kernels at every stride-th pixel, and relu. With height n,
 *  the outputs have height ⌊(n + 2 padding - kernel)/stride⌋ + 1, and at least 1; likewise the width. */
typedef struct pgrad_convolution {
  int32_t filters; /**< Output channels, 1 to PGRAD_MAX_SIZE. */
  int32_t kernel;  /**< Height and width of the kernel, 1 to 256. */
  int32_t stride;  /**< 1 to 256. */
  int32_t padding; /**< Pixels of zeros at each side, 0 to kernel - 1. */
} pgrad_convolution;

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

/** How initial weights are drawn. The gain is 0.01 in the last layer of the policy and 1 in the last layer of the value
 *  function. */
typedef enum pgrad_initialization {
  PGRAD_ORTHOGONAL = 1,     /**< gain times orthonormal rows or columns (Saxe et al. 2014); √2 in hidden layers. */
  PGRAD_GLOROT_UNIFORM = 2, /**< Within ± gain·√(6/(inputs + outputs)) (Glorot & Bengio 2010); 1 in hidden layers. */
  PGRAD_KAIMING_UNIFORM = 3 /**< Within ± gain·√(3/inputs) (He et al. 2015); √2 in hidden layers. */
} pgrad_initialization;

/** What a policy remembers of earlier observations, in layers of units between the hidden layers and the outputs. The
 *  equations are as in torch.nn.GRU and torch.nn.LSTM; pgrad_policy_parameters describes the order of the gates. */
typedef enum pgrad_memory {
  PGRAD_MEMORY_NONE = 0,
  PGRAD_MEMORY_GRU = 1, /**< Gated recurrent units (Cho et al. 2014), state h:
                             r, z = σ(W x + b + U h + c), n = tanh(W_n x + b_n + r (U_n h + c_n)),
                             h' = (1 - z) n + z h. */
  PGRAD_MEMORY_LSTM = 2 /**< Long short-term memory (Hochreiter & Schmidhuber 1997), state h, then cell m:
                             i, f = σ(W x + b + U h + c), g = tanh(W_g x + b_g + U_g h + c_g),
                             o = σ(W_o x + b_o + U_o h + c_o), m' = f m + i g, h' = o tanh m'. */
} pgrad_memory;

typedef struct pgrad_policy_config {
  uint32_t struct_size;
  int32_t activation;             /**< A pgrad_activation; PGRAD_TANH. */
  int64_t observation_size;       /**< Length of one observation, 1 to PGRAD_MAX_SIZE; no default. With
                                       observation_parts it may be 0, and is then the sum of their columns. */
  const pgrad_action_part *parts; /**< The action space; no default. */
  int64_t part_count;             /**< 1 to PGRAD_MAX_PARTS. */
  const int64_t *hidden_sizes;    /**< Widths of the hidden layers; {64, 64}. */
  int64_t hidden_count;           /**< 0 (linear) to PGRAD_MAX_LAYERS; 2. */
  uint64_t seed;                  /**< Seed of the initial weights and of sampling; 0. */
  int32_t value_function;         /**< 1: a value function, by default a network of the same hidden sizes; 0: none.
                                       1. */
  float initial_log_std;          /**< Initial log standard deviation of Gaussian and squashed Gaussian parts, -20 to
                                       2; 0, so the standard deviation is 1. */
  int32_t state_dependent_std;    /**< 1: the network also outputs the log standard deviations, clipped to [-20, 2];
                                       outside this range their gradient is 0. 0: they are parameters that do not depend
                                       on the observation. 0. */
  int32_t layer_norm;             /**< 1: hidden layers are normalised before their activation, with a learned scale and
                                       shift and 10⁻⁵ added to the variance (Ba et al. 2016); 0: not. 0. */
  int32_t shared_trunk;           /**< 1: the value function is one layer on the policy's last hidden layer; 0: it is a
                                       separate network. 0. */
  int32_t initialization;         /**< A pgrad_initialization; PGRAD_ORTHOGONAL. */
  int32_t bias;                   /**< 1: layers have biases; 0: none. Without biases and hidden layers, a policy on
                                       one-hot observations is a table with one row of outputs for each observation.
                                       1. */
  int32_t state_dependent_exploration; /**< 1: gSDE (Raffin et al. 2021): the noise of Gaussian and squashed Gaussian
                                       parts is linear in the last hidden layer φ (or in the observation, if there is no
                                       hidden layer). W is a matrix of standard normal numbers that is kept for several
                                       steps: a_j = μ_j + e^{b_j} Σ_k φ_k e^{s_kj} W_kj, so that
                                       σ_j = e^{b_j} √(Σ_k φ_k² e^{2 s_kj} + 10⁻⁶). s and b are learned; s starts at 0,
                                       b at initial_log_std. No gradient of σ flows into φ. Stable-Baselines3 has no b:
                                       its s does both, and starts at -2 in its zoo. Excludes state_dependent_std. 0. */
  int32_t rescale_actions; /**< 1: the network outputs means of bounded Gaussian parts in units of half their range,
                                       around its middle: (low + high)/2 + (high - low)/2 · output. Their log standard
                                       deviations start at initial_log_std + log((high - low)/2). So learning does not
                                       depend on the bounds. Actions keep the units of the environment. Gymnasium's
                                       RescaleAction does this inside the environment. Squashed Gaussian and beta parts
                                       always work this way. 0. */
  int32_t reserved;        /**< 0. */
  const int64_t *value_hidden_sizes; /**< Widths of the hidden layers of a value function with its own network;
                                       NULL: hidden_sizes. NULL. */
  int64_t value_hidden_count; /**< 0 to PGRAD_MAX_LAYERS. 0 with a value_hidden_sizes that is not NULL: linear. 0. */
  int32_t memory;        /**< A pgrad_memory. The outputs of its last layer are what the output layers read. Each step
                                       also needs the state of the step before: see pgrad_rows. Recurrent weights are
                                       initially orthogonal per gate, input weights drawn by initialization with gain 1,
                                       biases 0, except 1 for f of an LSTM. PGRAD_MEMORY_NONE. */
  int32_t value_memory;  /**< With a memory and a value function of its own network: 1 gives that network its own
                                       memory of the same kind and size; 0: it has none, and sees the current
                                       observation only, or the policy's memory, see shared_memory. With shared_trunk
                                       both use one memory, and this is 1. 1. */
  int64_t memory_size;   /**< Units of each layer of the memory, 1 to PGRAD_MAX_SIZE; 128. */
  int64_t memory_layers; /**< Layers of the memory, 1 to PGRAD_MAX_LAYERS; 1. */
  const pgrad_observation_part *observation_parts; /**< What the columns of an observation are. The policy and the value
                                       function share the layers that read images and embeddings, unless value_encoder
                                       is 1. NULL: one vector of observation_size numbers. NULL. */
  int64_t observation_part_count;                  /**< 0 to PGRAD_MAX_PARTS; 0. */
  int32_t encoder;      /**< A pgrad_encoder, for all images; PGRAD_ENCODER_AUTO without images. Weights are drawn by
                                       initialization over the flattened patch, (kernel · kernel · channels) × output
                                       channels, with the gain of hidden layers, and 1 where no relu follows; biases are
                                       0. PGRAD_ENCODER_AUTO. */
  int32_t reserved_2;   /**< 0. */
  int32_t memory_first; /**< With a memory: 1: the hidden layers read its outputs, and the output layers read the last
                                       hidden layer, as Stable-Baselines3 Contrib does; 0: the memory reads the last
                                       hidden layer. 0. */
  int32_t reserved_3;   /**< 0. */
  const pgrad_convolution *convolutions; /**< An encoder of your own, for all images: these convolutions, each of which
                                       reads the one before it, then a dense layer with relu. encoder must then be
                                       PGRAD_ENCODER_AUTO. NULL: the one that encoder selects. NULL. */
  int64_t convolution_count;             /**< 0 to PGRAD_MAX_LAYERS; 0. */
  int64_t encoder_size; /**< Outputs of the dense layer after convolutions, 1 to PGRAD_MAX_SIZE; 512, which it must be
                                       without convolutions. */
  int32_t expln; /**< With state_dependent_exploration: 1: expln(s_kj) replaces e^{s_kj}: it is e^s for s ≤ 0 and
                                       1 + log(1 + s) for larger s, so that σ grows more slowly. Initial policies do not
                                       depend on it. 0. */
  int32_t value_encoder; /**< With images or embeddings, and a value function of its own network: 1 gives that network
                                       its own layers that read them, of the same kind and size; 0: it shares the
                                       policy's. 0. */
  int32_t shared_memory; /**< With a memory, a value function of its own network, and value_memory and value_encoder 0:
                                       1: that network reads the outputs of the policy's memory in place of the
                                       observation, as with shared_lstm in Stable-Baselines3 Contrib. The gradient of
                                       the value does not reach the memory or layers below it. 0: it reads the
                                       observation. 0. */
  int32_t reserved_4;    /**< 0. */
} pgrad_policy_config;

/** Fill config with the defaults above. struct_size is sizeof(pgrad_policy_config) where the caller was compiled. */
PGRAD_API pgrad_status pgrad_policy_config_init(pgrad_policy_config *config, size_t struct_size);

/**
 * Create a policy. initialization selects how weights are drawn. Biases and shifts start at 0, biases that give log
 * standard deviations at initial_log_std, and scales at 1.
 *
 * @param policy  Receives the policy; destroy it with pgrad_policy_destroy.
 * @param config  observation_size and parts must be set.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_UNSUPPORTED, PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_policy_create(pgrad_policy **policy, const pgrad_policy_config *config);
PGRAD_API void pgrad_policy_destroy(pgrad_policy *policy);

/** Create a copy of a policy, as it is now: configuration, parameters, normaliser, note, and the key of its next draws.
 *  It shares nothing with the original, so one of them can learn while the other does not change.
 *  @param clone  Receives the copy. @return PGRAD_OK, PGRAD_OUT_OF_MEMORY. */
PGRAD_API pgrad_status pgrad_policy_clone(pgrad_policy **clone, pgrad_policy *policy);

/**
 * Describe how a policy was created.
 *
 * @param config       Receives a configuration that makes another such policy with pgrad_policy_create. Its arrays
 *                     belong to the policy and are valid as long as the policy exists.
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
 * @param log_probs     Receives count values of log π(a|s, θ), a density for continuous parts; may be NULL. For
 *                      squashed columns the density is evaluated at the pre-squash action; see
 *                      pgrad_policy_sample_draws.
 *
 * Each call makes new draws; with state_dependent_exploration it draws a W for each row. The n-th successful call after
 * creation or loading gives the same draws for the same seed. Allocates nothing for up to 1,024 rows of up to 255
 * columns. For larger inputs, this function and the functions below allocate memory for the results during the call,
 * because they check all results before they write any.
 */
PGRAD_API pgrad_status pgrad_policy_sample(pgrad_policy *policy, const float *observations, int64_t count,
                                           float *actions, float *log_probs);

/**
 * The most representative action for each observation; arguments as in pgrad_policy_sample:
 *
 *     categorical        the most probable choice, the first one if several are equal
 *     Bernoulli          1 if it is more probable than 0, else 0
 *     Gaussian           the mean, which may exceed the bounds: see pgrad_policy_clip
 *     squashed Gaussian  the squashed mean, which is the median
 *     beta               the mode, (α - 1)/(α + β - 2) of the range; the middle of the range if α = β = 1
 */
PGRAD_API pgrad_status pgrad_policy_mode(pgrad_policy *policy, const float *observations, int64_t count,
                                         float *actions);

/**
 * log π(a|s, θ) of given actions, summed over the parts. With z the logits, μ and σ the mean and standard deviation, x
 * the share (a - low)/(high - low) of the range, and B the beta function, the value of a column is
 *
 *     categorical        z_a - log Σ_j exp z_j
 *     Bernoulli          -log(1 + exp(-z)) for a = 1, -log(1 + exp z) for a = 0
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
 * The entropy of a squashed Gaussian column has no closed form. Its term E[log(1 - tanh² u)] is computed as a sum over
 * fixed nodes, with an error of at most 3·10⁻⁶ for every μ and σ. Agents use the gradient of that sum.
 */
PGRAD_API pgrad_status pgrad_policy_entropy(pgrad_policy *policy, const float *observations, int64_t count,
                                            float *entropies);

/**
 * The exact divergence of this policy from another one at each observation, in nats:
 * KL(π ‖ π_other) = E_{a~π(·|s)}[ log π(a|s) - log π_other(a|s) ], summed over the parts. The value of a column is
 *
 *     categorical        Σ_j p_j (log p_j - log q_j)
 *     Bernoulli          p log(p/q) + (1 - p) log((1 - p)/(1 - q))
 *     Gaussian           log(s/σ) + (σ² + (μ - m)²)/(2s²) - ½
 *     squashed Gaussian  as for the Gaussians before squashing
 *     beta               log B(γ, δ) - log B(α, β) + (α - γ) ψ(α) + (β - δ) ψ(β) - (α - γ + β - δ) ψ(α + β)
 *
 * where q, m, s, γ and δ belong to the other policy, and ψ is the digamma function.
 *
 * @param other  A policy with the same observation_size and action space and any networks; may be policy itself.
 * @param kls    Receives count values, 0 or more.
 */
PGRAD_API pgrad_status pgrad_policy_kl(pgrad_policy *policy, pgrad_policy *other, const float *observations,
                                       int64_t count, float *kls);

/** V(s) ≈ E[ Σ_k γ^k r_{t+k} | s_t = s ] for each observation. PGRAD_BAD_STATE without a value function. */
PGRAD_API pgrad_status pgrad_policy_value(pgrad_policy *policy, const float *observations, int64_t count,
                                          float *values);

/**
 * The weighted sum of scores: Σ_i weights_i ∇θ log π(actions_i | observations_i, θ).
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
 * The expectation over actions is exact: F v = Jᵀ M J v, where J is the derivative of the network's outputs by θ and M
 * is the Fisher matrix of the distribution. One forward-mode pass along v (Pearlmutter 1994) and one backward pass
 * compute it. F is the second derivative of KL(π ‖ π_θ') by θ' at θ' = θ, except that with state_dependent_exploration
 * the scores exclude the gradient of σ by φ. With these products, conjugate gradients solve F x = ∇J for the natural
 * gradient x. Allocates nothing.
 *
 * @param vector   One number for each parameter, in the order of pgrad_policy_parameters.
 * @param product  Receives one number for each parameter; 0 for the value function's parameters.
 */
PGRAD_API pgrad_status pgrad_policy_fisher_vector(pgrad_policy *policy, const float *observations, int64_t count,
                                                  const float *vector, float *product);

/**
 * Clip bounded Gaussian columns to [low, high] of their part, as an agent does for its environment; copy all other
 * columns.
 *
 * The bounds are saved in a policy's file. Compute log-probabilities and scores from the actions before clipping.
 *
 * @param actions  count × action_size, finite; otherwise PGRAD_NOT_FINITE.
 * @param count    Rows, 1 to PGRAD_MAX_ROWS.
 * @param clipped  Receives count × action_size; may be actions itself.
 */
PGRAD_API pgrad_status pgrad_policy_clip(pgrad_policy *policy, const float *actions, int64_t count, float *clipped);

/* ---------------------------------------------------------------------------------------------------------- draws */

/**
 * Draw actions, and return the pre-squash actions too.
 *
 * A squashed Gaussian column is a = low + (high - low)(tanh u + 1)/2 with a normal u. If |u| is large, a rounds to a
 * bound and no longer determines u. Log-probabilities and scores computed from a are then biased: from |u| of about 8
 * for bounds [-1, 1], and of about 5 for [1000, 1001]. Computed from u they are exact for every u. A row of draws is a
 * row of actions with u in the squashed columns; all other columns are equal. Agents store draws and learn from them.
 *
 * @param masks      count × mask_size flags, as in pgrad_rows; NULL for all.
 * @param actions    Receives count × action_size.
 * @param draws      Receives count × action_size.
 * @param log_probs  Receives count values, as pgrad_policy_log_prob_draws computes them; may be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_sample_draws(pgrad_policy *policy, const float *observations, const uint8_t *masks,
                                                 int64_t count, float *actions, float *draws, float *log_probs);

/** pgrad_policy_log_prob for draws: log π(a|s, θ) of the actions a that belong to the draws.
 *  @param draws Finite. */
PGRAD_API pgrad_status pgrad_policy_log_prob_draws(pgrad_policy *policy, const float *observations,
                                                   const uint8_t *masks, const float *draws, int64_t count,
                                                   float *log_probs);

/** pgrad_policy_score_gradient for draws. @param draws Finite. */
PGRAD_API pgrad_status pgrad_policy_score_gradient_draws(pgrad_policy *policy, const float *observations,
                                                         const uint8_t *masks, const float *draws, const float *weights,
                                                         int64_t count, float *gradient);

/* ------------------------------------------------------------------------------------------------------------- rows */

/** The number of flags in a row of masks. Parts follow in order: a categorical part has one flag for each choice; a
 *  Bernoulli column has two: whether it may be 0, and whether it may be 1; continuous parts have none.
 *  @param size Receives the number. */
PGRAD_API pgrad_status pgrad_policy_mask_size(pgrad_policy *policy, int64_t *size);

/** The number of floats that a policy keeps from one step to the next, for the policy's and the value function's memory
 *  together: for each layer h, and for an LSTM also its cell. 0 without memory.
 *  @param size Receives the number. */
PGRAD_API pgrad_status pgrad_policy_state_size(pgrad_policy *policy, int64_t *size);

/**
 * Rows of observations, with optional masks, for the functions whose names end in _rows. Fill it with pgrad_rows_init,
 * then set count, observations and the optional fields that you need.
 *
 * A choice that masks do not allow has probability exactly 0, and the probabilities of the others sum to 1:
 *
 *     π(a|s) = allowed_a exp z_a / Σ_j allowed_j exp z_j                                       (Huang & Ontañón 2022)
 *
 * Log-probabilities, entropies, divergences, gradients and Fisher matrices use this π. A divergence masks both
 * policies.
 *
 * With a memory, rows form sequences, and each row depends on those before it in its sequence. The state is carried
 * along: act step by step with steps = 1 and states = final_states, or evaluate whole sequences at once; both give the
 * same bits. Gradients pass through all steps of a call; states are constants. A divergence starts both policies from
 * the same states, so their state_size must be equal. Functions without "_rows" refuse a policy with a memory:
 * PGRAD_UNSUPPORTED.
 */
typedef struct pgrad_rows {
  uint32_t struct_size;
  int32_t reserved;          /**< 0. */
  int64_t count;             /**< Rows, 1 to PGRAD_MAX_ROWS: steps × sequences, time-major; no default. */
  int64_t steps;             /**< At least 1, divides count; 1: rows are independent. 1. */
  const float *observations; /**< count × observation_size; no default. */
  const uint8_t *masks;      /**< count × mask_size flags, 1 if a choice is allowed; NULL: all are. Each categorical
                                      part and each Bernoulli column needs at least one allowed choice. An action that
                                      is not allowed gives PGRAD_INVALID_ARGUMENT. NULL. */
  const float *states;       /**< sequences × state_size, before the first step; NULL: 0. Not read if state_size
                                      is 0. NULL. */
  float *final_states;       /**< Receives the states after the last step; may be states itself, or NULL. Not
                                      written if state_size is 0, or by gradients and Fisher products. NULL. */
  const uint8_t *episode_starts; /**< count flags, 1 if the state is set to 0 before this step; NULL: none. NULL. */
  uint64_t draw_key;             /**< Read by pgrad_policy_sample_rows if has_draw_key is 1; any number. 0. */
  int32_t has_draw_key; /**< 1: the draws of the call follow from the policy's seed, draw_key and the number of the row
                                      alone, so the same call repeats them on any thread, and the policy's own sequence
                                      does not move. 0: the key is the number of earlier calls without one. 0. */
  int32_t reserved_2;   /**< 0. */
} pgrad_rows;

PGRAD_API pgrad_status pgrad_rows_init(pgrad_rows *rows, size_t struct_size);

/** pgrad_policy_sample and the functions below it, for a structure of rows: values, units and errors are the same. */
PGRAD_API pgrad_status pgrad_policy_sample_rows(pgrad_policy *policy, const pgrad_rows *rows, float *actions,
                                                float *log_probs);
PGRAD_API pgrad_status pgrad_policy_mode_rows(pgrad_policy *policy, const pgrad_rows *rows, float *actions);
PGRAD_API pgrad_status pgrad_policy_log_prob_rows(pgrad_policy *policy, const pgrad_rows *rows, const float *actions,
                                                  float *log_probs);
PGRAD_API pgrad_status pgrad_policy_entropy_rows(pgrad_policy *policy, const pgrad_rows *rows, float *entropies);
PGRAD_API pgrad_status pgrad_policy_kl_rows(pgrad_policy *policy, pgrad_policy *other, const pgrad_rows *rows,
                                            float *kls);
PGRAD_API pgrad_status pgrad_policy_value_rows(pgrad_policy *policy, const pgrad_rows *rows, float *values);
PGRAD_API pgrad_status pgrad_policy_score_gradient_rows(pgrad_policy *policy, const pgrad_rows *rows,
                                                        const float *actions, const float *weights, float *gradient);
PGRAD_API pgrad_status pgrad_policy_fisher_vector_rows(pgrad_policy *policy, const pgrad_rows *rows,
                                                       const float *vector, float *product);

/**
 * The gradient of the weighted entropy: Σ_i weights_i ∇θ H(π(·|observations_i, θ)).
 *
 * With pgrad_policy_score_gradient_rows and pgrad_policy_value_gradient_rows it gives the gradient of an actor-critic:
 * Σ Ψ_i ∇ log π + β Σ ∇H - c Σ (V(s_i) - R_i) ∇V.
 *
 * @param weights   count numbers.
 * @param gradient  Receives one float for each parameter, in the order of pgrad_policy_parameters; 0 for the value
 *                  function's parameters.
 */
PGRAD_API pgrad_status pgrad_policy_entropy_gradient_rows(pgrad_policy *policy, const pgrad_rows *rows,
                                                          const float *weights, float *gradient);

/**
 * The gradient of the weighted values: Σ_i weights_i ∇θ V(observations_i, θ). PGRAD_BAD_STATE without a value function.
 *
 * With weights R_i - V(s_i), a step along this gradient lowers the loss ½ Σ (V(s_i) - R_i)².
 *
 * @param weights   count numbers.
 * @param gradient  Receives one float for each parameter; 0 for parameters that the value function does not use.
 */
PGRAD_API pgrad_status pgrad_policy_value_gradient_rows(pgrad_policy *policy, const pgrad_rows *rows,
                                                        const float *weights, float *gradient);

/* ------------------------------------------------------------------------------------------------------- parameters */

/**
 * The parameters θ in place: the policy uses new values immediately.
 *
 * Their order is:
 *
 *     1. for each layer of the policy network its weight (inputs × outputs, row-major), its bias, and its scale and
 *        shift if the layer is normalised; the layers of a memory follow the hidden layers or, with memory_first, come
 *        before them;
 *     2. the log standard deviations of Gaussian and squashed Gaussian parts, unless the network outputs them;
 *     3. the layers of the value network in the same order; with shared_trunk there is one layer.
 *
 * Layers that read images and embeddings are stored before the policy network. With value_encoder, the value function
 * has a second set of these layers, which is stored before the value network.
 *
 * A layer of a memory has four tensors, or two without bias. Those of the policy's first layer are, in this order:
 *
 *     "policy.memory.0.input.weight"    W, inputs × (gates · memory_size)        transpose of torch's weight_ih_l0
 *     "policy.memory.0.hidden.weight"   U, memory_size × (gates · memory_size)   transpose of torch's weight_hh_l0
 *     "policy.memory.0.input.bias"      b, gates · memory_size                   torch's bias_ih_l0
 *     "policy.memory.0.hidden.bias"     c, gates · memory_size                   torch's bias_hh_l0
 *
 * Each gate has memory_size columns. The order of the gates is PyTorch's: r, z, n in a GRU and i, f, g, o in an LSTM.
 *
 * With state_dependent_exploration, the columns for log standard deviations in the policy network's last layer hold s
 * in the weight and b in the bias.
 *
 * During an update, this memory holds its work in progress, which functions of the policy do not see. Write to it only
 * while no other thread uses the policy, and no agent has an unfinished update of it (see pgrad_agent_update_for).
 *
 * @param parameters  Receives a pointer, 64-byte aligned. It is valid while a handle to the policy exists, or an agent
 *                    or optimizer that uses the policy. May be NULL.
 * @param count       Receives the number of floats. May be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_parameters(pgrad_policy *policy, float **parameters, int64_t *count);

/** A named part of the parameters: the weight or bias of a layer, the scale or shift of its normalisation, or the log
 *  standard deviations. */
typedef struct pgrad_tensor {
  uint32_t struct_size;
  int32_t dimensions; /**< 1 to 4. */
  const char *name;   /**< As in files, for example "policy.0.weight"; belongs to the policy. */
  int64_t offset;     /**< The position of its first number in the parameters. */
  int64_t shape[4];   /**< Row-major, for example inputs × outputs; 0 beyond dimensions. */
} pgrad_tensor;

/** The number of tensors. Together they are all parameters, in their order. @param count Receives the number. */
PGRAD_API pgrad_status pgrad_policy_tensor_count(pgrad_policy *policy, int64_t *count);

/**
 * Describe one tensor.
 *
 * @param index        0 to the number of tensors - 1; otherwise PGRAD_INVALID_ARGUMENT.
 * @param struct_size  sizeof(pgrad_tensor) where the caller was compiled; so many bytes are written.
 */
PGRAD_API pgrad_status pgrad_policy_tensor(pgrad_policy *policy, int64_t index, pgrad_tensor *tensor,
                                           size_t struct_size);

/**
 * Read the moments with which the policy normalises observations before its networks:
 *
 *     x̂ = clip((x - mean) / √(variance + 1e-8), ±observation_clip)
 *
 * An agent with normalize_observations adds a normaliser to its policy and updates it. The policy's file contains it.
 * Every function takes raw observations and normalises them with the current moments.
 *
 * @param means      Receives observation_size numbers; may be NULL. Without a normaliser nothing is written.
 * @param variances  The same.
 * @param count      Receives the number of observations in the moments; -1 without a normaliser.
 */
PGRAD_API pgrad_status pgrad_policy_observation_moments(pgrad_policy *policy, double *means, double *variances,
                                                        int64_t *count);

/**
 * Copy the parameters of another policy, and the moments with which it normalises observations. The note, the key of
 * the next draws and the agents of policy do not change. Other threads that use policy see all of the copy or none.
 *
 * @param source  Created with the options of policy, except for the seed; for example read by pgrad_policy_load_memory
 *                from bytes of another process. Only read.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT if an option differs, or if only policy normalises observations;
 *         PGRAD_BAD_STATE while an update of policy is unfinished, see pgrad_agent_update_for; PGRAD_OUT_OF_MEMORY.
 *         After an error, policy has not changed.
 */
PGRAD_API pgrad_status pgrad_policy_assign(pgrad_policy *policy, pgrad_policy *source);

/**
 * Set the note of a policy: one text for the host's own use, which the library stores but does not read. Files of the
 * policy, and of agents that use it, contain the note. The Python package stores a description of the environment's
 * spaces there, in JSON.
 *
 * @param note  In UTF-8, zero-terminated, at most PGRAD_MAX_NOTE bytes; copied. "" removes the note. NULL, other
 *              encodings and longer texts give PGRAD_INVALID_ARGUMENT.
 */
PGRAD_API pgrad_status pgrad_policy_set_note(pgrad_policy *policy, const char *note);

/**
 * Read the note of a policy; "" unless pgrad_policy_set_note or the policy's file set one.
 *
 * @param note      Receives length + 1 bytes, the last of which is zero; NULL to read the length alone.
 * @param capacity  Bytes at note, at least length + 1, else PGRAD_INVALID_ARGUMENT; 0 if note is NULL.
 * @param length    Receives the number of bytes without the terminating zero; may be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_note(pgrad_policy *policy, char *note, int64_t capacity, int64_t *length);

/**
 * Write a policy to a file in the safetensors format, with one tensor for each weight, bias and log standard deviation.
 *
 * An existing file is replaced only after the new one is complete and on disk. It keeps its mode, and its owner if the
 * system allows it. A new file has mode 0666 minus umask. If path is a symbolic link, its target is written, whether or
 * not it exists. Other hard links keep the old content. An incomplete file is "PATH.xxxxxxxx.partial" with random
 * hexadecimal digits, in the same folder. If the file system has locks, the next save to the same path removes such
 * files of killed processes.
 *
 * @param path  In UTF-8.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT; PGRAD_NOT_FINITE for a parameter that the host has set to NaN or infinity;
 *         PGRAD_IO_ERROR for a device, FIFO, socket or folder, for links in a circle, and for errors of the operating
 *         system; PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_policy_save(pgrad_policy *policy, const char *path);

/** Read a policy from a file written by pgrad_policy_save or pgrad_agent_save, of this or an earlier version of pgrad.
 *  PGRAD_IO_ERROR, PGRAD_BAD_FILE. */
PGRAD_API pgrad_status pgrad_policy_load(pgrad_policy **policy, const char *path);

/**
 * Write the bytes of a policy's file to memory.
 *
 * @param bytes     Receives what pgrad_policy_save would write to a file; NULL to get only the size.
 * @param capacity  Bytes at `bytes`, at least the size, else PGRAD_INVALID_ARGUMENT; 0 if bytes is NULL.
 * @param size      Receives the number of bytes; may be NULL.
 */
PGRAD_API pgrad_status pgrad_policy_save_memory(pgrad_policy *policy, void *bytes, int64_t capacity, int64_t *size);

/** Read a policy from the size bytes of a file. The bytes are copied. PGRAD_INVALID_ARGUMENT, PGRAD_BAD_FILE. */
PGRAD_API pgrad_status pgrad_policy_load_memory(pgrad_policy **policy, const void *bytes, int64_t size);

/** What a file contains. */
typedef enum pgrad_file_content {
  PGRAD_FILE_POLICY = 1,    /**< A policy, for pgrad_policy_load. */
  PGRAD_FILE_AGENT = 2,     /**< An agent with its policy, for pgrad_agent_load and pgrad_policy_load. */
  PGRAD_FILE_CHECKPOINT = 3 /**< An agent with its unfinished rollout, for pgrad_checkpoint_load and both of these. */
} pgrad_file_content;

/**
 * Read whether a file contains a policy, an agent or a checkpoint.
 *
 * This does not check the tensors; loading the file does.
 *
 * @param kind  Receives a pgrad_file_content.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_IO_ERROR, PGRAD_BAD_FILE, PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_file_kind(const char *path, int32_t *kind);

/* ---------------------------------------------------------------------------------------------------- gradient step */

/** Gradient ascent on the parameters of one policy. It holds the state of its rule, such as Adam's moments. */
typedef struct pgrad_optimizer pgrad_optimizer;

typedef enum pgrad_optimizer_kind {
  PGRAD_SGD = 1,     /**< v ← momentum·v + g;  θ ← θ + learning_rate·v. */
  PGRAD_ADAM = 2,    /**< Kingma & Ba 2015, bias-corrected; epsilon is added to √v̂. */
  PGRAD_RMSPROP = 3, /**< v ← decay·v + (1 - decay)·g²;  θ ← θ + learning_rate·g / (√v + epsilon). Hinton 2012. */
  PGRAD_ADAMW = 4, /**< θ ← θ - learning_rate·weight_decay·θ, and the step of Adam (Loshchilov & Hutter 2019). Every
                          parameter decays, also biases and log standard deviations, as in PyTorch. */
  PGRAD_RMSPROP_TENSORFLOW = 5 /**< PGRAD_RMSPROP as in TensorFlow 1, which early implementations of A2C used: v starts
                                    at 1, and θ ← θ + learning_rate·g / √(v + epsilon). */
} pgrad_optimizer_kind;

typedef struct pgrad_optimizer_config {
  uint32_t struct_size;
  int32_t kind;         /**< A pgrad_optimizer_kind; PGRAD_ADAM. */
  double learning_rate; /**< Above 0; 3e-4. */
  double momentum;      /**< SGD: 0 to below 1; 0. */
  double beta1;         /**< Adam, AdamW: 0 to below 1; 0.9. */
  double beta2;         /**< Adam, AdamW: 0 to below 1; 0.999. */
  double decay;         /**< RMSProp of both kinds: 0 to below 1; 0.99. */
  double epsilon;       /**< Above 0; 1e-8. */
  double max_grad_norm; /**< A longer gradient is first scaled to this Euclidean norm; 0: never. 0. */
  double weight_decay;  /**< AdamW: at least 0; 0.01. Other kinds do not decay parameters. */
} pgrad_optimizer_config;

PGRAD_API pgrad_status pgrad_optimizer_config_init(pgrad_optimizer_config *config, size_t struct_size);

/** Create an optimizer for the policy's parameters; it keeps the policy alive. A policy may have several optimizers.
 *  @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_OUT_OF_MEMORY. */
PGRAD_API pgrad_status pgrad_optimizer_create(pgrad_optimizer **optimizer, pgrad_policy *policy,
                                              const pgrad_optimizer_config *config);

/**
 * Take one step of gradient ascent.
 *
 * @param gradient  The gradient of the objective to maximise, one float for each parameter. PGRAD_NOT_FINITE if a
 *                  number is not finite, or a parameter would not be; then the policy and the optimizer do not change.
 */
PGRAD_API pgrad_status pgrad_optimizer_step(pgrad_optimizer *optimizer, const float *gradient);

/** Set the learning rate of later steps; the optimizer's state does not change.
 *  @param learning_rate Above 0 and finite; otherwise PGRAD_INVALID_ARGUMENT. */
PGRAD_API pgrad_status pgrad_optimizer_set_learning_rate(pgrad_optimizer *optimizer, double learning_rate);
PGRAD_API void pgrad_optimizer_destroy(pgrad_optimizer *optimizer);

/* ------------------------------------------------------------------------------------------------------------ agent */

/** Acts, collects rollouts, and learns whenever a rollout is full. */
typedef struct pgrad_agent pgrad_agent;

typedef enum pgrad_algorithm {
  PGRAD_REINFORCE = 1, /**< Williams 1992. */
  PGRAD_A2C = 2,       /**< Mnih et al. 2016, synchronous. */
  PGRAD_PPO = 3,       /**< Schulman et al. 2017, with the clipped surrogate. */
  PGRAD_NPG = 4,       /**< The natural gradient, Kakade 2001: one step for each rollout,
                            θ ← θ + √(2δ / xᵀ(F + d) x) x,  x = (F + d)⁻¹ g,  F = E[score scoreᵀ],
                            where δ is target_kl and d is cg_damping. To second order, the step moves the policy by a
                            mean KL divergence of δ (Rajeswaran et al. 2017). The value function is then fitted
                            separately, in n_epochs passes over minibatches; layers that it shares with the policy do
                            not change. */
  PGRAD_TRPO = 5,      /**< Schulman et al. 2015: the same step, shortened until the surrogate E[r A] has risen and the
                            exact mean KL(π_old‖π) over the rollout is at most target_kl. If no length satisfies both,
                            no step is taken. */
  PGRAD_SPO = 6        /**< Simple Policy Optimization, Xie et al. 2024: PPO with the surrogate
                            E[ r A - |A| (r - 1)² / (2 clip_range) ]. Outside the clip range its gradient moves the
                            ratio back, whereas PPO's gradient is 0. It has the options and defaults of PPO, except
                            surrogate and kl_coefficient. */
} pgrad_algorithm;

/** The weight Ψ_t on the score. */
typedef enum pgrad_estimator {
  PGRAD_WHOLE_TRAJECTORY = 1, /**< R(τ) = Σ_k γ^{k-1} r_k on every step: the theorem as stated. */
  PGRAD_REWARD_TO_GO = 2,     /**< Σ_{k≥t} γ^{k-t} r_k; with discount_scores, times γ^{t-1}. */
  PGRAD_GAE = 3,              /**< Generalised advantage estimation, Schulman et al. 2016; needs a value function. */
  PGRAD_VTRACE = 4,           /**< PPO, SPO, A2C: V-trace, Espeholt et al. 2018: advantages under the current policy
                                   for steps that an older one drew, as in later epochs with recompute_advantages;
                                   see pgrad_vtrace. Its λ is gae_lambda. Needs a value function. */
  PGRAD_LEAVE_ONE_OUT = 5, /**< REINFORCE: R_i - 1/(n-1) Σ_{j≠i} R_j on every step of trajectory i of a group of n:
                                   RLOO (Kool et al. 2019; Ahmadian et al. 2024). Unbiased for any initial states; the
                                   variance is lowest if all trajectories of a group start in the same state. */
  PGRAD_GROUP_NORMALIZED = 6, /**< REINFORCE: (R_i - mean_j R_j) / (std_j R_j + 1e-4), the advantage of GRPO (Shao et
                                   al. 2024) as in TRL. Biased: groups whose returns differ little have more weight. */
  PGRAD_GROUP_CENTERED = 7    /**< REINFORCE: R_i - mean_j R_j, GRPO without the division (Liu et al. 2025): (n-1)/n
                                   times as long as RLOO's. */
} pgrad_estimator;

/** When an environment resets after an episode has ended; the names are Gymnasium's. */
typedef enum pgrad_autoreset_mode {
  PGRAD_AUTORESET_SAME_STEP = 1, /**< At once: next_observations holds the new episode's first observation and
                                      final_observations the ended one's last. Also for a host that resets by itself. */
  PGRAD_AUTORESET_NEXT_STEP = 2  /**< At the next step, which only resets: its action and reward are ignored and are not
                                      part of the batch. next_observations holds the ended episode's last
                                      observation. */
} pgrad_autoreset_mode;

typedef enum pgrad_schedule {
  PGRAD_CONSTANT = 1,
  PGRAD_LINEAR = 2,     /**< Falls from its value to 0 over total_timesteps. */
  PGRAD_COSINE = 3,     /**< Falls from its value to 0 over total_timesteps along half a cosine: slowly at the start and
                             at the end. */
  PGRAD_KL_ADAPTIVE = 4 /**< Learning rates of PPO and SPO only: after an update whose last epoch had a mean KL above 2
                             desired_kl, the rate is divided by 1.5; below desired_kl / 2 it is multiplied by 1.5. It
                             stays within a factor of 100 of learning_rate. */
} pgrad_schedule;

/** When the weights Ψ are normalised to mean 0 and standard deviation 1. A single row is not changed. */
typedef enum pgrad_advantage_normalization {
  PGRAD_NORMALIZE_OFF = 0,
  PGRAD_NORMALIZE_MINIBATCH = 1, /**< Within each minibatch: Stable-Baselines3 and CleanRL. */
  PGRAD_NORMALIZE_BATCH = 2      /**< Over the rollout, whenever advantages are estimated: OpenAI Baselines, Spinning
                                      Up. */
} pgrad_advantage_normalization;

/** The objective that PPO maximises; r = π(a|s) / π_old(a|s). */
typedef enum pgrad_surrogate {
  PGRAD_CLIP = 1,      /**< E[ min(r A, clip(r, 1 ± clip_range) A) ]. */
  PGRAD_KL_PENALTY = 2 /**< mean[ r A - β ((r - 1) - log r) ] over the rows of a minibatch. The second term is an
                            unbiased estimate of β KL(π_old‖π) from the sampled actions, because
                            E_old[ (r - 1) - log r ] = KL(π_old‖π); it is not the closed form over all actions. Its
                            gradient is β mean[ (r - 1) ∇log π(a|s) ]. β starts at kl_coefficient. It doubles after an
                            update whose last epoch had a mean of (r - 1) - log r above 1.5 desired_kl, and halves below
                            desired_kl / 1.5 (section 4 of the PPO paper). */
} pgrad_surrogate;

/** The loss of a row with clip_range_value c, where V' = V_old + clip(V - V_old, -c, c) and R is the target. */
typedef enum pgrad_value_clip {
  PGRAD_VALUE_CLIP_LARGER = 1, /**< max( (V - R)², (V' - R)² ), as OpenAI Baselines and CleanRL. */
  PGRAD_VALUE_CLIP_ALONE = 2   /**< (V' - R)², as Stable-Baselines3: no gradient once |V - V_old| ≥ c. */
} pgrad_value_clip;

/** When an agent makes the update that a full rollout calls for. It acts with the parameters before the update until
 *  the update ends. At that moment, which is always in a call of the host, it changes to the new ones. */
typedef enum pgrad_update_mode {
  PGRAD_UPDATE_AT_ONCE = 1,      /**< In the call of pgrad_agent_observe that fills the rollout. */
  PGRAD_UPDATE_DEFERRED = 2,     /**< In pieces, in calls of pgrad_agent_update_for, while the next rollout fills. */
  PGRAD_UPDATE_IN_BACKGROUND = 3 /**< On a thread of the library, while the next rollout fills. */
} pgrad_update_mode;

/** Defaults are in brackets: PPO; A2C; REINFORCE; NPG and TRPO, if they differ from PPO. SPO has the defaults of PPO.
 *  The defaults of PPO and A2C come from Stable-Baselines3, and the defaults of TRPO from its Contrib. */
typedef struct pgrad_agent_config {
  uint32_t struct_size;
  int32_t algorithm;  /**< A pgrad_algorithm; set by pgrad_agent_config_algorithm. */
  int64_t n_envs;     /**< Environments that are stepped together, 1 to PGRAD_MAX_ENVS [1]. */
  int64_t n_steps;    /**< All but REINFORCE: steps of each environment in a rollout [2048; 5].
                                  REINFORCE: a longer trajectory is truncated at this length; 0: never [0]. */
  int64_t n_episodes; /**< REINFORCE: whole trajectories of each environment in a rollout [8]. */
  int64_t group_size; /**< PGRAD_LEAVE_ONE_OUT, PGRAD_GROUP_…: consecutive environments whose k-th trajectories are
                                  compared; at least 2, and divides n_envs; 0: all [0]. TRL: 8 in GRPO, 2 in RLOO. */
  int64_t sde_sample_freq; /**< With state_dependent_exploration: each environment gets a new W after this many steps;
                                  0: a new W for each rollout, which is -1 in Stable-Baselines3 [0]. */
  int64_t batch_size;      /**< PPO, SPO: rows of a minibatch; NPG, TRPO: rows of a minibatch for the value function;
                                  divides n_steps × n_envs. If rows that only reset are dropped, the last minibatch of
                                  an epoch is shorter [64; NPG, TRPO: 128]. */
  int64_t n_epochs;        /**< PPO, SPO: passes over a rollout, at least 1; NPG, TRPO: passes for the value function,
                                  n_critic_updates in Stable-Baselines3 Contrib [10]. */
  int64_t total_timesteps; /**< The step, counted over all environments and calls, at which linear and cosine
                                  schedules reach 0; at least 0. 0: they end with each call of pgrad_train, so the next
                                  call raises the rates again; a host with its own loop sets the end with
                                  pgrad_agent_set_total_timesteps [0]. */
  uint64_t seed;           /**< Seed of actions and of shuffling [0]. */
  double learning_rate;    /**< Above 0; NPG, TRPO: for the value function [3e-4; 7e-4; 2.5e-3; 1e-3]. */
  double gamma;            /**< Discount γ, 0 to 1 [0.99]. */
  double gae_lambda;       /**< λ of GAE, 0 to 1 [0.95; 1; 1]. */
  double clip_range;       /**< PPO, SPO: ε of the clipped ratio, above 0 [0.2]. */
  double clip_range_value; /**< PPO, SPO: c of the clipped value loss, which takes the larger of two squares for each
                                  row, mean[ max( (V - R)², (V_old + clip(V - V_old, -c, c) - R)² ) ], where R is the
                                  target; at least 0. 0 turns it off: mean[ (V - R)² ]. CleanRL with clip_vloss has half
                                  this loss. value_clip selects the second square alone [0]. */
  double entropy_coefficient; /**< β of the entropy bonus, at least 0 [0]. */
  double value_coefficient;   /**< Weight of the mean squared value error, at least 0 [0.5; 0.5; 0.5; 1]. */
  double max_grad_norm;       /**< A longer gradient is scaled to this norm; NPG, TRPO: the value function's gradient;
                                  0: never [0.5; 0.5; 0; 0]. */
  double target_kl;           /**< PPO, SPO: an update ends before the first minibatch whose mean of (r - 1) - log r
                                  exceeds 1.5 times this, at least 0; 0 turns it off. NPG, TRPO: δ, above 0; 0.01 in the
                                  paper, Stable-Baselines3 Contrib and Spinning Up [0; NPG, TRPO: 0.01]. */
  double desired_kl;          /**< PPO: the KL divergence of an update at which PGRAD_KL_ADAPTIVE and PGRAD_KL_PENALTY
                                  aim, above 0 [0.01]. */
  double kl_coefficient;      /**< PPO: the initial β of PGRAD_KL_PENALTY, above 0 [1]. */
  double rho_clip;            /**< PGRAD_VTRACE: ρ̄, above 0 [1]. */
  double c_clip;              /**< PGRAD_VTRACE: c̄, above 0 [1]. */
  double cg_damping;          /**< NPG, TRPO: d, added to the diagonal of F, at least 0; 0.1 in Stable-Baselines3
                                  Contrib and Spinning Up [0.1]. */
  double line_search_shrinking_factor; /**< TRPO: a rejected step is multiplied by this, above 0 and below 1; 0.8 in
                                  Stable-Baselines3 Contrib and Spinning Up, 0.5 in OpenAI Baselines [0.8]. */
  double optimizer_epsilon;            /**< ε of every optimizer but SGD [1e-5; 1e-5; 1e-8]. */
  double observation_clip;             /**< Largest absolute value of a normalised observation, above 0 [10]. */
  double reward_clip;                  /**< Largest absolute value of a normalised reward, above 0 [10]. */
  int32_t optimizer;                   /**< A pgrad_optimizer_kind; NPG, TRPO: not PGRAD_ADAMW
                                  [PGRAD_ADAM; PGRAD_RMSPROP; PGRAD_ADAM]. */
  int32_t estimator;                   /**< A pgrad_estimator [PGRAD_GAE; PGRAD_GAE; PGRAD_WHOLE_TRAJECTORY]. */
  int32_t baseline;        /**< REINFORCE: 1 subtracts the value function, which is then fitted to the returns [0]. */
  int32_t discount_scores; /**< 1: the weight of step t includes the theorem's leading γ^{t-1}, which most libraries
                                  drop. Whole-trajectory weights have no such factor [0]. */
  int32_t normalize_advantage;    /**< A pgrad_advantage_normalization. For algorithms whose policy step uses no
                                    minibatches, PGRAD_NORMALIZE_MINIBATCH and PGRAD_NORMALIZE_BATCH are equal
                                    [PGRAD_NORMALIZE_MINIBATCH; PGRAD_NORMALIZE_OFF; PGRAD_NORMALIZE_OFF]. */
  int32_t normalize_observations; /**< 1: observations are normalised by the running mean and standard deviation of each
                                  number, updated after each step of all environments (Chan et al. 1979). The policy and
                                  its file store the moments, see pgrad_policy_observation_moments; only training
                                  updates them. 0: a normaliser that the policy already has is used but not updated.
                                  CleanRL does this for continuous control; Stable-Baselines3 has VecNormalize [0]. */
  int32_t normalize_rewards;      /**< 1: rewards are divided by the running standard deviation of each environment's
                                  discounted return. Statistics report unscaled returns. The agent and its file store
                                  the moments. CleanRL and Stable-Baselines3 as above [0]. */
  int32_t learning_rate_schedule; /**< A pgrad_schedule [PGRAD_CONSTANT]. */
  int32_t clip_range_schedule;    /**< A pgrad_schedule [PGRAD_CONSTANT]. */
  int32_t entropy_coefficient_schedule; /**< A pgrad_schedule; constant in Stable-Baselines3 and CleanRL
                                             [PGRAD_CONSTANT]. */
  int32_t surrogate;                    /**< PPO: a pgrad_surrogate [PGRAD_CLIP]. */
  int32_t recompute_advantages;         /**< PPO, SPO: 1 recomputes values and advantages before each epoch after the
                                  first, as Tianshou does in its MuJoCo benchmark; Stable-Baselines3 and CleanRL do not
                                  [0]. */
  int32_t cg_max_steps;         /**< NPG, TRPO: largest number of steps of conjugate gradients, at least 1; 15 in
                                  Stable-Baselines3 Contrib, 10 in Spinning Up [15]. */
  int32_t line_search_max_iter; /**< TRPO: largest number of step lengths to try, at least 1; 10 in Stable-Baselines3
                                  Contrib and Spinning Up [10]. */
  int32_t autoreset_mode;       /**< A pgrad_autoreset_mode [PGRAD_AUTORESET_SAME_STEP]. */
  int32_t threads; /**< Worker threads inside a call, 1 to PGRAD_MAX_THREADS; results do not depend on it. 0 chooses the
                                  number: one for each half million floating-point operations of a minibatch (at most 8
                                  threads with at least 128 rows each) or of acting once in all environments, whichever
                                  is larger, but at most the number of processors. If both are small, it is one [1].
                                  With a memory, a minibatch of up to 8 sequences is not divided, unless a pass over
                                  them takes more than 16 MiB. */
  double weight_decay; /**< PGRAD_ADAMW: λ, at least 0. A schedule of the learning rate also scales the decay [0.01]. */
  int64_t sequence_length; /**< With a memory: gradients pass through time within sequences of so many consecutive steps
                                  of one environment; divides n_steps. The state before each sequence is the one that
                                  the rollout had there, so gradients are truncated and, after the first minibatch,
                                  states are slightly old. A minibatch holds batch_size / sequence_length whole
                                  sequences, rounded down, but at least one. 0: the whole rollout, or the whole
                                  trajectory in REINFORCE, is one sequence. Without memory 0 [0]. */
  int32_t value_clip;      /**< A pgrad_value_clip: the loss that clip_range_value clips [PGRAD_VALUE_CLIP_LARGER]. */
  int32_t reserved;        /**< 0. */
  int64_t shuffle_groups;  /**< Groups of equally many neighbouring environments; divides n_envs. Each group is shuffled
                                  by itself, and every minibatch takes the same share of each. With G groups, one
                                  process divides its rows into minibatches as G ranks with n_envs / G environments and
                                  a G-th of batch_size do, to the nearest row or sequence and with at least one of each
                                  group: see pgrad_agent_set_reduce. 1: all rows together [1]. */
  int32_t update_mode;     /**< A pgrad_update_mode [PGRAD_UPDATE_AT_ONCE]. */
  int32_t stats_window_size; /**< The number of last episodes that mean_return and mean_length of statistics are over, 1
                                  to 1,000,000 [100]. */
  int64_t sub_sampling_factor; /**< NPG, TRPO: the gradient, the Fisher products and the line search of an update use
                                  one in so many rows (with a memory: sequences), which are drawn anew for each update
                                  and whose advantages are normalised by themselves. The value function is fitted to all
                                  rows. Stable-Baselines3 Contrib has it for TRPO. 1: all rows [1]. */
  double cg_rtol;              /**< NPG, TRPO: conjugate gradients end when the residual g - (F + d) x is no longer than
                                  cg_rtol times g, or than cg_atol, at least 0 [1e-5]. */
  double cg_atol;              /**< NPG, TRPO: see cg_rtol, at least 0. Stable-Baselines3 Contrib has only this
                                  tolerance, of 1e-5 [0]. */
  int32_t reverse_kl;          /**< TRPO: 1: target_kl bounds the mean KL(π‖π_old), as in Stable-Baselines3 Contrib.
                                  0: KL(π_old‖π), as in the paper [0]. */
  int32_t reserved_2;          /**< 0. */
} pgrad_agent_config;

/** Fill config with the defaults of PPO. */
PGRAD_API pgrad_status pgrad_agent_config_init(pgrad_agent_config *config, size_t struct_size);

/** Fill an initialised config with the defaults of another algorithm. n_envs, total_timesteps, seed, autoreset_mode,
 *  threads, update_mode and stats_window_size do not change.
 *  @param algorithm  A pgrad_algorithm. */
PGRAD_API pgrad_status pgrad_agent_config_algorithm(pgrad_agent_config *config, int32_t algorithm);

/** Create an agent that acts with the policy and trains it; it keeps the policy alive. If the estimator or baseline
 *  needs a value function and the policy has none, the result is PGRAD_INVALID_ARGUMENT. */
PGRAD_API pgrad_status pgrad_agent_create(pgrad_agent **agent, pgrad_policy *policy, const pgrad_agent_config *config);
PGRAD_API void pgrad_agent_destroy(pgrad_agent *agent);

/** Describe how an agent was created; arguments as in pgrad_policy_describe. */
PGRAD_API pgrad_status pgrad_agent_describe(pgrad_agent *agent, pgrad_agent_config *config, size_t struct_size);

/**
 * Start from the first observation of every environment, and clear the rollout.
 *
 * A host's own loop is as follows; pgrad_agent_observe learns when the rollout is full:
 *
 *     pgrad_agent_begin(agent, observations);
 *     for (;;) {
 *       pgrad_agent_act(agent, actions);
 *       // step the environments
 *       pgrad_agent_observe(agent, rewards, terminated, truncated, next_observations, final_observations);
 *     }
 *
 * @param observations  n_envs × observation_size.
 */
PGRAD_API pgrad_status pgrad_agent_begin(pgrad_agent *agent, const float *observations);

/**
 * Set the step at which linear and cosine schedules end in a host's own loop. Steps are counted over all environments,
 * from the agent's first. Without this call, the schedules end at total_timesteps of the configuration.
 *
 * pgrad_train does not use it: its schedules end at total_timesteps of the configuration or, if that is 0, with the
 * call. A schedule always starts at the agent's first step. Example: a linear schedule, n_envs × n_steps = 500, and
 * three calls of 1000 steps each, so two updates in each call. They use these shares of the rate: 1, 1/2; 1/2, 1/4;
 * 1/3, 1/6. With total_timesteps = 3000 the shares are 1, 5/6; 4/6, 3/6; 2/6, 1/6.
 *
 * @param total_timesteps  At least 0. 0: schedules are constant.
 */
PGRAD_API pgrad_status pgrad_agent_set_total_timesteps(pgrad_agent *agent, int64_t total_timesteps);

/**
 * Set the learning rate of the next updates. It replaces learning_rate and its schedule, until the agent is destroyed.
 * pgrad_checkpoint_save stores it, and pgrad_agent_resize copies it. A file of pgrad_agent_save does not hold it, and
 * pgrad_agent_load does not read it: the loaded agent uses learning_rate and its schedule. A host with a schedule of
 * its own calls this before each update, for example when pgrad_train reports one.
 *
 * @param learning_rate  At least 0 and finite. 0: the next updates leave the parameters as they are.
 */
PGRAD_API pgrad_status pgrad_agent_set_learning_rate(pgrad_agent *agent, double learning_rate);

/** The same for clip_range and its schedule; without effect on algorithms that do not clip.
 *  @param clip_range  At least 0 and finite. */
PGRAD_API pgrad_status pgrad_agent_set_clip_range(pgrad_agent *agent, double clip_range);

/** The same for clip_range_value, which has no schedule.
 *  @param clip_range_value  At least 0 and finite; 0 does not clip. */
PGRAD_API pgrad_status pgrad_agent_set_clip_range_value(pgrad_agent *agent, double clip_range_value);

/**
 * Restrict the choices of the next pgrad_agent_act. Actions are drawn from the masked policy, and learning uses the
 * same masks for ratios, entropy, KL and Fisher products (Huang & Ontañón 2022). Masks apply to one step: call this
 * before every pgrad_agent_act. Without a call, all choices are allowed in the next step.
 *
 * @param masks  n_envs × mask_size flags, 1 for allowed choices; see pgrad_policy_mask_size. Rows of environments whose
 *               next step only resets (PGRAD_AUTORESET_NEXT_STEP) are ignored.
 * @return PGRAD_OK; PGRAD_BAD_STATE before begin or between act and observe; PGRAD_INVALID_ARGUMENT for a flag other
 *         than 0 and 1, or a mask that allows no choice of a part; the message names the environment and the step;
 *         PGRAD_UNSUPPORTED if all parts are continuous. After an error, earlier masks still apply.
 *
 * The first call allocates memory for masks. Masks that were set but not used yet are not saved.
 */
PGRAD_API pgrad_status pgrad_agent_set_masks(pgrad_agent *agent, const uint8_t *masks);

/**
 * Draw an action for every environment. PGRAD_BAD_STATE before begin, or twice without observe.
 *
 * @param actions  Receives n_envs × action_size. Bounded Gaussian columns are clipped to their bounds; the agent learns
 *                 from the actions before clipping.
 *
 * Allocates nothing.
 */
PGRAD_API pgrad_status pgrad_agent_act(pgrad_agent *agent, float *actions);

/**
 * Record the result of a step. When that fills the rollout, the agent learns from it before the call returns, unless
 * update_mode defers the update: see pgrad_agent_update_for.
 *
 * @param rewards             n_envs.
 * @param terminated          n_envs; 1 if the episode reached a terminal state: no further reward can follow.
 * @param truncated           n_envs; 1 if a time limit ended the episode: γ·V(last observation) replaces later rewards.
 * @param next_observations   n_envs × observation_size; the observations to act on next.
 * @param final_observations  n_envs × observation_size; only the rows of ended episodes are read. May be NULL if no
 *                            episode was truncated. Not read with PGRAD_AUTORESET_NEXT_STEP.
 * @return PGRAD_OK; PGRAD_BAD_STATE if pgrad_agent_act was not called before; PGRAD_INVALID_ARGUMENT;
 *         PGRAD_NOT_FINITE. If an input is not finite, the agent does not change. If a result of the update is not
 *         finite, the step counts as observed, the rollout is discarded, and the parameters and the optimizer are as
 *         before the update.
 */
PGRAD_API pgrad_status pgrad_agent_observe(pgrad_agent *agent, const float *rewards, const uint8_t *terminated,
                                           const uint8_t *truncated, const float *next_observations,
                                           const float *final_observations);

/**
 * Give an unfinished update some time, for a host that has only so much of it in each frame.
 *
 * With PGRAD_UPDATE_DEFERRED, the call that fills a rollout only makes its update due, and the next rollout fills a
 * second memory. This function then makes the update, one piece after the other. A piece is a block of at most a few
 * hundred rows, a step of the optimizer, or an estimate of all advantages; with a memory, a block has whole sequences.
 * The call returns after the piece in which the time is used up. When the update is complete, the agent acts with the
 * new parameters.
 *
 * With PGRAD_UPDATE_IN_BACKGROUND, a thread makes the update, with its own `threads` workers. This function waits for
 * it, and completes the update if the thread is ready. No call is needed; without one, the agent changes to the new
 * parameters when the next rollout is full, however fast the thread is.
 *
 * In both modes, if the next rollout is full while an update is unfinished, pgrad_agent_observe completes the update
 * within the call, and then the next one is due. pgrad_agent_learn, pgrad_train, pgrad_agent_save,
 * pgrad_agent_resize and pgrad_checkpoint_save also begin with that; pgrad_train completes all its updates before the
 * next step. An update that fails does so in the call that completes it, with the status that pgrad_agent_observe has
 * with PGRAD_UPDATE_AT_ONCE; the parameters and the optimizer are then restored, and the agent can continue.
 * Destroying the agent undoes an unfinished update. The options of an update are those at the moment when it was due.
 *
 * Numbers. The bits of an update do not depend on the mode or on the pieces. An agent whose updates are completed by
 * this function before the next pgrad_agent_act has the bits of PGRAD_UPDATE_AT_ONCE. A deferred agent for which this
 * function is never called has the bits of a background agent. Steps that an agent takes while an update is
 * unfinished are drawn with the older parameters; the ratios of PPO, SPO and PGRAD_VTRACE take that into account.
 *
 * While an update is unfinished, other agents and optimizers of the same policy get PGRAD_BAD_STATE instead of an
 * update, and pgrad_policy_parameters shows work in progress. In a child of fork, which has no thread, the update is
 * made again by the call that completes it. Messages about an update in the background come on its thread.
 *
 * @param microseconds  At least 0. More than 0: at least one piece is computed. 0: nothing is computed or completed.
 *                      INT64_MAX: until the update is complete.
 * @param done          Receives 1 if no update is unfinished, else 0. May be NULL.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT; the errors of an update; PGRAD_BAD_STATE.
 */
PGRAD_API pgrad_status pgrad_agent_update_for(pgrad_agent *agent, int64_t microseconds, int32_t *done);

/**
 * A rollout in arrays, for pgrad_agent_learn: n_steps steps of n_envs environments, gathered by any means. Arrays are
 * time-major: row step × n_envs + env is one step of one environment. Fill the structure with pgrad_rollout_init, then
 * set its fields. All pointers are NULL after pgrad_rollout_init; one of actions and draws is required.
 */
typedef struct pgrad_rollout {
  uint32_t struct_size;
  int32_t reserved;          /**< 0. */
  int64_t n_steps;           /**< At least 1; may differ from the agent's n_steps. With a memory and a sequence_length
                                  it is a multiple of that. Steps without an active row do not count. */
  int64_t n_envs;            /**< The agent's n_envs. */
  const float *observations; /**< (n_steps + 1) × n_envs × observation_size, not normalised; the last step holds the
                                  observations after the rollout. Required. */
  const float *actions;      /**< n_steps × n_envs × action_size, inside the action space and allowed by masks; a
                                  Gaussian action may lie outside its bounds. NULL if draws are given; see
                                  pgrad_agent_learn for what differs. */
  const float *draws;        /**< In place of actions: as of pgrad_policy_sample_draws, so a squashed action next to a
                                  bound keeps its exact log-probability. NULL if actions are given. */
  const float *log_probs;    /**< n_steps × n_envs: log π(a|s) of the policy that acted, finite; if all parts are
                                  discrete, at most 0, or 0.001 with errors of rounding. NULL: of the current policy. */
  const float *rewards;      /**< n_steps × n_envs. Required. */
  const uint8_t *terminated; /**< n_steps × n_envs flags, as in pgrad_agent_observe. Required. */
  const uint8_t *truncated;  /**< n_steps × n_envs flags, as in pgrad_agent_observe. Required. */
  const float *final_observations; /**< n_steps × n_envs × observation_size; read in rows that are truncated and not
                                        terminated. NULL: no such row needs a value, or, with
                                        PGRAD_AUTORESET_NEXT_STEP, the observations of the next step are used. */
  const uint8_t *masks;            /**< n_steps × n_envs × mask_size flags, as in pgrad_rows. NULL: all are allowed. */
  const float *states;             /**< n_envs × state_size: the states before the first step. The current policy
                                        computes those of later steps. NULL: 0. Not read without memory. */
  const uint8_t *episode_starts;   /**< n_envs flags: 1 if an episode begins with the first step. Later, an episode
                                        begins after every end of an episode. NULL: 1. */
  const uint8_t *active;           /**< n_steps × n_envs flags: 0 in rows that only reset an environment; their actions
                                        must be valid, but rewards, flags, log_probs and masks are not read. NULL: with
                                        PGRAD_AUTORESET_NEXT_STEP, rows after the end of an episode are 0, all others
                                        1; else all are 1. */
  int64_t policy_version;          /**< The learner's number of updates when it sent the parameters that acted, at most
                                        its current number; -1: unknown [-1]. */
  int64_t max_staleness;           /**< pgrad_agent_learn refuses a rollout whose policy_version is more than so many
                                        updates old; at least 0 [INT64_MAX]. */
} pgrad_rollout;

PGRAD_API pgrad_status pgrad_rollout_init(pgrad_rollout *rollout, size_t struct_size);

/**
 * Make one update from a given rollout. Another thread, process or machine may have gathered it, or another policy.
 *
 * The update is the one that pgrad_agent_observe makes when a rollout is full. An agent that learns from a rollout with
 * draws gets the same bits as an equal agent that gathered this rollout itself, if it started with pgrad_agent_begin.
 * With actions in place of draws it also does, unless the action space has parts of these two kinds:
 *
 * - Squashed Gaussian parts. The pre-squash actions are computed from the actions, with errors of rounding, so the
 *   parameters differ in their last bits, or more if actions lie next to a bound; see pgrad_policy_sample_draws.
 * - Gaussian parts with a bound. pgrad_agent_act clips its actions, but the agent learns from the draws before
 *   clipping. Where an action was clipped, the update is another one. No error reports this.
 *
 * pgrad_agent_rollout, pgrad_agent_learned_rows and pgrad_policy_sample_draws return draws.
 *
 * If log_probs are of another policy, the ratios of PPO, SPO and PGRAD_VTRACE take that into account; the other
 * algorithms assume that the current policy acted.
 *
 * REINFORCE learns from the first n_episodes whole trajectories of each environment, and excludes the other rows.
 * Trajectories that began before the rollout are not whole.
 *
 * Statistics count one update, and as timesteps the active rows; episodes, mean_return and mean_length do not change.
 * The call is allowed at any time, also before pgrad_agent_begin and between act and observe: an unfinished rollout of
 * the agent keeps its steps. Schedules use the agent's timesteps before the call.
 *
 * With normalize_observations, the moments take in the observations after each step, and before the first step those
 * of environments where an episode starts; each step is normalised by the moments at that time. With
 * normalize_rewards, discounted returns start at 0. Both are as in pgrad_agent_observe.
 *
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT for sizes, flags, actions, log_probs and policy_version out of range, a
 *         missing array, or too few whole trajectories; PGRAD_NOT_FINITE for an input or a result of the update;
 *         PGRAD_UNSUPPORTED for masks of continuous actions; PGRAD_OUT_OF_MEMORY. The message names the array, the
 *         environment and the step. After an error, nothing has changed.
 *
 * Allocates memory for a copy of the rollout, and frees it with the next update.
 */
PGRAD_API pgrad_status pgrad_agent_learn(pgrad_agent *agent, const pgrad_rollout *rollout);

/**
 * Gather rollouts without learning from them, for a learner in another process or on another machine:
 *
 *     pgrad_agent_set_gathering(agent, n_steps, first_env);
 *     pgrad_agent_begin(agent, observations);
 *     for (;;) {
 *       do {
 *         pgrad_agent_act(agent, actions);
 *         // step the environments
 *         pgrad_agent_observe(agent, rewards, terminated, truncated, next_observations, final_observations);
 *         pgrad_agent_rollout(agent, &rollout, sizeof rollout);
 *       } while (rollout.n_steps < n_steps);
 *       // send the arrays of rollout to the learner, which calls pgrad_agent_learn
 *       // receive its parameters: write them to pgrad_policy_parameters, or see pgrad_policy_assign
 *     }
 *
 * Episodes and the memory continue from one rollout to the next. Draws of actions are a function of the agent's seed,
 * the number of its steps so far, and the number of the environment, which counts from first_env. So actors with equal
 * seeds and n_envs environments each draw different actions if they have first_env = 0, n_envs, 2 · n_envs, …; together
 * they act to the bit as one agent with all these environments would.
 *
 * While an agent gathers, its episodes, mean_return and mean_length count, but no timesteps: pgrad_agent_learn counts
 * them, and updates the moments of normalize_observations and normalize_rewards. pgrad_train is refused. Files and
 * checkpoints do not contain gathered steps.
 *
 * @param n_steps    Steps of a full rollout, at least 1, with at most PGRAD_MAX_ROWS rows and PGRAD_MAX_ELEMENTS
 *                   observed numbers; may differ from the agent's n_steps. 0: learn from rollouts again.
 * @param first_env  The index of the agent's first environment among the environments of all actors, 0 to
 *                   PGRAD_MAX_ENVS - n_envs; not read with n_steps = 0.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT; PGRAD_OUT_OF_MEMORY. On success, the unfinished rollout is dropped, and
 *         actions whose results were not observed: the next pgrad_agent_act draws them again. Episodes continue.
 *
 * Allocates the arrays. act and observe then allocate only masks and final_observations, when they are first needed.
 */
PGRAD_API pgrad_status pgrad_agent_set_gathering(pgrad_agent *agent, int64_t n_steps, int64_t first_env);

/**
 * Describe what an agent has gathered since the last full rollout. A full rollout can be read until the next
 * pgrad_agent_observe, which starts another. Steps on which all environments only reset are left out.
 *
 * @param rollout      Receives n_steps, the number of steps so far; pointers into the agent's memory, with draws in
 *                     place of actions; and the defaults of the other fields. The pointers are valid until the next
 *                     call of pgrad_agent_observe, _begin, _set_gathering or _destroy. final_observations and masks are
 *                     NULL as long as no episode was truncated and no mask was set.
 * @param struct_size  sizeof(pgrad_rollout) where the caller was compiled; so many bytes are written.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT; PGRAD_BAD_STATE unless pgrad_agent_set_gathering was called.
 */
PGRAD_API pgrad_status pgrad_agent_rollout(pgrad_agent *agent, pgrad_rollout *rollout, size_t struct_size);

/**
 * The rows of an agent's latest update, and what the update computed for each. Arrays are time-major: row
 * step × n_envs + env is one step of one environment.
 */
typedef struct pgrad_learned_rows {
  uint32_t struct_size;
  int32_t reserved; /**< 0. */
  int64_t n_steps;
  int64_t n_envs;
  const float *draws;           /**< n_steps × n_envs × action_size: the actions before squashing and clipping, as of
                                     pgrad_policy_sample_draws. */
  const float *log_probs;       /**< n_steps × n_envs: log π(a|s) of the policy that acted. */
  const float *rewards;         /**< n_steps × n_envs, not normalised; 0 in rows that only reset an environment. */
  const uint8_t *terminated;    /**< n_steps × n_envs flags. */
  const uint8_t *truncated;     /**< n_steps × n_envs flags. */
  const uint8_t *masks;         /**< n_steps × n_envs × mask_size flags; NULL if no mask was ever set. */
  const int32_t *episode_steps; /**< n_steps × n_envs: steps of the episode before this one; -1 in rows that were not
                                     learned from. */
  const float *values;          /**< n_steps × n_envs: V(s) with the parameters before the update, or, with
                                     recompute_advantages, before its last epoch; NULL with an estimator that needs no
                                     values. */
  const float *advantages;      /**< n_steps × n_envs: the weights Ψ of the scores, before they are normalised within
                                     a minibatch (PGRAD_NORMALIZE_MINIBATCH). */
  const float *targets;         /**< n_steps × n_envs: what V is fitted to; for PGRAD_GAE, values plus the advantages
                                     before any normalisation. NULL where values is NULL. */
} pgrad_learned_rows;

/**
 * Describe what the latest update learned from, by pgrad_agent_observe, pgrad_train or pgrad_agent_learn: to plot
 * advantages, to compare V with its targets, or to check an update. Call it after the update, for example in the
 * callback of pgrad_train; the agent keeps the rows until it acts again.
 *
 * @param rows         Receives sizes, and pointers into the agent's memory. They are valid until the next call of
 *                     pgrad_agent_set_masks, _act, _learn or _destroy, pgrad_train or pgrad_train_for.
 * @param struct_size  sizeof(pgrad_learned_rows) where the caller was compiled; so many bytes are written.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT; PGRAD_BAD_STATE before the first update and after any of these calls.
 */
PGRAD_API pgrad_status pgrad_agent_learned_rows(pgrad_agent *agent, pgrad_learned_rows *rows, size_t struct_size);

/**
 * Copy the observations of pgrad_agent_learned_rows.
 *
 * @param observations  Receives n_steps × n_envs × observation_size numbers: the observations before each step, with
 *                      normalize_observations as they were normalised. Images are not divided by 255.
 * @return As pgrad_agent_learned_rows.
 */
PGRAD_API pgrad_status pgrad_agent_learned_observations(pgrad_agent *agent, float *observations);

/** The type of the numbers that a pgrad_reduce callback sums. */
typedef enum pgrad_number {
  PGRAD_FLOAT32 = 1, /**< float */
  PGRAD_FLOAT64 = 2  /**< double */
} pgrad_number;

/**
 * Replace count numbers, float or double as type says, by their sums over all ranks. Every rank must receive the same
 * bits. With MPI: MPI_Allreduce(MPI_IN_PLACE, numbers, count, type == PGRAD_FLOAT64 ? MPI_DOUBLE : MPI_FLOAT, MPI_SUM,
 * communicator).
 *
 * @return 0; any other number ends the call that needed the sum with PGRAD_HOST_ERROR. So does what cannot be the sum
 *         of counts.
 */
typedef int32_t (*pgrad_reduce)(void *context, void *numbers, int64_t count, int32_t type);

/**
 * Learn together with the agents of other processes, each with its own environments, by sums over all of them
 * (synchronous data parallelism). No connection, scheduler or protocol is part of the library: the callback brings one.
 *
 * N ranks with E environments each learn as one process with n_envs = N·E, batch_size N times as large and
 * shuffle_groups = N: environment i of rank r draws as environment r·E + i. Sums have other roundings, so parameters
 * agree to about 1e-6, not to the bit; all ranks have the same bits, and the same N gives the same bits again. Summed
 * are the gradients of minibatches, moments of advantages, KL divergences, Fisher products and line searches, the
 * moments of normalize_observations and normalize_rewards (twice in every step), and, after each update, timesteps and
 * episodes. So schedules and pgrad_train's total_timesteps count the timesteps of all ranks, and statistics are those
 * of all ranks; mean_return and mean_length are over the last episodes of each.
 *
 * All ranks must make the same calls in the same order: this one, observe (or pgrad_train) and pgrad_agent_learn, with
 * equally many steps in each rollout. If one of them fails on a single rank, the others wait in their callback; end the
 * job then, as MPI_Abort does. pgrad_train resets native and tabular environments as one process would; a callback
 * environment is reset with the agent's seed plus rank × n_envs.
 *
 * The call itself sums a table by which all ranks compare the version of the library, options, parameters, optimizer,
 * normalisers and counters. Call it before pgrad_agent_begin, or right after an update or pgrad_agent_load.
 *
 * @param rank     This process's number, 0 to ranks - 1.
 * @param ranks    At least 1; n_envs × ranks is at most 1,048,576.
 * @param callback Called on the thread of the call that needs a sum. NULL: learn alone again; rank and ranks are then
 *                 not read. It must not use this agent or its policy; the agent, and optimizers of the policy, refuse
 *                 its calls with PGRAD_BAD_STATE.
 * @param context  Passed to callback.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT for a rank out of range, or given twice; PGRAD_BAD_STATE within a rollout,
 *         or if the ranks are not alike: the message names the rank and the value; PGRAD_UNSUPPORTED unless update_mode
 *         is PGRAD_UPDATE_AT_ONCE; PGRAD_HOST_ERROR if callback failed; PGRAD_OUT_OF_MEMORY. After an error, the agent
 *         learns alone.
 */
PGRAD_API pgrad_status pgrad_agent_set_reduce(pgrad_agent *agent, int32_t rank, int32_t ranks, pgrad_reduce callback,
                                              void *context);

/** Progress of an agent. Means of an update are over all its minibatches. NaN: no value is available. */
typedef struct pgrad_statistics {
  uint32_t struct_size;
  int32_t reserved;
  int64_t updates;            /**< Rollouts learned from. */
  int64_t timesteps;          /**< Steps observed, over all environments, and active rows of given rollouts. */
  int64_t episodes;           /**< Episodes ended. */
  double mean_return;         /**< Undiscounted, over the last stats_window_size episodes. */
  double mean_length;         /**< Steps, over the last stats_window_size episodes. */
  double policy_loss;         /**< Minus the surrogate: PPO: the clipped one; NPG, TRPO: E[r A] plus the entropy bonus,
                                  after the step; others: -Ψ·log π. */
  double value_loss;          /**< Mean squared error of the value function. */
  double entropy;             /**< Mean, in nats. */
  double approx_kl;           /**< PPO, SPO: mean of (ratio - 1) - log ratio (Schulman 2020). NPG, TRPO: the exact mean
                                  KL(π_old‖π) of the step; 0 if no step was taken. */
  double clip_fraction;       /**< PPO, SPO: share of rows whose ratio was outside 1 ± clip_range. */
  double explained_variance;  /**< 1 - Var(target - V) / Var(target), before the update; NaN if the targets vary only by
                                  rounding. */
  double gradient_norm;       /**< Mean norm before clipping; NPG, TRPO: of the policy's gradient. */
  double learning_rate;       /**< Of the last update. */
  double clip_range;          /**< Of the last update. */
  double entropy_coefficient; /**< Of the last update. */
  double kl_coefficient;      /**< PPO with PGRAD_KL_PENALTY: β of the last update. */
  double gradient_snr; /**< ‖E g‖² / tr Cov g, where g is the policy's part of a minibatch's gradient before clipping:
                                  an unbiased estimate from the minibatches of the first epoch. NaN for fewer than two
                                  minibatches. */
  double update_seconds;       /**< Wall clock of the last update. */
  double timesteps_per_second; /**< Since the call of pgrad_agent_begin, including learning. */
} pgrad_statistics;

/** @param struct_size sizeof(pgrad_statistics) where the caller was compiled; the number of bytes written. */
PGRAD_API pgrad_status pgrad_agent_statistics(pgrad_agent *agent, pgrad_statistics *statistics, size_t struct_size);

/** Get a new handle to the agent's policy; destroy it with pgrad_policy_destroy. */
PGRAD_API pgrad_status pgrad_agent_policy(pgrad_agent *agent, pgrad_policy **policy);

/** Write an agent with its policy, optimizer and counters, as pgrad_policy_save does. An unfinished rollout and the
 *  environment are not saved: a loaded agent continues with the same bits only if its environment still has its last
 *  observations, and no rollout was unfinished. pgrad_checkpoint_save stores both. */
PGRAD_API pgrad_status pgrad_agent_save(pgrad_agent *agent, const char *path);

/** Read an agent from a file written by pgrad_agent_save, of this or an earlier version of pgrad; options that were
 *  added since then have the values that reproduce that version. Continue with pgrad_agent_begin or pgrad_train.
 *  PGRAD_IO_ERROR, PGRAD_BAD_FILE. */
PGRAD_API pgrad_status pgrad_agent_load(pgrad_agent **agent, const char *path);

/**
 * Create an agent that continues with another number of environments, for example when characters of a game come or go.
 *
 * It has the policy of the given agent, and copies of its optimizer's state, normalisers, schedules and counters. It
 * begins new episodes by pgrad_agent_begin. batch_size becomes the largest number that divides both it and
 * n_steps × n_envs. The given agent stays as it is; its unfinished rollout is not copied, so call this right after an
 * update in order to lose no steps. Destroy one of the two before the other learns: both train the same policy.
 *
 * @param resized  Receives the new agent.
 * @param agent    Learns alone, without pgrad_agent_set_reduce.
 * @param n_envs   1 to PGRAD_MAX_ENVS; shuffle_groups and group_size must divide it.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT for n_envs, or for an option that contradicts it; PGRAD_BAD_STATE with
 *         several ranks; PGRAD_OUT_OF_MEMORY; the errors of an unfinished update, which is completed first.
 */
PGRAD_API pgrad_status pgrad_agent_resize(pgrad_agent **resized, pgrad_agent *agent, int64_t n_envs);

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
 * Five games have the rules of the Python package minatar (Young and Tian 2019) with its defaults: difficulty ramping,
 * and a probability of 0.1 that a step repeats the previous move ("stay" at an episode's first step) instead of the
 * given action. An observation is a bitmap of 10 × 10 × channels floats, each 0 or 1; see observation_parts of
 * pgrad_env_info. The order is rows from the top, then columns, then channels. These games have no time limit. All
 * random numbers are a function of seed, environment, episode and step.
 *
 *     "MinAtar/Breakout-v1"       3 actions: stay, left, right; channels: paddle, ball, trail, brick
 *     "MinAtar/Asterix-v1"        5: stay, left, up, right, down; player, enemy, trail, gold
 *     "MinAtar/Freeway-v1"        3: stay, up, down; chicken, car, trails of cars with speeds 1 to 5
 *     "MinAtar/Seaquest-v1"       6: stay, left, up, right, down, fire; front, back, shot, trail, enemy shot, fish,
 *                                 enemy submarine, oxygen, divers on board, diver
 *     "MinAtar/SpaceInvaders-v1"  4: stay, left, right, fire; cannon, alien, aliens moving left and right, shots of the
 *                                 cannon and of aliens
 *
 * @param name    One of the names above.
 * @param n_envs  1 to PGRAD_MAX_ENVS; n_envs × observation size at most 2^30.
 */
PGRAD_API pgrad_status pgrad_env_create(pgrad_env **env, const char *name, int64_t n_envs);

/** The host's own environments, stepped by callbacks. */
typedef struct pgrad_env_callbacks {
  uint32_t struct_size;
  int32_t reserved;               /**< 0. */
  int64_t n_envs;                 /**< 1 to PGRAD_MAX_ENVS; 1. */
  int64_t observation_size;       /**< 1 to PGRAD_MAX_SIZE; no default. */
  const pgrad_action_part *parts; /**< The action space, read at creation; no default. */
  int64_t part_count;             /**< 1 to PGRAD_MAX_PARTS. */
  void *context;                  /**< Passed to every callback. */
  /** Reset every environment and write n_envs × observation_size first observations. Non-zero: failure. */
  int32_t (*reset)(void *context, uint64_t seed, float *observations);
  /** Step every environment, as pgrad_env_step describes; final_observations is never NULL here. Non-zero: failure. */
  int32_t (*step)(void *context, const float *actions, float *rewards, uint8_t *terminated, uint8_t *truncated,
                  float *next_observations, float *final_observations);
  /** Called once when the environment is destroyed; may be NULL. */
  void (*destroy)(void *context);
  /** Write n_envs × mask_size flags, 1 for choices that the current observations allow, in the format of
   *  pgrad_policy_mask_size. Called after every reset and step. NULL: every choice is always allowed. Non-zero:
   *  failure. Wrong masks are refused as by pgrad_agent_set_masks; the message counts the steps of the agent that
   *  trains, or else the steps since pgrad_env_reset. */
  int32_t (*masks)(void *context, uint8_t *masks);
  /** For pgrad_checkpoint_save: write the number of bytes that hold the state of all environments to size, at most
   *  PGRAD_MAX_ELEMENTS, and the bytes to bytes, unless bytes is NULL. Called first with NULL, then with room for that
   *  number. The library stores current observations and masks itself. NULL: the state cannot be saved, and a loaded
   *  agent begins new episodes. Non-zero: failure. */
  int32_t (*save_state)(void *context, void *bytes, int64_t capacity, int64_t *size);
  /** For pgrad_checkpoint_load: restore the state of all environments from such bytes, which may come from a damaged
   *  file. Required with save_state. Non-zero: failure; nothing may have changed then. */
  int32_t (*load_state)(void *context, const void *bytes, int64_t size);
} pgrad_env_callbacks;

PGRAD_API pgrad_status pgrad_env_callbacks_init(pgrad_env_callbacks *callbacks, size_t struct_size);

/** Create environments that call the host's callbacks, on the thread that steps them. If this fails, destroy is not
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
  const pgrad_observation_part *observation_parts; /**< What the columns of an observation are, for
                                       pgrad_policy_config: one bitmap in MinAtar's games, so that encoder can read it.
                                       A policy without them takes the same observation as a vector. NULL: one vector.
                                       Belongs to the environment. */
  int64_t observation_part_count;
} pgrad_env_info;

/** @param struct_size sizeof(pgrad_env_info) where the caller was compiled; the number of bytes written. */
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
 * @param next_observations   Receives n_envs × observation_size; after an ended episode, the first observation of the
 *                            next one.
 * @param final_observations  Receives the last observation of each ended episode in its row; other rows are not
 *                            written. May be NULL. A host's step callback need not write it for a terminated episode.
 * @return PGRAD_OK; PGRAD_BAD_STATE; PGRAD_INVALID_ARGUMENT or PGRAD_NOT_FINITE for the actions, or for the results of
 *         a host's step callback; PGRAD_HOST_ERROR if that callback failed.
 */
PGRAD_API pgrad_status pgrad_env_step(pgrad_env *env, const float *actions, float *rewards, uint8_t *terminated,
                                      uint8_t *truncated, float *next_observations, float *final_observations);

/** Copy the masks of the current observations: n_envs × mask_size flags, 1 for allowed choices. PGRAD_BAD_STATE before
 *  the first reset; PGRAD_UNSUPPORTED if mask_size is 0. pgrad_train uses them without this call. */
PGRAD_API pgrad_status pgrad_env_masks(pgrad_env *env, uint8_t *masks);

/** Copy the state of every native environment: n_envs × state_size, in the order of Gymnasium's own state.
 *  PGRAD_UNSUPPORTED if state_size is 0. */
PGRAD_API pgrad_status pgrad_env_state(pgrad_env *env, double *states);

/** Put every native environment into a given state, as at the start of an episode; numbers from -1e6 to 1e6. This is a
 *  reset. PGRAD_UNSUPPORTED if state_size is 0. */
PGRAD_API pgrad_status pgrad_env_set_state(pgrad_env *env, const double *states);

/* ------------------------------------------------------------------------------------------------------------- loop */

/** Called after each update. Return non-zero to stop; pgrad_train then returns PGRAD_OK. The callback may evaluate the
 *  agent in the environment. */
typedef int32_t (*pgrad_progress)(void *context, const pgrad_statistics *statistics);

/** A pgrad_progress that stops after each update, and needs no context. Returns 1. Use it to inspect the agent between
 *  calls of pgrad_train instead of in a callback. Repeated calls with the remaining timesteps give the same bits as a
 *  single call. */
PGRAD_API int32_t pgrad_progress_stop(void *context, const pgrad_statistics *statistics);

/**
 * Act, step, observe and learn inside the library until at least total_timesteps further steps are taken and the last
 * rollout is learned from.
 *
 * If env was never reset, the call resets it with the agent's seed. Otherwise the agent continues from its last
 * observations, unless pgrad_env_step, _reset, _set_state or another agent has moved env since, between calls or in
 * progress. In that case the agent drops its unfinished rollout. After a reset or set_state it starts from the current
 * observations of env; after steps it resets env first. An agent from a file continues if env still has the agent's
 * last observations.
 *
 * An estimator that compares the trajectories of a group resets env before every rollout, with the agent's seed plus
 * the number of updates so far. In native environments and MDPs all episodes of a group then start in the same state. A
 * host's callbacks should do the same. A host with its own loop resets its environments after each update and calls
 * pgrad_agent_begin.
 *
 * @param env              Has the agent's n_envs, observation size and action space.
 * @param total_timesteps  Over all environments, at least 1.
 * @param progress         May be NULL.
 * @param context          Passed to progress.
 * @return PGRAD_OK, also if progress stopped the training; the errors of pgrad_agent_observe and pgrad_env_step.
 */
PGRAD_API pgrad_status pgrad_train(pgrad_agent *agent, pgrad_env *env, int64_t total_timesteps, pgrad_progress progress,
                                   void *context);

/**
 * A slice of a training, for hosts that must not wait for a whole rollout; interpreters need this to handle signals.
 * Acts, steps and observes as pgrad_train does, and returns after the next update, or within a rollout when the time is
 * over. The next call continues the unfinished rollout:
 *
 *     int64_t goal = timesteps + total_timesteps;  // of pgrad_agent_statistics, before the first call
 *     do {
 *       pgrad_train_for(agent, env, goal, 50000, &has_learned);
 *       // if has_learned, read the new timesteps of pgrad_agent_statistics
 *     } while (!has_learned || timesteps < goal);
 *
 * has the bits of pgrad_train with total_timesteps. An update is not divided.
 *
 * @param env           As for pgrad_train.
 * @param goal          The timestep at which the training is to end, at least 1. The call uses it only for schedules,
 *                      which end there if total_timesteps of the configuration is 0.
 * @param microseconds  At least 0. The call takes at least one step. It returns about a millisecond after they are
 *                      over, or after the step in which they are over.
 * @param has_learned   Receives 1 after an update, else 0. May be NULL.
 * @return As pgrad_train.
 */
PGRAD_API pgrad_status pgrad_train_for(pgrad_agent *agent, pgrad_env *env, int64_t goal, int64_t microseconds,
                                       int32_t *has_learned);

/* ------------------------------------------------------------------------------------------------------ checkpoints */

/** What the environment of a checkpoint is. */
typedef enum pgrad_env_kind {
  PGRAD_ENV_NATIVE = 1,   /**< From pgrad_env_create. */
  PGRAD_ENV_MDP = 2,      /**< From pgrad_env_create_mdp, in pgrad_oracle.h. */
  PGRAD_ENV_CALLBACKS = 3 /**< From pgrad_env_create_callbacks. */
} pgrad_env_kind;

/**
 * Write an agent with everything on which its further training depends: what pgrad_agent_save writes, the unfinished
 * rollout with all its arrays, the actions of a pgrad_agent_act whose results were not observed yet, the statistics of
 * the last update and, with env, the environment.
 *
 * Native environments and MDPs are stored whole: states, steps and numbers of episodes, seed, and the tables of an MDP.
 * A host's environment is stored if it has save_state. After pgrad_checkpoint_load in any process on the same machine,
 * the same calls give the same bits as in a process that never stopped: parameters, optimizer and statistics, except
 * update_seconds and timesteps_per_second.
 *
 * This may be called at any moment, also from pgrad_progress and from callbacks of env. A file that is saved within the
 * step callback describes the moment before that step; save_state must write the state at that moment.
 *
 * The file is an agent's file with more in it: pgrad_agent_load and pgrad_policy_load read it too, and it is written in
 * the same safe way as by pgrad_policy_save. An unfinished rollout takes the memory of its steps, where images are
 * floats.
 *
 * @param env   The agent's environment, which must fit it as in pgrad_train; NULL for a host with its own loop, which
 *              saves its environments by itself.
 * @param path  In UTF-8.
 * @return PGRAD_OK; the errors of pgrad_policy_save; PGRAD_HOST_ERROR or PGRAD_INVALID_ARGUMENT if save_state failed.
 */
PGRAD_API pgrad_status pgrad_checkpoint_save(pgrad_agent *agent, pgrad_env *env, const char *path);

/**
 * Read a checkpoint, and continue as if the training had never stopped: with pgrad_train, or in the host's own loop
 * with pgrad_agent_act or, if actions are pending, with pgrad_agent_pending_actions and pgrad_agent_observe.
 *
 * env selects the environment. NULL: only the agent is loaded. If *env is NULL, a native environment or an MDP is
 * created from the file; *env stays NULL if the file holds no environment. Otherwise *env is a handle to the host's
 * environment of the same kind, name, n_envs and observation_size, or of an MDP with the same tables; it receives the
 * state. An environment of callbacks must be passed in this way.
 *
 * If the file holds no state of the environment (see pgrad_checkpoint_describe), *env does not change. pgrad_train then
 * begins new episodes and drops the unfinished rollout, unless *env has the agent's last observations. The same holds
 * for files of pgrad_agent_save, of this and of earlier versions, which this function reads too.
 *
 * @param agent  Receives the agent.
 * @param env    NULL, or a variable that is NULL or a handle, as described; destroy a new environment as usual.
 * @return PGRAD_OK; PGRAD_INVALID_ARGUMENT for an environment that does not fit, or is required; PGRAD_HOST_ERROR if
 *         load_state failed; PGRAD_IO_ERROR; PGRAD_BAD_FILE, also for a file of a later version; PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_checkpoint_load(pgrad_agent **agent, pgrad_env **env, const char *path);

typedef struct pgrad_checkpoint_info {
  uint32_t struct_size;
  int32_t env_kind;  /**< A pgrad_env_kind; 0 if the file holds no environment. */
  int32_t env_state; /**< 1: the file holds the environment's state; 0: training begins new episodes. */
  int32_t has_acted; /**< 1: actions are pending, so pgrad_agent_observe comes next; 0: none are. */
  int32_t algorithm; /**< A pgrad_algorithm. */
  int32_t reserved;
  int64_t n_envs;        /**< Of the agent. */
  int64_t rollout_steps; /**< Steps of each environment in the unfinished rollout. */
  const char *env_name;  /**< Of a native environment; otherwise NULL. Static memory. */
} pgrad_checkpoint_info;

/**
 * Read what a checkpoint, or the file of an agent, contains. This does not check the tensors; loading does.
 *
 * @param struct_size  sizeof(pgrad_checkpoint_info) where the caller was compiled; the number of bytes written.
 * @return PGRAD_OK, PGRAD_INVALID_ARGUMENT, PGRAD_IO_ERROR, PGRAD_BAD_FILE, also for a policy; PGRAD_OUT_OF_MEMORY.
 */
PGRAD_API pgrad_status pgrad_checkpoint_describe(const char *path, pgrad_checkpoint_info *info, size_t struct_size);

/** Write the actions of the last pgrad_agent_act again, n_envs × action_size. PGRAD_BAD_STATE unless
 *  pgrad_agent_observe must come next, as after loading a checkpoint that was saved between the two. */
PGRAD_API pgrad_status pgrad_agent_pending_actions(pgrad_agent *agent, float *actions);

/* --------------------------------------------------------------------------------------------------- pure functions */

/**
 * Discounted returns G_t = r_t + γ G_{t+1}, where G_{t+1} is 0 after a step that ended its episode.
 *
 * @param rewards  n_steps × n_envs, row-major: a row is a step.
 * @param ended    n_steps × n_envs flags, 1 if the episode ended on that step; NULL: no episode ended.
 * @param gamma    0 to 1.
 * @param returns  Receives n_steps × n_envs.
 */
PGRAD_API pgrad_status pgrad_returns(const float *rewards, const uint8_t *ended, int64_t n_steps, int64_t n_envs,
                                     double gamma, float *returns);

/**
 * Generalised advantage estimation (Schulman et al. 2016); all arrays are n_steps × n_envs unless noted:
 *
 *     δ_t = r_t + γ V(s_{t+1}) - V(s_t),   A_t = δ_t + γ λ A_{t+1}
 *
 * where V(s_{t+1}) is 0 after a terminated step and final_values_t after a truncated one, and A_{t+1} is 0 after both.
 *
 * @param values        V(s_t).
 * @param final_values  V of the last observation of a truncated episode; other rows are not read. May be NULL if no
 *                      episode was truncated.
 * @param last_values   n_envs: V of the observation after the last step.
 * @param gamma         0 to 1.
 * @param gae_lambda    0 to 1.
 * @param advantages    Receives A_t; the value target is A_t + V(s_t).
 */
PGRAD_API pgrad_status pgrad_gae(const float *rewards, const float *values, const uint8_t *terminated,
                                 const uint8_t *truncated, const float *final_values, const float *last_values,
                                 int64_t n_steps, int64_t n_envs, double gamma, double gae_lambda, float *advantages);

/**
 * V-trace (Espeholt et al. 2018): advantages under a policy π for steps drawn by a slightly older one, μ. All arrays
 * are n_steps × n_envs unless noted:
 *
 *     ρ_t = min(rho_clip, π/μ),  c_t = gae_lambda min(c_clip, π/μ),  δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))
 *     v_t = V(s_t) + δ_t + γ c_t (v_{t+1} - V(s_{t+1})),   A_t = r_t + γ v_{t+1} - V(s_t)
 *
 * Ends of episodes are as in pgrad_gae. The weight of step t on the plain score is ρ_t A_t.
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
