import JSON
import KubernetesAPI

/// Lists the pods behind each Service, as Endpoints and as one EndpointSlice.
struct EndpointsController: SimulatedController {
  private static let serviceLabel = "kubernetes.io/service-name"

  func concerned(by change: ClusterChange, _ view: any ClusterView) -> [ControllerItem] {
    switch change.type {
    case .services: return [ControllerItem(.services, change.key)]
    case .endpoints where change.new == nil: return [ControllerItem(.services, change.key)]
    case .endpointSlices where change.new == nil:
      guard let name = change.old?.labels[Self.serviceLabel] else { return [] }
      return [
        ControllerItem(.services, ObjectKey(namespace: change.key.namespace, name: name))
      ]
    case .pods:
      guard Self.shown(change.old) != Self.shown(change.new) else { return [] }
      return view.list(.services, namespace: change.key.namespace).filter { service in
        [change.old, change.new].contains { pod in
          pod.map { Self.selects(service, $0) } ?? false
        }
      }.map { ControllerItem(.services, $0.key) }
    default: return []
    }
  }

  /// What of a pod shows in endpoints.
  private static func shown(_ pod: KubernetesObject?) -> JSONValue {
    guard let pod else { return .null }
    let state = PodState(pod)
    return [
      .string(state.address), .bool(state.isReady), .bool(pod.isBeingDeleted),
      .bool(state.isFinished), JSONValue(pod.labels),
    ]
  }

  private static func selects(_ service: KubernetesObject, _ pod: KubernetesObject) -> Bool {
    guard let selector = service[path: "spec", "selector"]?.object, !selector.isEmpty else {
      return false
    }
    let labels = pod.labels
    return selector.allSatisfy { labels[$0.key] == $0.value.string }
  }

  func reconcile(_ item: ControllerItem, _ view: any ClusterView) -> ControllerPlan {
    var plan = ControllerPlan()
    guard let service = view.get(.services, item.key), !service.isBeingDeleted else {
      // Slices go with the Service that owns them; Endpoints have no owner.
      if let left = view.get(.endpoints, item.key), left.labels[Self.managedLabel] != nil {
        plan.actions.append(.delete(.endpoints, item.key, uid: left.uid))
      }
      return plan
    }
    guard service[path: "spec", "selector"]?.object?.isEmpty == false,
      service[path: "spec", "type"]?.string != "ExternalName"
    else { return plan }
    let pods = view.list(.pods, namespace: service.namespace).filter {
      Self.selects(service, $0) && !PodState($0).isFinished && !PodState($0).address.isEmpty
    }
    writeEndpoints(of: service, pods.filter { !$0.isBeingDeleted }, view, &plan)
    writeSlice(of: service, pods, view, &plan)
    return plan
  }

  private static let managedLabel = "endpoints.kubernetes.io/managed-by"

  // MARK: Parts

  private func isReady(_ pod: KubernetesObject, _ service: KubernetesObject) -> Bool {
    service[path: "spec", "publishNotReadyAddresses"]?.bool == true
      || (PodState(pod).isReady && !pod.isBeingDeleted)
  }

  private func ports(of service: KubernetesObject, _ pod: KubernetesObject?) -> [JSONValue] {
    (service[path: "spec", "ports"]?.array ?? []).compactMap { port in
      guard let number = number(of: port, pod) else { return nil }
      var result: JSONValue = [
        "port": JSONValue(number), "protocol": port["protocol"] ?? "TCP",
      ]
      if let name = port["name"], name != "" { result["name"] = name }
      if let protocolName = port["appProtocol"] { result["appProtocol"] = protocolName }
      return result
    }
  }

  private func number(of port: JSONValue, _ pod: KubernetesObject?) -> Int? {
    switch port["targetPort"].flatMap({ IntOrString($0) }) {
    case .int(let number) where number > 0: return number
    case .string(let name):
      guard let pod else { return nil }
      for container in PodState(pod).containers {
        for candidate in container["ports"]?.array ?? []
        where candidate["name"]?.string == name {
          return candidate["containerPort"]?.int
        }
      }
      return nil
    default: return port["port"]?.int
    }
  }

