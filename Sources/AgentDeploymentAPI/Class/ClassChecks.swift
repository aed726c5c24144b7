import JSON
import KubernetesAPI

/// What the schema of an AgentClass cannot say: keys of maps, and defaults that contradict each other.
enum ClassChecks {
  /// - Parameter spec: valid against the schema.
  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    checkDefaults(spec, report)
    for (name, accelerator) in spec.members("accelerators") {
      let path: FieldPath = ["spec", "accelerators", .key(name)]
      if let problem = resourceProblem(name) {
        report(FieldError(path, .invalid, problem))
      }
      MetadataChecks.checkLabels(
        accelerator["nodeSelector"], path.appending("nodeSelector"), report)
    }
    for (i, peer) in (spec[path: "namespaces", "dns", "peers"]?.array ?? []).enumerated() {
      MetadataChecks.checkLabels(
        peer["labels"], ["spec", "namespaces", "dns", "peers", .index(i), "labels"], report)
    }
    checkQuota(spec, report)
  }

  private static func checkQuota(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let hard = spec[path: "quota", "hard"]?.object ?? [:]
    // The quota refuses every pod that does not say how much it takes of what is counted.
    let given = spec[path: "defaults", "resources", "limits"]
    for name in ["limits.cpu", "limits.ephemeral-storage"] where hard[name] != nil {
      let resource = String(name.dropFirst("limits.".count))
      guard given?[resource] == nil else { continue }
      report(
        FieldError(
          ["spec", "quota", "hard", .key(name)], .invalid,
          "pods without a limit of \(resource) would be refused, and agents have none by default",
          fix: "give spec.defaults.resources.limits.\(resource) too"))
    }
    for name in hard.keys {
      guard let problem = QuotaNames.problem(name) else { continue }
      report(
        FieldError(
          ["spec", "quota", "hard", .key(name)], .invalid, problem.message, fix: problem.fix))
    }
  }

  /// Device plugins' resources: `nvidia.com/gpu`.
  private static func resourceProblem(_ name: String) -> String? {
    guard Resources.isNotOvercommitted(name), !name.hasPrefix("hugepages-") else {
      return "must be an extended resource such as nvidia.com/gpu"
    }
    return NameFormat.labelKey.problem(in: name).map { "the resource name \($0)" }
  }

  /// Every default must be able to take effect: together, with what follows from the class's other
  /// sections, they have to make a valid agent that the class itself accepts.
  private static func checkDefaults(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    let agentClass = AgentClass(object: nil, resolving: spec)
    if spec[path: "defaults", "modelRouting"] == "Gateway",
      spec[path: "capabilities", "aiGateway"] == false
    {
      report(
        FieldError(
          ["spec", "defaults", "modelRouting"], .invalid,
          "needs \(Capability.aiGateway.title), which the class says is not there",
          fix: "remove it, or capabilities.aiGateway: false"))
    }
    var agent = JSONValue.object(agentClass.effectiveDefaults)
    agent["image"] = "image"
    // A gateway only has an effect for agents with hosts.
    if agent[path: "traffic", "gatewayRefs"] != nil {
      agent["traffic"]?["hosts"] = ["agent.example.com"]
    }
    // Nor has a gateway for models without any.
    if agent.has("modelRouting") {
      agent["models"] = [["name": "main", "provider": "OpenAI", "model": "model"]]
    }
    agent = AgentDeploymentSpec.schema.defaulted(agent)
    var validator = FieldValidator()
    validator.validate(agent, against: AgentDeploymentSpec.schema, at: ["spec"])
    var errors = validator.errors
    if errors.isEmpty { SpecChecks.check(agent) { errors.append($0) } }
    if errors.isEmpty {
      let resolved = AgentDeploymentSpec(
        resolving: agent, agentClass.capabilities, models: agentClass.modelGateway)
      errors = ClassConformance(
        agentClass: agentClass, name: "agent", given: agent, spec: resolved
      ).errors
        .filter { $0.path != ["spec", "image"] }
    }
    for var error in errors {
      error.path = FieldPath(["spec", "defaults"] + error.path.components.dropFirst())
      report(error)
    }
  }
}

/// The names in `hard` of a ResourceQuota
/// (https://kubernetes.io/docs/concepts/policy/resource-quotas/).
enum QuotaNames {
  private static let plain: Set<String> = [
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
    "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
    "pods", "services", "secrets", "configmaps", "replicationcontrollers", "resourcequotas",
    "persistentvolumeclaims", "services.loadbalancers", "services.nodeports",
  ]
  private static let prefix = "requests."

  /// A quota counts extended resources by their requests only, and ignores any other name for them.
  static func problem(_ name: String) -> (message: String, fix: String?)? {
    if plain.contains(name) || name.hasPrefix("hugepages-") || name.hasPrefix("requests.hugepages-")
    {
      return nil
    }
    if name.hasPrefix("limits."), name.contains("/") {
      return (
        "a quota cannot count limits of an extended resource",
        "write requests.\(name.dropFirst("limits.".count))"
      )
    }
    let resource = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    guard resource.contains("/") else {
      return (
        "unknown resource \"\(name.prefix(64))\"", NearestName.of(name, among: plain.sorted())
      )
    }
    if resource.hasPrefix("count/") || resource.contains(".storageclass.storage.k8s.io/") {
      return nil
    }
    if let problem = NameFormat.labelKey.problem(in: resource) {
      return ("the resource name \(problem)", nil)
    }
    return name.hasPrefix(prefix)
      ? nil
      : (
        "a quota counts extended resources by their requests only",
        "write requests.\(name)"
      )
  }
}
