import JSON
import KubernetesAPI
import ManifestRendering
import Simulation

@testable import AgentDeploymentAPI

/// Valid AgentDeployments made of the cases of all fields: each sets some of them at once.
enum GeneratedSpecs {
  /// As in a cluster where the Secrets of `LeafCase` exist, an hour before the fault injections of `LeafCase` end.
  static let context = RenderingContext(
    secretVersions: ["a": "1", "b": "1"], now: 1_796_083_200 - 3600,
    agentClass: Manifest.generousClass)

  struct Spec {
    var manifest: JSONValue
    var agent: AgentDeployment
    /// The fields that were set on purpose.
    var fields: [String]
  }

  /// - Returns: `count` agents of different names; the same ones for the same seed.
  static func make(_ count: Int, seed: UInt64) -> [Spec] {
    var generator = SeededGenerator(seed: seed)
    var specs: [Spec] = []
    // Every field comes first in its turn, so that none is left out.
    var turns = LeafCase.all.shuffled(using: &generator)[...]
    while specs.count < count {
      if turns.isEmpty { turns = LeafCase.all.shuffled(using: &generator)[...] }
      guard let first = turns.popFirst() else { break }
      specs.append(spec(first, name: "agent-\(specs.count)", using: &generator))
    }
    return specs
  }

  private static func spec(
    _ first: LeafCase, name: String, using generator: inout SeededGenerator
  ) -> Spec {
    var fields: [String] = []
    var spec: JSONValue = [:]
    var best: AgentDeployment?
    var manifest: JSONValue = .null
    let more = LeafCase.all.shuffled(using: &generator).prefix(
      .random(in: 0...8, using: &generator))
    for leaf in [first] + more {
      let set =
        leaf.manifestPath.set(
          Manifest.json(leaf.value),
          in: ["spec": merged(spec, Manifest.json(leaf.context))])["spec"] ?? [:]
      let candidate = Manifest.agent(set, name: name)
      // Fields exclude each other; what does not go together is left out.
      guard case .success(let agent) = Manifest.decode(candidate),
        agent.validate(now: context.now).isEmpty
      else { continue }
      (spec, best, manifest) = (set, agent, candidate)
      fields.append(leaf.path)
    }
    guard let best else { preconditionFailure("\(first) is not valid by itself") }
    return Spec(manifest: manifest, agent: best, fields: fields)
  }

  /// Objects member by member; of everything else the one that is there.
  private static func merged(_ a: JSONValue, _ b: JSONValue) -> JSONValue {
    guard a.object != nil, let other = b.object else { return a }
    var all = a
    for (key, value) in other { all[key] = a[key].map { merged($0, value) } ?? value }
    return all
  }
}
