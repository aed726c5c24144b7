import ControllerRuntime
import JSON
import KubernetesAPI
import KubernetesClient
import Synchronization

/// Passes the events of one watch on, one by one, with faults, and knows whether all were read.
final class WatchPipe: Sendable {
  private struct State {
    /// Events that came and were not read yet.
    var pending: [[UInt8]] = []
    var reader: CheckedContinuation<[UInt8]?, any Error>?
    var ending: Result<Void, any Error>?
    var pump: Task<Void, Never>?
  }

  private let state = Mutex(State())
  private let chunks: AsyncThrowingStream<[UInt8], any Error>
  private let resource: String
  private let faults: FaultPlan
  private let clock: any RuntimeClock
  private let suspension: Suspension
  private let onClose: @Sendable () -> Void

  init(
    chunks: AsyncThrowingStream<[UInt8], any Error>, resource: String, faults: FaultPlan,
    clock: any RuntimeClock, suspension: Suspension, onClose: @escaping @Sendable () -> Void
  ) {
    self.chunks = chunks
    self.resource = resource
    self.faults = faults
    self.clock = clock
    self.suspension = suspension
    self.onClose = onClose
  }

  var isDrained: Bool { state.withLock { $0.pending.isEmpty && $0.reader != nil } }

  func start() {
    let pump = Task { await self.pump() }
    state.withLock { $0.pump = pump }
  }

  func cut() { end(.failure(TransportError(.connectionLost, "injected: the watch broke"))) }

  /// For the operator: closes the watch when it is dropped.
  func stream() -> AsyncThrowingStream<[UInt8], any Error> {
    let reader = Reader(pipe: self)
    return AsyncThrowingStream { try await reader.next() }
  }

  private final class Reader: Sendable {
    let pipe: WatchPipe
    init(pipe: WatchPipe) { self.pipe = pipe }
    deinit { pipe.close() }
    func next() async throws -> [UInt8]? { try await pipe.next() }
  }

  private func next() async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<[UInt8]?, any Error>? in
          if Task.isCancelled { return .success(nil) }
          if !state.pending.isEmpty { return .success(state.pending.removeFirst()) }
          if let ending = state.ending { return ending.map { nil } }
          state.reader = continuation
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      end(.success(()))
    }
  }

  private func close() {
    end(.success(()))
    onClose()
  }

  private func pump() async {
    var carry: [UInt8] = []
    var heldBack: [UInt8]?
    do {
      for try await chunk in chunks {
        carry += chunk
        while let newline = carry.firstIndex(of: 0x0A) {
          let line = Array(carry[...newline])
          carry.removeFirst(line.count)
          try await pass(faults.told(line), &heldBack)
        }
        if Task.isCancelled { return }
      }
      if let heldBack { deliver([heldBack]) }
      end(.success(()))
    } catch {
      end(.failure(error))
    }
  }

  private func pass(_ line: [UInt8], _ heldBack: inout [UInt8]?) async throws {
    try await suspension.end()
    let fault = fault(of: line)
    if fault == .swapped, heldBack == nil {
      heldBack = line
      return
    }
    switch fault {
    case nil, .swapped: deliver([line])
    case .lost: break
    case .doubled: deliver([line, line])
    case .late(let time):
      try await clock.sleep(for: time)
      deliver([line])
    case .cut: cut()
    case .expired:
      let error: JSONValue = [
        "type": "ERROR",
        "object": [
          "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Expired",
          "message": "too old resource version", "code": 410,
        ],
      ]
      deliver([error.serializedBytes() + [0x0A]])
    }
    if let held = heldBack {
      heldBack = nil
      deliver([held])
    }
  }

  private func fault(of line: [UInt8]) -> WatchFault? {
    guard faults.concernsWatches, let json = try? JSONValue(parsing: line),
      let object = json["object"].map(KubernetesObject.init)
    else { return nil }
    switch json["type"]?.string {
    case "ADDED": return faults.fault(of: .added(object), resource)
    case "MODIFIED": return faults.fault(of: .modified(object), resource)
    case "DELETED": return faults.fault(of: .deleted(object), resource)
    default: return nil
    }
  }

  private func deliver(_ lines: [[UInt8]]) {
    let (reader, line) = state.withLock {
      state -> (CheckedContinuation<[UInt8]?, any Error>?, [UInt8]) in
      guard state.ending == nil else { return (nil, []) }
      state.pending += lines
      guard let reader = state.reader else { return (nil, []) }
      state.reader = nil
      return (reader, state.pending.removeFirst())
    }
    reader?.resume(returning: line)
  }

  private func end(_ ending: Result<Void, any Error>) {
    let (reader, pump) = state.withLock { state in
      if state.ending == nil { state.ending = ending }
      defer {
        state.reader = nil
        state.pump = nil
      }
      return (state.reader, state.pump)
    }
    pump?.cancel()
    reader?.resume(with: ending.map { nil })
  }
}
