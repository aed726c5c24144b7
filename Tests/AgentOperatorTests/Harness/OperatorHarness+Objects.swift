import AgentDeploymentAPI
import Foundation
import JSON
import KubernetesAPI
import KubernetesClient
import ManifestRendering
import Testing
import YAML

@testable import AgentOperator

/// What tests do to the cluster and see in it.
extension OperatorHarness {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  // MARK: Definitions

  func install(_ resource: ResourceType) async throws {
    installed.insert(resource)
    // The real one has them all, from the start to the end: its tests run side by side.
    guard lane == .embedded else { return }
    _ = try await client.apply(
      KubernetesObject(Definitions.json(of: resource)), resource: .customResourceDefinitions,
      fieldManager: "test")
  }

  func uninstall(_ resource: ResourceType) async throws {
    installed.remove(resource)
    try await client.delete(
      .customResourceDefinitions, ObjectKey(namespace: nil, name: resource.description))
  }

  // MARK: Objects

  func key(_ name: String) -> ObjectKey { ObjectKey(namespace: namespace, name: name) }

  func createNamespace(_ name: String) async throws {
    _ = try await client.apply(
      KubernetesObject(ResourceType.namespaces.gvk, namespace: nil, name: name),
      resource: .namespaces, fieldManager: "test")
  }

  /// Creates or changes an AgentDeployment, as a user does with `kubectl apply --server-side`.
  func apply(_ name: String = "support", _ spec: JSONValue = [:], in namespace: String? = nil)
    async throws
  {
    let object = Fixtures.agentObject(
      spec, name: name, namespace: namespace ?? self.namespace, uid: nil)
    _ = try await client.apply(
      object, resource: .agentDeployments, fieldManager: "user", fieldValidation: .strict)
  }

  func create(_ resource: ResourceType, _ name: String, _ content: JSONValue = [:]) async throws {
    var object = KubernetesObject(resource.gvk, namespace: namespace, name: name)
    for (key, value) in content.object ?? [:] { object[key] = value }
    _ = try await client.create(object, resource: resource, fieldManager: "user")
  }

  func createSecret(_ name: String, _ value: String = "czNjcjN0") async throws {
    try await create(.secrets, name, ["data": ["api-key": .string(value)]])
  }

  func createConfigMap(_ name: String, _ data: [String: String]) async throws {
    try await create(.configMaps, name, ["data": JSONValue(data)])
  }

  func patch(_ resource: ResourceType, _ name: String, _ patch: JSONValue) async throws {
    _ = try await client.patch(
      resource, key(name), .merge(patch), fieldManager: "somebody")
  }

  func delete(_ resource: ResourceType, _ name: String) async throws {
    try await client.delete(resource, key(name))
  }

  func get(_ resource: ResourceType, _ name: String = "support") async throws -> KubernetesObject {
    guard let cluster else { return try await client.get(resource, key(name)) }
    guard let object = cluster.get(resource, key(name)) else {
      throw HarnessTimeout(what: "\(resource.kind) \(name) exists")
    }
    return object
  }

  func find(
    _ resource: ResourceType, _ name: String = "support"
  ) async throws -> KubernetesObject? {
    guard let cluster else { return try await client.getIfPresent(resource, key(name)) }
    return cluster.get(resource, key(name))
  }

  func list(_ resource: ResourceType) async throws -> [KubernetesObject] {
    guard let cluster else { return try await client.list(resource, namespace: namespace).items }
    return cluster.list(resource, namespace: namespace)
  }

  func condition(_ type: String, of name: String = "support") async throws -> Condition? {
    let status = try await find(.agentDeployments, name)?["status"]
    return StatusBuilder.conditions(in: status)[type]
  }

  /// `Ready=True Ready`
  func summary(_ type: String, of name: String = "support") async throws -> String {
    guard let condition = try await condition(type, of: name) else { return "\(type) absent" }
    return "\(type)=\(condition.status.rawValue) \(condition.reason)"
  }

  /// How many templates the Deployments have had, one after the other. On the embedded cluster.
  var templateCount: Int {
    var seen: [JSONValue] = []
    for change in cluster?.history(.deployments) ?? [] {
      guard let template = change.new?["spec"]?["template"], seen.last != template else { continue }
      seen.append(template)
    }
    return seen.count
  }

  func revision(of name: String = "support") async throws -> String {
    try await get(.agentDeployments, name)["status"]?["currentRevision"]?.string ?? ""
  }

  /// Kinds and names of everything that the operator made in the test's namespace.
  func children() async throws -> [String] {
    var all: [String] = []
    for resource in ClusterCache.everything where isServed(resource) {
      all += try await list(resource).filter {
        $0.labels["app.kubernetes.io/managed-by"] == "agent-operator"
      }.map { "\(resource.kind) \($0.name)" }
    }
    return all.sorted()
  }

  func isServed(_ resource: ResourceType) -> Bool {
    !ClusterCache.optional.contains(resource) || installed.contains(resource)
  }

  /// Events about AgentDeployments, as `reason: note`.
  func events() async throws -> [String] {
    try await list(.events).filter { $0["regarding"]?["kind"] == "AgentDeployment" }.map {
      "\($0["reason"]?.string ?? ""): \($0["note"]?.string ?? "")"
    }
  }

  // MARK: Samples

  /// Applies a file of manifests/samples; objects without a namespace go to the test's.
  func applySample(_ name: String) async throws -> [ObjectKey] {
    let url = Self.root.appending(path: "manifests/samples/\(name).yaml")
    let documents = try YAML.parse(Array(Data(contentsOf: url)), file: url.lastPathComponent).get()
    var keys: [ObjectKey] = []
    for document in documents {
      var object = KubernetesObject(document.value)
      object["metadata"]?["namespace"] = .string(namespace)
      _ = try await client.apply(
        object, resource: .agentDeployments, fieldManager: "user", fieldValidation: .strict)
      keys.append(object.key)
    }
    return keys
  }

  // MARK: Oracles

  /// Everything that the operator owns, without what a server or another history may vary: identities,
  /// versions, times and random values.
  func canonicalState() async throws -> [String: JSONValue] {
    var all: [String: JSONValue] = [:]
    for resource in ClusterCache.everything + [.agentDeployments] where isServed(resource) {
      for object in try await list(resource) {
        if object.name == "kube-root-ca.crt" || object.name == "default" { continue }
        all["\(resource.kind) \(object.name)"] = Canonical.form(of: object)
      }
    }
    return all
  }

  /// Converged means quiet: nothing is written any more, not even after a restart.
  func expectNoMoreWrites(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let mark = log.count
    try await advance(by: lane == .real ? .milliseconds(300) : .seconds(1200))
    #expect(
      log.writes(since: mark).map(\.description) == [], "after convergence",
      sourceLocation: sourceLocation)
    try await restart()
    try await settle()
    #expect(
      log.writes(since: mark).map(\.description) == [], "after a restart",
      sourceLocation: sourceLocation)
  }
}
