import JSON
import KubernetesAPI

/// One kubeconfig file or several merged: named clusters, users and the contexts that pair them.
///
/// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/. Fields that it does not know are
/// left alone, as kubectl does. Entries are checked when they are used, so that a broken one does
/// not keep the others from working.
public struct KubeConfig: Sendable {
  struct Entry: Sendable {
    var name: String
    /// The part under `cluster`, `user` or `context`.
    var node: ConfigNode
  }

  /// The files, in order of precedence.
  public private(set) var files: [String]
  public private(set) var currentContext: String?
  private(set) var clusters: [Entry]
  private(set) var users: [Entry]
  private(set) var contexts: [Entry]

  /// In the order of the files.
  public var contextNames: [String] { contexts.map(\.name) }

  init(_ document: ConfigDocument) throws(ConfigurationError) {
    let root = ConfigNode(document)
    files = [document.file]
    if document.root.isNull {
      (currentContext, clusters, users, contexts) = (nil, [], [], [])
      return
    }
    guard document.root.object != nil else {
      throw root.error(
        "is no kubeconfig: expected an object, got \(document.root.typeName)",
        fix: "see kubectl config view for what one looks like")
    }
    if let kind = try root.text("kind"), kind != "Config" {
      throw root.field("kind").error("is \"\(kind)\"; a kubeconfig has kind Config")
    }
    if let version = try root.text("apiVersion"), version != "v1" {
      throw root.field("apiVersion").error("is \"\(version)\"; only v1 is known")
    }
    currentContext = try root.text("current-context")
    clusters = try Self.entries(root, "clusters", "cluster")
    users = try Self.entries(root, "users", "user")
    contexts = try Self.entries(root, "contexts", "context")
  }

  /// Files in order of precedence: the first occurrence of a name wins, and the first
  /// `current-context`.
  init(merging configs: [KubeConfig]) {
    files = configs.flatMap(\.files)
    currentContext = configs.lazy.compactMap(\.currentContext).first
    clusters = Self.merge(configs.map(\.clusters))
    users = Self.merge(configs.map(\.users))
    contexts = Self.merge(configs.map(\.contexts))
  }

  private static func merge(_ lists: [[Entry]]) -> [Entry] {
    var seen: Set<String> = []
    return lists.joined().filter { seen.insert($0.name).inserted }
  }

  private static func entries(_ root: ConfigNode, _ list: String, _ member: String)
    throws(ConfigurationError) -> [Entry]
  {
    var entries: [Entry] = []
    var lines: [String: ConfigNode] = [:]
    for element in try root.elements(list) {
      let name = try element.requiredText("name")
      if let first = lines[name] {
        throw element.field("name").error(
          "\"\(name)\" is already the name of \(first.path)", fix: "rename or remove one of them")
      }
      lines[name] = element
      var node = element.field(member)
      // Why: `user: {}` may be written as `user:`.
      if node.value.isNull { node.value = .object([:]) }
      guard node.value.object != nil else {
        throw node.error("expected an object, got \(node.value.typeName)")
      }
      entries.append(Entry(name: name, node: node))
    }
    return entries
  }
}

extension KubeConfig: CustomStringConvertible {
  public var description: String {
    "kubeconfig \(files.joined(separator: ":")) with contexts "
      + contextNames.joined(separator: ", ")
  }
}

extension KubeConfig: CustomReflectable {
  /// Why: entries hold credentials.
  public var customMirror: Mirror { Mirror(self, children: ["files": files]) }
}
