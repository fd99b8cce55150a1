import KernelShims

/// Adds the product of transposed patches and a matrix: `c[k, j] += Σ_i a[i, k] b[i, j]`, with i ascending.
///
/// Each element is one sum in the order of i, in every tile. `c` must not overlap a or b.
/// - Parameters:
///   - rows: The number of patches, and of the rows of b.
///   - columns: The columns of b and c.
public func addTransposedPatches(_ rows: Int, _ columns: Int, _ a: UnsafePointer<Patches>, _ b: Rows, _ c: MutableRows)
{
  // Patches that stay in the first-level cache together with their rows of b.
  let block = 96
  var first = 0
  while first < rows {
    let count = min(block, rows - first)
    forEachPanel(columns) { column, width in
      for line in 0..<a.pointee.lines {
        let tiles = TransposedTiles(
          rows: count, height: a.pointee.lineLength, a: a.pointee.base + line * a.pointee.lineStride,
          offsets: a.pointee.offsets + first, b: Rows(base: b.row(first) + column, stride: b.stride),
          c: MutableRows(base: c.row(line * a.pointee.lineLength) + column, stride: c.stride))
        switch width {
        #if SIXTEEN_LANES
          case 32: panel32(tiles)
        #endif
        case 16: panel16(tiles)
        case 8: panel8(tiles)
        default: narrowPanel(tiles, width)
        }
      }
    }
    first += count
  }
}

private struct TransposedTiles {
  let rows: Int
  /// Rows of c, which are the floats of a line.
  var height: Int
  var a: UnsafePointer<Float>
  let offsets: UnsafePointer<Int>
  let b: Rows
  var c: MutableRows

  @inline(__always) mutating func advance(_ tile: Int) {
    height -= tile
    a += tile
    c.base += tile * c.stride
  }
}

#if SIXTEEN_LANES
  @inline(never) private func panel32(_ tiles: TransposedTiles) { panel(LongRow.self, 8, 32, tiles) }
#endif
@inline(never) private func panel16(_ tiles: TransposedTiles) { panel(ShortRow.self, 6, 16, tiles) }
@inline(never) private func panel8(_ tiles: TransposedTiles) { panel(ShortRow.self, shortHeight, 8, tiles) }
@inline(never) private func narrowPanel(_ tiles: TransposedTiles, _ width: Int) {
  panel(ShortRow.self, 4, width, tiles)
}

@inline(__always) private func panel<Row: TileRow>(
  _ row: Row.Type, _ height: Int, _ width: Int, _ start: TransposedTiles
) {
  var tiles = start
  while tiles.height >= height {
    tile(row, height, width, tiles)
    tiles.advance(height)
  }
  while height > 4 && tiles.height >= 4 {
    tile(row, 4, width, tiles)
    tiles.advance(4)
  }
  while tiles.height >= 2 {
    tile(row, 2, width, tiles)
    tiles.advance(2)
  }
  if tiles.height == 1 { tile(row, 1, width, tiles) }
}

/// A tile of `height` (1, 2, 4, 6 or 8) rows of c × `width` sums, which stay in registers.
@inline(__always) private func tile<Row: TileRow>(
  _ row: Row.Type, _ height: Int, _ width: Int, _ tiles: TransposedTiles
) {
  let c = tiles.c
  var row0 = Row(c.row(0), width)
  var row1 = height > 1 ? Row(c.row(1), width) : row0
  var row2 = height > 2 ? Row(c.row(2), width) : row0
  var row3 = height > 2 ? Row(c.row(3), width) : row0
  var row4 = height > 4 ? Row(c.row(4), width) : row0
  var row5 = height > 4 ? Row(c.row(5), width) : row0
  var row6 = height > 6 ? Row(c.row(6), width) : row0
  var row7 = height > 6 ? Row(c.row(7), width) : row0
  var b = tiles.b.base
  for i in 0..<tiles.rows {
    let a = tiles.a + tiles.offsets[i]
    let right = Row(b, width)
    row0.add(a[0], right)
    if height > 1 { row1.add(a[1], right) }
    if height > 2 {
      row2.add(a[2], right)
      row3.add(a[3], right)
    }
    if height > 4 {
      row4.add(a[4], right)
      row5.add(a[5], right)
    }
    if height > 6 {
      row6.add(a[6], right)
      row7.add(a[7], right)
    }
    b += tiles.b.stride
  }
  row0.write(c.row(0), width)
  if height > 1 { row1.write(c.row(1), width) }
  if height > 2 {
    row2.write(c.row(2), width)
    row3.write(c.row(3), width)
  }
  if height > 4 {
    row4.write(c.row(4), width)
    row5.write(c.row(5), width)
  }
  if height > 6 {
    row6.write(c.row(6), width)
    row7.write(c.row(7), width)
  }
}

/// Adds rows to the patches that they are the gradients of: `patch(i)[k] += source[i, k]`, with i ascending where
/// patches overlap.
///
/// - Parameters:
///   - patches: Their memory is written.
public func addToPatches(_ rows: Int, _ patches: UnsafePointer<Patches>, _ source: Rows) {
  let (length, stride) = (patches.pointee.lineLength, patches.pointee.lineStride)
  let base = UnsafeMutablePointer(mutating: patches.pointee.base)
  for i in 0..<rows {
    var target = base + patches.pointee.offsets[i]
    var from = source.row(i)
    for _ in 0..<patches.pointee.lines {
      var k = 0
      while k < length {
        let count = length - k
        storePartialLanes(loadPartialLanes(target + k, count) + loadPartialLanes(from + k, count), target + k, count)
        k += Lanes.scalarCount
      }
      target += stride
      from += length
    }
  }
}
