/// The algorithms by their number in the C header.
package enum AlgorithmKind: Int32, Sendable, CaseIterable {
  case reinforce = 1
  case a2c, ppo, npg, trpo, spo
}
