/// Something that crosses the screen along a row.
struct SeaquestThing: BitwiseCopyable {
  var row: Int8 = 0
  var column: Int8 = 0
  var isRight = false
  /// Steps until it moves, and until it shoots.
  private(set) var moveTimer: Int8 = 0
  private(set) var reloadTimer: Int8 = 0

  init() {}

  init(row: Int, column: Int, _ isRight: Bool) {
    (self.row, self.column, self.isRight) = (Int8(row), Int8(column), isRight)
  }

  /// A thing that appears at the edge that it moves away from.
  init(row: Int, _ isRight: Bool, moveTimer: Int) {
    self.init(row: row, column: isRight ? 0 : 9, isRight)
    self.moveTimer = Int8(moveTimer)
  }

  func reloading(_ steps: Int) -> SeaquestThing {
    var thing = self
    thing.reloadTimer = Int8(steps)
    return thing
  }

  var isOnScreen: Bool { (0...9).contains(column) }

  mutating func advance() { column += isRight ? 1 : -1 }

  /// Moves if it is time to. Returns whether it did.
  mutating func advance(every interval: Int) -> Bool {
    guard moveTimer == 0 else {
      moveTimer -= 1
      return false
    }
    moveTimer = Int8(interval)
    advance()
    return true
  }

  /// Whether it shoots in this step.
  mutating func shoots(every interval: Int) -> Bool {
    guard reloadTimer == 0 else {
      reloadTimer -= 1
      return false
    }
    reloadTimer = Int8(interval)
    return true
  }
}

/// Things of one kind, in the order in which they appeared.
struct SeaquestThings: BitwiseCopyable {
  /// Enemies stay for at most 60 steps, in each of which at most one appears.
  static let capacity = 64

  private(set) var count = 0
  private var things = InlineArray<64, SeaquestThing>(repeating: SeaquestThing())

  init() {}

  subscript(index: Int) -> SeaquestThing {
    get { things[index] }
    set { things[index] = newValue }
  }

  mutating func append(_ thing: SeaquestThing) {
    guard count < SeaquestThings.capacity else { return }
    things[count] = thing
    count += 1
  }

  mutating func remove(at index: Int) {
    count -= 1
    for place in index..<count { things[place] = things[place + 1] }
  }

  /// Removes the first thing in the same cell as another. Returns whether there was one.
  mutating func removeFirst(at other: SeaquestThing) -> Bool {
    for index in 0..<count where things[index].row == other.row && things[index].column == other.column {
      remove(at: index)
      return true
    }
    return false
  }

  /// Whether a thing of another's row moves the other way.
  func haveOpposite(of other: SeaquestThing) -> Bool {
    (0..<count).contains { things[$0].row == other.row && things[$0].isRight != other.isRight }
  }

  /// - Parameter trail: The channel of the cells behind the things; `nil` for none.
  func draw(on screen: MinAtarScreen, channel: Int, trail: Int? = nil) {
    for index in 0..<count {
      let (row, column) = (Int(things[index].row), Int(things[index].column))
      screen.set(row: row, column: column, channel: channel)
      let behind = column + (things[index].isRight ? -1 : 1)
      if let trail, (0...9).contains(behind) { screen.set(row: row, column: behind, channel: trail) }
    }
  }
}

extension SeaquestThings {
  /// The number of things, and one number for each.
  static let stateSize = 1 + capacity

  func writeState(to numbers: UnsafeMutablePointer<Double>) {
    numbers[0] = Double(count)
    for place in 0..<SeaquestThings.capacity { numbers[1 + place] = place < count ? Double(things[place].code) : 0 }
  }

  init?(state numbers: UnsafePointer<Double>) {
    guard let count = Int(numbers[0], in: 0...SeaquestThings.capacity) else { return nil }
    for place in 0..<SeaquestThings.capacity {
      guard
        let code = Int(numbers[1 + place], in: 0...(place < count ? Int(Int32.max) : 0)),
        let thing = SeaquestThing(code: code)
      else { return nil }
      if place < count { append(thing) }
    }
  }
}

extension SeaquestThing {
  /// All its fields in one number.
  fileprivate var code: Int {
    let fields = [Int(row), Int(column), isRight ? 1 : 0, Int(moveTimer), Int(reloadTimer)]
    return fields.reduce(0) { $0 * 16 + $1 }
  }

  fileprivate init?(code: Int) {
    let fields = (0..<5).map { code >> (4 * (4 - $0)) & 15 }
    guard fields[0] <= 8, fields[1] <= 9, fields[2] <= 1, fields[3] <= 5, fields[4] <= 10, code >> 20 == 0 else {
      return nil
    }
    self.init(row: fields[0], fields[2] == 1, moveTimer: fields[3])
    column = Int8(fields[1])
    reloadTimer = Int8(fields[4])
  }
}
