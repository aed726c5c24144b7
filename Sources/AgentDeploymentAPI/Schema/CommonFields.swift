import JSON
import KubernetesAPI

/// The kinds of values that several fields share.
extension Pattern {
  /// GEP-2257.
  static let duration = Pattern(
    "^([0-9]{1,5}(h|m|s|ms)){1,4}$", "a duration such as 30s, 5m or 1h30m")
  static let decimal = Pattern(
    "^[0-9]{1,9}(\\.[0-9]{1,4})?$", "a decimal number such as \"70\" or \"0.5\"")
  static let quantity = Pattern(
    "^([0-9]{1,15}(\\.[0-9]{1,9})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$",
    "a quantity such as 500m, 2 or 1Gi")
  static let label = Pattern(
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
    "a name of lower case letters, digits and '-', with a letter or digit at both ends")
  static let subdomain = Pattern(
    "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
    "a name of lower case letters, digits, '-' and '.', with a letter or digit at both ends "
      + "and around each '.'")
  private static let hostLabel = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
  /// Of two parts at least, of 63 characters at most.
  static let fullHost = Pattern(
    "^(\\*\\.)?\(hostLabel)(\\.\(hostLabel))+$",
    "a full host name such as support.example.com, with at most 63 characters between two dots")
  static let portName = Pattern(
    "^([0-9]+-)*[0-9]*[a-z][a-z0-9]*(-[a-z0-9]+)*$",
    "a port name: lower case letters, digits and single '-' between them, with a letter")
  static let environmentVariable = Pattern(
    "^[A-Za-z_][A-Za-z0-9_]*$",
    "a variable name: letters, digits and '_', not starting with a digit")
  static let configMapKey = Pattern(
    "^([-_A-Za-z0-9]|\\.[-_A-Za-z0-9])[-._A-Za-z0-9]*$",
    "a key of letters, digits, '-', '_' and '.', not starting with \"..\"")
  /// RFC 3339.
  static let time = Pattern(
    "^2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
      + "(Z|[-+][0-9]{2}:[0-9]{2})$",
    "a time such as 2026-12-01T12:00:00Z")
  /// From 1 to 65535; part of other patterns.
  static let port =
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
  static let serviceURL = Pattern(
    "^https?://[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:\(port))?(/[!-~]*)?$",
    "a URL such as http://otel-collector.monitoring:4317, with a port of at most 65535")
  /// Without query and fragment, because names are appended; without braces, which are templates.
  static let runbooks = Pattern(
    "^https?://[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?(:\(port))?(/[-._~/A-Za-z0-9]*)?$",
    "a URL such as https://runbooks.example.com/agents")
  static let image = Pattern("^[!-~]+$", "an image reference without spaces")
  /// Of entries of a section that have names.
  static let section = Pattern(
    "^[a-z]([-a-z0-9]*[a-z0-9])?$",
    "a name of lower case letters, digits and '-' that starts with a letter")
  static let urlPath = Pattern("^/[!-~]*$", "a path that starts with '/'")
  static let directory = Pattern(
    "^(/\\.?[-_A-Za-z0-9][-._A-Za-z0-9]*)+$",
    "an absolute directory such as /etc/agent/prompts, without \"..\" and without '/' at the end")
}

extension FieldSchema {
  /// A duration within bounds.
  ///
  /// - Parameter zero: what 0s means, as in "0s for none"; nil where it may not be.
  static func duration(
    _ description: String, _ least: String, _ most: String, orZero zero: String? = nil,
    default: String? = nil
  ) -> FieldSchema {
    let lower = KubernetesDuration(least) ?? KubernetesDuration(milliseconds: 0)
    let upper = KubernetesDuration(most) ?? lower
    let within =
      "duration(self) >= duration('\(least)') && duration(self) <= duration('\(most)')"
    let rule = FieldRule(
      zero != nil ? "duration(self) == duration('0s') || (\(within))" : within,
      "must be between \(least) and \(most)" + (zero.map { ", or 0s \($0)" } ?? "")
    ) { value in
      guard let duration = value.string.flatMap({ KubernetesDuration($0) }) else { return false }
      return (lower...upper).contains(duration) || (zero != nil && duration.milliseconds == 0)
    }
    return .string(
      description, length: 2...28, matching: .duration, default: `default`, rules: [rule])
  }

  /// A percentage as a decimal string.
  static func percentage(_ description: String, mayBeZero: Bool) -> FieldSchema {
    let comparison = mayBeZero ? ">=" : ">"
    let rule = FieldRule(
      "double(self) \(comparison) 0.0 && double(self) <= 100.0",
      "must be \(mayBeZero ? "from 0" : "greater than 0") and at most 100"
    ) { value in
      guard let decimal = value.string.flatMap({ DecimalString($0) }) else { return false }
      return decimal.tenThousandths <= 1_000_000 && (mayBeZero || decimal.tenThousandths > 0)
    }
    return .string(description, length: 1...14, matching: .decimal, rules: [rule])
  }

  /// The name of an object that is addressed as a DNS subdomain: Secrets, ConfigMaps, Gateways.
  static func objectName(_ description: String) -> FieldSchema {
    .string(description, length: 1...253, matching: .subdomain)
  }

  /// The name of an AgentDeployment, which labels and hosts are made from.
  static func agentName(_ description: String) -> FieldSchema {
    .string(
      description, length: 1...MetadataChecks.maxNameLength, matching: MetadataChecks.namePattern)
  }

  /// `{name: ...}`: an object in the agent's namespace.
  static func reference(_ description: String, to kind: String) -> FieldSchema {
    .object(description, [.required("name", .objectName("Name of the \(kind)."))])
  }
}
