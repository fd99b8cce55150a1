/// The largest sizes, checked before memory is allocated. The C header states the same.
package enum Limits {
  package static let size = 131_072
  package static let layers = 64
  package static let parts = 1_024
  package static let rows = 16_777_216
  package static let environments = 1_048_576
  package static let threads = 256
  package static let noteBytes = 131_072
  package static let elements = 1_073_741_824
}
