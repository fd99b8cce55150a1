// swift-tools-version: 6.2
import PackageDescription

// The kernels are built three times from the same sources: as Kernels for any machine, and by symbolic links as
// KernelsAVX2 and KernelsAVX512 for x86-64 processors that have these. PolicyGradient chooses among them when the
// library is loaded.
#if arch(x86_64)
  let avx2: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=haswell"]), .define("FUSED")]
  let avx512: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-march=skylake-avx512"]), .define("FUSED"), .define("SIXTEEN_LANES"),
  ]
#else
  let avx2: [SwiftSetting] = []
  let avx512: [SwiftSetting] = []
#endif
let strict: SwiftSetting = .treatAllWarnings(as: .error)
// By default, a debug build compiles one file at a time, and calls what other files would inline.
let inlinedInDebug: SwiftSetting = .unsafeFlags(
  ["-whole-module-optimization", "-num-threads", "2"], .when(configuration: .debug))
// The experimental feature is for Kernels/Operators.swift. Without it the same kernels take twice as long to compile.
let kernels: [SwiftSetting] = [
  strict, .unsafeFlags(["-Ounchecked"]), inlinedInDebug, .enableExperimentalFeature("BuiltinModule"),
]
// The engine's hot classes are used by one thread at a time; tests check so.
let exclusive: SwiftSetting = .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
let optimizedInDebug: SwiftSetting = .unsafeFlags(["-O"], .when(configuration: .debug))

let package = Package(
  name: "pgrad",
  products: [.library(name: "pgrad", type: .dynamic, targets: ["CABI"])],
  targets: [
    .systemLibrary(name: "CPGrad", path: "include"),
    .systemLibrary(name: "KernelShims", path: "Sources/KernelShims"),
    .target(
      name: "OlderGlibc", cSettings: [.define("OLDER_GLIBC", .when(platforms: [.linux], configuration: .release))]),
    .target(
      name: "ForkedRuntime",
      cSettings: [.define("STATIC_RUNTIME", .when(platforms: [.linux], configuration: .release))]),
    .target(name: "Kernels", dependencies: ["KernelShims"], swiftSettings: kernels),
    .target(name: "KernelsAVX2", dependencies: ["KernelShims"], swiftSettings: kernels + avx2),
    .target(name: "KernelsAVX512", dependencies: ["KernelShims"], swiftSettings: kernels + avx512),
    .target(
      name: "PolicyGradient", dependencies: ["Kernels", "KernelsAVX2", "KernelsAVX512", "KernelShims"],
      swiftSettings: [strict, exclusive, optimizedInDebug]),
    .target(
      name: "Oracle", dependencies: ["PolicyGradient"], swiftSettings: [strict, exclusive, optimizedInDebug]),
    .target(
      name: "CABI", dependencies: ["Oracle", "PolicyGradient", "ForkedRuntime", "OlderGlibc", "KernelShims", "CPGrad"],
      exclude: ["exports.map"],
      swiftSettings: [strict, exclusive],
      linkerSettings: [
        .unsafeFlags(
          [
            "-static-stdlib", "-use-ld=lld",
            "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CABI/exports.map",
            "-Xlinker", "-soname=libpgrad.so.0",
            "-Xlinker", "--gc-sections",
            "-Xlinker", "-z", "-Xlinker", "nodelete",
          ], .when(configuration: .release)),
        // Before glibc 2.34 these held threads and dlopen. Today both are empty, and the linker would leave them out.
        .unsafeFlags(
          ["-Xlinker", "--no-as-needed", "-Xlinker", "-l:libpthread.so.0", "-Xlinker", "-l:libdl.so.2"],
          .when(platforms: [.linux], configuration: .release)),
      ]),
    .testTarget(
      name: "KernelsTests", dependencies: ["Kernels", "KernelsAVX2", "KernelsAVX512", "KernelShims"],
      swiftSettings: [strict]),
    .testTarget(
      name: "PolicyGradientTests", dependencies: ["PolicyGradient"], swiftSettings: [strict]),
    .testTarget(name: "OracleTests", dependencies: ["Oracle", "PolicyGradient"], swiftSettings: [strict]),
    .testTarget(name: "CABITests", dependencies: ["CABI", "CPGrad"], swiftSettings: [strict]),
  ]
)
