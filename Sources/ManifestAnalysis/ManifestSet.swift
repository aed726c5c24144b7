public import AgentDeploymentAPI
public import JSON
public import KubernetesAPI
import PromQL
public import YAML

/// An object of the input.
public struct ManifestObject: Sendable {
  public let json: JSONValue
  public let document: YAMLDocument
  /// The object's place in its document: not empty inside a `List`.
  let prefix: [String]
  /// Where it was rendered from; nil for what stands in a file.
  let origin: String?
  /// Nil for cluster-scoped objects.
  public let namespace: String?
  /// Why an AgentDeployment is refused.
  var refusals: [FieldError] = []
  /// What its annotation says, by index in `ManifestSet.ignores`; of what is rendered, its origin's.
  var ignores: [Int] = []

  public var gvk: GroupVersionKind { KubernetesObject(json).gvk }
  public var kind: String { json["kind"]?.string ?? "" }
  public var name: String { json["metadata"]?["name"]?.string ?? "" }
  var labels: [String: String] { KubernetesObject(json).labels }
  var annotations: [String: String] { KubernetesObject(json).annotations }

  /// Rendered by this operator, which answers for what only a cluster can tell.
  var isRendered: Bool { labels["app.kubernetes.io/managed-by"] == "agent-operator" }

  var root: ManifestNode { ManifestNode(object: self, components: [], value: json) }
  var spec: ManifestNode { root["spec"] }

  var title: String {
    if kind.isEmpty { return "rules" }
    return Self.title(kind, namespace, name)
  }

  static func title(_ kind: String, _ namespace: String?, _ name: String) -> String {
    "\(kind) \(namespace.map { "\($0)/" } ?? "")\(name)"
  }
}

/// What the operator makes of an AgentDeployment.
public enum AgentMeaning: Sendable {
  case accepted([KubernetesObject])
  case refused([FieldError])
}

/// Everything in the input, for rules that look across files.
public struct ManifestSet: Sendable {
  public private(set) var objects: [ManifestObject] = []
  /// Of the objects, those that make pods.
  private(set) var workloads: [Workload] = []
  private var byKind: [GroupKind: [ManifestObject]] = [:]
  /// The first of each name.
  private var byName: [Name: ManifestObject] = [:]
  private var byNamespace: [String?: [Int]] = [:]
  /// By each of their pods' labels.
  private var byLabel: [PodLabel: [Int]] = [:]
  private var meshed: Set<String?> = []
  var buckets = HistogramBuckets()
  /// What is ignored on purpose.
  private(set) var ignores: [LintIgnore]

  /// - Parameters:
  ///   - documents: faulty ones are left out: their errors are reported by the parser.
  ///   - comments: of the same files; they may ignore findings.
  ///   - defaultNamespace: of objects that name none.
  ///   - interpret: what an AgentDeployment becomes; it is checked with it.
  public init(
    _ documents: [YAMLDocument], comments: [YAMLComment] = [],
    defaultNamespace: String = "default",
    interpret: (JSONValue) -> AgentMeaning = { _ in .accepted([]) }
  ) {
    ignores = LintIgnore.all(in: comments)
    for document in documents where !document.isFaulty {
      read(document.value, document, [], defaultNamespace, interpret)
    }
  }

  /// A list is what it holds, whether it is kubectl's `List` or one kind's.
  private mutating func read(
    _ json: JSONValue, _ document: YAMLDocument, _ prefix: [String], _ defaultNamespace: String,
    _ interpret: (JSONValue) -> AgentMeaning
  ) {
    guard json["kind"]?.string?.hasSuffix("List") == true, let items = json["items"]?.array else {
      return add(json, document, prefix, nil, [], defaultNamespace, interpret)
    }
    for (i, item) in items.enumerated() {
      read(item, document, prefix + ["items", String(i)], defaultNamespace, interpret)
    }
  }

  private mutating func add(
    _ json: JSONValue, _ document: YAMLDocument, _ prefix: [String], _ origin: String?,
    _ originIgnores: [Int], _ defaultNamespace: String, _ interpret: (JSONValue) -> AgentMeaning
  ) {
    guard json.object != nil else { return }
    let kind = json["kind"]?.string ?? ""
    let namespace =
      Self.clusterScoped.contains(kind) || kind.isEmpty
      ? nil : json["metadata"]?["namespace"]?.string ?? defaultNamespace
    var object = ManifestObject(
      json: json, document: document, prefix: prefix, origin: origin, namespace: namespace)
    object.ignores = originIgnores
    if origin == nil {
      let own = LintIgnore.all(in: object)
      object.ignores = Array(ignores.count..<(ignores.count + own.count))
      ignores += own
    }
    var rendered: [KubernetesObject] = []
    if origin == nil, kind == "AgentDeployment" {
      var named = json
      named["metadata"]?["namespace"] = .string(namespace ?? defaultNamespace)
      switch interpret(named) {
      case .accepted(let objects): rendered = objects
      case .refused(let errors): object.refusals = errors
      }
    }
    add(object)
    for child in rendered {
      let origin = "rendered \(child.kind) \(child.name)"
      add(child.json, document, prefix, origin, object.ignores, defaultNamespace) { _ in
        .accepted([])
      }
    }
  }

