import JSON
import KubernetesAPI

/// Validation of services, ingresses and network policies.
enum NetworkValidation {
  static func service(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    let type = spec["type"]?.string ?? ""
    let ports = spec["ports"]?.array ?? []
    if ports.isEmpty, type != "ExternalName", spec["clusterIP"] != "None" {
      causes.append(.required("spec.ports"))
    }
    var names: Set<String> = []
    var numbers: Set<String> = []
    for (position, port) in ports.enumerated() {
      let at = "spec.ports[\(position)]"
      let name = port["name"]?.string ?? ""
      if name.isEmpty {
        if ports.count > 1 { causes.append(.required("\(at).name")) }
      } else if let fault = NameMessages.label(name) {
        causes.append(.invalid("\(at).name", "\"\(name)\"", fault))
      } else if !names.insert(name).inserted {
        causes.append(.duplicate("\(at).name", "\"\(name)\""))
      }
      let number = port["port"]?.int ?? 0
      if !(1...65535).contains(number) {
        causes.append(.invalid("\(at).port", String(number), NameMessages.portRange))
      } else if !numbers.insert("\(port["protocol"]?.string ?? "")/\(number)").inserted {
        causes.append(
          .duplicate(
            at,
            JSONValue.object(["port": JSONValue(number), "protocol": port["protocol"] ?? "TCP"])
              .serialized()))
      }
      switch port["targetPort"] {
      case .int(let target)? where !(1...65535).contains(target):
        causes.append(.invalid("\(at).targetPort", String(target), NameMessages.portRange))
      case .string(let target)?:
        if let fault = NameFormat.portName.problem(in: target) {
          causes.append(.invalid("\(at).targetPort", "\"\(target)\"", fault))
        }
      default: break
      }
      if type == "ClusterIP", port["nodePort"] != nil {
        causes.append(
          .forbidden("\(at).nodePort", "may not be used when `type` is 'ClusterIP'"))
      }
      PodValidation.oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], "\(at).protocol", &causes)
    }
    PodValidation.oneOf(
      spec["type"], ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], "spec.type", &causes)
    PodValidation.oneOf(
      spec["sessionAffinity"], ["ClientIP", "None"], "spec.sessionAffinity", &causes)
    if type == "ExternalName" {
      if let name = spec["externalName"]?.string, !name.isEmpty {
        let bare = name.hasSuffix(".") ? String(name.dropLast()) : name
        if let fault = NameMessages.subdomain(bare) {
          causes.append(.invalid("spec.externalName", "\"\(name)\"", fault))
        }
      } else {
        causes.append(.required("spec.externalName"))
      }
    }
    typeDependent(spec, type, &causes)
    causes += MetadataValidation.labels(spec["selector"], "spec.selector")
    if let address = spec["clusterIP"]?.string, !["", "None"].contains(address),
      !IPText.isIPv4(address), !IPText.isIPv6(address)
    {
      causes.append(
        .invalid(
          "spec.clusterIPs[0]", "\"\(address)\"",
          "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"))
    }
  }

  /// What only some types of services can have.
  private static func typeDependent(
    _ spec: JSONValue, _ type: String, _ causes: inout [FieldCause]
  ) {
    if ServiceAllocation.isReachableFromOutside(spec) {
      PodValidation.oneOf(
        spec["externalTrafficPolicy"], ["Cluster", "Local"], "spec.externalTrafficPolicy", &causes)
    } else if let policy = spec["externalTrafficPolicy"] {
      causes.append(
        .invalid(
          "spec.externalTrafficPolicy", policy.serialized(),
          "may only be set for externally-accessible services"))
    }
    if type != "ExternalName" {
      PodValidation.oneOf(
        spec["internalTrafficPolicy"], ["Cluster", "Local"], "spec.internalTrafficPolicy", &causes)
    }
    if type != "LoadBalancer" {
      for key in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] where spec[key] != nil {
        causes.append(
          .forbidden("spec.\(key)", "may only be used when `type` is 'LoadBalancer'"))
      }
    }
    if let port = spec["healthCheckNodePort"],
      type != "LoadBalancer" || spec["externalTrafficPolicy"] != "Local"
    {
      causes.append(
        .invalid(
          "spec.healthCheckNodePort", port.serialized(),
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
    }
    if spec["clusterIP"] == "None", ServiceAllocation.needsNodePorts(spec) {
      causes.append(
        .invalid(
          "spec.clusterIPs[0]", "\"None\"", "may not be set to 'None' for \(type) services"))
    }
    if let list = spec["clusterIPs"], let first = list[0], first != spec["clusterIP"] {
      causes.append(
        .invalid(
          "spec.clusterIPs", list.serialized(),
          spec["clusterIP"] == nil
            ? "must be empty when `clusterIP` is not specified"
            : "first value must match `clusterIP`"))
    }
  }

  static func serviceUpdate(
    _ old: JSONValue, _ new: JSONValue, _ causes: inout [FieldCause]
  ) {
    guard old[path: "spec", "type"] != "ExternalName", new[path: "spec", "type"] != "ExternalName",
      let before = old[path: "spec", "clusterIP"], let after = new[path: "spec", "clusterIP"],
      before != after
    else { return }
    causes.append(
      .invalid(
        "spec.clusterIPs[0]", JSONValue.array([after]).serialized(), "may not change once set"))
  }

  static func ingress(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    if spec["rules"]?.array?.isEmpty != false, spec["defaultBackend"] == nil {
      causes.append(
        .invalid("spec", "null", "either `defaultBackend` or `rules` must be specified"))
    }
    if let backend = spec["defaultBackend"] {
      Self.backend(backend, "spec.defaultBackend", &causes)
    }
    for (position, rule) in (spec["rules"]?.array ?? []).enumerated() {
      let at = "spec.rules[\(position)]"
      if let host = rule["host"]?.string, !host.isEmpty {
        if host.contains("*") {
          let rest = host.hasPrefix("*.") ? String(host.dropFirst(2)) : ""
          if !NameFormat.dns1123Subdomain.accepts(rest) {
            causes.append(
              .invalid(
                "\(at).host", "\"\(host)\"",
                "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS "
                  + "subdomain, which must consist of lower case alphanumeric characters, '-' or "
                  + "'.' and end with an alphanumeric character (e.g. '*.example.com', regex used "
                  + "for validation is "
                  + "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"))
          }
        } else if let fault = NameMessages.subdomain(host) {
          causes.append(.invalid("\(at).host", "\"\(host)\"", fault))
        }
      }
      for (index, path) in (rule[path: "http", "paths"]?.array ?? []).enumerated() {
        Self.path(path, "\(at).http.paths[\(index)]", &causes)
      }
    }
  }

  private static func path(_ path: JSONValue, _ at: String, _ causes: inout [FieldCause]) {
    let type = path["pathType"]?.string
    let text = path["path"]?.string ?? ""
    switch type {
    case nil: causes.append(.required("\(at).pathType", "pathType must be specified"))
    case "Exact"?, "Prefix"?:
      if !text.hasPrefix("/") {
        causes.append(.invalid("\(at).path", "\"\(text)\"", "must be an absolute path"))
      }
    case "ImplementationSpecific"?:
      if !text.isEmpty, !text.hasPrefix("/") {
        causes.append(.invalid("\(at).path", "\"\(text)\"", "must be an absolute path"))
      }
    default:
      PodValidation.oneOf(
        path["pathType"], ["Exact", "ImplementationSpecific", "Prefix"], "\(at).pathType", &causes)
    }
    backend(path["backend"] ?? [:], "\(at).backend", &causes)
  }

  private static func backend(
    _ backend: JSONValue, _ at: String, _ causes: inout [FieldCause]
  ) {
    if backend["service"] == nil, backend["resource"] == nil {
      causes.append(.required(at, "resource or service backend is required"))
    }
    guard let service = backend["service"] else { return }
    if service["name"]?.string?.isEmpty != false {
      causes.append(.required("\(at).service.name"))
    }
    let port = service["port"]
    if port?["name"]?.string?.isEmpty != false, (port?["number"]?.int ?? 0) == 0 {
      causes.append(.required(at, "port name or number is required"))
    }
  }

  static func policy(_ spec: JSONValue, _ causes: inout [FieldCause]) {
    if let selector = spec["podSelector"] {
      WorkloadValidation.checkSelector(selector, "spec.podSelector", &causes)
    }
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
      for (position, rule) in (spec[direction]?.array ?? []).enumerated() {
        let at = "spec.\(direction)[\(position)]"
        for (index, peer) in (rule[peers]?.array ?? []).enumerated() {
          Self.peer(peer, "\(at).\(peers)[\(index)]", &causes)
        }
        for (index, port) in (rule["ports"]?.array ?? []).enumerated() {
          if let number = port["port"], let value = number.int, !(1...65535).contains(value) {
            causes.append(
              .invalid("\(at).ports[\(index)].port", String(value), NameMessages.portRange))
          }
        }
      }
    }
    for (position, type) in (spec["policyTypes"]?.array ?? []).enumerated()
    where type != "Ingress" && type != "Egress" {
      causes.append(
        .notSupported(
          "spec.policyTypes[\(position)]", type.serialized(), ["\"Ingress\"", "\"Egress\""]))
    }
  }

  private static func peer(_ peer: JSONValue, _ at: String, _ causes: inout [FieldCause]) {
    if peer.object?.isEmpty != false {
      causes.append(.required(at, "must specify a peer"))
    }
    if let block = peer["ipBlock"] {
      if peer["podSelector"] != nil || peer["namespaceSelector"] != nil {
        causes.append(
          .forbidden(at, "may not specify both ipBlock and another peer"))
      }
      let cidr = block["cidr"]?.string ?? ""
      if cidr.isEmpty {
        causes.append(.required("\(at).ipBlock.cidr"))
      } else if !IPText.isCIDR(cidr) {
        causes.append(
          .invalid(
            "\(at).ipBlock.cidr", "\"\(cidr)\"",
            "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"))
      }
    }
  }
}
