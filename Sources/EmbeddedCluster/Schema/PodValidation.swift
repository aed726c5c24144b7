import JSON
import KubernetesAPI

/// Validation of pods and of the templates they are made from.
enum PodValidation {
  static func spec(_ spec: JSONValue, _ path: String, _ causes: inout [FieldCause]) {
    let containers = spec["containers"]?.array ?? []
    if containers.isEmpty { causes.append(.required("\(path).containers")) }
    let volumes = volumeNames(spec["volumes"]?.array ?? [], "\(path).volumes", &causes)
    var names: Set<String> = []
    for (list, isInit) in [("initContainers", true), ("containers", false)] {
      for (position, value) in (spec[list]?.array ?? []).enumerated() {
        let at = "\(path).\(list)[\(position)]"
        container(value, at, volumes, &causes)
        if isInit, value["restartPolicy"]?.string != "Always" {
          for probe in ["livenessProbe", "readinessProbe", "startupProbe"]
          where value[probe] != nil {
            causes.append(
              .forbidden(
                "\(at).\(probe)", "may not be set for init containers without restartPolicy=Always")
            )
          }
        }
        guard let name = value["name"]?.string, !name.isEmpty else { continue }
        if !names.insert(name).inserted { causes.append(.duplicate("\(at).name", "\"\(name)\"")) }
      }
    }
    oneOf(
      spec["restartPolicy"], ["Always", "OnFailure", "Never"], "\(path).restartPolicy", &causes)
    oneOf(
      spec["dnsPolicy"], ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
      "\(path).dnsPolicy", &causes)
    PodDetails.spec(spec, path, &causes)
    if let account = spec["serviceAccountName"]?.string, !account.isEmpty,
      let fault = NameMessages.subdomain(account)
    {
      causes.append(.invalid("\(path).serviceAccountName", "\"\(account)\"", fault))
    }
    causes += MetadataValidation.labels(spec["nodeSelector"], "\(path).nodeSelector")
    for (position, constraint) in (spec["topologySpreadConstraints"]?.array ?? []).enumerated() {
      let at = "\(path).topologySpreadConstraints[\(position)]"
      if let skew = constraint["maxSkew"]?.int, skew <= 0 {
        causes.append(.invalid("\(at).maxSkew", String(skew), "must be greater than zero"))
      }
      if constraint["topologyKey"]?.string?.isEmpty != false {
        causes.append(.required("\(at).topologyKey", "can not be empty"))
      }
      oneOf(
        constraint["whenUnsatisfiable"], ["DoNotSchedule", "ScheduleAnyway"],
        "\(at).whenUnsatisfiable", &causes)
    }
  }

  static func oneOf(
    _ value: JSONValue?, _ supported: [String], _ path: String, _ causes: inout [FieldCause]
  ) {
    guard let text = value?.string, !supported.contains(text) else { return }
    causes.append(
      .notSupported(path, "\"\(text)\"", supported.sorted().map { "\"\($0)\"" }))
  }

  private static func volumeNames(
    _ volumes: [JSONValue], _ path: String, _ causes: inout [FieldCause]
  ) -> Set<String> {
    var names: Set<String> = []
    for (position, volume) in volumes.enumerated() {
      let name = volume["name"]?.string ?? ""
      let at = "\(path)[\(position)]"
      if name.isEmpty {
        causes.append(.required("\(at).name"))
      } else if let fault = NameMessages.label(name) {
        causes.append(.invalid("\(at).name", "\"\(name)\"", fault))
      } else if !names.insert(name).inserted {
        causes.append(.duplicate("\(at).name", "\"\(name)\""))
      }
      if let secret = volume["secret"], secret["secretName"]?.string?.isEmpty != false {
        causes.append(.required("\(at).secret.secretName"))
      }
      if let config = volume["configMap"], config["name"]?.string?.isEmpty != false {
        causes.append(.required("\(at).configMap.name"))
      }
      if (volume.object?.count ?? 0) > 2 {
        let sources = volume.object?.keys.filter { $0 != "name" } ?? []
        for source in sources.dropFirst() {
          causes.append(
            .forbidden("\(at).\(source)", "may not specify more than 1 volume type"))
        }
      }
    }
    return names
  }