  private struct Name: Hashable {
    var kind: GroupKind
    var namespace: String?
    var name: String
  }

  private struct PodLabel: Hashable {
    var namespace: String?
    var key: String
    var value: String
  }

  private mutating func add(_ object: ManifestObject) {
    let kind = object.gvk.groupKind
    objects.append(object)
    byKind[kind, default: []].append(object)
    let name = Name(kind: kind, namespace: object.namespace, name: object.name)
    if byName[name] == nil { byName[name] = object }
    if Self.meshKinds.contains(kind) { meshed.insert(object.namespace) }
    if kind == GroupKind(group: "", kind: "Namespace"),
      object.labels["istio-injection"] == "enabled" || object.labels["istio.io/rev"] != nil
    {
      meshed.insert(object.name)
    }
    guard let workload = Workload(object) else { return }
    for (key, value) in workload.podLabels {
      let label = PodLabel(namespace: workload.namespace, key: key, value: value)
      byLabel[label, default: []].append(workloads.count)
    }
    byNamespace[workload.namespace, default: []].append(workloads.count)
    workloads.append(workload)
  }

  private static let meshKinds: Set<GroupKind> = [
    GroupKind(group: istio, kind: "VirtualService"),
    GroupKind(group: istio, kind: "DestinationRule"),
    GroupKind(group: istioSecurity, kind: "PeerAuthentication"),
  ]

  /// Workloads whose pods a `matchLabels`-style map that is not empty selects.
  func workloads(in namespace: String?, selectedBy labels: ManifestNode) -> [Workload] {
    var wanted: [String: String] = [:]
    for (key, value) in labels.value?.object ?? [:] {
      // No label has it.
      guard let text = value.string else { return [] }
      wanted[key] = text
    }
    return wanted.isEmpty
      ? [] : workloads(in: namespace, selectedBy: LabelSelector(matchLabels: wanted))
  }

  /// Workloads whose pods a selector means, all of the namespace without requirements: found by the
  /// rarest of the labels, not by looking at all of them.
  func workloads(in namespace: String?, selectedBy selector: LabelSelector) -> [Workload] {
    var fewest = byNamespace[namespace] ?? []
    for requirement in selector.requirements
    where requirement.operator == .in && requirement.values.count == 1 {
      let label = PodLabel(
        namespace: namespace, key: requirement.key, value: requirement.values[0])
      guard let found = byLabel[label] else { return [] }
      if found.count < fewest.count { fewest = found }
    }
    return fewest.map { workloads[$0] }.filter { $0.matches(selector) }
  }

  /// Kinds without a namespace among the built-in and the usual ones.
  public static let clusterScoped: Set<String> = [
    "Namespace", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "StorageClass",
    "PersistentVolume", "PriorityClass", "IngressClass", "APIService", "Node", "ClusterIssuer",
    "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "ClusterSecretStore",
    "ClusterExternalSecret", "AgentClass",
  ]

  /// Objects of a kind, in the order of the input.
  func all(_ group: String, _ kind: String) -> [ManifestObject] {
    byKind[GroupKind(group: group, kind: kind)] ?? []
  }

  func first(_ group: String, _ kind: String, _ namespace: String?, _ name: String)
    -> ManifestObject?
  {
    byName[Name(kind: GroupKind(group: group, kind: kind), namespace: namespace, name: name)]
  }

  /// Whether the input shows that pods of the namespace are in the mesh.
  func isMeshed(_ namespace: String?) -> Bool { meshed.contains(namespace) }
}

extension ManifestSet {
  static let istio = "networking.istio.io"
  static let istioSecurity = "security.istio.io"

  var virtualServices: [ManifestObject] { all(Self.istio, "VirtualService") }
  var destinationRules: [ManifestObject] { all(Self.istio, "DestinationRule") }
  var services: [ManifestObject] { all("", "Service") }
  var configMaps: [ManifestObject] { all("", "ConfigMap") }
  var secrets: [ManifestObject] { all("", "Secret") }
  var autoscalers: [ManifestObject] { all("autoscaling", "HorizontalPodAutoscaler") }

  var scaledObjects: [ManifestObject] { all("keda.sh", "ScaledObject") }
}
