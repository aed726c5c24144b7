import KubernetesClient

/// A kubeconfig is understood, or refused with a message that says what is wrong.
enum KubeConfigOracle {
  static func check(_ bytes: [UInt8]) {
    // Why: files that it names are read; these would not end.
    let text = String(decoding: bytes, as: UTF8.self)
    if text.contains("/dev") || text.contains("/proc") || text.contains("/sys") { return }
    do throws(ConfigurationError) {
      let config = try KubeConfig(parsing: bytes, file: "/nonexistent/config")
      for context in [nil] + config.contextNames.prefix(4).map(Optional.init) {
        check(config, context)
      }
    } catch {
      check(error)
    }
  }

  private static func check(_ config: KubeConfig, _ context: String?) {
    do throws(ConfigurationError) {
      let resolved = try config.resolve(context: context)
      let server = resolved.server.lowercased()
      require(
        server.hasPrefix("https://") || server.hasPrefix("http://"),
        "a server without a scheme: \(resolved.server)")
      let headers = resolved.impersonation?.headers ?? []
      require(
        headers.allSatisfy { !"\($0.name)\($0.value)".utf8.contains { $0 == 13 || $0 == 10 } },
        "a header with a line break: \(headers)")
      let again = try config.resolve(context: context)
      require(resolved == again, "the same configuration means different things")
    } catch {
      check(error)
    }
  }

  private static func check(_ error: ConfigurationError) {
    require(!error.problem.isEmpty, "an error without a problem")
    require(error.description.contains(error.problem), "an error that hides its problem: \(error)")
  }
}
