import Foundation
import Glibc
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing

@testable import AgentOperator

/// etcd and kube-apiserver from KUBEBUILDER_ASSETS, one of each for all tests of the process, on
/// loopback, in a folder of their own.
actor RealAPIServer {
  static let shared = RealAPIServer()

  struct Failure: Error, CustomStringConvertible { var description: String }

  private var starting: Task<CurlTransport, any Error>?

  func transport() async throws -> CurlTransport {
    if let starting { return try await starting.value }
    let task = Task { try await Self.start() }
    starting = task
    return try await task.value
  }

  private static let namespaces = Mutex(0)

  static func newNamespace() -> String {
    namespaces.withLock { count in
      count += 1
      return "operator-\(getpid())-\(count)"
    }
  }

  // MARK: Starting

  private static let running = Mutex<(processes: [Process], folder: URL?)>(([], nil))

  private static func start() async throws -> CurlTransport {
    guard let assets = Lane.assets else { throw Failure(description: "no KUBEBUILDER_ASSETS") }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "agent-operator-tests-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    running.withLock { $0.folder = folder }
    // Why: no test knows that it is the last one.
    atexit { RealAPIServer.stop() }
    let (server, client, peer) = (try freePort(), try freePort(), try freePort())
    let key = folder.appending(path: "sa.key").path
    try launch("/usr/bin/env", ["openssl", "genrsa", "-out", key, "2048"]).waitUntilExit()
    try write(folder, "tokens.csv", "token,admin,admin,system:masters\n")
    try write(
      folder, "kubeconfig",
      """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "https://127.0.0.1:\(server)", insecure-skip-tls-verify: true}}]
      users: [{name: u, user: {token: token}}]
      contexts: [{name: c, context: {cluster: c, user: u}}]
      current-context: c

      """)
    _ = try launch(
      "\(assets)/etcd",
      [
        "--data-dir", folder.appending(path: "etcd").path, "--unsafe-no-fsync",
        "--listen-client-urls", "http://127.0.0.1:\(client)",
        "--advertise-client-urls", "http://127.0.0.1:\(client)",
        "--listen-peer-urls", "http://127.0.0.1:\(peer)",
        "--initial-advertise-peer-urls", "http://127.0.0.1:\(peer)",
        "--initial-cluster", "default=http://127.0.0.1:\(peer)",
      ])
    _ = try launch(
      "\(assets)/kube-apiserver",
      [
        "--etcd-servers=http://127.0.0.1:\(client)", "--secure-port=\(server)",
        "--bind-address=127.0.0.1", "--cert-dir=\(folder.appending(path: "certs").path)",
        "--token-auth-file=\(folder.appending(path: "tokens.csv").path)",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=\(key)", "--service-account-signing-key-file=\(key)",
        "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/20",
        "--disable-admission-plugins=ServiceAccount",
      ])
    let configuration = try ConfigurationSources(
      kubeconfig: folder.appending(path: "kubeconfig").path, environment: [:]
    ).load()
    let transport = try CurlTransport(configuration: configuration)
    let api = KubernetesClient(transport: transport, retryPolicy: .never)
    let deadline = ContinuousClock.now + .seconds(90)
    while (try? await api.send(APIRequest(method: "GET", path: "/readyz"))) == nil {
      guard ContinuousClock.now < deadline else {
        throw Failure(description: "kube-apiserver is not ready")
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    try await installDefinitions(api)
    return transport
  }

  private static func installDefinitions(_ api: KubernetesClient) async throws {
    for resource in [ResourceType.agentDeployments] + Definitions.mesh {
      let object = KubernetesObject(Definitions.json(of: resource))
      _ = try await api.apply(
        object, resource: .customResourceDefinitions, fieldManager: "test")
      while (try? await api.list(resource)) == nil {
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  private static func stop() {
    let (processes, folder) = running.withLock { ($0.processes, $0.folder) }
    for process in processes.reversed() where process.isRunning {
      process.terminate()
      process.waitUntilExit()
    }
    if let folder { try? FileManager.default.removeItem(at: folder) }
  }

  private static func write(_ folder: URL, _ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  @discardableResult
  private static func launch(_ program: String, _ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    running.withLock { $0.processes.append(process) }
    return process
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
      }
    }
    guard result == 0 else { throw Failure(description: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  // MARK: Controllers

  /// Does what kube-controller-manager would, as far as the operator looks: Deployments roll out at
  /// once, and what has lost its owner goes.
  ///
  /// - Returns: whether there was anything to do.
  @discardableResult
  static func actAsControllers(_ client: KubernetesClient, _ namespace: String) async throws -> Bool
  {
    var didSomething = false
    for deployment in try await client.list(.deployments, namespace: namespace).items {
      let replicas = deployment["spec"]?["replicas"]?.int ?? 1
      let generation = deployment.generation ?? 1
      guard
        deployment["status"]?["observedGeneration"]?.int != generation
          || deployment["status"]?["availableReplicas"]?.int != replicas
      else { continue }
      let status: JSONValue = [
        "status": [
          "observedGeneration": JSONValue(generation), "replicas": JSONValue(replicas),
          "updatedReplicas": JSONValue(replicas), "readyReplicas": JSONValue(replicas),
          "availableReplicas": JSONValue(replicas),
          "conditions": [
            ["type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"]
          ],
        ]
      ]
      _ = try? await client.patch(
        .deployments, deployment.key, .merge(status), fieldManager: "controllers",
        subresource: "status")
      didSomething = true
    }
    let agents = try await client.list(.agentDeployments, namespace: namespace).items
    let owners = Set(agents.compactMap(\.uid))
    for resource in Definitions.everything {
      for object in try await client.list(resource, namespace: namespace).items {
        guard let owner = object.controllerReference, owner.kind == "AgentDeployment",
          !owners.contains(owner.uid)
        else { continue }
        _ = try? await client.delete(
          resource, object.key, preconditions: Preconditions(uid: object.uid))
        didSomething = true
      }
    }
    return didSomething
  }
}
