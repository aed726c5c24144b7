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
  /// the CRD. Nothing is ignored: unknown fields, fields that this version does not support, and
  /// fields that would have no effect are errors.
  ///
  /// - Returns: the resolved agent, or everything that is wrong with it.
  public static func decode(_ json: JSONValue) -> Result<AgentDeployment, FieldErrors> {
    var checker = AgentDeploymentChecker()
    guard let spec = checker.check(json) else { return .failure(FieldErrors(checker.errors)) }
    return .success(
      AgentDeployment(object: KubernetesObject(json), spec: AgentDeploymentSpec(resolving: spec)))
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

/// All checks of one object.
struct AgentDeploymentChecker {
  var validator = FieldValidator()

  var errors: [FieldError] { validator.errors }

  /// - Returns: `spec` with defaults filled in; nil when anything is wrong.
  mutating func check(_ json: JSONValue) -> JSONValue? {
    guard let object = json.object else {
      validator.report(
        FieldError(
          [], .typeInvalid, "must be an object of kind AgentDeployment, not \(json.typeName)"))
      return nil
    }
    guard checkType(json) else { return nil }
    for key in object.keys
    where !["apiVersion", "kind", "metadata", "spec", "status"].contains(key) {
      reportUnknown(key)
    }
    MetadataChecks.check(json["metadata"]) { validator.report($0) }
    guard let given = json["spec"], !given.isNull else {
      validator.report(
        FieldError(["spec"], .required, "is required", fix: "for example: spec: {image: ...}"))
      return nil
    }
    let spec = AgentDeploymentSpec.schema.defaulted(given)
    validator.validate(spec, against: AgentDeploymentSpec.schema, at: ["spec"])
    // Their own messages would only repeat what is wrong with the structure.
    if !errors.contains(where: { $0.path.components.first == "spec" }) {
      SpecChecks.check(spec) { validator.report($0) }
    }
    // Not `errors.isEmpty ? spec : nil`: that nil would be JSON's null.
    guard errors.isEmpty else { return nil }
    return spec
  }

  private mutating func checkType(_ json: JSONValue) -> Bool {
    let version = json["apiVersion"]?.string ?? ""
    let kind = json["kind"]?.string ?? ""
    var isRight = true
    if kind != AgentDeployment.kind {
      let message =
        kind.isEmpty ? "is required" : "must be AgentDeployment, not \"\(kind.prefix(64))\""
      validator.report(
        FieldError(
          ["kind"], kind.isEmpty ? .required : .wrongKind, message,
          fix: kind.isEmpty ? "write kind: AgentDeployment" : nil))
      isRight = false
    }
    if version != AgentDeployment.apiVersion {
      let message =
        version.isEmpty
        ? "is required"
        : "must be \(AgentDeployment.apiVersion), not \"\(version.prefix(64))\""
      validator.report(
        FieldError(
          ["apiVersion"], version.isEmpty ? .required : .wrongKind, message,
          fix: version.isEmpty ? "write apiVersion: \(AgentDeployment.apiVersion)" : nil))
      isRight = false
    }
    return isRight
  }

  private mutating func reportUnknown(_ key: String) {
    let shown = String(key.prefix(64))
    let fix: String?
    if let field = AgentDeploymentSpec.schema.field(key), !field.isUnsupported {
      fix = "it belongs at spec.\(key)"
    } else {
      fix = NearestName.of(key, among: ["metadata", "spec", "status"]).map { "did you mean \($0)?" }
    }
    validator.report(
      FieldError([.key(shown)], .unknownField, "unknown field \"\(shown)\"", fix: fix))
  }
}
