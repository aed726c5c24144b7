import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Who may do what in an embedded cluster.
public enum EmbeddedClusterAuthorization: Sendable, Hashable {
  /// Everybody may do everything, with or without credentials.
  case alwaysAllow
  /// As in a real cluster: bearer tokens say who somebody is, roles and their bindings what he may
  /// do. The token is that of `admin` in the group `system:masters`; service accounts get theirs by
  /// TokenRequest. Without a token one is `system:anonymous`.
  case rbac(administratorToken: String)
}

/// Authenticates and authorizes requests.
final class AccessControl: Sendable {
  private struct IssuedToken: Sendable {
    var account: String
    var uid: String
    var boundTo: BoundObject?
    /// What the token calls itself.
    var identifier: String
    /// Who may be shown the token.
    var audiences: [String]
    /// Microseconds since 1970.
    var expiry: Int64
  }

  /// An object whose end is the end of a token.
  struct BoundObject: Sendable {
    var storageKey: String
    var path: String
    var uid: String
  }

  /// What a token says to those who were asked for.
  enum Authentication {
    case user(UserInfo, audiences: [String])
    /// It is meant for others.
    case notMeant(audiences: [String])
  }

  static let audience = "https://kubernetes.default.svc"

  private let mode: EmbeddedClusterAuthorization
  private let store: ObjectStore
  private let clock: ClusterClock
  private let issued = Mutex<[String: IssuedToken]>([:])

  init(_ mode: EmbeddedClusterAuthorization, store: ObjectStore, clock: ClusterClock) {
    self.mode = mode
    self.store = store
    self.clock = clock
  }

  var isEnforced: Bool { mode != .alwaysAllow }

  var administrator: UserInfo {
    .administrator(named: isEnforced ? "admin" : APIServer.userName)
  }

  // MARK: Authentication

  /// Who sends the request, or is meant by its impersonation headers.
  func user(of request: APIRequest) throws(StatusError) -> UserInfo {
    guard isEnforced else { return administrator }
    let header = ResourceCall.header("authorization", of: request) ?? ""
    let user: UserInfo
    if header.isEmpty {
      user = .anonymous
    } else {
      let parts = header.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "bearer",
        case .user(let known, _)? = authentication(of: String(parts[1]), for: [Self.audience])
      else { throw StatusError.unauthorized }
      user = known
    }
    return try impersonated(by: user, request)
  }

  /// Nil for tokens that are unknown, expired, or whose account is gone, or what they are bound to.
  func authentication(of token: String, for audiences: [String]) -> Authentication? {
    if case .rbac(token) = mode {
      return audiences.contains(Self.audience)
        ? .user(administrator, audiences: [Self.audience]) : nil
    }
    guard let found = issued.withLock({ $0[token] }), found.expiry > clock.now(),
      let account = store.get("serviceaccounts", found.account), account.uid == found.uid,
      found.boundTo.map({ store.get($0.storageKey, $0.path)?.uid == $0.uid }) ?? true
    else {
      // Nobody is refused where everybody is let in, but a review does not vouch for nonsense.
      return nil
    }
    let common = audiences.filter(found.audiences.contains)
    guard !common.isEmpty else { return .notMeant(audiences: found.audiences) }
    var user = UserInfo.serviceAccount(
      namespace: account.namespace ?? "", name: account.name, uid: account.uid)
    user.extra = ["authentication.kubernetes.io/credential-id": ["JTI=\(found.identifier)"]]
    return .user(user, audiences: common)
  }

  /// - Parameters:
  ///   - account: the service account the token is for.
  ///   - boundTo: what it ends with, beside the account.
  func issue(
    _ token: String, identifier: String, account: StoredObject, boundTo: BoundObject?,
    audiences: [String], expiry: Int64
  ) {
    let now = clock.now()
    issued.withLock { issued in
      issued = issued.filter { $0.value.expiry > now }
      issued[token] = IssuedToken(
        account: account.path, uid: account.uid, boundTo: boundTo, identifier: identifier,
        audiences: audiences, expiry: expiry)
    }
  }

