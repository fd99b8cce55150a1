/// A vector environment whose snapshots resume it exactly, even in the middle of episodes.
package protocol RestorableEnvironment: VectorEnvironment {
  /// Bytes in the snapshot of one environment: its state, episode number and step.
  var snapshotSize: Int { get }
  /// The seed of the last reset or restored snapshot.
  var resetSeed: UInt64 { get }

  /// Writes `count` × ``snapshotSize`` bytes.
  func copySnapshots(into bytes: UnsafeMutableRawPointer)

  /// Resumes from snapshots of the same kind of environment, written by the same build of the library. Other bytes are
  /// not detected. Observations, and masks if any, are computed from the snapshots.
  ///
  /// - Parameters:
  ///   - bytes: `count` × ``snapshotSize``.
  ///   - seed: The seed of the reset that the episodes belong to.
  ///   - groupSize: The group size of that reset.
  func restoreSnapshots(_ bytes: UnsafeRawPointer, seed: UInt64, groupSize: Int)
}
