import AgentDeploymentAPI
import AgentOperator
import JSON
import KubernetesAPI
import ManifestRendering

/// The import of one Deployment: a spec in its own words, then field by field what is missing.
struct AgentImport {
  private var related: RelatedObjects
  private let builder: SpecBuilder
  private let render: (AgentDeployment) -> [KubernetesObject]

  init(
    _ related: RelatedObjects, _ options: Importer.Options,
    _ render: @escaping (AgentDeployment) -> [KubernetesObject]
  ) {
    self.related = related
    self.render = render
    builder = SpecBuilder(related: related, agentProtocol: options.agentProtocol)
  }

  mutating func run() throws(FieldErrors) -> ImportedAgent {
    var (spec, agent) = try decodeBuilt()
    let renamed = related.renameVolumes(beside: render(agent))
    var notCarried: [ImportNote] = []
    // One field may bring others with it, so each is tried in turn, and lists only shrink.
    for difference in differences(agent).fields {
      guard differences(agent).fields.contains(difference) else { continue }
      let (expected, rendered) = (difference.expected, difference.rendered)
      guard
        let extended = Residue.add(difference.path, of: expected, over: rendered, to: spec)
      else {
        notCarried.append(note(difference, "has no counterpart"))
        continue
      }
      do {
        agent = try decode(extended)
        spec = extended
      } catch {
        notCarried.append(note(difference, error.errors.first?.message ?? "is refused"))
      }
    }
    let (left, corrections) = differences(agent)
    for difference in left where !notCarried.contains(where: { $0.path == "\(difference.path)" }) {
      notCarried.append(note(difference, "the rendering has another value"))
    }
    return ImportedAgent(
      manifest: agent.object.json, agent: agent, replaced: related.all.map(\.title),
      corrections: renamed + corrections, notCarried: notCarried + withoutCounterpart(agent),
      additions: additions(agent))
  }

  /// Single fields that the spec does not take are left to the escape hatches, like those that it has
  /// no words for.
  private func decodeBuilt() throws(FieldErrors) -> (JSONValue, AgentDeployment) {
    var spec = builder.spec()
    do {
      return (spec, try decode(spec))
    } catch {
      let paths = error.errors.map(\.path)
      let budget: FieldPath = ["spec", "availability", "maxUnavailable"]
      if paths.contains(budget) { spec["availability"]?["maxUnavailable"] = nil }
      let variables = spec["env"]?.array ?? []
      spec["env"] = .array(
        variables.enumerated().filter { i, _ in
          !paths.contains { $0.components.starts(with: ["spec", "env", .index(i)]) }
        }.map(\.element))
      return (spec, try decode(spec))
    }
  }

  private func decode(_ spec: JSONValue) throws(FieldErrors) -> AgentDeployment {
    let deployment = related.deployment
    var json: JSONValue = [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": .string(deployment.name)],
    ]
    if let namespace = deployment.namespace { json["metadata"]?["namespace"] = .string(namespace) }
    json["spec"] = spec
    return try AgentDeployment.decode(json).get()
  }

  // MARK: Comparing

  private struct Difference: Equatable {
    var input: KubernetesObject
    var expected: KubernetesObject
    var rendered: KubernetesObject
    var path: FieldPath

    static func == (a: Difference, b: Difference) -> Bool {
      a.path == b.path && a.input.title == b.input.title
    }
  }

  private func note(_ difference: Difference, _ reason: String) -> ImportNote {
    ImportNote(difference.input.title, "\(difference.path)", reason)
  }

  private func counterpart(
    of input: KubernetesObject, in rendered: [KubernetesObject]
  ) -> KubernetesObject? {
    rendered.first { $0.gvk.groupKind == input.gvk.groupKind }
  }

  private func differences(
    _ agent: AgentDeployment
  ) -> (fields: [Difference], corrections: [ImportNote]) {
    let rendered = render(agent)
    let configMap = rendered.first { $0.kind == "ConfigMap" }?.name
    var fields: [Difference] = []
    var corrections: [ImportNote] = []
    let host = "\(agent.name).\(agent.namespace).svc.cluster.local"
    for input in related.all {
      guard let counterpart = counterpart(of: input, in: rendered) else { continue }
      let expectation = Expectation(
        of: input, as: counterpart, related, builder, host: host, configMap: configMap)
      corrections += expectation.corrections
      fields += LiveComparison.drift(
        rendered: expectation.object, live: counterpart, metadataOnly: false, limit: 1000
      ).map {
        Difference(
          input: input, expected: expectation.object, rendered: counterpart, path: $0)
      }
    }
    return (fields, corrections)
  }

  private func withoutCounterpart(_ agent: AgentDeployment) -> [ImportNote] {
    let rendered = render(agent)
    var seen: Set<GroupKind> = []
    return related.all.compactMap { input in
      let kind = input.gvk.groupKind
      if counterpart(of: input, in: rendered) == nil {
        return ImportNote(input.title, "", "the agent renders no \(input.kind)")
      }
      guard !seen.insert(kind).inserted, input.kind == "Service" else { return nil }
      return ImportNote(input.title, "", "an agent has one Service; its callers lose this name")
    }
  }

  /// What a person may not expect.
  private func additions(_ agent: AgentDeployment) -> [String] {
    var additions = Set(render(agent).map(\.kind)).subtracting(related.all.map(\.kind)).sorted()
    let container = related.container
    for probe in ["livenessProbe", "readinessProbe"] where container[probe] == nil {
      additions.append("a \(probe): spec.health says where it asks")
    }
    if container[path: "resources", "limits", "memory"] == nil {
      additions.append("a memory limit of \(agent.spec.resources.limits["memory"] ?? "")")
    }
    return additions
  }
}
