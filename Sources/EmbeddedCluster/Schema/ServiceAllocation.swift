import JSON
import KubernetesAPI

/// The addresses and ports that Services have.
struct ServiceAllocations {
  var addresses: Set<String> = []
  var nodePorts: Set<Int> = []

  /// Adds what a Service's spec has.
  mutating func insert(_ spec: JSONValue) {
    if let address = spec["clusterIP"]?.string, address != "None" { addresses.insert(address) }
    nodePorts.formUnion((spec["ports"]?.array ?? []).compactMap { $0["nodePort"]?.int })
    if let port = spec["healthCheckNodePort"]?.int { nodePorts.insert(port) }
  }
}

/// Gives Services addresses and ports, and takes back what their type has no use for
/// (kubernetes `pkg/registry/core/service`).
enum ServiceAllocation {
  static let nodePorts = 30000...32767

  /// The service range 10.96.0.0/12.
  static func isServiceAddress(_ address: String) -> Bool {
    let numbers = address.split(separator: ".").compactMap { Int($0) }
    return numbers.count == 4 && numbers[0] == 10 && (96...111).contains(numbers[1])
  }

  private static let addressKeys = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]

  static func needsNodePorts(_ spec: JSONValue) -> Bool {
    spec["type"] == "NodePort" || spec["type"] == "LoadBalancer"
  }

  private static func needsHealthPort(_ spec: JSONValue) -> Bool {
    spec["type"] == "LoadBalancer" && spec["externalTrafficPolicy"] == "Local"
  }

  static func isReachableFromOutside(_ spec: JSONValue) -> Bool {
    needsNodePorts(spec)
      || spec["type"] == "ClusterIP" && spec["externalIPs"]?.array?.isEmpty == false
  }

  /// Removes what another type had a use for, unless the update itself changes it.
  static func dropUnused(_ spec: inout JSONValue, old: JSONValue) {
    func drop(_ keys: [String]) {
      for key in keys where spec[key] == old[key] { spec[key] = nil }
    }
    if spec["type"] == "ExternalName", old["type"] != "ExternalName" {
      drop(addressKeys + ["internalTrafficPolicy"])
    }
    if needsNodePorts(old), !needsNodePorts(spec),
      nodePorts(of: spec).isSubset(of: nodePorts(of: old))
    {
      spec.modifyEach("ports") { $0["nodePort"] = nil }
    }
    if needsHealthPort(old), !needsHealthPort(spec) { drop(["healthCheckNodePort"]) }
    if old["type"] == "LoadBalancer", spec["type"] != "LoadBalancer" {
      drop(["allocateLoadBalancerNodePorts", "loadBalancerClass"])
    }
    if isReachableFromOutside(old), !isReachableFromOutside(spec) {
      drop(["externalTrafficPolicy"])
    }
  }

  static func allocate(_ spec: inout JSONValue, old: JSONValue?, _ context: RulesContext) {
    guard spec["type"] != "ExternalName" else {
      for key in addressKeys { spec[key] = nil }
      return
    }
    if let old, old["type"] != "ExternalName" {
      // An update that leaves out what was allocated means to keep it.
      for key in addressKeys where spec[key] == nil { spec[key] = old[key] }
      // Who changes one of the two fields means both.
      if spec["clusterIP"] != old["clusterIP"], spec["clusterIPs"] == old["clusterIPs"] {
        spec["clusterIPs"] = nil
      }
    }
    // With the second field alone it is refused, and gets nothing.
    if spec["clusterIP"] == nil, spec["clusterIPs"]?[0] == nil {
      spec["clusterIP"] = .string(context.nextClusterIP())
    }
    spec.fill("clusterIPs", .array([spec["clusterIP"] ?? ""]))
    spec.fill("ipFamilies", ["IPv4"])
    spec.fill("ipFamilyPolicy", "SingleStack")
    guard needsNodePorts(spec) else { return }
    if wantsNodePorts(spec) { allocatePorts(&spec, old: old, context) }
    if needsHealthPort(spec), spec["healthCheckNodePort"] == nil {
      spec["healthCheckNodePort"] =
        old?["healthCheckNodePort"]
        ?? context.nextNodePort(nodePorts(of: spec)).map { JSONValue($0) }
    }
  }

  private static func wantsNodePorts(_ spec: JSONValue) -> Bool {
    needsNodePorts(spec) && spec["allocateLoadBalancerNodePorts"] != false
  }

  private static func nodePorts(of spec: JSONValue) -> Set<Int> {
    Set((spec["ports"]?.array ?? []).compactMap { $0["nodePort"]?.int })
  }

  private static func allocatePorts(
    _ spec: inout JSONValue, old: JSONValue?, _ context: RulesContext
  ) {
    if let old, needsNodePorts(old) { keepPorts(&spec, old) }
    var given = nodePorts(of: spec)
    // One port with several protocols has one node port.
    var shared: [JSONValue: JSONValue] = [:]
    for port in spec["ports"]?.array ?? [] where port["nodePort"] != nil {
      shared[port["port"] ?? 0] = shared[port["port"] ?? 0] ?? port["nodePort"]
    }
    spec.modifyEach("ports") { port in
      guard port["nodePort"] == nil else { return }
      let number = port["port"] ?? 0
      if shared[number] == nil, let free = context.nextNodePort(given) {
        given.insert(free)
        shared[number] = JSONValue(free)
      }
      port["nodePort"] = shared[number]
    }
  }

  /// Gives ports that say none the node ports that they had: a port is the same by its name.
  private static func keepPorts(_ spec: inout JSONValue, _ old: JSONValue) {
    var known: [JSONValue: JSONValue] = [:]
    for port in old["ports"]?.array ?? [] { known[port["name"] ?? ""] = port["nodePort"] }
    var used = nodePorts(of: old).intersection(nodePorts(of: spec))
    spec.modifyEach("ports") { port in
      guard port["nodePort"] == nil, let own = known[port["name"] ?? ""], let number = own.int,
        used.insert(number).inserted
      else { return }
      port["nodePort"] = own
    }
  }

  /// What could not be allocated to a Service that may have it.
  static func shortage(_ spec: JSONValue) -> String? {
    if wantsNodePorts(spec),
      (spec["ports"]?.array ?? []).contains(where: { $0["nodePort"] == nil })
    {
      return "failed to allocate a nodePort: range is full"
    }
    guard needsHealthPort(spec), spec["healthCheckNodePort"] == nil else { return nil }
    return "failed to allocate a HealthCheck NodePort 0: range is full"
  }

  /// What a Service wants that it cannot have: the first of it, as a server that allocates stops
  /// there.
  static func causes(_ service: JSONValue, old: JSONValue?, _ context: RulesContext) -> [FieldCause]
  {
    let spec = service["spec"] ?? [:]
    let before = old?["spec"] ?? [:]
    var own = ServiceAllocations()
    if before["type"] != "ExternalName" { own.insert(before) }
    var wanted = ServiceAllocations()
    if spec["type"] != "ExternalName" { wanted.insert(spec) }
    let isNew =
      !wanted.addresses.isSubset(of: own.addresses) || !wanted.nodePorts.isSubset(of: own.nodePorts)
    guard isNew || old == nil else { return [] }
    let taken = context.allocations(service[path: "metadata", "uid"]?.string ?? "")
    for address in wanted.addresses.subtracting(own.addresses) {
      let why: String? =
        if !isServiceAddress(address) {
          "the provided network does not match the current range"
        } else if taken.addresses.contains(address) {
          "provided IP is already allocated"
        } else {
          nil
        }
      guard let why else { continue }
      let list = (spec["clusterIPs"] ?? []).serialized()
      return [.invalid("spec.clusterIPs", list, "failed to allocate IP \(address): \(why)")]
    }
    var seen: Set<String> = []
    for (position, port) in (spec["ports"]?.array ?? []).enumerated() {
      guard needsNodePorts(spec), let number = port["nodePort"]?.int else { continue }
      let isRepeated = !seen.insert("\(port["protocol"]?.string ?? "")/\(number)").inserted
      let why: String? =
        if !nodePorts.contains(number) {
          "provided port is not in the valid range. The range of valid ports is 30000-32767"
        } else if isRepeated || !own.nodePorts.contains(number) && taken.nodePorts.contains(number)
        {
          "provided port is already allocated"
        } else {
          nil
        }
      if let why {
        return [.invalid("spec.ports[\(position)].nodePort", String(number), why)]
      }
    }
    return []
  }
}
