import JSON

extension KubeConfig {
  /// Reads one file: YAML, of which JSON is a part.
  public init(parsing bytes: [UInt8], file: String) throws(ConfigurationError) {
    do {
      try self.init(ConfigDocument(file: file, root: try JSONValue(parsing: bytes)))
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError(file: file, problem: "\(error)")
    }
  }
}
