public import JSON
public import KubernetesAPI

/// What the operator reports (`status`).
public struct AgentDeploymentStatus: Sendable, Hashable {
  /// One generated object: what pruning and drift correction go by.
  public struct Resource: Sendable, Hashable {
    public enum State: String, Sendable, CaseIterable {
      /// As rendered, and settled.
      case current = "Current"
      /// Applied, its controller is still at work.
      case inProgress = "InProgress"
      case failed = "Failed"
      /// Its kind is not installed.
      case skipped = "Skipped"
    }
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var state: State

    public init(apiVersion: String, kind: String, name: String, state: State) {
      self.apiVersion = apiVersion
      self.kind = kind
      self.name = name
      self.state = state
    }
  }

  /// The age of one credential.
  public struct Secret: Sendable, Hashable {
    /// As the spec calls it.
    public var name: String
    public var secretName: String
    /// RFC 3339.
    public var changedAt: String
    /// RFC 3339; nil: the operator does not replace it.
    public var rotatesAt: String?
    public var rotationDue: Bool

    public init(
      name: String, secretName: String, changedAt: String, rotatesAt: String?, rotationDue: Bool
    ) {
      self.name = name
      self.secretName = secretName
      self.changedAt = changedAt
      self.rotatesAt = rotatesAt
      self.rotationDue = rotationDue
    }
  }

  /// One region of `availability.regions`.
  public struct Region: Sendable, Hashable {
    public var name: String
    /// Ready pods there, of this cluster.
    public var endpoints: Int
    /// Serves callers of the primary region.
    public var active: Bool

    public init(name: String, endpoints: Int, active: Bool) {
      self.name = name
      self.endpoints = endpoints
      self.active = active
    }
  }

  /// The most entries of `resources` that the schema takes.
  public static let maxResources = 80

  /// The most entries of `regions` that the schema takes.
  public static let maxRegions = 50

  /// The most entries of `classDefaults` that the schema takes.
  public static let maxClassDefaults = 100

  /// The generation of the spec that all of this is about.
  public var observedGeneration: Int
  /// The class that holds; nil in a status of an older version.
  public var className: String?
  /// The fields of the spec that the class filled in: `spec.resources.limits.memory`.
  public var classDefaults: [String]
  /// Where the agent is reached from outside; nil when nowhere.
  public var url: String?
  public var internalUrl: String?
  /// For `kubectl get pods -l`.
  public var selector: String?
  public var replicas: Int
  public var readyReplicas: Int
  /// The revision that serves.
  public var currentRevision: String?
  /// The revision that is wanted; equal to the current one when settled.
  public var updateRevision: String?
  /// Credentials whose age the spec cares about. Times, not ages, which would change all the time.
  public var secrets: [Secret]
  public var resources: [Resource]
  /// The primary one first; empty without `availability.regions`.
  public var regions: [Region]
  public var conditions: [Condition]

  public init(
    observedGeneration: Int = 0, className: String? = nil, classDefaults: [String] = [],
    url: String? = nil, internalUrl: String? = nil,
    selector: String? = nil, replicas: Int = 0, readyReplicas: Int = 0,
    currentRevision: String? = nil, updateRevision: String? = nil, secrets: [Secret] = [],
    resources: [Resource] = [], regions: [Region] = [], conditions: [Condition] = []
  ) {
    self.observedGeneration = observedGeneration
    self.className = className
    self.classDefaults = classDefaults
    self.url = url
    self.internalUrl = internalUrl
    self.selector = selector
    self.replicas = replicas
    self.readyReplicas = readyReplicas
    self.currentRevision = currentRevision
    self.updateRevision = updateRevision
    self.secrets = secrets
    self.resources = resources
    self.regions = regions
    self.conditions = conditions
  }
}

extension AgentDeploymentStatus {
  /// Reads what an operator wrote, of this version or another: what it does not know it leaves out.
  public init(_ json: JSONValue) {
    self.init(
      observedGeneration: json["observedGeneration"]?.int ?? 0,
      className: json["className"]?.string,
      classDefaults: json["classDefaults"]?.array?.compactMap(\.string) ?? [],
      url: json["url"]?.string,
      internalUrl: json["internalUrl"]?.string, selector: json["selector"]?.string,
      replicas: json["replicas"]?.int ?? 0, readyReplicas: json["readyReplicas"]?.int ?? 0,
      currentRevision: json["currentRevision"]?.string,
      updateRevision: json["updateRevision"]?.string,
      secrets: json["secrets"]?.array?.compactMap(Secret.init) ?? [],
      resources: json["resources"]?.array?.compactMap(Resource.init) ?? [],
      regions: json["regions"]?.array?.compactMap(Region.init) ?? [],
      conditions: json["conditions"]?.array?.compactMap { Condition($0) } ?? [])
  }

  /// As the schema has it; resources beyond the most that it takes are left out.
  public var json: JSONValue {
    var json: JSONValue = ["observedGeneration": JSONValue(observedGeneration)]
    if let className { json["className"] = .string(className) }
    if !classDefaults.isEmpty {
      json["classDefaults"] = JSONValue(Array(classDefaults.prefix(Self.maxClassDefaults)))
    }
    if let url { json["url"] = .string(url) }
    if let internalUrl { json["internalUrl"] = .string(internalUrl) }
    if let selector { json["selector"] = .string(selector) }
    json["replicas"] = JSONValue(replicas)
    json["readyReplicas"] = JSONValue(readyReplicas)
    if let currentRevision { json["currentRevision"] = .string(currentRevision) }
    if let updateRevision { json["updateRevision"] = .string(updateRevision) }
    if !secrets.isEmpty { json["secrets"] = .array(secrets.map(\.json)) }
    json["resources"] = .array(resources.prefix(Self.maxResources).map(\.json))
    if !regions.isEmpty {
      json["regions"] = .array(regions.prefix(Self.maxRegions).map(\.json))
    }
    json["conditions"] = .array(conditions.map(\.json))
    return json
  }
}

extension AgentDeploymentStatus.Resource {
  public init?(_ json: JSONValue) {
    guard let apiVersion = json["apiVersion"]?.string, let kind = json["kind"]?.string,
      let name = json["name"]?.string
    else { return nil }
    self.init(
      apiVersion: apiVersion, kind: kind, name: name,
      state: json["state"]?.string.flatMap(State.init(rawValue:)) ?? .inProgress)
  }

  public var json: JSONValue {
    [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name),
      "state": .string(state.rawValue),
    ]
  }
}

extension AgentDeploymentStatus.Secret {
  public init?(_ json: JSONValue) {
    guard let name = json["name"]?.string, let changedAt = json["changedAt"]?.string else {
      return nil
    }
    self.init(
      name: name, secretName: json["secretName"]?.string ?? "", changedAt: changedAt,
      rotatesAt: json["rotatesAt"]?.string, rotationDue: json["rotationDue"]?.bool ?? false)
  }

  public var json: JSONValue {
    var json: JSONValue = [
      "name": .string(name), "secretName": .string(secretName), "changedAt": .string(changedAt),
    ]
    if let rotatesAt { json["rotatesAt"] = .string(rotatesAt) }
    json["rotationDue"] = .bool(rotationDue)
    return json
  }
}

extension AgentDeploymentStatus.Region {
  public init?(_ json: JSONValue) {
    guard let name = json["name"]?.string else { return nil }
    self.init(
      name: name, endpoints: json["endpoints"]?.int ?? 0, active: json["active"]?.bool ?? false)
  }

  public var json: JSONValue {
    ["name": .string(name), "endpoints": JSONValue(endpoints), "active": .bool(active)]
  }
}
