import KernelShims

/// A block of rows gathered from a rollout.
struct GatheredBlock {
  let block: Block
  /// How the rows form sequences.
  let lanes: LaneStates
  let rollout: Rollout
  /// The row number of each row of the block.
  let rows: UnsafePointer<Int32>
  /// The row numbers of the active rows. Only these are learned from.
  let numbers: UnsafePointer<Int32>
  let count: Int
  /// The places of the active rows in the block; `nil` if all rows are active.
  let active: UnsafePointer<Int32>?
  /// The rows' action masks; `nil` if every choice is allowed.
  let masks: UnsafePointer<UInt8>?

  /// Whether each row is active; `nil` if all are.
  var isActive: ((_ row: Int) -> Bool)? { active.map { _ in { rollout.isActive(Int(rows[$0])) } } }

  /// Removes the numbers of inactive rows from a column of the block, in place.
  func select(_ column: UnsafeMutablePointer<Float>) {
    guard let active else { return }
    for place in 0..<count { column[place] = column[Int(active[place])] }
  }

  /// The reverse of ``select(_:)``: inactive rows get 0.
  func spread(_ column: UnsafeMutablePointer<Float>) {
    guard let active else { return }
    var end = block.rows
    for place in (0..<count).reversed() {
      let row = Int(active[place])
      let value = column[place]
      (column + row).update(repeating: 0, count: end - row)
      column[row] = value
      end = row
    }
    column.update(repeating: 0, count: end)
  }
}

/// Memory for blocks gathered from a rollout, one at a time.
final class BlockGathering {
  private let shape: PolicyShape
  private let observations: Buffer<Float>
  private let masks: Buffer<UInt8>
  // Only for policies with a memory; empty otherwise.
  private let rows: Buffer<Int32>
  private let numbers: Buffer<Int32>
  private let active: Buffer<Int32>
  private let starts: Buffer<UInt8>
  private let states: Buffer<Float>

  init(_ shape: PolicyShape, capacity: Int) throws(Refusal) {
    self.shape = shape
    observations = try Buffer(count: capacity * shape.observationSize)
    masks = try Buffer(count: capacity * shape.space.flags)
    let remembered = shape.network.stateSize > 0 ? capacity : 0
    rows = try Buffer(count: remembered)
    numbers = try Buffer(count: remembered)
    active = try Buffer(count: remembered)
    starts = try Buffer(count: remembered)
    states = try Buffer(count: remembered * shape.network.stateSize)
  }

  /// Gathers the sequences at some places; valid until the next call.
  func gather(_ rollout: Rollout, _ sequences: Sequences, _ places: Range<Int>) -> GatheredBlock {
    let hasMemory = shape.network.stateSize > 0
    let count = places.count * sequences.steps
    let activeCount = hasMemory ? list(rollout, sequences, places) : count
    let rows = hasMemory ? UnsafePointer(rows.pointer) : UnsafePointer(sequences.numbers.pointer + places.lowerBound)
    shape.packing.gather(rows, count: count, of: rollout.observations.pointer, into: observations.pointer)
    return GatheredBlock(
      block: Block(rows: count, observations: observations.pointer),
      lanes: LaneStates(
        count: places.count, states: states.pointer, stride: shape.network.stateSize, starts: starts.pointer),
      rollout: rollout, rows: rows, numbers: hasMemory ? UnsafePointer(numbers.pointer) : rows,
      count: activeCount, active: activeCount < count ? UnsafePointer(active.pointer) : nil,
      masks: gatherMasks(rollout, rows, count))
  }

  /// Writes row numbers, episode starts and first states of sequences, time-major.
  /// - Returns: The number of active rows.
  private func list(_ rollout: Rollout, _ sequences: Sequences, _ places: Range<Int>) -> Int {
    let (environments, lanes, size) = (rollout.environments, places.count, shape.network.stateSize)
    for (lane, place) in places.enumerated() {
      let first = sequences.firstRow(place, environments: environments)
      for step in 0..<sequences.steps { rows.pointer[step * lanes + lane] = Int32(first + step * environments) }
      (states.pointer + lane * size).update(
        from: rollout.states.pointer + Int(sequences.numbers.pointer[place]) * size, count: size)
    }
    var activeCount = 0
    for place in 0..<lanes * sequences.steps {
      let row = Int(rows.pointer[place])
      starts.pointer[place] = rollout.starts.pointer[row]
      guard rollout.isActive(row) else { continue }
      active.pointer[activeCount] = Int32(place)
      numbers.pointer[activeCount] = Int32(row)
      activeCount += 1
    }
    return activeCount
  }

  /// The masks of some rows; `nil` if the rollout has none.
  private func gatherMasks(
    _ rollout: Rollout, _ rows: UnsafePointer<Int32>, _ count: Int
  ) -> UnsafePointer<UInt8>? {
    guard let source = rollout.masks.all else { return nil }
    let flags = rollout.masks.flags
    for place in 0..<count {
      (masks.pointer + place * flags).update(from: source + Int(rows[place]) * flags, count: flags)
    }
    return UnsafePointer(masks.pointer)
  }
}
