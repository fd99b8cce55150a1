/// The progress of an agent; NaN where there is no value. The C header states what each number means.
package struct Statistics: Sendable {
  package var updates: Int64 = 0
  package var timesteps: Int64 = 0
  package var episodes: Int64 = 0
  package var meanReturn = Double.nan
  package var meanLength = Double.nan
  package var update = UpdateStatistics()
  package var timestepsPerSecond = Double.nan
}
