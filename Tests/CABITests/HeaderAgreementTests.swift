import CPGrad
import PolicyGradient
import Testing

@testable import CABI

/// The engine's numbers are the header's.
struct HeaderAgreementTests {
  @Test func limitsAreTheHeadersMacros() {
    #expect(Limits.size == Int(PGRAD_MAX_SIZE))
    #expect(Limits.layers == Int(PGRAD_MAX_LAYERS))
    #expect(Limits.parts == Int(PGRAD_MAX_PARTS))
    #expect(Limits.rows == Int(PGRAD_MAX_ROWS))
    #expect(Limits.environments == Int(PGRAD_MAX_ENVS))
    #expect(Limits.threads == Int(PGRAD_MAX_THREADS))
    #expect(Limits.elements == Int(PGRAD_MAX_ELEMENTS))
    #expect(Buffer<Float>.maximumCount == Int(PGRAD_MAX_ELEMENTS))
  }

  @Test func enumerationsHaveTheHeadersValues() {
    func agree<Value: RawRepresentable>(_ pairs: [(Value, UInt32)]) -> Bool where Value.RawValue == Int32 {
      // As many as in the header, each with its value, and no others.
      pairs.allSatisfy { $0.rawValue == Int32($1) }
        && Value(rawValue: 0) == nil && Value(rawValue: Int32(pairs.count) + 1) == nil
    }
    #expect(
      agree([
        (ActionPart.Kind.categorical, PGRAD_CATEGORICAL.rawValue), (.bernoulli, PGRAD_BERNOULLI.rawValue),
        (.gaussian, PGRAD_GAUSSIAN.rawValue), (.squashedGaussian, PGRAD_SQUASHED_GAUSSIAN.rawValue),
        (.beta, PGRAD_BETA.rawValue),
      ]))
    #expect(
      agree([
        (Activation.tanh, PGRAD_TANH.rawValue), (.relu, PGRAD_RELU.rawValue), (.elu, PGRAD_ELU.rawValue),
        (.silu, PGRAD_SILU.rawValue), (.gelu, PGRAD_GELU.rawValue),
      ]))
    #expect(
      agree([
        (Initialization.orthogonal, PGRAD_ORTHOGONAL.rawValue), (.glorotUniform, PGRAD_GLOROT_UNIFORM.rawValue),
        (.kaimingUniform, PGRAD_KAIMING_UNIFORM.rawValue),
      ]))
    #expect(
      agree([
        (ObservationPart.Kind.vector, PGRAD_VECTOR.rawValue), (.choice, PGRAD_CHOICE.rawValue),
        (.image, PGRAD_IMAGE.rawValue), (.bitmap, PGRAD_BITMAP.rawValue), (.floatImage, PGRAD_FLOAT_IMAGE.rawValue),
      ]))
    let encoders: [EncoderKind] = [.automatic, .minatar, .nature, .impala]
    let theirEncoders = [PGRAD_ENCODER_AUTO, PGRAD_ENCODER_MINATAR, PGRAD_ENCODER_NATURE, PGRAD_ENCODER_IMPALA]
    #expect(EncoderKind.allCases.count == encoders.count)
    #expect(encoders.map { UInt32($0.rawValue) } == theirEncoders.map(\.rawValue))
    #expect(
      agree([
        (OptimizerConfiguration.Kind.sgd, PGRAD_SGD.rawValue), (.adam, PGRAD_ADAM.rawValue),
        (.rmsprop, PGRAD_RMSPROP.rawValue), (.adamw, PGRAD_ADAMW.rawValue),
        (.tensorflowRMSProp, PGRAD_RMSPROP_TENSORFLOW.rawValue),
      ]))
    #expect(
      agree([
        (AlgorithmKind.reinforce, PGRAD_REINFORCE.rawValue), (.a2c, PGRAD_A2C.rawValue),
        (.ppo, PGRAD_PPO.rawValue), (.npg, PGRAD_NPG.rawValue), (.trpo, PGRAD_TRPO.rawValue),
        (.spo, PGRAD_SPO.rawValue),
      ]))
    #expect(
      agree([
        (EstimatorKind.wholeTrajectory, PGRAD_WHOLE_TRAJECTORY.rawValue),
        (.rewardToGo, PGRAD_REWARD_TO_GO.rawValue), (.gae, PGRAD_GAE.rawValue), (.vtrace, PGRAD_VTRACE.rawValue),
        (.leaveOneOut, PGRAD_LEAVE_ONE_OUT.rawValue), (.groupNormalized, PGRAD_GROUP_NORMALIZED.rawValue),
        (.groupCentered, PGRAD_GROUP_CENTERED.rawValue),
      ]))
    #expect(
      agree([
        (AgentConfiguration.AutoresetMode.sameStep, PGRAD_AUTORESET_SAME_STEP.rawValue),
        (.nextStep, PGRAD_AUTORESET_NEXT_STEP.rawValue),
      ]))
    #expect(
      agree([
        (Schedule.constant, PGRAD_CONSTANT.rawValue), (.linear, PGRAD_LINEAR.rawValue),
        (.cosine, PGRAD_COSINE.rawValue),
        (.klAdaptive, PGRAD_KL_ADAPTIVE.rawValue),
      ]))
    // Flags before there were more than two.
    let normalizations: [AgentConfiguration.AdvantageNormalization] = [.off, .minibatch, .batch]
    let theirs = [PGRAD_NORMALIZE_OFF, PGRAD_NORMALIZE_MINIBATCH, PGRAD_NORMALIZE_BATCH]
    #expect(normalizations.map { UInt32($0.rawValue) } == theirs.map(\.rawValue))
    #expect(
      agree([
        (AgentConfiguration.Surrogate.clip, PGRAD_CLIP.rawValue), (.klPenalty, PGRAD_KL_PENALTY.rawValue),
      ]))
    #expect(
      agree([
        (ValueClip.larger, PGRAD_VALUE_CLIP_LARGER.rawValue),
        (.alone, PGRAD_VALUE_CLIP_ALONE.rawValue),
      ]))
    #expect(
      agree([
        (FileContent.policy, PGRAD_FILE_POLICY.rawValue), (.agent, PGRAD_FILE_AGENT.rawValue),
        (.checkpoint, PGRAD_FILE_CHECKPOINT.rawValue),
      ]))
    #expect(
      agree([
        (EnvironmentKind.native, PGRAD_ENV_NATIVE.rawValue), (.tabular, PGRAD_ENV_MDP.rawValue),
        (.callbacks, PGRAD_ENV_CALLBACKS.rawValue),
      ]))
  }

  @Test func statusesHaveTheValuesFixedForAllTime() {
    let statuses: [(Refusal.Reason?, pgrad_status, String)] = [
      (nil, PGRAD_OK, "PGRAD_OK"), (.invalidArgument, PGRAD_INVALID_ARGUMENT, "PGRAD_INVALID_ARGUMENT"),
      (.invalidHandle, PGRAD_INVALID_HANDLE, "PGRAD_INVALID_HANDLE"),
      (.notFinite, PGRAD_NOT_FINITE, "PGRAD_NOT_FINITE"),
      (.badState, PGRAD_BAD_STATE, "PGRAD_BAD_STATE"), (.outOfMemory, PGRAD_OUT_OF_MEMORY, "PGRAD_OUT_OF_MEMORY"),
      (.unsupported, PGRAD_UNSUPPORTED, "PGRAD_UNSUPPORTED"), (.inputOutput, PGRAD_IO_ERROR, "PGRAD_IO_ERROR"),
      (.badFile, PGRAD_BAD_FILE, "PGRAD_BAD_FILE"), (.hostError, PGRAD_HOST_ERROR, "PGRAD_HOST_ERROR"),
    ]
    for (value, (reason, status, name)) in statuses.enumerated() {
      #expect(status.rawValue == UInt32(value))
      #expect(reason.map(\.status) ?? PGRAD_OK == status)
      #expect(String(cString: pgrad_status_name(Int32(bitPattern: status.rawValue))) == name)
    }
    #expect(String(cString: pgrad_status_name(10)) == "unknown status")
    #expect(String(cString: pgrad_status_name(-1)) == "unknown status")
  }

  @Test func aPathMustBeUTF8AndNameSomething() {
    for (bytes, message) in [
      ([0], "path is \"\"; it must name a file"), ([0xE9, 0], "path is \"\u{FFFD}\"; it must be UTF-8"),
    ] as [([UInt8], String)] {
      let text = bytes.map(CChar.init(bitPattern:))
      #expect(refusal { _ = try text.withUnsafeBufferPointer { try filePath($0.baseAddress) } }?.message == message)
    }
    #expect(refusal { _ = try filePath(nil) }?.message == "path is NULL")
  }
}
