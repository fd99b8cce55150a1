/// Creates native environments.
///
/// - Parameters:
///   - name: One of ``environmentNames``.
///   - count: 1 to 1,048,576.
/// - Throws: `.invalidArgument` for another name or count, `.outOfMemory`.
package func makeEnvironment(named name: String, count: Int) throws(Refusal) -> any VectorEnvironment {
  guard let entry = NativeEntry.all.first(where: { $0.name == name }) else { throw unknownEnvironment(name) }
  return try entry.make(count)
}

/// The native environments.
package let environmentNames = NativeEntry.all.map(\.name)

/// A native environment: its name, and the function that creates a vector of it.
struct NativeEntry: Sendable {
  let name: String
  let make: @Sendable (Int) throws(Refusal) -> any VectorEnvironment

  static let all =
    Dynamics.all.map { NativeEntry($0) } + [
      NativeEntry(MinAtar<Breakout>.self),
      NativeEntry(MinAtar<Asterix>.self),
      NativeEntry(MinAtar<Freeway>.self),
      NativeEntry(MinAtar<Seaquest>.self),
      NativeEntry(MinAtar<SpaceInvaders>.self),
    ]

  /// An environment moved by kernels, eight at a time.
  private init(_ dynamics: Dynamics) {
    name = dynamics.name
    make = { count throws(Refusal) in try NativeEnvironment(dynamics, count: count) }
  }

  /// An environment written as a struct.
  private init<Scalar: ScalarEnvironment>(_: Scalar.Type) {
    name = Scalar.name
    make = { count throws(Refusal) in try ReplicatedEnvironment<Scalar>(count: count) }
  }
}

private func unknownEnvironment(_ name: String) -> Refusal {
  var message = "name is \"\(name.prefix(64))\", which is not a native environment"
  let given = name.lowercased()
  if name.utf8.count <= 64,
    let (nearest, distance) =
      environmentNames
      .map({ ($0, editDistance(given, $0.lowercased())) })
      .min(by: { $0.1 < $1.1 }),
    distance <= 3
  {
    message += "; did you mean \"\(nearest)\"?"
  }
  message += "; it must be one of " + environmentNames.joined(separator: ", ")
  return Refusal(.invalidArgument, message)
}

/// The number of characters to insert, delete or replace to change one text into the other (Levenshtein 1965).
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b.utf8)
  var row = Array(0...b.count)
  for (i, x) in a.utf8.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let replaced = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, min(row[j], row[j + 1]) + 1)
    }
  }
  return row[b.count]
}
