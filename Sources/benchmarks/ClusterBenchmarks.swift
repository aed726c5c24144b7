import AgentDeploymentAPI
import AgentOperator
import EmbeddedCluster
import JSON
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// The operator at work on the embedded cluster, in one process: decoding, queues, caches, planning
/// and every write, with the embedded API server's own work on top.
enum ClusterBenchmarks {
  static func run(_ meter: inout Meter, agents count: Int = 300) async throws {
    let writes = Mutex(0)
    let cluster = EmbeddedCluster(configuration: .init(simulatesControllers: false))
    let client = KubernetesClient(
      transport: cluster.transport,
      observer: { observation in
        if observation.method != "GET" { writes.withLock { $0 += 1 } }
      })
    _ = try await client.apply(
      KubernetesObject(AgentDeploymentCRD.json), resource: .customResourceDefinitions,
      fieldManager: "benchmarks")
    _ = try await client.create(
      KubernetesObject(ResourceType.namespaces.gvk, namespace: nil, name: "agents"),
      resource: .namespaces)
    for number in 0..<count {
      var agent = KubernetesObject(SampleObjects.smallAgent(number))
      agent["metadata"]?["namespace"] = "agents"
      _ = try await client.create(agent, resource: .agentDeployments)
    }
    writes.withLock { $0 = 0 }

    let cold = try await seconds(untilSettled: client, reconciling: count)
    let sent = writes.withLock { $0 }
    meter.add(
      "reconcile, cold", "\(count) new agents on the embedded cluster, \(sent) writes",
      [Double(count) / cold], unit: "agents/s")
    writes.withLock { $0 = 0 }
    let warm = try await seconds(untilSettled: client, reconciling: count)
    let again = writes.withLock { $0 }
    meter.add(
      "reconcile, warm", "the same with nothing to do, \(again) writes", [Double(count) / warm],
      unit: "agents/s", goal: again == 0 ? nil : "0 writes")
  }

  private static func seconds(
    untilSettled client: KubernetesClient, reconciling count: Int
  ) async throws -> Double {
    let quiet = Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
    let agentOperator = AgentOperator(client: client, logger: quiet)
    let start = ContinuousClock.now
    let run = Task { await agentOperator.run() }
    while !agentOperator.isSettled { try await Task.sleep(for: .milliseconds(1)) }
    let took = start.duration(to: .now)
    run.cancel()
    await run.value
    return took / .seconds(1)
  }
}
