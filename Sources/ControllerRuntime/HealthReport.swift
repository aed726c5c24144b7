/// One thing that a probe looks at.
public struct HealthCheck: Sendable, Hashable {
  public var name: String
  /// Nil: it is well. Never a secret.
  public var problem: String?

  public init(_ name: String, problem: String? = nil) {
    self.name = name
    self.problem = problem
  }
}

/// The answer of `/healthz`, `/readyz` and the like, in the form of the API server and of
/// controller-runtime (https://kubernetes.io/docs/reference/using-api/health-checks/): `?verbose`
/// lists every check, `?exclude=NAME` leaves one out, `/healthz/NAME` asks for one alone.
public struct HealthReport: Sendable, Hashable {
  /// 200, 503 when a check fails, 404 when there is no check of the name asked for.
  public var status: Int
  public var body: String

  /// - Parameters:
  ///   - path: `/readyz` or `/readyz/NAME`.
  ///   - query: of the request.
  public init(
    _ checks: [HealthCheck], path: String, query: [(name: String, value: String)] = []
  ) {
    let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
    let probe = parts.first ?? ""
    var checks = checks
    if parts.count > 1 {
      checks.removeAll { $0.name != parts[1] }
      guard !checks.isEmpty else {
        (status, body) = (404, "there is no check \(parts[1]); /\(probe)?verbose lists them\n")
        return
      }
    }
    let excluded = Set(query.filter { $0.name == "exclude" }.map(\.value))
    let isWell = checks.allSatisfy { $0.problem == nil || excluded.contains($0.name) }
    status = isWell ? 200 : 503
    guard !isWell || query.contains(where: { $0.name == "verbose" }) else {
      body = "ok\n"
      return
    }
    var lines = checks.map { check in
      if excluded.contains(check.name) { return "[+]\(check.name) excluded: ok" }
      return check.problem.map { "[-]\(check.name) failed: \($0)" } ?? "[+]\(check.name) ok"
    }
    lines.append("\(probe) check \(isWell ? "passed" : "failed")")
    body = lines.joined(separator: "\n") + "\n"
  }
}
