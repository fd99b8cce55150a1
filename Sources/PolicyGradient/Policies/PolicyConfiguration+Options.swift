extension PolicyConfiguration: OptionTable {
  /// All options except the sizes: `observation_size`, `parts`, `hidden_sizes` and `value_hidden_sizes`.
  package static let options: [Option<PolicyConfiguration, Void>] = [
    Option("activation", \.activation),
    Option("seed", \.seed),
    Option("value_function", \.hasValueFunction),
    Option("initial_log_std", \.initialLogStd, .within(-20...2)),
    Option("state_dependent_std", \.hasStateDependentStd),
    Option("state_dependent_exploration", \.hasStateDependentExploration),
    Option("rescale_actions", \.rescalesActions),
    Option("layer_norm", \.hasLayerNorm),
    Option("shared_trunk", \.sharesTrunk),
    Option("initialization", \.initialization),
    Option("bias", \.hasBias),
    Option("encoder", \.encoder, since: 2),
    Option("memory", \.memory, since: 2),
    Option("memory_size", \.memorySize, .within(1...Limits.size), since: 2),
    Option("memory_layers", \.memoryLayers, .within(1...Limits.layers), since: 2),
    Option("value_memory", \.hasValueMemory, since: 2),
    Option("memory_first", \.hasMemoryFirst, since: 2),
  ]
}
