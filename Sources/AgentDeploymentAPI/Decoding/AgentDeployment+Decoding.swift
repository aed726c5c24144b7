public import JSON
public import KubernetesAPI

extension AgentDeployment {
  public static let apiVersion = "agentdeploy.dev/v1alpha1"
  public static let kind = "AgentDeployment"
  public static let resource = ResourceType(
    group: "agentdeploy.dev", version: "v1alpha1", plural: "agentdeployments", kind: kind)

  /// Reads, defaults and checks one object.
  ///
  /// The same checks run offline and in the operator, and agree with what the API server makes of
  /// the CRD. Nothing is ignored: unknown fields, fields that this version or the class does not
  /// support, and fields that would have no effect are errors.
  ///
  /// - Parameter agentClass: what the platform fills in and asks; see `AgentClassCatalog`.
  /// - Returns: the resolved agent, or everything that is wrong with it.
  public static func decode(
    _ json: JSONValue, agentClass: AgentClass = .builtIn
  ) -> Result<AgentDeployment, FieldErrors> {
    var checker = DocumentChecker(.agentDeployment)
    guard let given = checker.check(json) else { return .failure(FieldErrors(checker.errors)) }
    let (merged, spec) = resolve(given, agentClass)
    var errors = ClassConformance(
      agentClass: agentClass, name: json[path: "metadata", "name"]?.string ?? "", given: given,
      spec: spec
    ).errors
    if let mirror = spec.traffic.mirror, mirror.agent == json["metadata"]?["name"]?.string {
      errors.append(
        FieldError(
          ["spec", "traffic", "mirror", "agentRef", "name"], .invalid,
          "an agent cannot get copies of its own requests", fix: "name another agent"))
    }
    guard errors.isEmpty else { return .failure(FieldErrors(errors)) }
    return .success(
      AgentDeployment(
        object: KubernetesObject(json), spec: spec, classDefaults: merged.applied))
  }

  /// With the class's defaults, of which the gateway for models gives way by itself, too, where it
  /// could not do what the agent's own fields say.
  private static func resolve(
    _ given: JSONValue, _ agentClass: AgentClass
  ) -> (ClassDefaults.Merged, AgentDeploymentSpec) {
    var defaults = agentClass.effectiveDefaults
    func resolved() -> (ClassDefaults.Merged, AgentDeploymentSpec) {
      let merged = ClassDefaults.merge(defaults, under: given)
      return (
        merged,
        AgentDeploymentSpec(
          resolving: merged.spec, agentClass.capabilities, models: agentClass.modelGateway)
      )
    }
    let first = resolved()
    guard !given.has("modelRouting"), first.1.modelGateway != nil,
      !ModelRoutingChecks(spec: first.1).gatewayProblems.isEmpty || keepsKeys(given)
    else { return first }
    defaults["modelRouting"] = nil
    return resolved()
  }

  /// Whether the agent has a key of a model in a Secret that it names no key of, or not the gateway's:
  /// made for its own use, so the gateway would not find it. One that no pod gets is the gateway's.
  private static func keepsKeys(_ given: JSONValue) -> Bool {
    let withheld = given.items("secrets").filter { $0["expose"] == "None" }.map { $0["name"] }
    return given.items("models").contains { model in
      model.has("credential") && !model.has("key") && !withheld.contains(model["credential"])
    }
  }

  /// The class that a manifest names, whatever else may be wrong with it; nil: the default one.
  public static func className(in json: JSONValue) -> String? {
    json["spec"]?["className"]?.string
  }

  /// In seconds: how far ahead faults may end.
  public static let longestFaultInjection: Int64 = 24 * 3600

  /// What is wrong with the object at this moment; for what only a clock can tell.
  ///
  /// - Parameter now: seconds since 1970.
  public func validate(now: Int64) -> [FieldError] {
    guard let fault = spec.traffic.faultInjection, let expiry = KubernetesTime(fault.expiresAt)
    else { return [] }
    guard expiry.unixSeconds > now + Self.longestFaultInjection else { return [] }
    let latest = KubernetesTime(unixSeconds: now + Self.longestFaultInjection)
    return [
      FieldError(
        ["spec", "traffic", "faultInjection", "expiresAt"], .invalid,
        "must be at most 24 hours ahead", fix: "the latest is \(latest.secondsText)")
    ]
  }
}
