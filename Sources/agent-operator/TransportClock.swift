import ControllerRuntime
import KubernetesClient

/// The machine's clocks, with the timer of the thread that talks to the server: the one that the
/// operator's tasks run on.
struct TransportClock: RuntimeClock {
  let transport: CurlTransport
  private let clock = SystemClock()

  init(_ transport: CurlTransport) { self.transport = transport }

  var now: Duration { clock.now }
  var wallTime: Int64 { clock.wallTime }

  func sleep(until deadline: Duration) async throws {
    try await transport.sleep(for: deadline - now)
  }
}
