import JSON
import KubernetesAPI

/// What `kubectl get` shows of built-in kinds (kubernetes `pkg/printers/internalversion`).
struct TableColumns {
  let columns: [TableRendering.Column]
  private let read: (JSONValue) -> [JSONValue]

  func cells(of object: JSONValue) -> [JSONValue] { read(object) }

  private init(_ names: [String], wide: [String] = [], _ read: @escaping (JSONValue) -> [JSONValue])
  {
    columns =
      names.map { .init(name: $0, format: $0 == "Name" ? "name" : "") }
      + wide.map { .init(name: $0, priority: 1) }
    self.read = read
  }

  init(_ definition: ResourceDefinition, now: Int64) {
    func age(_ object: JSONValue) -> JSONValue {
      .string(Age.text(since: object["metadata"]?["creationTimestamp"]?.string, now: now))
    }
    func name(_ object: JSONValue) -> JSONValue { object["metadata"]?["name"] ?? "" }
    switch definition.type.plural {
    case "pods":
      self.init(
        ["Name", "Ready", "Status", "Restarts", "Age"],
        wide: ["IP", "Node", "Nominated Node", "Readiness Gates"]
      ) { object in
        let status = object["status"]
        let containers = status?["containerStatuses"]?.array ?? []
        let ready = containers.filter { $0["ready"]?.bool == true }.count
        let total = object["spec"]?["containers"]?.array?.count ?? 0
        let restarts = containers.reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) }
        return [
          name(object), .string("\(ready)/\(total)"), .string(Cells.podStatus(object)),
          .string(String(restarts)), age(object), status?["podIP"] ?? "<none>",
          object["spec"]?["nodeName"] ?? "<none>", "<none>", "<none>",
        ]
      }
    case "deployments":
      self.init(
        ["Name", "Ready", "Up-to-date", "Available", "Age"],
        wide: ["Containers", "Images", "Selector"]
      ) { object in
        let status = object["status"]
        let wanted = object["spec"]?["replicas"]?.int ?? 0
        return [
          name(object), .string("\(status?["readyReplicas"]?.int ?? 0)/\(wanted)"),
          status?["updatedReplicas"] ?? 0, status?["availableReplicas"] ?? 0, age(object),
        ] + Cells.workload(object)
      }
    case "replicasets":
      self.init(
        ["Name", "Desired", "Current", "Ready", "Age"], wide: ["Containers", "Images", "Selector"]
      ) { object in
        let status = object["status"]
        return [
          name(object), object["spec"]?["replicas"] ?? 0, status?["replicas"] ?? 0,
          status?["readyReplicas"] ?? 0, age(object),
        ] + Cells.workload(object)
      }
    case "statefulsets":
      self.init(["Name", "Ready", "Age"], wide: ["Containers", "Images"]) { object in
        let ready = object["status"]?["readyReplicas"]?.int ?? 0
        let wanted = object["spec"]?["replicas"]?.int ?? 0
        return [name(object), .string("\(ready)/\(wanted)"), age(object)]
          + Cells.workload(object).dropLast()
      }
    case "services":
      self.init(
        ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age"], wide: ["Selector"]
      ) { object in
        let spec = object["spec"]
        return [
          name(object), spec?["type"] ?? "ClusterIP", spec?["clusterIP"] ?? "<none>",
          .string(Cells.externalAddress(object)), .string(Cells.ports(spec)), age(object),
          .string(Cells.labels(spec?["selector"])),
        ]
      }
    case "configmaps":
      self.init(["Name", "Data", "Age"]) { object in
        let count =
          (object["data"]?.object?.count ?? 0) + (object["binaryData"]?.object?.count ?? 0)
        return [name(object), JSONValue(count), age(object)]
      }
    case "secrets":
      self.init(["Name", "Type", "Data", "Age"]) { object in
        [
          name(object), object["type"] ?? "Opaque",
          JSONValue(object["data"]?.object?.count ?? 0), age(object),
        ]
      }
    case "namespaces":
      self.init(["Name", "Status", "Age"]) { object in
        [name(object), object["status"]?["phase"] ?? "Active", age(object)]
      }
    case "nodes":
      self.init(
        ["Name", "Status", "Roles", "Age", "Version"],
        wide: ["Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"]
      ) { object in
        [
          name(object), .string(Cells.nodeStatus(object)), .string(Cells.nodeRoles(object)),
          age(object),
        ]
          + Cells.nodeInfo(object)
      }
    case "horizontalpodautoscalers":
      self.init(["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"]) {
        object in
        let spec = object["spec"]
        let target = spec?["scaleTargetRef"]
        let reference = "\(target?["kind"]?.string ?? "")/\(target?["name"]?.string ?? "")"
        return [
          name(object), .string(reference), .string(Cells.autoscalerTargets(object)),
          .string(spec?["minReplicas"]?.int.map(String.init) ?? "<unset>"),
          spec?["maxReplicas"] ?? 0, object["status"]?["currentReplicas"] ?? 0, age(object),
        ]
      }
    case "poddisruptionbudgets":
      self.init(["Name", "Min Available", "Max Unavailable", "Allowed Disruptions", "Age"]) {
        object in
        func bound(_ key: String) -> JSONValue {
          switch object["spec"]?[key] {
          case .int(let number): .string(String(number))
          case .string(let text): .string(text)
          default: "N/A"
          }
        }
        return [
          name(object), bound("minAvailable"), bound("maxUnavailable"),
          object["status"]?["disruptionsAllowed"] ?? 0, age(object),
        ]
      }
    case "networkpolicies":
      self.init(["Name", "Pod-Selector", "Age"]) { object in
        [name(object), .string(Cells.selector(object["spec"]?["podSelector"])), age(object)]
      }
    case "events":
      self.init(
        ["Last Seen", "Type", "Reason", "Object", "Message"],
        wide: ["Subobject", "Source", "First Seen", "Count", "Name"]
      ) { object in
        Cells.event(object, now: now)
      }
    case "customresourcedefinitions":
      self.init(["Name", "Created At"]) { object in
        [name(object), object["metadata"]?["creationTimestamp"] ?? ""]
      }
    case "leases":
      self.init(["Name", "Holder", "Age"]) { object in
        [name(object), object["spec"]?["holderIdentity"] ?? "", age(object)]
      }
    case "endpointslices":
      self.init(["Name", "AddressType", "Ports", "Endpoints", "Age"]) { object in
        let ports = (object["ports"]?.array ?? []).compactMap { $0["port"]?.int.map(String.init) }
        let addresses = (object["endpoints"]?.array ?? [])
          .flatMap { $0["addresses"]?.array?.compactMap(\.string) ?? [] }
        return [
          name(object), object["addressType"] ?? "", .string(Cells.joined(ports)),
          .string(Cells.joined(addresses)), age(object),
        ]
      }
    case "endpoints":
      self.init(["Name", "Endpoints", "Age"]) { object in
        [name(object), .string(Cells.endpoints(object)), age(object)]
      }
    case "jobs":
      self.init(["Name", "Status", "Completions", "Duration", "Age"]) { object in
        let done = object["status"]?["succeeded"]?.int ?? 0
        let wanted = object["spec"]?["completions"]?.int ?? 1
        return [
          name(object), done >= wanted ? "Complete" : "Running", .string("\(done)/\(wanted)"), "",
          age(object),
        ]
      }
    case "rolebindings", "clusterrolebindings":
      self.init(["Name", "Role", "Age"]) { object in
        let role = object["roleRef"]
        let text = "\(role?["kind"]?.string ?? "")/\(role?["name"]?.string ?? "")"
        return [name(object), .string(text), age(object)]
      }
    case "clusterroles", "roles":
      self.init(["Name", "Created At"]) { object in
        [name(object), object["metadata"]?["creationTimestamp"] ?? ""]
      }
    default: self.init(["Name", "Age"]) { [name($0), age($0)] }
    }
  }
}
