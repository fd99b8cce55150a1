/// How an agent learns. The C header states what each number means, and its default.
package struct AgentConfiguration: Equatable, Sendable {
  package enum AutoresetMode: Int32, Sendable {
    case sameStep = 1
    case nextStep
  }

  package enum AdvantageNormalization: Int32, Sendable {
    case off = 0
    case minibatch, batch
  }

  package enum Surrogate: Int32, Sendable {
    case clip = 1
    case klPenalty
  }

  package var kind: AlgorithmKind
  package var environments = 1
  package var steps = 2_048
  package var episodes = 8
  package var groupSize = 0
  package var explorationSteps = 0
  package var batchSize = 64
  package var epochs = 10
  /// Groups of neighbouring environments that are shuffled independently.
  package var shuffleGroups = 1
  /// Steps of the sequences that a policy with a memory learns from; 0 for the whole rollout.
  package var sequenceLength = 0
  package var totalTimesteps: Int64 = 0
  package var seed: UInt64 = 0
  package var learningRate = 3e-4
  package var gamma = 0.99
  package var gaeLambda = 0.95
  package var clipRange = 0.2
  package var clipRangeValue = 0.0
  package var valueClip = ValueClip.larger
  package var entropyCoefficient = 0.0
  package var valueCoefficient = 0.5
  package var maxGradNorm = 0.5
  package var targetKL = 0.0
  package var desiredKL = 0.01
  package var klCoefficient = 1.0
  package var rhoClip = 1.0
  package var cClip = 1.0
  package var cgDamping = 0.1
  package var lineSearchShrinkingFactor = 0.8
  package var optimizerEpsilon = 1e-5
  package var weightDecay = 0.01
  package var observationClip = 10.0
  package var rewardClip = 10.0
  package var optimizer = OptimizerConfiguration.Kind.adam
  package var estimator = EstimatorKind.gae
  package var hasBaseline = false
  package var discountsScores = false
  package var advantageNormalization = AdvantageNormalization.minibatch
  package var normalizesObservations = false
  package var normalizesRewards = false
  package var learningRateSchedule = Schedule.constant
  package var clipRangeSchedule = Schedule.constant
  package var entropySchedule = Schedule.constant
  package var surrogate = Surrogate.clip
  package var recomputesAdvantages = false
  package var cgMaxSteps = 15
  package var lineSearchMaxIterations = 10
  package var autoresetMode = AutoresetMode.sameStep
  package var threads = 1
  package var updateMode = UpdateMode.atOnce
  /// How many episodes the means of statistics are over.
  package var statisticsWindow = 100

  /// The options of the agent's optimizer.
  var optimizerConfiguration: OptimizerConfiguration {
    var configuration = OptimizerConfiguration()
    configuration.kind = optimizer
    configuration.learningRate = learningRate
    configuration.epsilon = optimizerEpsilon
    configuration.maxGradNorm = maxGradNorm
    configuration.weightDecay = weightDecay
    return configuration
  }
}
