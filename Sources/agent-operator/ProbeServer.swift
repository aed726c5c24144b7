import AgentOperator
import ControllerRuntime
import HTTPServer

/// `/healthz` (also as `/livez`), `/readyz` and `/metrics`, on one or two addresses.
struct ProbeServer {
  /// `:8081`, `127.0.0.1:8081`, `[::1]:8081`; `0` or an empty one turns it off.
  struct Address {
    /// Empty: all addresses, of IPv6 too where the machine has it.
    var host: String
    var port: Int

    init?(_ text: String) {
      if text.isEmpty || text == "0" { return nil }
      guard let colon = text.lastIndex(of: ":"),
        let port = Int(text[text.index(after: colon)...]), (0...65535).contains(port)
      else { return nil }
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      self.host = String(host)
      self.port = port
    }
  }

  static func isValid(_ text: String) -> Bool {
    text.isEmpty || text == "0" || Address(text) != nil
  }

  private var servers: [HTTPServer] = []

  /// - Throws: `HTTPServerError`, naming the address, when it cannot be bound.
  static func start(
    health: Address?, metrics: Address?, agentOperator: AgentOperator
  ) async throws -> ProbeServer {
    var probes = ProbeServer()
    if let health {
      try await probes.listen(health) { request in
        let checks: [HealthCheck]
        switch request.path.split(separator: "/").first {
        case "healthz", "livez": checks = agentOperator.liveness
        case "readyz": checks = agentOperator.readiness
        default: return .text("not found: /healthz and /readyz are here\n", status: 404)
        }
        let report = HealthReport(checks, path: request.path, query: request.query)
        return .text(report.body, status: report.status)
      }
    }
    if let metrics {
      try await probes.listen(metrics) { request in
        guard request.path == "/metrics" else {
          return .text("not found: /metrics is here\n", status: 404)
        }
        return HTTPServerResponse(
          status: 200, headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
          body: .bytes(Array(agentOperator.metrics.registry.exposition().utf8)))
      }
    }
    return probes
  }

  private mutating func listen(
    _ address: Address, _ handler: @escaping HTTPServer.Handler
  ) async throws {
    let server = HTTPServer(host: address.host, port: address.port, handler: handler)
    _ = try await server.start()
    servers.append(server)
  }

  func stop() async {
    for server in servers { await server.stop(grace: .seconds(1)) }
  }
}
