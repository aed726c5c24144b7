/// Probes, and commands with passwords.
enum ProbeRules {
  static let all = [unexpandedVariable, uselessRedisProbe, passwordInArguments, redundantDelay]

  private static let probes = ["startupProbe", "livenessProbe", "readinessProbe"]

  private static func commands(
    _ set: ManifestSet
  ) -> [(container: ManifestNode, probe: ManifestNode, command: ManifestNode)] {
    set.workloads.flatMap(\.allContainers).flatMap { container in
      probes.map { container[$0] }.filter { $0["exec"]["command"].exists }
        .map { (container, $0, $0["exec"]["command"]) }
    }
  }

  private static let unexpandedVariable = LintRule(
    "probe-variable-not-expanded", ["K9"], .error, "the probe's variable is empty",
    why: """
      The kubelet expands $(NAME) in a probe's command from the values that stand in the manifest. \
      A variable that comes from a Secret, a ConfigMap or a field is not expanded: the probe runs \
      with an empty text.
      """,
    fix: "let a shell in the container expand it: [sh, -c, 'REDISCLI_AUTH=\"$REDIS_PASSWORD\" "
      + "redis-cli -e ping | grep -q PONG']",
    source: "https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/container/helpers.go"
  ) { set, found in
    for (container, _, command) in commands(set) {
      let variables = ContainerVariables(container)
      for word in command.elements {
        for name in ContainerVariables.references(in: word.string ?? "")
        where variables.dynamic.contains(name) {
          found.add(word, "$(\(name)) is not expanded here, because its value comes from elsewhere")
        }
      }
    }
  }

  private static let uselessRedisProbe = LintRule(
    "redis-probe-proves-nothing", ["K9"], .warning, "redis-cli ends well whatever it is told",
    why: """
      Without -e redis-cli exits with 0 although the server has answered with an error: the probe \
      succeeds with a wrong password and while the data is still being loaded.
      """,
    fix: "redis-cli -e ping | grep -q PONG, in a shell",
    source: "https://redis.io/docs/latest/develop/tools/cli/"
  ) { set, found in
    for (_, _, command) in commands(set) {
      let words = command.elements.compactMap(\.string)
      guard words.first.map({ $0 == "redis-cli" || $0.hasSuffix("/redis-cli") }) == true,
        !words.contains("-e")
      else { continue }
      found.add(command, "succeeds although the server answers with an error")
    }
  }

  private static let flags: Set<String> = [
    "-a", "--requirepass", "--pass", "--password", "--token", "--api-key", "--secret",
  ]

  private static let passwordInArguments = LintRule(
    "password-in-arguments", ["K10"], .security, "a password on a command line",
    why: """
      Command lines are in the process list, in kubectl describe, in crash reports and in the node's \
      audit log.
      """,
    fix: "give it in a file from the Secret or in the environment (REDISCLI_AUTH, PGPASSFILE)",
    source: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/"
  ) { set, found in
    for container in set.workloads.flatMap(\.allContainers) {
      let secret = ContainerVariables(container).secret
      let lists =
        [container["command"], container["args"]]
        + probes.map { container[$0]["exec"]["command"] }
      for list in lists {
        let words = list.elements
        for (i, word) in words.enumerated() {
          let text = word.string ?? ""
          let names = ContainerVariables.references(in: text).filter(secret.contains)
          if let name = names.first {
            found.add(word, "the value of \(name) stands on the command line")
          } else if i > 0, let flag = words[i - 1].string, flags.contains(flag),
            !text.isEmpty, !text.hasPrefix("-"), !text.hasPrefix("$"),
            flag != "-a" || isRedis(words)
          {
            found.add(word, "a password stands on the command line after \(flag)")
          }
        }
      }
    }
  }

  private static func isRedis(_ words: [ManifestNode]) -> Bool {
    words.first?.string?.hasSuffix("redis-cli") == true
  }

  private static let redundantDelay = LintRule(
    "redundant-initial-delay", ["K19"], .warning, "a delay beside a startup probe",
    why: """
      Until the startup probe has succeeded, no other probe runs: initialDelaySeconds adds nothing, \
      and its own comes on top of the time that its periods allow.
      """,
    fix: "leave it out, and give the startup probe failureThreshold x periodSeconds",
    source: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"
  ) { set, found in
    for container in set.workloads.flatMap(\.allContainers) where container["startupProbe"].exists {
      for name in probes {
        let delay = container[name]["initialDelaySeconds"]
        guard let seconds = delay.int, seconds > 0 else { continue }
        if name == "startupProbe" {
          let budget =
            (container[name]["failureThreshold"].int ?? 3)
            * (container[name]["periodSeconds"].int ?? 10)
          found.add(
            delay, "the container has \(seconds) s + \(budget) s to start, not \(budget) s")
          continue
        }
        let handlers = ["httpGet", "tcpSocket", "grpc", "exec"]
        let isSame = handlers.allSatisfy {
          container[name][$0].value == container["startupProbe"][$0].value
        }
        found.add(
          delay, "the \(name) waits for the startup probe anyway",
          edits: isSame ? [.remove(delay.pointer)] : [])
      }
    }
  }
}
