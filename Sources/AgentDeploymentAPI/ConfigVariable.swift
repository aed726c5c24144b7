/// How a configuration key is named as an environment variable.
public enum ConfigVariable {
  /// Upper case, every character that a variable name cannot hold becomes `_`:
  /// `agent.max_concurrent_workflows` is `AGENT_MAX_CONCURRENT_WORKFLOWS`.
  public static func name(forKey key: String) -> String {
    var name = ""
    for scalar in key.unicodeScalars {
      switch scalar {
      case "a"..."z": name.unicodeScalars.append(Unicode.Scalar(UInt8(ascii: scalar) - 32))
      case "A"..."Z", "0"..."9", "_": name.unicodeScalars.append(scalar)
      default: name.append("_")
      }
    }
    if let first = name.utf8.first, (0x30...0x39).contains(first) { name = "_" + name }
    return name
  }
}
