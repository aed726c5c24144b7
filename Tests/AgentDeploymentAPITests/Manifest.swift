import JSON
import KubernetesAPI

@testable import AgentDeploymentAPI

/// Manifests for tests, written as JSON text.
enum Manifest {
  static func json(_ text: String) -> JSONValue {
    do {
      return try JSONValue(parsing: text)
    } catch {
      preconditionFailure("\(error) in \(text)")
    }
  }

  /// A manifest with an image, and `spec`'s members over it.
  static func agent(_ spec: JSONValue = [:], name: String = "agent") -> JSONValue {
    var whole: JSONValue = ["image": "registry.example.com/agent:1.0.0"]
    for (key, value) in spec.object ?? [:] { whole[key] = value }
    return [
      "apiVersion": "agentdeploy.dev/v1alpha1", "kind": "AgentDeployment",
      "metadata": ["name": .string(name)], "spec": whole,
    ]
  }

  static func agent(_ spec: String, name: String = "agent") -> JSONValue {
    agent(json(spec), name: name)
  }

  /// A class with everything, so that what is refused is so for a reason of its own; but ambient mode,
  /// which takes the place of sidecars.
  static let generousClass = AgentClass(
    capabilities: Capabilities(discovered: Set(Capability.allCases).subtracting([.ambient])),
    endpoints: AgentClass.Endpoints(
      prometheus: "http://prometheus.monitoring:9090",
      aiGateway: ModelGateway(
        url: "http://ai.envoy-gateway-system", name: "ai", namespace: "envoy-gateway-system")))

  static func decode(_ manifest: JSONValue) -> Result<AgentDeployment, FieldErrors> {
    AgentDeployment.decode(manifest, agentClass: generousClass)
  }

  static func spec(_ text: String) -> AgentDeploymentSpec? {
    try? decode(agent(text)).get().spec
  }

  static func errors(_ manifest: JSONValue) -> [FieldError] {
    switch decode(manifest) {
    case .success: []
    case .failure(let failure): failure.errors
    }
  }
}

/// A path in a manifest: `.member`, `[0]` in a list, `{key}` in a map.
struct ManifestPath: CustomStringConvertible {
  enum Step {
    case member(String)
    case index(Int)
    case key(String)
  }

  var steps: [Step]

  init(_ text: String) {
    steps = []
    var rest = Substring(text)
    while let first = rest.first {
      switch first {
      case ".": rest = rest.dropFirst()
      case "[":
        steps.append(.index(Int(rest.dropFirst().prefix { $0 != "]" }) ?? 0))
        rest = rest.drop { $0 != "]" }.dropFirst()
      case "{":
        steps.append(.key(String(rest.dropFirst().prefix { $0 != "}" })))
        rest = rest.drop { $0 != "}" }.dropFirst()
      default:
        let name = rest.prefix { !".[{".contains($0) }
        steps.append(.member(String(name)))
        rest = rest.dropFirst(name.count)
      }
    }
  }

  /// As the schema knows it: `spec.env[].name`, `spec.config{}`.
  var schemaPath: String {
    steps.reduce("") { path, step in
      switch step {
      case .member(let name): path.isEmpty ? name : "\(path).\(name)"
      case .index: path + "[]"
      case .key: path + "{}"
      }
    }
  }

  /// As errors name it: `spec.env[0].name`, `spec.config.key`.
  var description: String {
    steps.reduce("") { path, step in
      switch step {
      case .member(let name): path.isEmpty ? name : "\(path).\(name)"
      case .index(let index): "\(path)[\(index)]"
      case .key(let key):
        key.contains(where: { "./[] ".contains($0) }) ? "\(path)[\(key)]" : "\(path).\(key)"
      }
    }
  }

  /// The value with the part at this path replaced or, by nil, removed.
  func set(_ new: JSONValue?, in value: JSONValue) -> JSONValue {
    Self.set(steps[...], new, in: value) ?? .null
  }

  private static func set(_ steps: ArraySlice<Step>, _ new: JSONValue?, in value: JSONValue?)
    -> JSONValue?
  {
    guard let step = steps.first else { return new }
    switch step {
    case .member(let name), .key(let name):
      var object = value ?? [:]
      object[name] = set(steps.dropFirst(), new, in: object[name])
      return object
    case .index(let index):
      var array = value?.array ?? []
      if index < array.count {
        if let changed = set(steps.dropFirst(), new, in: array[index]) {
          array[index] = changed
        } else {
          array.remove(at: index)
        }
      } else if let added = set(steps.dropFirst(), new, in: nil) {
        array.append(added)
      }
      return .array(array)
    }
  }
}
