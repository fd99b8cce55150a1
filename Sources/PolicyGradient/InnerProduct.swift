/// The inner product, with four partial sums so that additions do not wait for each other.
package func innerProduct(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ count: Int) -> Double {
  var sums = SIMD4<Double>.zero
  var k = 0
  while k + 4 <= count {
    sums += SIMD4(a[k], a[k + 1], a[k + 2], a[k + 3]) * SIMD4(b[k], b[k + 1], b[k + 2], b[k + 3])
    k += 4
  }
  var sum = sums.sum()
  while k < count {
    sum += a[k] * b[k]
    k += 1
  }
  return sum
}
