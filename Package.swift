// swift-tools-version: 6.2
import PackageDescription

/// Language mode 6 comes with the tools version; these are the upcoming features on top of it.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// What the tests test is optimised as what ships is; they themselves are not: that would be a third of a
/// build, and one in twelve of what a simulated history costs.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil,
  exclude: [String] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    swiftSettings: settings + [.unsafeFlags(["-Onone"], .when(configuration: .release))])
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let arguments: Target.Dependency =
  .product(name: "ArgumentParser", package: "swift-argument-parser")
let signals: Target.Dependency =
  .product(name: "UnixSignals", package: "swift-service-lifecycle")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
]

let package = Package(
  name: "agent-operator",
  products: [
    .executable(name: "agent-operator", targets: ["agent-operator"]),
    .library(name: "KubernetesClient", targets: ["KubernetesClient"]),
    .library(name: "ControllerRuntime", targets: ["ControllerRuntime"]),
    .library(name: "ManifestRendering", targets: ["ManifestRendering"]),
    .library(name: "EmbeddedCluster", targets: ["EmbeddedCluster"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  // Each target depends only on targets above it.
  targets: [
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    library("JSON"),
    library("YAML", ["CLibYAML", "JSON"]),
    library("CurlHTTP", ["CCurl"]),
    library("HTTPServer", nio),
    library("KubernetesAPI", ["JSON"]),
    library("KubernetesClient", ["KubernetesAPI", "JSON", "YAML", "CurlHTTP"]),
    library(
      "ControllerRuntime", ["KubernetesClient", "KubernetesAPI", "JSON", logging, deque]),
    library("AgentDeploymentAPI", ["KubernetesAPI", "JSON"]),
    library("ManifestRendering", ["AgentDeploymentAPI", "KubernetesAPI", "JSON"]),
    library("PromQL"),
    library("ManifestAnalysis", ["PromQL", "AgentDeploymentAPI", "KubernetesAPI", "YAML", "JSON"]),
    library(
      "AgentOperator",
      [
        "ControllerRuntime", "ManifestRendering", "AgentDeploymentAPI", "KubernetesClient",
        "KubernetesAPI", "JSON", logging,
      ]),
    library(
      "ManifestImport",
      ["AgentOperator", "ManifestRendering", "AgentDeploymentAPI", "KubernetesAPI", "JSON"]),
    library(
      "EmbeddedCluster",
      ["HTTPServer", "KubernetesClient", "KubernetesAPI", "YAML", "JSON", deque]),
    .executableTarget(
      name: "agent-operator",
      dependencies: [
        "AgentOperator", "EmbeddedCluster", "ControllerRuntime", "ManifestAnalysis",
        "ManifestImport", "PromQL",
        "ManifestRendering", "AgentDeploymentAPI", "KubernetesClient", "KubernetesAPI",
        "HTTPServer", "CurlHTTP", "YAML", "JSON", arguments, logging, signals,
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "AgentOperator", "EmbeddedCluster", "ControllerRuntime", "ManifestRendering",
        "AgentDeploymentAPI", "KubernetesClient", "KubernetesAPI", "YAML", "JSON", arguments,
        logging,
      ],
      swiftSettings: settings),

    // For tests only: everything of a scenario on one thread, in an order that a seed fixes.
    .target(name: "Simulation", path: "Tests/Simulation", swiftSettings: settings),

    // For tests only: what loopback has to offer beside a server.
    .target(name: "Loopback", path: "Tests/Loopback", swiftSettings: settings),

    tests("JSONTests", ["JSON"]),
    tests("YAMLTests", ["YAML", "JSON", "Simulation", .product(name: "Yams", package: "Yams")]),
    tests("CurlHTTPTests", ["CurlHTTP", "HTTPServer", "Loopback"]),
    tests("HTTPServerTests", ["HTTPServer", "CurlHTTP"]),
    tests("KubernetesAPITests", ["KubernetesAPI", "JSON"]),
    tests(
      "KubernetesClientTests",
      ["KubernetesClient", "KubernetesAPI", "HTTPServer", "CurlHTTP", "YAML", "JSON", "Loopback"]),
    tests(
      "ControllerRuntimeTests",
      ["ControllerRuntime", "KubernetesClient", "KubernetesAPI", "JSON", "Simulation", logging]),
    tests(
      "AgentDeploymentAPITests",
      [
        "AgentDeploymentAPI", "ManifestRendering", "ManifestAnalysis", "EmbeddedCluster",
        "KubernetesClient", "KubernetesAPI", "YAML", "JSON", "Simulation",
      ], exclude: ["Golden"]),
    tests(
      "ManifestRenderingTests",
      ["ManifestRendering", "AgentDeploymentAPI", "KubernetesAPI", "YAML", "JSON", "Simulation"],
      exclude: ["Golden"]),
    tests("PromQLTests", ["PromQL"]),
    tests(
      "ManifestAnalysisTests",
      [
        "ManifestAnalysis", "ManifestRendering", "AgentDeploymentAPI", "KubernetesAPI", "YAML",
        "JSON",
      ]),
    tests(
      "ManifestImportTests",
      [
        "ManifestImport", "ManifestAnalysis", "ManifestRendering", "AgentDeploymentAPI",
        "KubernetesAPI", "YAML", "JSON",
      ]),
    tests(
      "EmbeddedClusterTests",
      ["EmbeddedCluster", "KubernetesClient", "KubernetesAPI", "YAML", "JSON"]),
    tests(
      "AgentOperatorTests",
      [
        "AgentOperator", "EmbeddedCluster", "ControllerRuntime", "ManifestRendering",
        "AgentDeploymentAPI", "KubernetesClient", "KubernetesAPI", "YAML", "JSON", "Simulation",
        logging,
      ]),
    tests(
      "CommandTests",
      [
        "agent-operator", "AgentOperator", "EmbeddedCluster", "ControllerRuntime",
        "ManifestRendering", "AgentDeploymentAPI", "KubernetesClient", "KubernetesAPI",
        "HTTPServer", "CurlHTTP", "Loopback", "YAML", "JSON", logging,
      ]),
  ]
)

// Only for `make fuzz`, which builds everything with libFuzzer's instrumentation.
if Context.environment["FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["KubernetesClient", "KubernetesAPI", "YAML", "JSON"],
      path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: settings,
      // Why: libFuzzer brings a `main` of its own, which the default linker takes for an error.
      linkerSettings: [.unsafeFlags(["-use-ld=lld"])]))
}
