import JSON

@testable import AgentOperator

/// Oracle L: of two operators one writes, and what each may do follows from true time, the Lease and
/// the speed of its own clock alone. Judged by the server's record, not by what anybody believes.
struct LeaseOracle {
  struct Violation: Error, CustomStringConvertible { var description: String }

  /// A Lease as the server took it.
  private struct Holding {
    var process: Int
    /// Nobody: it was released.
    var isReleased: Bool
    var at: Duration
    var duration: Duration
  }

  /// By replica.
  let clocks: [SkewedClock]
  let renewDeadline: Duration
  /// How often the lease went from one process to another before the earlier one had released it.
  private(set) var seizures = 0

  private var current: Holding?
  /// When each process sent the last renewal that the server took.
  private var renewals: [Int: Duration] = [:]

  init(clocks: [SkewedClock], renewDeadline: Duration) {
    self.clocks = clocks
    self.renewDeadline = renewDeadline
  }

  /// - Parameter requests: that reached the server, in its order.
  mutating func judge(_ requests: [RecordedRequest]) throws(Violation) {
    for request in requests where request.isWrite {
      if request.resource == "leases" {
        if [200, 201].contains(request.status) { try change(by: request) }
      } else if request.isStateWrite {
        try write(by: request)
      }
    }
    if renewals.isEmpty { throw Violation(description: "nobody ever led") }
  }

  /// The holder changes only when the earlier one has released it, or was silent for the whole lease
  /// as the clock of the later one measures it.
  private mutating func change(by request: RecordedRequest) throws(Violation) {
    let spec = request.body?["spec"]
    let next = Holding(
      process: request.process, isReleased: spec?["holderIdentity"]?.string ?? "" == "",
      at: request.arrivedAt, duration: .seconds(spec?["leaseDurationSeconds"]?.int ?? 0))
    if let current, current.process != next.process {
      let waited = (next.at - current.at) * clocks[request.replica].rate
      if next.isReleased {
        throw Violation(
          description: "process \(next.process) released the lease of process \(current.process)")
      }
      if !current.isReleased {
        seizures += 1
        guard waited >= current.duration else {
          throw Violation(
            description: """
              process \(next.process) took the lease of process \(current.process) after \(waited) \
              by its clock instead of \(current.duration)
              """)
        }
      }
    }
    current = next
    renewals[request.process] = next.isReleased ? nil : request.sentAt
  }

  /// What changes something comes from the holder, which has renewed its lease in time by its own
  /// clock when it sends it.
  private func write(by request: RecordedRequest) throws(Violation) {
    let what = "\(request) came from process \(request.process)"
    guard let current, !current.isReleased, current.process == request.process else {
      let holder = current.map { $0.isReleased ? "nobody" : "process \($0.process)" } ?? "nobody"
      throw Violation(description: "\(what) while \(holder) held the lease")
    }
    let clock = clocks[request.replica]
    guard let renewed = renewals[request.process],
      clock.at(request.sentAt) < clock.at(renewed) + renewDeadline
    else {
      throw Violation(description: "\(what), whose lease was not renewed in time")
    }
  }
}
