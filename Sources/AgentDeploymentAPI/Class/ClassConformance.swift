import JSON
import KubernetesAPI

/// Whether a class offers what an agent asks for, and allows what it is.
struct ClassConformance {
  let agentClass: AgentClass
  /// Of the agent.
  let name: String
  /// What the user wrote: only that is refused, a default gives way.
  let given: JSONValue
  let spec: AgentDeploymentSpec

  /// As many as what the schema says, at most.
  var errors: [FieldError] {
    let all = missingCapabilities + routeProblems + modelProblems + exceededGuardRails
    return Array(all.prefix(FieldValidator.errorLimit))
  }

  // MARK: Capabilities

  private var missingCapabilities: [FieldError] {
    var errors: [FieldError] = []
    func need(_ capability: Capability, for path: FieldPath, fix: String) {
      guard !agentClass.capabilities.has(capability) else { return }
      errors.append(
        FieldError(
          path, .unsupportedByClass,
          "needs \(capability.title), which class \(agentClass.name) does not have", fix: fix))
    }
    let traffic = given.section("traffic")
    if traffic["provider"] == "Istio" {
      need(.istio, for: ["spec", "traffic", "provider"], fix: "remove it")
    } else if traffic["provider"] == "GatewayAPI" {
      need(.gatewayAPI, for: ["spec", "traffic", "provider"], fix: "remove it")
    } else if !traffic.has("provider"), spec.traffic.provider != .istio {
      let hasRoutes = spec.traffic.provider == .gatewayAPI
      let routeFix =
        agentClass.capabilities.gatewayAPI
        ? "remove it, or name gateways of the Gateway API in traffic.gatewayRefs" : "remove it"
      for field in TrafficFields.routeFields where traffic.has(field) && !hasRoutes {
        need(.istio, for: ["spec", "traffic", .key(field)], fix: routeFix)
      }
      for field in TrafficFields.meshFields where traffic.has(field) {
        need(.istio, for: ["spec", "traffic", .key(field)], fix: "remove it")
      }
      for (i, rule) in traffic.items("tools").enumerated()
      where rule.has("retries") && hasRoutes {
        let path: FieldPath = ["spec", "traffic", "tools", .index(i), "retries"]
        need(.istio, for: path, fix: "remove it")
      }
      for path in identityFields + requestFields { need(.istio, for: path, fix: "remove it") }
    }
    if traffic.has("rateLimit"), spec.traffic.provider == .istio {
      let path: FieldPath = ["spec", "traffic", "rateLimit"]
      need(.envoyFilters, for: path, fix: "remove it")
      if agentClass.capabilities.ambient {
        errors.append(
          FieldError(
            path, .unsupportedByClass,
            "class \(agentClass.name) has Istio's ambient mode, without the sidecars that would count",
            fix: "remove it"))
      }
    }
    if given["modelRouting"] == "Gateway", agentClass.modelGateway == nil {
      need(.aiGateway, for: ["spec", "modelRouting"], fix: "remove it")
      if agentClass.capabilities.aiGateway {
        errors.append(
          FieldError(
            ["spec", "modelRouting"], .unsupportedByClass,
            "needs a gateway for models, and class \(agentClass.name) names none",
            fix: "remove it, or have the class's endpoints.aiGateway set"))
      }
    }
    let mtls = given.section("security")["mtls"]
    if let mtls, mtls != "Disabled", spec.traffic.provider != .istio {
      need(.istio, for: ["spec", "security", "mtls"], fix: "remove it")
    }
    if agentClass.capabilities.ambient {
      for path in requestFields {
        errors.append(
          FieldError(
            path, .unsupportedByClass,
            "needs Istio's sidecars, instead of which class \(agentClass.name) has ambient mode: "
              + "its node proxies do not see requests", fix: "remove it"))
      }
    }
    scaling.check {
      need($0, for: $1, fix: $2)
    } refuse: {
      errors.append(FieldError($0, .unsupportedByClass, $1, fix: $2))
    }
    for (i, secret) in given.items("secrets").enumerated() where secret.has("externalSecret") {
      need(
        .externalSecrets, for: ["spec", "secrets", .index(i), "externalSecret"],
        fix: "make the Secret otherwise and name it in secretRef")
    }
    if given.section("availability").has("regions"), spec.traffic.provider != .istio,
      traffic["provider"] == nil
    {
      need(.istio, for: ["spec", "availability", "regions"], fix: "remove it")
    }
    for path in monitoringFields {
      need(.prometheusOperator, for: path, fix: "remove it")
    }
    return errors
  }

  /// Not of an agent whose gateway is missing, which is what is wrong with it.
  private var modelProblems: [FieldError] {
    given["modelRouting"] == "Gateway" && spec.modelGateway == nil
      ? [] : ModelRoutingChecks(spec: spec).problems
  }

  private var routeProblems: [FieldError] {
    switch spec.traffic.provider {
    case .istio: MeshChecks.problems(of: spec)
    case .gatewayAPI: GatewayChecks.problems(of: spec)
    case .none: []
    }
  }

  private var scaling: ScalingConformance {
    ScalingConformance(
      agentClass: agentClass, given: given.section("scaling"), scaling: spec.scaling)
  }

  /// What of security only a mesh can tell.
  private var identityFields: [FieldPath] {
    var paths: [FieldPath] = []
    for (i, caller) in given.section("security").items("allowedCallers").enumerated() {
      if caller.has("serviceAccountRef") {
        paths.append(["spec", "security", "allowedCallers", .index(i), "serviceAccountRef"])
      }
    }
    return paths
  }

