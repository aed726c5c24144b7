import ControllerRuntime
import KubernetesAPI
import KubernetesClient
import Synchronization
import Testing

@testable import AgentOperator

/// A way to the API server on which a write hangs, whoever gives up on it.
private final class DeafTransport: APITransport {
  private struct State {
    var isOpen = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let inner: any APITransport
  private let state = Mutex(State())

  init(_ inner: any APITransport) { self.inner = inner }

  var waitingCount: Int { state.withLock { $0.waiting.count } }

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func send(_ request: APIRequest) async throws -> APIResponse {
    if request.method == "PATCH", request.path.contains("/deployments/") {
      await withCheckedContinuation { continuation in
        let isOpen = state.withLock { state in
          if !state.isOpen { state.waiting.append(continuation) }
          return state.isOpen
        }
        if isOpen { continuation.resume() }
      }
    }
    return try await inner.send(request)
  }

  func stream(_ request: APIRequest) async throws -> APIStreamingResponse {
    try await inner.stream(request)
  }
}

/// Correctness rule 44: `/healthz` also notices a reconcile that neither ends nor listens, while all
/// loops go on.
@Suite struct StuckReconcileTests {
  @Test func aReconcileThatDoesNotListenFailsTheLivenessProbe() async throws {
    try await withOperator(starts: false) { harness in
      let transport = DeafTransport(harness.transport)
      let clock = harness.clock
      let agentOperator = AgentOperator(
        client: KubernetesClient(transport: transport, sleep: { try await clock.sleep(for: $0) }),
        configuration: harness.configuration, clock: clock, logger: harness.logs.logger)
      let task = Task { await agentOperator.run() }
      func problems() -> [String] {
        agentOperator.liveness.compactMap { check in
          check.problem.map { "\(check.name): \($0)" }
        }
      }
      try await harness.apply()
      try await harness.until("a write hangs") { transport.waitingCount == 1 }
      let started = clock.now
      // Its limit of two minutes has passed: it was cancelled, and goes on.
      try await harness.letPass(.seconds(290))
      #expect(harness.logs.lines(containing: "took longer than").isEmpty)
      #expect(problems() == [])
      #expect(HealthReport(agentOperator.liveness, path: "/healthz").status == 200)
      try await harness.letPass(.seconds(15))
      let problem = problems()
      #expect(problem.count == 1, "\(problem)")
      #expect(problem.first?.hasPrefix("reconciles: one has run for 30") == true, "\(problem)")
      let report = HealthReport(agentOperator.liveness, path: "/healthz")
      #expect(report.status == 503)
      #expect(report.body.contains("[-]reconciles failed"))
      #expect(report.body.contains("[+]loops ok"))
      #expect(clock.now - started < .seconds(310))
      transport.open()
      try await harness.until("it lives again") { problems().isEmpty }
      task.cancel()
      let isDone = Counter()
      Task {
        await task.value
        isDone.add(1)
      }
      try await harness.until("the operator stops") { isDone.value > 0 }
    }
  }
}
