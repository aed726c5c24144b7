/// What `version` prints and requests carry in their User-Agent.
enum Version {
  static let current = "0.1.0"
}
