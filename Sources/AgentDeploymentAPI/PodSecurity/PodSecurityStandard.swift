import JSON
import KubernetesAPI

/// The Pod Security Standards, as Kubernetes 1.36 enforces them
/// (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
///
/// Stricter in one thing: `hostUsers: false` excuses no root, as a cluster that lacks user namespaces
/// drops the field and keeps the root. It does allow Baseline an unmasked /proc, as in Kubernetes 1.35
/// and later: a server takes that with the field only, and does not drop the one without the other.
struct PodSecurityStandard {
  let level: Security.PodSecurity
  /// Whether the class names the level; else it has it by default.
  var isNamed = true

  private static let capabilities: Set<JSONValue> = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
  ]
  private static let sysctls: Set<String> = [
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
  ]
  private static let seLinuxTypes: Set<JSONValue> = [
    "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t",
  ]
  private static let profiles: Set<JSONValue> = ["RuntimeDefault", "Localhost"]
  private static let volumes: Set<String> = [
    "name", "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image",
    "persistentVolumeClaim", "projected", "secret",
  ]
  private static let appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/"

  /// - Parameter template: a complete pod template.
  func problems(of template: JSONValue) -> [PodProblem] {
    let pod = template.section("spec")
    let containers = PodLists.containers.flatMap {
      PodLists.elements(of: pod, $0, at: ["spec"])
    }
    var problems = annotationProblems(template) + podProblems(pod) + volumeProblems(pod)
    for (container, path) in containers {
      problems += contextProblems(container, path) + containerProblems(container, path)
      if level == .restricted || pod["hostUsers"] != false {
        problems += procProblems(container, path)
      }
    }
    if level == .restricted { problems += missing(in: pod, containers.map(\.element)) }
    return problems
  }

  private var asks: String {
    (isNamed ? "" : "names no level, and so ") + "asks for \(level.rawValue)"
  }

  /// - Parameter allowed: what the field may be, if it is there at all.
  private func problem(_ path: FieldPath, _ allowed: String? = nil) -> PodProblem {
    PodProblem(
      path: path,
      message: "\(asks), which does not allow it"
        + (allowed.map { " to be anything but \($0)" } ?? ""),
      fix: allowed == nil ? "remove it" : nil)
  }

  private func required(_ path: FieldPath, _ value: String) -> PodProblem {
    PodProblem(
      path: path, message: "\(asks), where it has to be \(value)",
      fix: "set it to \(value)")
  }

  // MARK: The pod

  private func annotationProblems(_ template: JSONValue) -> [PodProblem] {
    template.section("metadata").members("annotations").compactMap { key, value in
      guard key.hasPrefix(Self.appArmorAnnotation), let profile = value.string, !profile.isEmpty,
        profile != "runtime/default", !profile.hasPrefix("localhost/")
      else { return nil }
      return problem(["metadata", "annotations", .key(key)], "runtime/default or localhost/*")
    }
  }

  private func podProblems(_ pod: JSONValue) -> [PodProblem] {
    var problems = ["hostNetwork", "hostPID", "hostIPC"].filter { isSet(pod[$0]) }
      .map { problem(["spec", .key($0)]) }
    problems += contextProblems(pod, ["spec"])
    let context = pod.section("securityContext")
    for sysctl in context.items("sysctls") {
      let name = sysctl.text("name") ?? ""
      guard !Self.sysctls.contains(name) else { continue }
      problems.append(
        PodProblem(
          path: ["spec", "securityContext", "sysctls"],
          message: "\(asks), which does not allow \"\(name.prefix(64))\"",
          fix: "remove it"))
    }
    return problems
  }

  private func volumeProblems(_ pod: JSONValue) -> [PodProblem] {
    PodLists.elements(of: pod, "volumes", at: ["spec"]).flatMap { volume, path in
      let kinds = (volume.object ?? [:]).keys.filter { volume.has($0) }
      return kinds.filter {
        level == .restricted ? !Self.volumes.contains($0) : $0 == "hostPath"
      }.map { problem(path.appending($0)) }
    }
  }

  // MARK: What pods and containers have both

  private func contextProblems(_ holder: JSONValue, _ holderPath: FieldPath) -> [PodProblem] {
    let context = holder.section("securityContext")
    let path = holderPath.appending("securityContext")
    var problems: [PodProblem] = []
    if isSet(context[path: "windowsOptions", "hostProcess"]) {
      problems.append(problem(path.appending("windowsOptions").appending("hostProcess")))
    }
    for field in ["appArmorProfile", "seccompProfile"] where context.has(field) {
      guard let type = context[path: field, "type"], Self.profiles.contains(type) else {
        problems.append(
          problem(path.appending(field).appending("type"), "RuntimeDefault or Localhost"))
        continue
      }
    }
    let options = context.section("seLinuxOptions")
    for field in ["user", "role"] where options.has(field) && options[field] != "" {
      problems.append(problem(path.appending("seLinuxOptions").appending(field)))
    }
    if let type = options["type"], !type.isNull, !Self.seLinuxTypes.contains(type) {
      problems.append(
        problem(
          path.appending("seLinuxOptions").appending("type"),
          "container_t, container_init_t, container_kvm_t or container_engine_t"))
    }
    guard level == .restricted else { return problems }
    if context.has("runAsNonRoot"), context["runAsNonRoot"] != true {
      problems.append(required(path.appending("runAsNonRoot"), "true"))
    }
    if context["runAsUser"]?.int == 0 {
      problems.append(
        PodProblem(
          path: path.appending("runAsUser"), message: "\(asks), which does not allow user 0",
          fix: "name another user, or remove it"))
    }
    return problems
  }

  // MARK: Containers

  private func containerProblems(_ container: JSONValue, _ path: FieldPath) -> [PodProblem] {
    let context = container.section("securityContext")
    let place = path.appending("securityContext")
    var problems = hostProblems(container, path)
    if isSet(context["privileged"]) { problems.append(problem(place.appending("privileged"))) }
    let added = context.section("capabilities").items("add")
    let allowed: Set<JSONValue> =
      level == .restricted ? ["NET_BIND_SERVICE"] : Self.capabilities
    for capability in added where !allowed.contains(capability) {
      let name = capability.string ?? capability.serialized()
      problems.append(
        PodProblem(
          path: place.appending("capabilities").appending("add"),
          message: "\(asks), which does not allow \"\(name.prefix(64))\"",
          fix: "remove it"))
    }
    return problems
  }

  private func procProblems(_ container: JSONValue, _ path: FieldPath) -> [PodProblem] {
    let context = container.section("securityContext")
    guard context.has("procMount"), context["procMount"] != "Default" else { return [] }
    return [problem(path.appending("securityContext").appending("procMount"), "Default")]
  }

  /// What of a container reaches the node, or other hosts from it.
  private func hostProblems(_ container: JSONValue, _ path: FieldPath) -> [PodProblem] {
    var problems: [PodProblem] = []
    for (port, place) in PodLists.elements(of: container, "ports", at: path)
    where port.has("hostPort") && port["hostPort"] != 0 {
      problems.append(problem(place.appending("hostPort")))
    }
    let handlers: [[String]] = [
      ["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"],
      ["lifecycle", "preStop"],
    ]
    for handler in handlers {
      for action in ["httpGet", "tcpSocket"] {
        let keys = handler + [action]
        let target = keys.reduce(container) { $0.section($1) }
        guard target.has("host"), target["host"] != "" else { continue }
        problems.append(
          problem(keys.reduce(path) { $0.appending($1) }.appending("host")))
      }
    }
    return problems
  }

  // MARK: What Restricted wants to see

  /// Windows has none of these but users, and Kubernetes refuses a pod of its that sets them.
  private func missing(in pod: JSONValue, _ containers: [JSONValue]) -> [PodProblem] {
    let context = pod.section("securityContext")
    let path: FieldPath = ["spec", "securityContext"]
    var problems: [PodProblem] = []
    let mayBeRoot = containers.contains { !$0.section("securityContext").has("runAsNonRoot") }
    if !context.has("runAsNonRoot"), mayBeRoot {
      problems.append(required(path.appending("runAsNonRoot"), "true"))
    }
    guard pod[path: "os", "name"] != "windows" else { return problems }
    let isUnconfined = containers.contains {
      !$0.section("securityContext").has("seccompProfile")
    }
    if !context.has("seccompProfile"), isUnconfined {
      problems.append(
        required(path.appending("seccompProfile").appending("type"), "RuntimeDefault"))
    }
    for list in PodLists.containers {
      for (container, place) in PodLists.elements(of: pod, list, at: ["spec"]) {
        let context = container.section("securityContext")
        let path = place.appending("securityContext")
        if context["allowPrivilegeEscalation"] != false {
          problems.append(required(path.appending("allowPrivilegeEscalation"), "false"))
        }
        if !context.section("capabilities").items("drop").contains("ALL") {
          problems.append(
            required(path.appending("capabilities").appending("drop"), "[ALL]"))
        }
      }
    }
    return problems
  }

  /// A value that is no boolean is refused by the API server, but not excused here.
  private func isSet(_ value: JSONValue?) -> Bool {
    guard let value else { return false }
    return value != false && !value.isNull
  }
}