  private static func container(
    _ container: JSONValue, _ path: String, _ volumes: Set<String>, _ causes: inout [FieldCause]
  ) {
    let name = container["name"]?.string ?? ""
    if name.isEmpty {
      causes.append(.required("\(path).name"))
    } else if let fault = NameMessages.label(name) {
      causes.append(.invalid("\(path).name", JSONValue.string(name).serialized(), fault))
    }
    let image = container["image"]?.string ?? ""
    if image.isEmpty {
      causes.append(.required("\(path).image"))
    } else if image != image.trimmedOfSpaces, path.hasPrefix("spec.containers") {
      // Of pods only: a template may have it.
      causes.append(
        .invalid("\(path).image", "\"\(image)\"", "must not have leading or trailing whitespace"))
    }
    oneOf(
      container["imagePullPolicy"], ["Always", "IfNotPresent", "Never"],
      "\(path).imagePullPolicy", &causes)
    ports(container["ports"]?.array ?? [], "\(path).ports", &causes)
    for (position, variable) in (container["env"]?.array ?? []).enumerated() {
      let name = variable["name"]?.string ?? ""
      let at = "\(path).env[\(position)]"
      if name.isEmpty {
        causes.append(.required("\(at).name"))
      } else if let fault = NameMessages.environmentVariable(name) {
        causes.append(.invalid("\(at).name", JSONValue.string(name).serialized(), fault))
      }
      if variable["valueFrom"] != nil, variable["value"]?.string?.isEmpty == false {
        causes.append(
          .invalid("\(at).valueFrom", "\"\"", "may not be specified when `value` is not empty"))
      }
    }
    var mountPaths: Set<String> = []
    for (position, mount) in (container["volumeMounts"]?.array ?? []).enumerated() {
      let at = "\(path).volumeMounts[\(position)]"
      let name = mount["name"]?.string ?? ""
      if name.isEmpty {
        causes.append(.required("\(at).name"))
      } else if !volumes.contains(name) {
        causes.append(
          FieldCause(
            reason: "FieldValueNotFound", field: "\(at).name", message: "Not found: \"\(name)\""))
      }
      let mountPath = mount["mountPath"]?.string ?? ""
      if mountPath.isEmpty {
        causes.append(.required("\(at).mountPath"))
      } else if !mountPaths.insert(mountPath).inserted {
        causes.append(.invalid("\(at).mountPath", "\"\(mountPath)\"", "must be unique"))
      }
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
      if let value = container[probe] { Self.probe(value, probe, "\(path).\(probe)", &causes) }
    }
    resources(container["resources"] ?? [:], "\(path).resources", &causes)
  }

  private static func ports(
    _ ports: [JSONValue], _ path: String, _ causes: inout [FieldCause]
  ) {
    var names: Set<String> = []
    for (position, port) in ports.enumerated() {
      let at = "\(path)[\(position)]"
      if let name = port["name"]?.string, !name.isEmpty {
        if let fault = NameFormat.portName.problem(in: name) {
          causes.append(.invalid("\(at).name", "\"\(name)\"", fault))
        } else if !names.insert(name).inserted {
          causes.append(.duplicate("\(at).name", "\"\(name)\""))
        }
      }
      let number = port["containerPort"]?.int ?? 0
      if number == 0 {
        causes.append(.required("\(at).containerPort"))
      } else if !(1...65535).contains(number) {
        causes.append(
          .invalid("\(at).containerPort", String(number), NameMessages.portRange))
      }
      if let host = port["hostPort"]?.int, !(1...65535).contains(host) {
        causes.append(.invalid("\(at).hostPort", String(host), NameMessages.portRange))
      }
      oneOf(port["protocol"], ["SCTP", "TCP", "UDP"], "\(at).protocol", &causes)
    }
  }

  /// What a probe or a hook does.
  ///
  /// - Parameter kinds: in the order in which a server looks at them.
  static func oneHandler(
    _ object: JSONValue, _ kinds: [String], _ path: String, _ causes: inout [FieldCause]
  ) {
    let handlers = kinds.filter { object[$0] != nil }
    if handlers.isEmpty { causes.append(.required(path, "must specify a handler type")) }
    for handler in handlers.dropFirst() {
      causes.append(
        .forbidden("\(path).\(handler)", "may not specify more than 1 handler type"))
    }
  }

  private static func probe(
    _ probe: JSONValue, _ kind: String, _ path: String, _ causes: inout [FieldCause]
  ) {
    oneHandler(probe, ["exec", "httpGet", "tcpSocket", "grpc"], path, &causes)
    for key in [
      "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
      "failureThreshold",
    ] {
      if let number = probe[key]?.int, number < 0 {
        causes.append(
          .invalid("\(path).\(key)", String(number), "must be greater than or equal to 0"))
      }
    }
    if kind != "readinessProbe", let count = probe["successThreshold"]?.int, count != 1 {
      causes.append(.invalid("\(path).successThreshold", String(count), "must be 1"))
    }
  }

  static func resources(
    _ resources: JSONValue, _ path: String, _ causes: inout [FieldCause]
  ) {
    let limits = resources["limits"]?.object ?? [:]
    for (list, values) in [("limits", limits), ("requests", resources["requests"]?.object ?? [:])] {
      for (name, value) in values {
        guard let quantity = value.string.flatMap({ Quantity($0) }) else { continue }
        if quantity.isNegative {
          causes.append(
            .invalid(
              "\(path).\(list)[\(name)]", value.serialized(),
              "must be greater than or equal to 0"))
        }
        guard list == "requests", let limit = limits[name]?.string,
          let bound = Quantity(limit)
        else { continue }
        if !PodDetails.mayBeOvercommitted(name), bound != quantity {
          causes.append(
            .invalid(
              "\(path).requests", value.serialized(), "must be equal to \(name) limit of \(limit)"))
        } else if bound < quantity {
          causes.append(
            .invalid(
              "\(path).requests", value.serialized(),
              "must be less than or equal to \(name) limit of \(limit)"))
        }
      }
    }
  }
}

extension String {
  var trimmedOfSpaces: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
