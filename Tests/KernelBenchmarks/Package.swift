// swift-tools-version: 6.1
import PackageDescription

// Microbenchmarks of kernels and layers, in a package of their own so that the library itself depends on nothing. Their
// sources are reached by links, and so built here as the library builds them, without becoming products of it.
#if arch(x86_64)
  let avx2: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=haswell"]), .define("FUSED")]
  let avx512: [SwiftSetting] = [
    .unsafeFlags(["-Xcc", "-march=skylake-avx512"]), .define("FUSED"), .define("SIXTEEN_LANES"),
  ]
#else
  let avx2: [SwiftSetting] = []
  let avx512: [SwiftSetting] = []
#endif
let kernels: [SwiftSetting] = [.unsafeFlags(["-Ounchecked"]), .enableExperimentalFeature("BuiltinModule")]

let package = Package(
  name: "KernelBenchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: [])
  ],
  targets: [
    .systemLibrary(name: "KernelShims", path: "Sources/KernelShims"),
    .target(name: "Kernels", dependencies: ["KernelShims"], swiftSettings: kernels),
    .target(name: "KernelsAVX2", dependencies: ["KernelShims"], swiftSettings: kernels + avx2),
    .target(name: "KernelsAVX512", dependencies: ["KernelShims"], swiftSettings: kernels + avx512),
    // Layers are not public.
    .target(
      name: "PolicyGradient", dependencies: ["Kernels", "KernelsAVX2", "KernelsAVX512", "KernelShims"],
      swiftSettings: [.unsafeFlags(["-enforce-exclusivity=unchecked", "-enable-testing"])]),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: ["Kernels", "KernelsAVX2", "PolicyGradient", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/Kernels",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
