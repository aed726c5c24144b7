import JSON
import KubernetesAPI

@testable import AgentOperator

/// What happens around agents: credentials change, stores fail, work comes and goes, and so do kinds
/// that clusters may lack.
extension SimulatedHistory {
  static let keda: [ResourceType] = [.scaledObjects, .triggerAuthentications]
  /// Definitions that come and go together.
  private var packages: [[ResourceType]] {
    [Self.keda, [.externalSecrets], [.authorizationPolicies, .requestAuthentications]]
      + (isClassed ? [[.agentClasses]] : [])
  }
  /// All that clusters of histories may have.
  static let kinds = [.agentDeployments] + ClusterCache.optional + [.agentClasses]

  /// The users' own.
  static let secretNames = [SpecGenerator.restartingSecret, SpecGenerator.reloadedSecret]
  private static let values = ["djE=", "djI=", "djM=", "djQ="]

  // MARK: Credentials

  mutating func changeSecret() async throws {
    let name = Self.secretNames.randomElement(using: &random) ?? ""
    guard try await harness.find(.secrets, name) != nil else {
      note("Secret \(name) created")
      return try await harness.createSecret(name)
    }
    if Int.random(in: 0..<4, using: &random) == 0 {
      note("Secret \(name) deleted")
      return try await harness.delete(.secrets, name)
    }
    secretCount += 1
    let value = Self.values[secretCount % Self.values.count]
    note("Secret \(name) = \(value)")
    try await harness.patch(.secrets, name, ["data": ["api-key": .string(value)]])
  }

  mutating func changeStore() async throws {
    secretCount += 1
    let value = Self.values[secretCount % Self.values.count]
    let changes: [JSONValue] = [["down": "yes"], ["down": nil], ["value": .string(value)]]
    guard let change = changes.randomElement(using: &random) else { return }
    try await setStore(change)
  }

  func setStore(_ change: JSONValue) async throws {
    note("store: \(change.serialized())")
    try await harness.patch(.configMaps, SimulatedExternalSecrets.store, ["data": change])
  }

  // MARK: Work

  /// What KEDA finds of an agent's queue.
  mutating func changeWork(of name: String) async throws {
    let changes: [JSONValue] = [
      [SimulatedKEDA.active: "false"], [SimulatedKEDA.active: "false"], [SimulatedKEDA.active: nil],
      [SimulatedKEDA.broken: "yes"], [SimulatedKEDA.broken: nil],
    ]
    guard let change = changes.randomElement(using: &random) else { return }
    note("ScaledObject \(name): \(change.serialized())")
    _ = try? await harness.patch(.scaledObjects, name, ["metadata": ["annotations": change]])
  }

  /// An agent without work and without pods gets an autoscaler, which starts none by itself.
  mutating func wake(_ name: String) async throws {
    var spec = specs[name] ?? ["image": "registry/x:v1"]
    spec["scaling"] = SpecGenerator.idle(.random(in: 2...3, using: &random))
    try await apply(name, spec)
    try await harness.letPass(.seconds(Int.random(in: 2...5, using: &random)))
    let change: JSONValue = ["metadata": ["annotations": [SimulatedKEDA.active: "false"]]]
    note("ScaledObject \(name): \(change.serialized())")
    _ = try? await harness.patch(.scaledObjects, name, change)
    try await harness.letPass(.milliseconds(Int.random(in: 0...3000, using: &random)))
    spec["scaling"] = ["minReplicas": 2, "maxReplicas": 5]
    try await apply(name, spec)
  }

  // MARK: Definitions

  mutating func changeDefinitions() async throws {
    guard let package = packages.randomElement(using: &random) else { return }
    if package.contains(where: harness.installed.contains) {
      if Bool.random(using: &random) {
        // What goes with them is not told either.
        for replica in harness.clocks.indices { deafen(replica, to: package.map(\.plural)) }
      }
      try await uninstall(package)
    } else {
      try await install(package)
    }
  }

  /// Somebody installs them when all is quiet, after taking away what was there.
  mutating func bringDefinitions() async throws {
    // Not classes: whose agents would be refused.
    let all = packages.filter { $0 != [.agentClasses] }
    guard let package = all.randomElement(using: &random) else { return }
    if package.contains(where: harness.installed.contains) {
      try await uninstall(package)
      try await harness.advance(by: .seconds(120))
    }
    try await install(package)
  }

  private mutating func uninstall(_ package: [ResourceType]) async throws {
    if package.contains(.agentClasses) { classes = [:] }
    note("\(package.map(\.kind)) not installed any more")
    for resource in package where harness.installed.contains(resource) {
      try await harness.uninstall(resource)
    }
    try await harness.until("the definitions are gone", within: .seconds(60)) {
      package.allSatisfy { definition(of: $0) == nil }
    }
  }

  func install(_ package: [ResourceType]) async throws {
    note("\(package.map(\.kind)) installed")
    for resource in package { try await harness.install(resource) }
  }

  private func definition(of resource: ResourceType) -> KubernetesObject? {
    harness.cluster?.get(
      .customResourceDefinitions, ObjectKey(namespace: nil, name: resource.description))
  }

  // MARK: The end

  /// Everything is there that agents need.
  func endSurroundings() async throws {
    for name in Self.secretNames where try await harness.find(.secrets, name) == nil {
      try await harness.createSecret(name)
    }
    try await setStore(["down": nil])
    let needed = [
      (Self.keda, specs.values.contains(where: Self.needsKEDA)),
      ([.externalSecrets], specs.values.contains { Self.externalSecret(in: $0) != nil }),
    ]
    for (package, isNeeded) in needed
    where isNeeded && !package.allSatisfy(harness.installed.contains) {
      try await install(package)
    }
  }

  static func needsKEDA(_ spec: JSONValue) -> Bool {
    ["metrics", "schedule", "idle", "onMetricsFailure"].contains { spec["scaling"]?[$0] != nil }
  }

  static func externalSecret(in spec: JSONValue) -> JSONValue? {
    spec["secrets"]?.array?.first { $0["externalSecret"] != nil }
  }

  /// Of agents that name the shared host the oldest has it.
  func lostHosts() async throws -> [String: Set<String>] {
    let host = SpecGenerator.sharedHost
    var claimants: [(created: String, name: String)] = []
    for (name, spec) in specs
    where spec["traffic"]?["hosts"]?.array?.contains(.string(host)) == true {
      let agent = try await harness.get(.agentDeployments, name)
      claimants.append((agent.metadata["creationTimestamp"]?.string ?? "", name))
    }
    let losers = claimants.sorted { $0 < $1 }.dropFirst()
    return Dictionary(uniqueKeysWithValues: losers.map { ($0.name, [host]) })
  }
}
