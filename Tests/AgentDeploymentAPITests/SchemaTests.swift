import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

@Suite struct SchemaTests {
  @Test func tableHasExactlyTheLeavesOfTheSchema() {
    let inSchema = Set(SchemaNode.all().filter(\.isLeaf).map(\.path))
    let inTable = LeafCase.all.map(\.manifestPath.schemaPath)
    #expect(inSchema.subtracting(inTable) == [])
    #expect(Set(inTable).subtracting(inSchema) == [])
    #expect(Set(inTable).count == inTable.count)
  }

  /// Fields that have one value only, which is their default.
  static let constant: Set<String> = [
    "spec.rollout.type", "spec.secrets[].expose", "spec.slos[].indicator.type",
    "spec.traffic.mirror.to",
  ]

  @Test(arguments: LeafCase.all) func everyFieldReachesTheResolvedSpec(_ leaf: LeafCase) throws {
    #expect(Manifest.errors(leaf.without) == [])
    #expect(Manifest.errors(leaf.with) == [])
    let before = try Manifest.decode(leaf.without).get().spec
    let after = try Manifest.decode(leaf.with).get().spec
    if !Self.constant.contains(leaf.manifestPath.schemaPath) {
      #expect(before != after, "\(leaf.path) changes nothing")
    }
  }

  /// The other way round: every stored property of the resolved types answers to some field.
  @Test func everyPropertyOfTheResolvedSpecHasAField() throws {
    var known: Set<String> = []
    var moved: Set<String> = []
    // Exposing a secret otherwise takes two fields at once.
    let pairs =
      LeafCase.all.map { ($0.without, $0.with) } + [
        (Manifest.agent(LeafCase.fileSecret), Manifest.agent(LeafCase.envSecret)),
        (Manifest.agent(LeafCase.objective), Manifest.agent(LeafCase.latency)),
      ]
    for (without, with) in pairs {
      let before = Self.properties(try Manifest.decode(without).get().spec)
      let after = Self.properties(try Manifest.decode(with).get().spec)
      known.formUnion(before.keys)
      known.formUnion(after.keys)
      for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
        moved.insert(name)
      }
    }
    #expect(known.subtracting(moved) == ["rollout.type"])
  }

  /// Property names to what they hold; elements of lists share a name.
  private static func properties(_ value: Any, _ path: String = "") -> [String: String] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .struct, !mirror.children.isEmpty,
      "\(type(of: value))" != "JSONObject"
    {
      var found: [String: String] = [:]
      for child in mirror.children {
        let name = path.isEmpty ? child.label ?? "" : "\(path).\(child.label ?? "")"
        found.merge(properties(child.value, name)) { $0 + $1 }
      }
      return found
    }
    if mirror.displayStyle == .optional || mirror.displayStyle == .collection {
      var found: [String: String] = [:]
      for child in mirror.children { found.merge(properties(child.value, path)) { $0 + $1 } }
      return found
    }
    return [path: String(describing: value)]
  }

  @Test func everyFieldIsDescribed() {
    for node in SchemaNode.all() + SchemaNode.all(of: AgentDeploymentStatus.schema, at: "status") {
      #expect(node.schema.description.hasSuffix("."), "\(node.path)")
    }
  }

  @Test func defaultsAreValid() {
    for node in SchemaNode.all() {
      guard let value = node.schema.defaultValue else { continue }
      var validator = FieldValidator()
      validator.validate(node.schema.defaulted(value), against: node.schema, at: [])
      #expect(validator.errors == [], "\(node.path)")
    }
  }

  /// The API server wants the keys of a list map required or defaulted.
  @Test func listMapKeysAreRequired() {
    for node in SchemaNode.all() {
      guard case .array(let items, .map(let keys), _) = node.schema.shape else { continue }
      for key in keys {
        #expect(items.fields.contains { $0.name == key && $0.isRequired }, "\(node.path) \(key)")
      }
    }
  }

  @Test func unknownFieldsOfEverySectionAreRefused() {
    for leaf in LeafCase.all {
      // The leaf's sections, from the innermost out, each with a field that nobody knows.
      var path = leaf.manifestPath
      while !path.steps.isEmpty {
        path.steps.removeLast()
        if path.steps.isEmpty { break }
        guard case .object = schema(path.schemaPath)?.shape else { continue }
        var inner = path
        inner.steps.append(.member("zzUnknown"))
        let errors = Manifest.errors(inner.set("x", in: leaf.with))
        #expect(
          errors.contains { $0.path.description == "\(inner)" && $0.reason == .unknownField },
          "\(inner): \(errors)")
      }
    }
  }

  @Test func everyUnsupportedSectionIsRefusedByName() {
    let examples: [FieldSchema.UnsupportedShape: JSONValue] = [
      .object: ["a": 1], .array: [["a": 1]], .strings: ["a"], .string: "a", .boolean: true,
      .integer: 1,
    ]
    var count = 0
    for node in SchemaNode.all() {
      guard case .unsupported(let shape, _) = node.schema.shape, let value = examples[shape]
      else { continue }
      let path = ManifestPath(node.path.replacing("[]", with: "[0]"))
      let errors = Manifest.errors(path.set(value, in: Manifest.agent("{}")))
      let error = errors.first { $0.path.description == "\(path)" }
      #expect(error?.reason == .unsupportedByClass, "\(path): \(errors)")
      #expect(error?.message.contains("\(path) is not supported by this version") == true)
      count += 1
    }
    #expect(count > 0)
  }

  @Test(arguments: [
    ("spec.rollout.type", "Canary"), ("spec.traffic.mirror.to", "Candidate"),
  ]) func unsupportedValuesAreRefusedAsSuch(_ path: String, _ value: String) {
    let manifest = ManifestPath(path).set(.string(value), in: Manifest.agent("{}"))
    let error = Manifest.errors(manifest).first { $0.path.description == path }
    #expect(error?.reason == .unsupportedByClass)
  }

  private func schema(_ path: String) -> FieldSchema? {
    SchemaNode.all().first { $0.path == path }?.schema
  }
}