  /// What of security only a proxy can tell that understands requests.
  private var requestFields: [FieldPath] {
    let security = given.section("security")
    var paths: [FieldPath] = []
    for (i, caller) in security.items("allowedCallers").enumerated() {
      for name in ["methods", "tools"] where caller.has(name) {
        paths.append(["spec", "security", "allowedCallers", .index(i), .key(name)])
      }
    }
    if !security.items("jwt").isEmpty { paths.append(["spec", "security", "jwt"]) }
    return paths
  }

  /// What the user wants of monitoring. What turns something off needs nothing.
  private var monitoringFields: [FieldPath] {
    let observability = given.section("observability")
    var paths: [FieldPath] = []
    if observability.section("metrics").has("interval") {
      paths.append(["spec", "observability", "metrics", "interval"])
    }
    for (name, value) in observability.members("alerts") where value != "None" && !value.isNull {
      paths.append(["spec", "observability", "alerts", .key(name)])
    }
    if observability["dashboard"] == "Standard" {
      paths.append(["spec", "observability", "dashboard"])
    }
    if given.section("availability").section("drain").has("sessionMetric") {
      paths.append(["spec", "availability", "drain", "sessionMetric"])
    }
    if observability.has("labels") { paths.append(["spec", "observability", "labels"]) }
    if !given.items("slos").isEmpty { paths.append(["spec", "slos"]) }
    return paths
  }

  // MARK: Guard rails

  private var exceededGuardRails: [FieldError] {
    let rails = agentClass.guardRails
    var errors: [FieldError] = []
    func refuse(_ path: FieldPath, _ message: String, fix: String? = nil) {
      errors.append(
        FieldError(
          path, .forbiddenByClass, "class \(agentClass.name) \(message)", fix: fix))
    }
    for problem in rails.problems(ofImage: spec.image) {
      refuse(["spec", "image"], problem)
    }
    if case .managed(let store) = spec.state {
      let image = store.image ?? agentClass.stateImage ?? StateStore.Managed.defaultImage
      for problem in rails.problems(ofImage: image) {
        refuse(
          ["spec", "state", "managed", "image"], problem,
          fix: store.image == nil ? "name one here, or in the class's state.image" : nil)
      }
    }
    // What the class itself gave them is not held against pods that go on as an earlier class shaped
    // them: an edit of the class must not restart them.
    let isPinned = agentClass.pinned != nil
    if !isPinned, let i = spec.secrets.firstIndex(where: { $0.onChange == .reload }) {
      for problem in rails.problems(ofImage: agentClass.effectiveReloadImage) {
        refuse(
          ["spec", "secrets", .index(i), "onChange"],
          "\(problem): Reload runs \(agentClass.effectiveReloadImage) beside the agent",
          fix: "name an allowed one in the class's reload.image, or use Restart")
      }
    }
    if let most = rails.maxReplicas {
      for (name, count) in [
        ("maxReplicas", spec.scaling.maxReplicas), ("minReplicas", spec.scaling.minReplicas),
      ] where count > most && given.section("scaling").has(name) {
        refuse(["spec", "scaling", .key(name)], "allows at most \(most) replicas, not \(count)")
      }
      scaling.exceeding(most) { refuse($0, "allows at most \(most) replicas, not \($1)") }
    }
    let hasDrain = !isPinned || given.section("availability").has("drain")
    if let grace = rails.maxGrace, hasDrain {
      let most = grace.seconds - Availability.graceMarginSeconds
      if spec.availability.drainTimeout.seconds > most {
        refuse(
          ["spec", "availability", "drain", "timeout"],
          "allows a grace period of at most \(grace.seconds) s, of which "
            + "\(Availability.graceMarginSeconds) s come on top of the drain timeout",
          fix: "at most \(most)s")
      }
    }
    let hasLevel = !isPinned || given.section("security").has("podSecurity")
    if rails.podSecurity == .restricted, hasLevel, spec.security.podSecurity != .restricted {
      refuse(["spec", "security", "podSecurity"], "asks for Restricted", fix: "remove it")
    }
    // Of pods that go on as an earlier class shaped them only what the user changes counts, too.
    let isHardened = isPinned && rails.podSecurity == .restricted
    EscapeHatchGuards(
      rails: rails, name: name, spec: spec,
      podSecurity: isHardened ? .restricted : spec.security.podSecurity
    ) { refuse($0, $1, fix: $2) }.check()
    return errors
  }
}

/// Where an image comes from (https://github.com/distribution/reference: the part before the first
/// `/` is a registry when it has a dot or a port or is localhost; else it is Docker Hub's).
public enum ImageRegistry {
  static func of(_ image: String) -> String {
    let path = normalized(image)
    return String(path.prefix { $0 != "/" })
  }

  private static func normalized(_ image: String) -> String {
    guard let slash = image.firstIndex(of: "/") else { return "docker.io/library/\(image)" }
    let first = image[..<slash]
    let isRegistry = first.contains(".") || first.contains(":") || first == "localhost"
    return isRegistry ? image : "docker.io/\(image)"
  }

  /// - Parameter registries: registries or paths in them; empty allows any.
  public static func isAllowed(_ image: String, by registries: [String]) -> Bool {
    if registries.isEmpty { return true }
    let image = normalized(image)
    return registries.contains { image.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
  }
}
