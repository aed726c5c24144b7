import JSON
import KubernetesAPI
import KubernetesClient

/// One change of one object; `old` is nil after a creation, `new` after a removal.
struct ClusterChange: Sendable {
  var type: ResourceType
  var key: ObjectKey
  var old: KubernetesObject?
  var new: KubernetesObject?
}

/// The cluster as its own controllers see it: synchronous and thread-safe.
///
/// Does not keep the cluster alive by more than its server.
struct ClusterAccess: Sendable {
  private let server: APIServer

  init(_ server: APIServer) { self.server = server }

  var clock: ClusterClock { server.clock }

  func get(_ type: ResourceType, _ key: ObjectKey) -> KubernetesObject? {
    guard let definition = definition(type) else { return nil }
    let path = StoredObject.path(
      namespace: type.isNamespaced ? key.namespace : nil, name: key.name)
    return server.store.get(definition.storageKey, path).map {
      KubernetesObject(definition.presented($0.json))
    }
  }

  /// In the order of namespaces and names.
  func list(_ type: ResourceType, namespace: String? = nil) -> [KubernetesObject] {
    guard let definition = definition(type) else { return [] }
    let prefix = namespace.map { $0 + "/" }
    return server.store.snapshot(definition.storageKey).objects.compactMap { object in
      if let prefix, !object.path.hasPrefix(prefix) { return nil }
      return KubernetesObject(definition.presented(object.json))
    }
  }

  /// Creates in the namespace that the object names.
  @discardableResult
  func create(
    _ type: ResourceType, _ object: KubernetesObject, manager: String = "kube-controller-manager"
  ) throws(APIStatus) -> KubernetesObject {
    do throws(StatusError) {
      let definition = try served(type)
      let body = try server.decode(object.json, definition, .ignore)
      return KubernetesObject(
        try server.insert(
          body.object, definition, namespace: object.namespace, name: object.name,
          manager: manager, isDryRun: false))
    } catch {
      throw error.apiStatus
    }
  }

  /// Replaces; a resourceVersion in the object that is not the live one's is a conflict.
  ///
  /// - Parameter subresource: `status`, or `finalize` of namespaces.
  @discardableResult
  func update(
    _ type: ResourceType, _ object: KubernetesObject, subresource: String? = nil,
    manager: String = "kube-controller-manager"
  ) throws(APIStatus) -> KubernetesObject {
    do throws(StatusError) {
      let definition = try served(type)
      let body = try server.decode(object.json, definition, .ignore)
      var call = ResourceCall(internal: "PUT", definition, object.key)
      call.subresource = subresource
      let options = try WriteOptions(call.query, kind: "UpdateOptions")
      let reply = try server.change(call, object.name, options) { _ in
        .owned(body.object, by: manager)
      }
      guard case .object(let json) = reply.content else { return object }
      return KubernetesObject(json)
    } catch {
      throw error.apiStatus
    }
  }

  /// - Parameter options: DeleteOptions: propagationPolicy, gracePeriodSeconds, preconditions.
  func delete(
    _ type: ResourceType, _ key: ObjectKey, options: JSONValue = [:]
  ) throws(APIStatus) {
    do throws(StatusError) {
      let definition = try served(type)
      let call = ResourceCall(internal: "DELETE", definition, key)
      let options = try server.deleteOptions(options, call.query)
      _ = try server.delete(
        definition, path: call.path(of: key.name), name: key.name, options)
    } catch {
      throw error.apiStatus
    }
  }

  /// Sets the size through the scale subresource, as autoscalers do.
  func scale(
    _ type: ResourceType, _ key: ObjectKey, to replicas: Int, manager: String
  ) throws(APIStatus) {
    do throws(StatusError) {
      let definition = try served(type)
      let body: JSONValue = ["spec": ["replicas": JSONValue(replicas)]]
      var call = ResourceCall(internal: "PATCH", definition, key)
      call.subresource = "scale"
      call.request = APIRequest(
        method: "PATCH", path: "", query: [("fieldManager", manager)],
        headers: [("Content-Type", "application/merge-patch+json")], body: body.serializedBytes())
      call.query = RequestQuery(call.request)
      _ = try server.changeScale(call, key.name)
    } catch {
      throw error.apiStatus
    }
  }

  /// Every resource in the version it is stored in, those of definitions included.
  func served() -> [ResourceType] {
    server.registry.stored.filter { $0.verbs.contains("list") }.map(\.type)
  }

  /// All changes from now on, in their order; the stream ends when its reader drops it.
  func observe() -> AsyncStream<ClusterChange> {
    let server = server
    let (stream, continuation) = AsyncStream.makeStream(of: ClusterChange.self)
    let id = server.store.observe { [weak server] resource, change in
      guard let type = server?.registry.storedType(of: resource),
        let path = (change.new ?? change.old)?.path
      else { return }
      let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
      let key =
        parts.count == 2
        ? ObjectKey(namespace: parts[0], name: parts[1]) : ObjectKey(namespace: nil, name: path)
      continuation.yield(
        ClusterChange(
          type: type, key: key, old: change.old.map { KubernetesObject($0.json) },
          new: change.new.map { KubernetesObject($0.json) }))
    }
    // Why: a cancellation comes with the task's lock held, and whoever changes the store resumes
    // that task with the store's lock held: taking both here would deadlock.
    continuation.onTermination = { [weak server] _ in
      Task { [weak server] in server?.store.stopObserving(id) }
    }
    return stream
  }

  private func definition(_ type: ResourceType) -> ResourceDefinition? {
    server.registry[type.group, type.version, type.plural]
  }

  private func served(_ type: ResourceType) throws(StatusError) -> ResourceDefinition {
    guard let definition = definition(type) else { throw StatusError.resourceNotFound }
    return definition
  }
}
