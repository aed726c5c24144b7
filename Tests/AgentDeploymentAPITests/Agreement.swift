import JSON
import Testing

@testable import AgentDeploymentAPI

/// Manifests on which an API server, by the schema and rules of our definition, and the Swift
/// validator have to agree.
enum Agreement {
  struct Case {
    var manifest: JSONValue
    /// What the operator refuses beyond the schema is accepted by the API server.
    var isOperatorsOwn = false
  }

  static func cases() -> [Case] {
    var all: [Case] = []
    for rule in RuleCases.all {
      all += (rule.good + rule.bad).map { Case(manifest: Manifest.agent($0)) }
    }
    for leaf in LeafCase.all {
      all += [leaf.without, leaf.with].map { Case(manifest: $0) }
      let path = leaf.manifestPath
      guard let node = SchemaNode.all().first(where: { $0.path == path.schemaPath }) else {
        continue
      }
      for value in BadValues.of(node.schema) where value.serialized().utf8.count < 100_000 {
        all.append(Case(manifest: leaf.with(value)))
      }
      var parent = path
      parent.steps.removeLast()
      parent.steps.append(.member("zzUnknown"))
      all.append(Case(manifest: parent.set("x", in: leaf.with)))
      all.append(Case(manifest: path.set(.null, in: leaf.with)))
    }
    for node in SchemaNode.all() where node.schema.isUnsupported {
      let path = ManifestPath(node.path.replacing("[]", with: "[0]"))
      for value: JSONValue in ["x", ["a": 1], [["a": 1]], ["a"], 1, true] {
        all.append(Case(manifest: path.set(value, in: Manifest.agent("{}"))))
      }
    }
    all += CheckCase.all.map { Case(manifest: Manifest.agent($0.spec), isOperatorsOwn: true) }
    for name in ["a", "1a", "a-", "support-agent", String(repeating: "a", count: 40)] {
      all.append(Case(manifest: Manifest.agent("{}", name: name)))
    }
    return all
  }

  /// Of AgentClass.
  static func classCases() -> [Case] {
    var all: [Case] = []
    for leaf in ClassDecodingTests.leaves {
      let without = ClassDecodingTests.json(leaf.context)
      let path = ManifestPath(leaf.path)
      let with = path.set(Manifest.json(leaf.value), in: without)
      all += [Case(manifest: without), Case(manifest: with)]
      guard
        let node = SchemaNode.all(of: AgentClassSpec.schema).first(where: {
          $0.path == path.schemaPath
        })
      else { continue }
      for value in BadValues.of(node.schema) where value.serialized().utf8.count < 100_000 {
        all.append(Case(manifest: path.set(value, in: without)))
      }
      var parent = path
      parent.steps.removeLast()
      parent.steps.append(.member("zzUnknown"))
      all.append(Case(manifest: parent.set("x", in: with)))
    }
    for node in SchemaNode.all(of: AgentClassSpec.schema)
    where node.schema.isUnsupported && !node.path.hasPrefix("spec.defaults") {
      for value: JSONValue in ["x", [["a": 1]], []] {
        let path = ManifestPath(node.path)
        all.append(Case(manifest: path.set(value, in: ClassDecodingTests.json("{}"))))
      }
    }
    for (spec, _) in ClassDecodingTests.wrong {
      all.append(Case(manifest: ClassDecodingTests.json(spec), isOperatorsOwn: true))
    }
    return all
  }

  /// - Parameter accepted: what the API server made of the cases it took, by their number.
  static func check(_ cases: [Case], _ accepted: [Int: JSONValue]) {
    for (i, item) in cases.enumerated() {
      let isClass = item.manifest["kind"] == "AgentClass"
      let errors =
        isClass ? ClassDecodingTests.errors(item.manifest) : Manifest.errors(item.manifest)
      let shown = item.manifest.serialized().prefix(400)
      guard let object = accepted[i] else {
        #expect(!errors.isEmpty, "only the API server refuses \(shown)")
        continue
      }
      #expect(errors.isEmpty || item.isOperatorsOwn, "only Swift refuses \(shown): \(errors)")
      if let spec = item.manifest["spec"], !isClass {
        #expect(
          object["spec"] == AgentDeploymentSpec.schema.defaulted(spec), "defaults of \(shown)")
      }
    }
    #expect(accepted.count > 150)
    #expect(cases.count - accepted.count > 500)
  }
}
