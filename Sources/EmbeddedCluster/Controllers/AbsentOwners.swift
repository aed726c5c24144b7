/// Owners that were seen to go, so that nobody asks for them again.
///
/// Bounded as the real one's `absentOwnerCache`: the 500 used last (`NewReferenceCache(500)` in
/// kubernetes `pkg/controller/garbagecollector/garbagecollector.go`).
struct AbsentOwners {
  static let limit = 500

  /// When each was used last.
  private var uses: [String: UInt64] = [:]
  private var now: UInt64 = 0

  var count: Int { uses.count }

  mutating func insert(_ uid: String) {
    use(uid)
    guard uses.count > Self.limit else { return }
    if let oldest = uses.min(by: { $0.value < $1.value }) { uses[oldest.key] = nil }
  }

  mutating func remove(_ uid: String) { uses[uid] = nil }

  /// Asking is a use.
  mutating func contains(_ uid: String) -> Bool {
    guard uses[uid] != nil else { return false }
    use(uid)
    return true
  }

  private mutating func use(_ uid: String) {
    now += 1
    uses[uid] = now
  }
}
