// swift-tools-version: 6.1
import PackageDescription

// Microbenchmarks of the kernels, in a package of their own so that the library itself depends on nothing. The kernels
// are reached by links, and so built here as the library builds them, without becoming products of it.
#if arch(x86_64)
  let avx2: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=haswell"]), .define("FUSED")]
#else
  let avx2: [SwiftSetting] = []
#endif
let unchecked: SwiftSetting = .unsafeFlags(["-Ounchecked"])

let package = Package(
  name: "KernelBenchmarks",
  platforms: [.macOS(.v13)],
  dependencies: [
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: [])
  ],
  targets: [
    .systemLibrary(name: "KernelShims", path: "Sources/KernelShims"),
    .target(name: "Kernels", dependencies: ["KernelShims"], swiftSettings: [unchecked]),
    .target(name: "KernelsAVX2", dependencies: ["KernelShims"], swiftSettings: [unchecked] + avx2),
    .executableTarget(
      name: "KernelBenchmarks",
      dependencies: ["Kernels", "KernelsAVX2", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/Kernels",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