  /// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
  private func impersonated(
    by user: UserInfo, _ request: APIRequest
  ) throws(StatusError) -> UserInfo {
    func values(_ header: String) -> [String] {
      request.headers.filter { $0.name.lowercased() == header }.map(\.value)
    }
    let name = values("impersonate-user").first ?? ""
    var groups = values("impersonate-group")
    let uid = values("impersonate-uid").first ?? ""
    let prefix = "impersonate-extra-"
    var extra: [String: [String]] = [:]
    for header in request.headers where header.name.lowercased().hasPrefix(prefix) {
      let key = header.name.lowercased().dropFirst(prefix.count)
      extra[PercentDecoding.decoded(key), default: []].append(header.value)
    }
    guard !name.isEmpty else {
      guard groups.isEmpty, uid.isEmpty, extra.isEmpty else {
        throw StatusError.badRequest(
          "requested \(Self.goText(uid, groups, extra)) without impersonating a user name")
      }
      return user
    }
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let isAccount = parts.count == 4 && name.hasPrefix("system:serviceaccount:")
    try authorize(
      user,
      isAccount
        ? RequestAttributes(
          verb: "impersonate", group: "", resource: "serviceaccounts", namespace: parts[2],
          name: parts[3])
        : RequestAttributes(verb: "impersonate", group: "", resource: "users", name: name))
    for group in groups {
      try authorize(
        user,
        RequestAttributes(verb: "impersonate", group: "", resource: "groups", name: group))
    }
    let group = "authentication.k8s.io"
    if !uid.isEmpty {
      try authorize(
        user, RequestAttributes(verb: "impersonate", group: group, resource: "uids", name: uid))
    }
    for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
      for value in values {
        try authorize(
          user,
          RequestAttributes(
            verb: "impersonate", group: group, resource: "userextras", subresource: key,
            name: value))
      }
    }
    if isAccount, groups.isEmpty {
      groups = UserInfo.serviceAccount(namespace: parts[2], name: parts[3]).groups
    }
    if name == UserInfo.anonymous.name {
      groups += UserInfo.anonymous.groups
    } else if !groups.contains(UserInfo.authenticatedGroup) {
      groups.append(UserInfo.authenticatedGroup)
    }
    return UserInfo(name: name, uid: uid, groups: groups, extra: extra)
  }

  /// What was asked for, as Go prints it.
  private static func goText(
    _ uid: String, _ groups: [String], _ extra: [String: [String]]
  ) -> String {
    func list(_ values: [String]) -> String {
      values.isEmpty
        ? "[]string(nil)"
        : "[]string{\(values.map { JSONValue.string($0).serialized() }.joined(separator: ", "))}"
    }
    let more = extra.sorted { $0.key < $1.key }
      .map { "\(JSONValue.string($0.key).serialized()):\(list($0.value))" }
      .joined(separator: ", ")
    return
      "&user.DefaultInfo{Name:\"\", UID:\(JSONValue.string(uid).serialized()), Groups:\(list(groups)), Extra:map[string][]string\(extra.isEmpty ? "(nil)" : "{\(more)}")}"
  }

  // MARK: Authorization

  func authorize(_ user: UserInfo, _ wanted: RequestAttributes) throws(StatusError) {
    guard reason(user, wanted) != nil else { throw StatusError.forbidden(user, wanted) }
  }

  /// Why it is allowed; nil when it is not.
  func reason(_ user: UserInfo, _ wanted: RequestAttributes) -> String? {
    guard isEnforced else { return "the embedded cluster allows everything" }
    return RoleAuthorizer(store: store).reason(user, wanted)
  }

  func rules(of user: UserInfo, namespace: String) -> [JSONValue] {
    let user = isEnforced ? user : administrator
    return RoleAuthorizer(store: store).rules(of: user, namespace: namespace)
  }
}
