import JSON
import KubernetesAPI

/// What the schema cannot say about KEDA's triggers: it may not look into maps within lists.
enum TriggerChecks {
  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    for (i, metric) in spec.section("scaling").items("metrics").enumerated() {
      let path: FieldPath = ["spec", "scaling", "metrics", .index(i)]
      MetadataChecks.checkLabels(metric["selector"], path.appending("selector"), report)
      guard let trigger = metric["trigger"], let type = trigger["type"]?.string else { continue }
      let known = TriggerTarget.of(type)
      let key = trigger["targetKey"]?.string ?? known?.key
      if let known, known.isWhole, known.key == key, metric["target"]?.string?.contains(".") == true
      {
        report(
          FieldError(
            path.appending("target"), .invalid, "\(type) takes whole numbers only"))
      }
      let place = path.appending("trigger").appending("metadata")
      for (name, value) in trigger.members("metadata") {
        let setting = place.appending(name)
        if !ScalingMetricFields.settingName.matches(name) {
          report(
            FieldError(
              setting, .invalid, "the key must be \(ScalingMetricFields.settingName.meaning)"))
        }
        if name == key {
          report(FieldError(setting, .forbidden, "is what target says: remove it"))
        }
        if isSecret(name) || hasCredentials(value.string ?? "") {
          report(
            FieldError(
              setting, .forbidden, "a credential has no place in a manifest",
              fix: "name its Secret in secretTargetRef"))
        }
      }
    }
  }

  /// Scalers' settings that are credentials themselves. With `FromEnv` behind them they name a
  /// variable of the agent.
  private static let secrets: Set<String> = [
    "accesskey", "accesstoken", "apikey", "apitoken", "awssecretaccesskey", "bearertoken",
    "clientsecret", "connection", "connectionstring", "key", "passwd", "password", "privatekey",
    "saslpassword", "sastoken", "secret", "secretkey", "sentinelpassword", "token",
  ]

  private static func isSecret(_ name: String) -> Bool { secrets.contains(name.lowercased()) }

  /// `amqp://user:password@host`
  private static func hasCredentials(_ value: String) -> Bool {
    guard let scheme = value.firstRange(of: "://") else { return false }
    let authority = value[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@") else { return false }
    return authority[..<at].contains(":")
  }
}
