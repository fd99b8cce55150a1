// swift-tools-version: 6.2
import PackageDescription

// The kernels are built twice from the same sources: as Kernels for any machine, and as KernelsAVX2 (a symbolic link) for
// x86-64 processors with AVX2 and FMA. PolicyGradient chooses between them when the library is loaded.
#if arch(x86_64)
  let avx2: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=haswell"]), .define("FUSED")]
#else
  let avx2: [SwiftSetting] = []
#endif
let strict: SwiftSetting = .treatAllWarnings(as: .error)
let unchecked: SwiftSetting = .unsafeFlags(["-Ounchecked"])
let optimizedInDebug: SwiftSetting = .unsafeFlags(["-O"], .when(configuration: .debug))

let package = Package(
  name: "pgrad",
  products: [.library(name: "pgrad", type: .dynamic, targets: ["CABI"])],
  targets: [
    .systemLibrary(name: "CPGrad", path: "include"),
    .systemLibrary(name: "KernelShims", path: "Sources/KernelShims"),
    .target(name: "Kernels", dependencies: ["KernelShims"], swiftSettings: [strict, unchecked]),
    .target(name: "KernelsAVX2", dependencies: ["KernelShims"], swiftSettings: [strict, unchecked] + avx2),
    .target(
      name: "PolicyGradient", dependencies: ["Kernels", "KernelsAVX2", "KernelShims"],
      swiftSettings: [strict, optimizedInDebug]),
    .target(
      name: "CABI", dependencies: ["PolicyGradient", "CPGrad"],
      exclude: ["exports.map"],
      swiftSettings: [strict],
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-use-ld=lld",
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CABI/exports.map",
            "-Xlinker", "-soname=libpgrad.so.0",
            "-Xlinker", "--gc-sections",
            "-Xlinker", "-z", "-Xlinker", "nodelete",
          ], .when(configuration: .release))
      ]),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "KernelsAVX2", "KernelShims"], swiftSettings: [strict]),
    .testTarget(
      name: "PolicyGradientTests", dependencies: ["PolicyGradient"], swiftSettings: [strict]),
    .testTarget(name: "CABITests", dependencies: ["CABI", "CPGrad"], swiftSettings: [strict]),
  ]
)