  private func target(_ pod: KubernetesObject) -> JSONValue {
    [
      "kind": "Pod", "namespace": .string(pod.namespace ?? ""), "name": .string(pod.name),
      "uid": .string(pod.uid ?? ""),
    ]
  }

  private func writeEndpoints(
    of service: KubernetesObject, _ pods: [KubernetesObject], _ view: any ClusterView,
    _ plan: inout ControllerPlan
  ) {
    func addresses(_ ready: Bool) -> [JSONValue] {
      pods.filter { isReady($0, service) == ready }.map { pod in
        [
          "ip": .string(PodState(pod).address), "nodeName": .string(PodState(pod).nodeName),
          "targetRef": target(pod),
        ]
      }
    }
    var subset: JSONObject = [:]
    for (key, list) in [("addresses", addresses(true)), ("notReadyAddresses", addresses(false))]
    where !list.isEmpty { subset[key] = .array(list) }
    if !subset.isEmpty { subset["ports"] = .array(ports(of: service, pods.first)) }
    var labels = service.labels
    labels[Self.managedLabel] = "endpoint-controller"
    let subsets: JSONValue = subset.isEmpty ? [] : [.object(subset)]
    let known = view.get(.endpoints, service.key)
    var wanted =
      known
      ?? KubernetesObject(
        ResourceType.endpoints.gvk, namespace: service.namespace, name: service.name)
    wanted["metadata"]?["labels"] = JSONValue(labels)
    wanted["subsets"] = subsets == [] ? nil : subsets
    put(.endpoints, wanted, known, ["subsets"], &plan)
  }

  private func writeSlice(
    of service: KubernetesObject, _ pods: [KubernetesObject], _ view: any ClusterView,
    _ plan: inout ControllerPlan
  ) {
    let known = view.controlled(by: service, .endpointSlices).first
    var wanted = known ?? KubernetesObject(["metadata": [:]])
    if known == nil {
      wanted["apiVersion"] = .string(ResourceType.endpointSlices.apiVersion)
      wanted["kind"] = "EndpointSlice"
      wanted["metadata"]?["generateName"] = .string(service.name + "-")
      wanted["metadata"]?["namespace"] = .string(service.namespace ?? "")
      wanted["metadata"]?["ownerReferences"] = [service.ownerReference(.services)]
      let isIPv6 = service[path: "spec", "ipFamilies"]?[0]?.string == "IPv6"
      wanted["addressType"] = isIPv6 ? "IPv6" : "IPv4"
    }
    var labels = service.labels
    labels[Self.serviceLabel] = service.name
    labels["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io"
    wanted["metadata"]?["labels"] = JSONValue(labels)
    wanted["endpoints"] = .array(
      pods.map { pod in
        let serving = PodState(pod).isReady
        return [
          "addresses": [.string(PodState(pod).address)],
          "conditions": [
            "ready": .bool(isReady(pod, service)), "serving": .bool(serving),
            "terminating": .bool(pod.isBeingDeleted),
          ], "nodeName": .string(PodState(pod).nodeName), "targetRef": target(pod),
        ]
      })
    wanted["ports"] = .array(
      ports(of: service, pods.first).map { port in
        var port = port
        // Slices name every port, if only by an empty text.
        if port["name"] == nil { port["name"] = "" }
        return port
      })
    put(.endpointSlices, wanted, known, ["endpoints", "ports"], &plan)
  }

  private func put(
    _ type: ResourceType, _ wanted: KubernetesObject, _ known: KubernetesObject?,
    _ members: [String], _ plan: inout ControllerPlan
  ) {
    let manager = ControllerManager.controllerManager
    guard let known else {
      plan.actions.append(.create(type, wanted, manager: manager))
      return
    }
    let isSame =
      known.labels == wanted.labels
      && members.allSatisfy {
        (known[$0] ?? .null).withoutEmptyMembers == (wanted[$0] ?? .null).withoutEmptyMembers
          || ((known[$0]?.array ?? []).isEmpty && (wanted[$0]?.array ?? []).isEmpty)
      }
    if !isSame { plan.actions.append(.update(type, wanted, manager: manager)) }
  }
}
