import KernelShims
import Kernels
import KernelsAVX2

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

package typealias KernelSet = Kernels.KernelSet

extension KernelSet {
  /// Runs on every processor.
  package static let baseline = Kernels.kernelTable

  // Compiled from the same source, the builds' tables have the same layout and differ as types by the module's name alone.

  /// For x86-64 processors with AVX2 and FMA alone; elsewhere the same as ``baseline``.
  package static let avx2 = unsafeBitCast(KernelsAVX2.kernelTable, to: KernelSet.self)

  /// The fastest build that this processor runs; the environment variable PGRAD_KERNELS=baseline asks for the other.
  package static let best: KernelSet = {
    if let choice = getenv("PGRAD_KERNELS"), strcmp(choice, "baseline") == 0 { return baseline }
    return kernel_cpu_has_avx2() ? avx2 : baseline
  }()
}
