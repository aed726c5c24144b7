import JSON
import KubernetesAPI

/// What a kind's manifests look like, for the checks that all kinds share.
struct DocumentForm: Sendable {
  var kind: String
  var spec: FieldSchema
  /// Whether a manifest without `spec` is one with an empty spec.
  var isSpecOptional: Bool
  var isNamespaced: Bool
  /// What is wrong with a name; nil when nothing is.
  var nameProblem: @Sendable (String) -> String?
  /// What the schema cannot say; called with the defaulted spec once the structure is right.
  var checkSpec: @Sendable (_ spec: JSONValue, _ report: (FieldError) -> Void) -> Void
  var index: FieldIndex

  static let agentDeployment = DocumentForm(
    kind: AgentDeployment.kind, spec: AgentDeploymentSpec.schema, isSpecOptional: false,
    isNamespaced: true,
    nameProblem: MetadataChecks.agentNameProblem, checkSpec: SpecChecks.check,
    index: .agentDeployment)
  static let agentClass = DocumentForm(
    kind: AgentClass.kind, spec: AgentClassSpec.schema, isSpecOptional: true,
    isNamespaced: false,
    nameProblem: { NameFormat.dns1123Subdomain.problem(in: $0) }, checkSpec: ClassChecks.check,
    index: .agentClass)
}

/// All checks of one object.
struct DocumentChecker {
  let form: DocumentForm
  var validator: FieldValidator

  init(_ form: DocumentForm) {
    self.form = form
    validator = FieldValidator(index: form.index)
  }

  var errors: [FieldError] { validator.errors }

  /// - Returns: `spec` with defaults filled in; nil when anything is wrong.
  mutating func check(_ json: JSONValue) -> JSONValue? {
    guard let object = json.object else {
      validator.report(
        FieldError(
          [], .typeInvalid, "must be an object of kind \(form.kind), not \(json.typeName)"))
      return nil
    }
    guard checkType(json) else { return nil }
    for key in object.keys
    where !["apiVersion", "kind", "metadata", "spec", "status"].contains(key) {
      reportUnknown(key)
    }
    MetadataChecks.check(json["metadata"], isNamespaced: form.isNamespaced, form.nameProblem) {
      validator.report($0)
    }
    var given = json["spec"] ?? .null
    if given.isNull, form.isSpecOptional { given = [:] }
    guard !given.isNull else {
      validator.report(
        FieldError(["spec"], .required, "is required", fix: "for example: spec: {image: ...}"))
      return nil
    }
    let spec = form.spec.defaulted(given)
    validator.validate(spec, against: form.spec, at: ["spec"])
    // Their own messages would only repeat what is wrong with the structure.
    if !errors.contains(where: { $0.path.components.first == "spec" }) {
      form.checkSpec(spec) { validator.report($0) }
    }
    // Not `errors.isEmpty ? spec : nil`: that nil would be JSON's null.
    guard errors.isEmpty else { return nil }
    return spec
  }

  private mutating func checkType(_ json: JSONValue) -> Bool {
    let version = json["apiVersion"]?.string ?? ""
    let kind = json["kind"]?.string ?? ""
    var isRight = true
    if kind != form.kind {
      let message =
        kind.isEmpty ? "is required" : "must be \(form.kind), not \"\(kind.prefix(64))\""
      validator.report(
        FieldError(
          ["kind"], kind.isEmpty ? .required : .wrongKind, message,
          fix: kind.isEmpty ? "write kind: \(form.kind)" : nil))
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
    if let field = form.spec.field(key), !field.isUnsupported {
      fix = "it belongs at spec.\(key)"
    } else {
      fix = NearestName.of(key, among: ["metadata", "spec", "status"]).map { "did you mean \($0)?" }
    }
    validator.report(
      FieldError([.key(shown)], .unknownField, "unknown field \"\(shown)\"", fix: fix))
  }
}
