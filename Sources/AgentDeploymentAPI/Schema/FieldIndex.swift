/// Where fields of a name are, for those who put one into the wrong section.
struct FieldIndex: Sendable {
  static let agentDeployment = FieldIndex(AgentDeploymentSpec.schema)
  static let agentClass = FieldIndex(AgentClassSpec.schema)

  private let byName: [String: [String]]

  /// - Parameter schema: of `spec`.
  init(_ schema: FieldSchema) {
    var index: [String: [String]] = [:]
    func visit(_ schema: FieldSchema, _ path: String) {
      switch schema.shape {
      case .object(let fields):
        for field in fields where !field.schema.isUnsupported {
          index[field.name, default: []].append("\(path).\(field.name)")
          visit(field.schema, "\(path).\(field.name)")
        }
      case .array(let items, _, _): visit(items, path + "[]")
      default: break
      }
    }
    visit(schema, "spec")
    byName = index
  }

  /// Only what is the one place of that name; `name` or `port` could be anywhere.
  func paths(named name: String) -> [String] {
    let paths = byName[name] ?? []
    return paths.count == 1 ? paths : []
  }

  func nearest(to name: String) -> String? {
    let unique = byName.filter { $0.value.count == 1 }
    // Sorted, or the same typing error would be answered differently each time.
    return NearestName.of(name, among: unique.keys.sorted { $0 > $1 }).flatMap { unique[$0]?.first }
  }
}
