import AgentDeploymentAPI
import JSON

/// What the schema of AgentDeployments says of a field.
struct FieldDescription {
  /// As it was asked for.
  var path: String
  var text: String

  /// - Parameter path: `spec.models`, `spec.models[0].name`, `spec.config[agent.max]`.
  /// - Throws: `CommandFailure` that names the fields that there are.
  init(_ path: String) throws {
    let version = AgentDeploymentCRD.json["spec"]?["versions"]?[0]
    var schema = version?["schema"]?["openAPIV3Schema"] ?? [:]
    var known = ""
    var description = ""
    for step in Self.steps(path) {
      let entries = schema["items"] ?? schema["additionalProperties"]
      let fields = schema["properties"] ?? entries?["properties"]
      let next = step.isEntry ? entries : fields?[step.name] ?? schema["additionalProperties"]
      guard let next else {
        // Below it everything goes: a pod template, a patch.
        if schema["x-kubernetes-preserve-unknown-fields"] == true { break }
        let names = fields?.object?.keys.joined(separator: ", ") ?? "none"
        throw CommandFailure(
          "error: \(path): AgentDeployments have no such field (fields of \(known): \(names))",
          exitCode: 1)
      }
      schema = next
      known += known.isEmpty ? step.name : ".\(step.name)"
      description = schema["description"]?.string ?? description
    }
    self.path = path
    text = description
  }

  /// Entries of lists and maps are in brackets, and may have dots in them; keys of maps need not be.
  private static func steps(_ path: String) -> [(name: String, isEntry: Bool)] {
    var steps: [(name: String, isEntry: Bool)] = []
    var rest = Substring(path)
    while let first = rest.first {
      if first == "[" {
        let end = rest.firstIndex(of: "]") ?? rest.endIndex
        steps.append((String(rest[rest.index(after: rest.startIndex)..<end]), true))
        rest = rest[end...].dropFirst()
      } else {
        let end = rest.dropFirst().firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
        steps.append((String(rest[..<end].drop { $0 == "." }), false))
        rest = rest[end...]
      }
    }
    return steps
  }
}
