public import JSON

/// Which fields of a spec shape the pods, so that changing them restarts pods.
public enum PodInput {
  /// Fields that do not, wherever they come from: they shape other objects, or none. Whatever is not
  /// named here counts as one that does: a field that is forgotten costs a restart, never a change
  /// that does not arrive.
  static let elsewhere: [[String]] = [
    ["protocolVersion"], ["scaling"], ["traffic"], ["rollout"], ["paused"], ["deletionPolicy"],
    ["slos"],
    ["onBudgetExhausted"], ["budget"], ["playbooks"], ["driftPolicy"], ["security", "mtls"],
    ["security", "allowedCallers"], ["security", "jwt"], ["security", "egress"],
    ["security", "compliance"],
    ["availability", "maxUnavailable"], ["availability", "regions"], ["observability", "alerts"],
    ["observability", "dashboard"],
  ]

  /// What the user wrote of the fields that shape pods. Without what the API server filled in, which
  /// may be more after an upgrade, and without overrides of other objects.
  ///
  /// - Parameter spec: of a valid AgentDeployment.
  public static func given(_ spec: JSONValue) -> JSONValue {
    var input = part(of: AgentDeploymentSpec.schema.withoutDefaults(spec))
    if let overrides = input["overrides"]?.array {
      input["overrides"] = .array(overrides.filter { $0["kind"] == "Deployment" })
    }
    // An empty section means the same as an omitted one.
    let isEmpty: (JSONValue) -> Bool = { $0.object?.isEmpty ?? $0.array?.isEmpty ?? false }
    var kept: JSONValue = [:]
    for (section, value) in input.object ?? [:] where !isEmpty(value) { kept[section] = value }
    return kept
  }

  static func part(of spec: JSONValue) -> JSONValue {
    elsewhere.reduce(into: spec) { spec, path in
      switch path.count {
      case 1: spec[path[0]] = nil
      default: if spec[path[0]]?[path[1]] != nil { spec[path[0]]?[path[1]] = nil }
      }
    }
  }

  /// The others.
  static func rest(of spec: JSONValue) -> JSONValue {
    elsewhere.reduce(into: [:]) { rest, path in
      guard let value = path.reduce(Optional(spec), { $0?[$1] }) else { return }
      if path.count == 1 {
        rest[path[0]] = value
      } else {
        if rest[path[0]] == nil { rest[path[0]] = [:] }
        rest[path[0]]?[path[1]] = value
      }
    }
  }
}

extension AgentClass {
  /// What of a class shapes the pods of its agents.
  public struct PodPart: Sendable, Hashable {
    /// As `AgentClass.defaults`, with what follows from other sections.
    public var defaults: JSONObject
    public var accelerators: [String: Accelerator]
    /// As `AgentClass.reloadImage`.
    public var reloadImage: String?
    public var modelGateway: ModelGateway?

    public init(
      defaults: JSONObject = [:], accelerators: [String: Accelerator] = [:],
      reloadImage: String? = nil, modelGateway: ModelGateway? = nil
    ) {
      self.defaults = defaults
      self.accelerators = accelerators
      self.reloadImage = reloadImage
      self.modelGateway = modelGateway
    }

    public init(_ json: JSONValue) {
      self.init(
        defaults: json.members("defaults"),
        accelerators: AgentClass.accelerators(json.members("accelerators")),
        reloadImage: json.text("reloadImage"),
        modelGateway: json["modelGateway"].map(ModelGateway.init(resolving:)))
    }

    public var json: JSONValue {
      var nodes: JSONValue = [:]
      for (name, accelerator) in accelerators {
        nodes[name] = [
          "nodeSelector": JSONValue(accelerator.nodeSelector),
          "tolerations": .array(accelerator.tolerations),
        ]
      }
      var part: JSONValue = ["defaults": .object(defaults), "accelerators": nodes]
      // Left out where it is not given: records of before it was there stay what they are.
      if let reloadImage { part["reloadImage"] = .string(reloadImage) }
      if let modelGateway {
        part["modelGateway"] = [
          "url": .string(modelGateway.url),
          "gatewayRef": [
            "name": .string(modelGateway.name), "namespace": .string(modelGateway.namespace),
          ],
        ]
      }
      return part
    }
  }

  /// As pods that are made now are shaped.
  public var podPart: PodPart {
    PodPart(
      defaults: PodInput.part(of: .object(effectiveDefaults)).object ?? [:],
      accelerators: effectiveAccelerators, reloadImage: givenReloadImage,
      modelGateway: modelGateway)
  }

  /// The same class, but for pods that go on as an earlier one shaped them.
  public func keeping(_ part: PodPart) -> AgentClass {
    var kept = self
    kept.pinned = part
    return kept
  }

  /// What agents with `modelRouting: Gateway` get to their models through; nil where there is none.
  /// Pods that use one go on doing so when the class loses it.
  public var modelGateway: ModelGateway? {
    if let pinned { return pinned.modelGateway }
    return capabilities.aiGateway ? endpoints.aiGateway : nil
  }

  /// Where the pods run that ask for a resource.
  public var effectiveAccelerators: [String: Accelerator] { pinned?.accelerators ?? accelerators }

  private var givenReloadImage: String? { pinned.map(\.reloadImage) ?? reloadImage }

  /// Of the containers that tell agents to reload.
  public var effectiveReloadImage: String { givenReloadImage ?? Self.defaultReloadImage }
}
