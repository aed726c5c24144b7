import JSON
import KubernetesClient
import Synchronization

/// The body of a watch as the client gets it: the session's events until a fault says otherwise.
final class FaultyStream: Sendable {
  /// What the stream does once it has let so much through.
  enum End: Sendable, Hashable {
    case never
    case broken(afterBytes: Int)
    case frozen(afterEvents: Int)
    case regular(afterEvents: Int)
    case expired(afterEvents: Int)
  }

  private enum Step { case deliver([UInt8], isLast: Bool), freeze, stop, fail, expire }

  private let session: WatchSession
  private let gate: FreezeGate
  private let end: End
  private let isOver = Mutex(false)
  private let told = Mutex(0)

  init(_ session: WatchSession, gate: FreezeGate, _ effects: [FaultRule.Effect]) {
    self.session = session
    self.gate = gate
    end = effects.lazy.compactMap(Self.end).first ?? .never
  }

  private static func end(_ effect: FaultRule.Effect) -> End? {
    switch effect {
    case .reset(let bytes): .broken(afterBytes: bytes)
    case .freezeWatch(let events): .frozen(afterEvents: events)
    case .endWatch(let events): .regular(afterEvents: events)
    case .expireWatch(let events): .expired(afterEvents: events)
    default: nil
    }
  }

  /// The next bytes; nil at the regular end.
  ///
  /// - Throws: `TransportError` with `.connectionLost` when the connection breaks.
  func next() async throws -> [UInt8]? {
    if isOver.withLock({ $0 }) { return nil }
    if let step = due() {
      switch step {
      case .freeze:
        await gate.wait()
        told.withLock { $0 = .max }  // it freezes once
        if session.isInterrupted { throw Self.lost }
        return try await plain()
      case .stop: return finish(nil)
      case .expire:
        let error = StatusError(410, "Expired", "too old resource version: an injected fault")
        return finish(
          Array("{\"type\":\"ERROR\",\"object\":".utf8) + error.json.serializedBytes()
            + Array("}\n".utf8))
      case .fail, .deliver:
        _ = finish(nil)
        throw Self.lost
      }
    }
    guard let bytes = try await plain() else { return nil }
    return cut(bytes)
  }

  private static let lost = TransportError(
    .connectionLost, "the connection to the embedded cluster broke off")

  private func plain() async throws -> [UInt8]? {
    if let bytes = await session.next() { return bytes }
    if session.isInterrupted { throw Self.lost }
    return nil
  }

  private func finish(_ bytes: [UInt8]?) -> [UInt8]? {
    isOver.withLock { $0 = true }
    session.stop()
    return bytes
  }

  /// What happens before anything else is told.
  private func due() -> Step? {
    let told = told.withLock { $0 }
    switch end {
    case .never: return nil
    case .broken(let limit): return told >= limit ? .fail : nil
    case .frozen(let limit): return told == limit ? .freeze : nil
    case .regular(let limit): return told >= limit ? .stop : nil
    case .expired(let limit): return told >= limit ? .expire : nil
    }
  }

  /// As much as may still be told: bytes, or lines of one event each. What is cut off is told never
  /// after a break, and after a frozen stream thaws.
  private func cut(_ bytes: [UInt8]) -> [UInt8] {
    told.withLock { told in
      switch end {
      case .never: return bytes
      case .broken(let limit):
        let part = bytes.prefix(limit - told)
        told += part.count
        return Array(part)
      case .frozen(let limit), .regular(let limit), .expired(let limit):
        guard told <= limit else { return bytes }
        var rest = bytes[...]
        while told < limit, let lineEnd = rest.firstIndex(of: 0x0A) {
          rest = rest[(lineEnd + 1)...]
          told += 1
        }
        if !rest.isEmpty { session.putBack(Array(rest)) }
        return Array(bytes[..<rest.startIndex])
      }
    }
  }
}

/// Where frozen watches wait until faults are cleared, or the server crashes.
final class FreezeGate: Sendable {
  private struct State {
    var nextID: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  func wait() async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled { return true }
          state.waiting[id] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
    }
  }

  func open() {
    let waiting = state.withLock { state in
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume() }
  }

  var waitingCount: Int { state.withLock { $0.waiting.count } }
}
