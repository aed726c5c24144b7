import KubernetesAPI

/// What an HTTPRoute cannot hold, found before the API server refuses it. Checked where the class's
/// defaults are in: they may name the gateways, or be what chooses the provider.
///
/// Source: the standard channel's `gateway.networking.k8s.io_httproutes.yaml`.
enum GatewayChecks {
  static let maxHosts = 16
  static let maxMatchesOfRule = 64
  static let maxMatches = 128
  static let maxRules = 16

  static func problems(of spec: AgentDeploymentSpec) -> [FieldError] {
    let traffic = spec.traffic
    var errors: [FieldError] = []
    if traffic.gatewayRefs.isEmpty {
      errors.append(
        FieldError(
          ["spec", "traffic", "gatewayRefs"], .required,
          "provider GatewayAPI routes through gateways, and there are none",
          fix: "name them, with the hosts that they serve"))
    }
    if traffic.hosts.count > maxHosts {
      errors.append(
        FieldError(
          ["spec", "traffic", "hosts"], .tooMany,
          "an HTTPRoute has at most \(maxHosts) hosts, not \(traffic.hosts.count)"))
    }
    for (i, path) in traffic.paths.enumerated() {
      guard let problem = problem(ofPath: path) else { continue }
      errors.append(FieldError(["spec", "traffic", "paths", .index(i)], .invalid, problem))
    }
    if spec.protocol == .mcp {
      errors += [problemOfMatches(traffic), problemOfRules(traffic)].compactMap { $0 }
    }
    return errors
  }

  /// What is copied and what is not are rules of their own.
  private static func problemOfRules(_ traffic: Traffic) -> FieldError? {
    let copied = Set(traffic.mirror?.readOnlyTools ?? [])
    let tools = traffic.tools.reduce(0) { count, rule in
      let names = Set(rule.names)
      return count + (names.isDisjoint(with: copied) || names.isSubset(of: copied) ? 1 : 2)
    }
    let count = tools + (traffic.mirror == nil ? 0 : 1) + 1
    guard count > maxRules else { return nil }
    return FieldError(
      ["spec", "traffic", "tools"], .tooMany,
      "with mirror.readOnlyTools this makes \(count) rules; an HTTPRoute has at most \(maxRules)",
      fix: "do not mix tools of mirror.readOnlyTools with others in a rule")
  }

  /// Every path with every tool is a match of its own.
  private static func problemOfMatches(_ traffic: Traffic) -> FieldError? {
    let paths = traffic.paths.count
    let reads = traffic.mirror.map { MCPRequests.readOnlyMethods.count + $0.readOnlyTools.count }
    let rules = (traffic.tools.map(\.names.count) + [reads ?? 0]).map { $0 * paths } + [paths]
    guard rules.contains(where: { $0 > maxMatchesOfRule }) || rules.reduce(0, +) > maxMatches
    else { return nil }
    return FieldError(
      ["spec", "traffic", traffic.tools.isEmpty ? "mirror" : "tools"], .tooMany,
      "with \(paths) paths this makes \(rules.reduce(0, +)) matches; an HTTPRoute has at most "
        + "\(maxMatches), of which \(maxMatchesOfRule) in a rule",
      fix: "name fewer tools or fewer paths")
  }

  private static let unreserved = Set("-._~!$&'()*+,;=:@/".utf8)

  private static func problem(ofPath path: String) -> String? {
    for part in ["//", "/./", "/../", "%2f", "%2F", "#"] where path.contains(part) {
      return "a path of an HTTPRoute may not contain \"\(part)\""
    }
    for end in ["/..", "/."] where path.hasSuffix(end) {
      return "a path of an HTTPRoute may not end in \"\(end)\""
    }
    let bytes = Array(path.utf8)
    var i = 0
    while i < bytes.count {
      if bytes[i] == UInt8(ascii: "%") {
        guard i + 2 < bytes.count, isHexadecimal(bytes[i + 1]), isHexadecimal(bytes[i + 2]) else {
          return "a '%' in a path of an HTTPRoute needs two hexadecimal digits after it"
        }
        i += 3
        continue
      }
      guard isAlphanumeric(bytes[i]) || unreserved.contains(bytes[i]) else {
        return "a path of an HTTPRoute has letters, digits and -._~!$&'()*+,;=:@/ only"
      }
      i += 1
    }
    return nil
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
