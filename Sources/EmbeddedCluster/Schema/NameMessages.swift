import KubernetesAPI

/// The server's words for names that have the wrong form (apimachinery `pkg/util/validation`).
enum NameMessages {
  static func subdomain(_ text: String) -> String? {
    if text.utf8.count > 253 { return "must be no more than 253 characters" }
    return NameFormat.dns1123Subdomain.accepts(text)
      ? nil
      : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
        + "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
        + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  }

  static func label(_ text: String) -> String? {
    if text.utf8.count > 63 { return "must be no more than 63 characters" }
    return NameFormat.dns1123Label.accepts(text)
      ? nil
      : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
        + "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
        + "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  }

  static func label1035(_ text: String) -> String? {
    if text.utf8.count > 63 { return "must be no more than 63 characters" }
    return NameFormat.dns1035Label.accepts(text)
      ? nil
      : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        + "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
        + "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
  }

  static func labelValue(_ text: String) -> String? {
    if text.utf8.count > 63 { return "must be no more than 63 bytes" }
    return NameFormat.labelValue.accepts(text)
      ? nil
      : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
        + "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
        + "'my_value',  or '12345', regex used for validation is "
        + "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
  }

  private static let plainName =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end "
    + "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    + "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  /// A label or annotation key; several faults can come at once.
  static func qualifiedName(_ text: String) -> [String] {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var faults: [String] = []
    let name: String
    switch parts.count {
    case 1: name = parts[0]
    case 2:
      name = parts[1]
      if parts[0].isEmpty {
        faults.append("prefix part must be non-empty")
      } else if let fault = subdomain(parts[0]) {
        faults.append("prefix part \(fault)")
      }
    default:
      return [
        "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start "
          + "and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', "
          + "regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an "
          + "optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
      ]
    }
    if name.isEmpty {
      faults.append("name part must be non-empty")
    } else if name.utf8.count > 63 {
      faults.append("name part must be no more than 63 bytes")
    }
    if !NameFormat.labelValue.accepts(name) && name.utf8.count <= 63 || name.isEmpty {
      faults.append(plainName)
    }
    return faults
  }

  static func configKey(_ text: String) -> String? {
    if text.utf8.count > 253 { return "must be no more than 253 characters" }
    if text == "." { return "must not be '.'" }
    if text == ".." { return "must not be '..'" }
    if text.hasPrefix("..") { return "must not start with '..'" }
    return NameFormat.configMapKey.accepts(text)
      ? nil
      : "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
        + "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
        + "'[-._a-zA-Z0-9]+')"
  }

  static func environmentVariable(_ text: String) -> String? {
    // What 1.34 and later accept: printable ASCII without '='.
    text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }
      ? nil
      : "a valid environment variable name must consist only of printable ASCII characters other "
        + "than '='"
  }

  static let portRange = "must be between 1 and 65535, inclusive"
}
