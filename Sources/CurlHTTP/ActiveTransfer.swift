import CCurl
import Glibc

/// A transfer while libcurl works on it: what the callbacks fill. Confined to the owner thread.
final class ActiveTransfer {
  let transfer: Transfer
  let easy: EasyHandle
  private let clock: LoopClock
  /// On the loop's clock; nil without a limit.
  private let callDeadline: UInt64?
  private let inactivityLimit: UInt64?
  private var lastByte: UInt64
  private var lastNudge: UInt64
  let start: UInt64

  private var status = 0
  private var headers = HTTPHeaders()
  private var headerBytes = 0
  private var isHeadComplete = false
  private var body: [UInt8] = []
  /// Set by a callback that stops the transfer; libcurl itself then only knows a write error.
  private(set) var failure: HTTPError?

  /// Far above real servers (Go's own client default is 10 MiB, nginx's 8 KiB).
  static let maximumHeaderBytes = 256 << 10

  init(_ transfer: Transfer, _ easy: EasyHandle, clock: LoopClock) {
    self.transfer = transfer
    self.easy = easy
    self.clock = clock
    isMultiplexed = easy.isMultiplexed(transfer.request)
    start = clock.now
    lastByte = clock.now
    lastNudge = clock.now
    callDeadline = transfer.request.timeout.map { clock.now &+ $0.clampedNanoseconds }
    inactivityLimit = transfer.request.inactivityTimeout.map { $0.clampedNanoseconds }
  }

  static func from(_ context: UnsafeMutableRawPointer?) -> ActiveTransfer? {
    context.map { Unmanaged<ActiveTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Valid while the engine holds this object.
  var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  let isMultiplexed: Bool

  // MARK: Limits in time

  /// When to look at this transfer again, at the earliest.
  var nextDeadline: UInt64 {
    min(nextNudge, callDeadline ?? .max, inactivityLimit.map { lastByte &+ $0 } ?? .max)
  }

  /// What has a connection to itself needs no nudge once its request is sent.
  private var nextNudge: UInt64 {
    if isHeadComplete ? transfer.request.isLongLived : !isMultiplexed && easy.hasSentRequest {
      return .max
    }
    return max(lastByte, lastNudge) &+ Self.patience
  }

  /// How long a transfer that libcurl has forgotten is stuck, in nanoseconds.
  private static let patience: UInt64 = 50_000_000

  /// Whether libcurl should look at all transfers once more, because this one is silent.
  ///
  /// libcurl 7.88 forgets transfers of a shared connection. What one of them has read from the
  /// socket for others waits in the connection's buffer (lib/http2.c, `inbuf`) while one's own
  /// buffer is full, and stays there when that one ends without reading on; the socket then has
  /// nothing more to tell. And the timer that should run a transfer again is dropped unseen when
  /// another one connects at the same time (lib/multi.c, `nowp`).
  func nudgeIfSilent() -> Bool {
    guard clock.now >= nextNudge else { return false }
    lastNudge = clock.now
    // Resuming checks for bytes that have left the socket already; nothing is paused otherwise.
    if isMultiplexed, easy.hasSentRequest {
      curl_easy_pause(easy.pointer, CURLPAUSE_RECV)
      curl_easy_pause(easy.pointer, CURLPAUSE_CONT)
    }
    return true
  }

  var overdue: HTTPError? {
    let request = transfer.request
    if let callDeadline, let limit = request.timeout, clock.now >= callDeadline {
      return transfer.error(.timeout, "no complete answer within \(limit)")
    }
    if let inactivityLimit, let limit = request.inactivityTimeout,
      clock.now >= lastByte &+ inactivityLimit
    {
      return transfer.error(.inactive, "no byte received for \(limit)")
    }
    return nil
  }

  // MARK: libcurl's callbacks; returning less than `count` ends the transfer

  func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    noteActivity()
    headerBytes += count
    guard headerBytes <= Self.maximumHeaderBytes else {
      failure = transfer.error(
        .protocolViolation, "the header is larger than \(Self.maximumHeaderBytes) bytes")
      return 0
    }
    // What follows the head is the trailer of a chunked body.
    if isHeadComplete { return count }
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    if line.allSatisfy({ $0 == 0x0d || $0 == 0x0a }) {
      // 1xx answers precede the real one.
      guard !(100..<200).contains(status) || status == 101 else { return count }
      isHeadComplete = true
      if transfer.isStream { transfer.headReceived(status: status, headers: headers) }
    } else if line.starts(with: "HTTP/".utf8) {
      headers.removeAll()
      let code = line.drop { $0 != 0x20 }.dropFirst().prefix { $0 != 0x20 && $0 != 0x0d }
      status = Int(String(decoding: code, as: UTF8.self)) ?? 0
    } else {
      _ = headers.append(line: line)
    }
    return count
  }

  func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
    noteActivity()
    let chunk = UnsafeRawBufferPointer(start: bytes, count: count)
    let limit = transfer.request.maximumBodyBytes
    if transfer.isStream {
      if transfer.received(chunk) { return count }
      failure = transfer.error(
        .bodyTooLarge, "more than \(limit) bytes of the stream were waiting to be read")
      return 0
    }
    let announced = body.isEmpty ? easy.contentLength : 0
    guard announced <= limit, count <= limit - body.count else {
      failure = transfer.error(.bodyTooLarge, "the answer is larger than \(limit) bytes")
      return 0
    }
    // A server may lie about the length, so it only buys a bounded reservation.
    if announced > count { body.reserveCapacity(min(announced, 8 << 20)) }
    body.append(contentsOf: chunk)
    return count
  }

  private func noteActivity() {
    lastByte = clock.now
    if isMultiplexed { clock.lastSharedByte = clock.now }
  }

  // MARK: The end

  /// Reports what libcurl says about a transfer that ran to its end.
  func complete(_ result: CURLcode) {
    if let failure {
      transfer.ended(.failure(failure))
    } else if result == CURLE_OK, !isHeadComplete {
      // libcurl takes a connection that ends inside the header for an empty answer.
      transfer.ended(
        .failure(transfer.error(.reset, "the connection ended before the header was complete")))
    } else if result == CURLE_OUT_OF_MEMORY, !isHeadComplete {
      // What libcurl 7.88 says to a header line of more than 100 KiB (lib/dynbuf.h).
      transfer.ended(.failure(transfer.error(.protocolViolation, "a header line is too long")))
    } else if result == CURLE_OK {
      transfer.ended(.success(Transfer.Answer(status: status, headers: headers, body: body)))
    } else {
      transfer.ended(
        .failure(
          HTTPError(
            result, systemError: easy.systemError, detail: easy.errorDetail,
            request: transfer.request)))
    }
  }
}

/// The owner thread's idea of now, read once per round: callbacks run far more often.
final class LoopClock {
  /// Monotonic nanoseconds.
  var now: UInt64 = 0
  /// When any call on a connection that may be shared last heard from its server.
  var lastSharedByte: UInt64 = 0

  func read() {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

extension Duration {
  /// At least zero and at most some ninety years, so that sums with a clock cannot overflow.
  var clampedNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return 0 }
    return UInt64(min(seconds, 3_000_000_000)) * 1_000_000_000
      + UInt64(attoseconds / 1_000_000_000)
  }
}
