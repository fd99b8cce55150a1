import KernelShims
import Kernels
import KernelsAVX2
import KernelsAVX512

package typealias KernelSet = Kernels.KernelSet

extension KernelSet {
  /// The build for every processor.
  package static let baseline = Kernels.kernelTable

  // The builds' tables are compiled from the same source. They have the same layout and differ only in the module of
  // their type.

  /// Only for x86-64 processors with AVX2 and FMA; on other architectures the same as ``baseline``.
  package static let avx2 = unsafeBitCast(KernelsAVX2.kernelTable, to: KernelSet.self)

  /// Only for x86-64 processors with AVX-512; on other architectures the same as ``baseline``.
  package static let avx512 = unsafeBitCast(KernelsAVX512.kernelTable, to: KernelSet.self)

  /// The builds that this processor runs, the fastest last.
  package static let available: [KernelSet] =
    [baseline] + (kernel_cpu_has_avx2() ? [avx2] : []) + (kernel_cpu_has_avx512() ? [avx512] : [])

  /// The fastest build that this processor runs, or the one that the environment variable PGRAD_KERNELS names.
  package static let best: KernelSet = {
    let named = getenv("PGRAD_KERNELS").flatMap { choice in available.first { $0.name == String(cString: choice) } }
    return named ?? available.last ?? baseline
  }()
}
