import JSON
import KubernetesAPI

/// Puts a class's defaults under what a user wrote.
///
/// What the user wrote always stands. A default that would contradict it gives way by itself, the
/// others hold: with `provider: None` from the user and a timeout and a log level from the class, the
/// timeout is dropped.
enum ClassDefaults {
  struct Merged {
    var spec: JSONValue
    /// What the class filled in.
    var applied: [FieldPath]
  }

  /// - Parameter spec: valid on its own.
  static func merge(_ defaults: JSONObject, under spec: JSONValue) -> Merged {
    guard !defaults.isEmpty else { return Merged(spec: spec, applied: []) }
    var additions: [Addition] = []
    collect(.object(defaults), spec, AgentDeploymentSpec.schema, [], &additions)
    let whole = additions.reduce(into: spec) { $1.apply(to: &$0) }
    if isValid(whole) { return Merged(spec: whole, applied: additions.map(\.path)) }
    var merged = Merged(spec: spec, applied: [])
    for addition in additions {
      var candidate = merged.spec
      addition.apply(to: &candidate)
      guard isValid(candidate) else { continue }
      merged.spec = candidate
      merged.applied.append(addition.path)
    }
    return merged
  }

  private static func isValid(_ spec: JSONValue) -> Bool {
    var validator = FieldValidator()
    validator.validate(
      AgentDeploymentSpec.schema.defaulted(spec), against: AgentDeploymentSpec.schema, at: ["spec"])
    return validator.errors.isEmpty
  }

  /// One field that the user left out.
  private struct Addition {
    var keys: [String]
    var value: JSONValue

    var path: FieldPath { FieldPath([.key("spec")] + keys.map { .key($0) }) }

    func apply(to spec: inout JSONValue) { Self.set(value, at: keys[...], in: &spec) }

    private static func set(
      _ value: JSONValue, at keys: ArraySlice<String>, in json: inout JSONValue
    ) {
      guard let key = keys.first else {
        json = value
        return
      }
      var child = json[key] ?? [:]
      set(value, at: keys.dropFirst(), in: &child)
      json[key] = child
    }
  }

  /// In the order of the schema; entries of maps by name.
  private static func collect(
    _ value: JSONValue, _ given: JSONValue?, _ schema: FieldSchema, _ keys: [String],
    _ additions: inout [Addition]
  ) {
    let given = given.flatMap { $0.isNull ? nil : $0 }
    switch schema.shape {
    case .object(let fields):
      // Parts of a union belong together: it is the user's or the class's.
      let isUnion = fields.contains(where: \.isRequired)
      if isUnion, !keys.isEmpty {
        if given == nil { additions.append(Addition(keys: keys, value: value)) }
        return
      }
      for field in fields {
        guard let member = value[field.name], !member.isNull else { continue }
        collect(member, given?[field.name], field.schema, keys + [field.name], &additions)
      }
    case .map:
      for (name, member) in (value.object ?? [:]).sorted(by: { $0.key < $1.key })
      where given?[name] == nil {
        additions.append(Addition(keys: keys + [name], value: member))
      }
    default:
      if given == nil { additions.append(Addition(keys: keys, value: value)) }
    }
  }
}

extension AgentClass {
  /// The class's defaults, with those that follow from its other sections: traces go to its endpoint,
  /// and what this version would fill in keeps within the guard rails.
  var effectiveDefaults: JSONObject {
    var all = JSONValue.object(defaults)
    func fill(_ section: String, _ key: String, _ value: JSONValue) {
      if all[section] == nil { all[section] = [:] }
      if all[section]?[key] == nil { all[section]?[key] = value }
    }
    if let otlp = endpoints.otlp {
      fill("observability", "tracing", [:])
      if all["observability"]?["tracing"]?["endpoint"] == nil {
        all["observability"]?["tracing"]?["endpoint"] = .string(otlp)
      }
    }
    if let most = guardRails.maxReplicas, most < Scaling.defaultMaxReplicas {
      fill("scaling", "maxReplicas", JSONValue(most))
    }
    if let grace = guardRails.maxGrace,
      grace.seconds < Availability.defaultDrainTimeout.seconds + Availability.graceMarginSeconds
    {
      let timeout = grace.seconds - Availability.graceMarginSeconds
      fill("availability", "drain", ["timeout": .string("\(timeout)s")])
    }
    if modelGateway == nil, all["modelRouting"] == "Gateway" { all["modelRouting"] = nil }
    guard let pinned else { return all.object ?? [:] }
    var kept = PodInput.rest(of: all)
    for (section, value) in pinned.defaults {
      var members = value
      for (name, rest) in kept.members(section) { members[name] = rest }
      kept[section] = members
    }
    return kept.object ?? [:]
  }
}
