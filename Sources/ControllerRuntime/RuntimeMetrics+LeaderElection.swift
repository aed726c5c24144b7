extension RuntimeMetrics {
  static let leader = MetricsRegistry.Name(
    "leader_election_master_status", .gauge, "1 while this process holds the lease.")

  static let slowRenewals = MetricsRegistry.Name(
    "leader_election_slowpath_total", .counter,
    "Renewals that had to read the lease first because somebody else wrote it.")

  func renewedSlowly(lease: String) { registry.increment(Self.slowRenewals, [("name", lease)]) }

  func leads(_ leads: Bool, lease: String) {
    registry.set(Self.leader, [("name", lease)], to: leads ? 1 : 0)
  }
}
