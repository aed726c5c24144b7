import CCurl
import Glibc

/// One multi handle with its transfers: those that share connections, or the long-lived ones.
///
/// Handles are added and removed only between `curl_multi_socket_action` calls, never inside a
/// callback (correctness rule 11). Confined to the owner thread.
final class CurlLane {
  let number: Int
  private let multi: UnsafeMutableRawPointer
  private let poll: SocketPoll
  private let clock: LoopClock
  private var settings: EasyHandle.Settings
  private var active: [ObjectIdentifier: ActiveTransfer] = [:]
  private var idleHandles: [EasyHandle] = []
  /// No deadline lies before this; deadlines only move later, so it may be too early but not late.
  private var nextDeadline = UInt64.max
  /// When libcurl wants to run for a reason of its own.
  private var timer = UInt64.max

  private static let maximumIdleHandles = 16

  /// - Parameter maximumConnections: further transfers wait their turn; nil means no limit.
  init(
    number: Int, multi: UnsafeMutableRawPointer, poll: SocketPoll, clock: LoopClock,
    settings: EasyHandle.Settings, maximumConnections: Int?
  ) {
    self.number = number
    self.multi = multi
    self.poll = poll
    self.clock = clock
    self.settings = settings
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_multi_set_socket_callback(
      multi,
      { _, socket, what, context, _ in
        let lane = CurlLane.from(context)
        lane?.poll.watch(socket, what, lane: lane?.number ?? 0)
        return 0
      }, context)
    ccurl_multi_set_timer_callback(
      multi,
      { _, milliseconds, context in
        CurlLane.from(context)?.setTimer(milliseconds)
        return 0
      }, context)
    if let maximumConnections {
      ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
      ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maximumConnections)
    }
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> CurlLane? {
    context.map { Unmanaged<CurlLane>.fromOpaque($0).takeUnretainedValue() }
  }

  private func setTimer(_ milliseconds: Int) {
    timer = milliseconds < 0 ? .max : clock.now &+ UInt64(milliseconds) &* 1_000_000
  }

  /// When `attend` has something to do, if no socket has.
  var nextTime: UInt64 { min(timer, nextDeadline) }

  // MARK: Commands

  func start(_ transfer: Transfer) {
    guard !transfer.isAbortRequested else {
      transfer.ended(.failure(transfer.error(.cancelled, "cancelled")))
      return
    }
    guard let easy = idleHandles.popLast() ?? EasyHandle(settings, poll) else {
      transfer.ended(.failure(transfer.error(.other, "libcurl is out of memory")))
      return
    }
    let started = ActiveTransfer(transfer, easy, clock: clock)
    do {
      try easy.prepare(transfer.request, isStream: transfer.isStream, context: started.context)
    } catch {
      easy.release()
      transfer.ended(.failure(error))
      return
    }
    active[ObjectIdentifier(transfer)] = started
    nextDeadline = min(nextDeadline, started.nextDeadline)
    let result = curl_multi_add_handle(multi, easy.pointer)
    if result != CURLM_OK {
      remove(started)
      let reason = String(cString: curl_multi_strerror(result))
      transfer.ended(.failure(transfer.error(.other, reason)))
    }
  }

  func abort(_ transfer: Transfer) {
    guard let found = active[ObjectIdentifier(transfer)] else { return }
    remove(found)
    transfer.ended(.failure(transfer.error(.cancelled, "cancelled")))
  }

  func replaceTLS(_ tls: PreparedTLS) {
    settings.tls = tls
    abandonConnections()
  }

  /// Ends all transfers, closes all connections and frees libcurl's memory.
  func finish() {
    for transfer in active.values {
      curl_multi_remove_handle(multi, transfer.easy.pointer)
      transfer.transfer.ended(.failure(transfer.transfer.shutdownError))
    }
    active = [:]
    idleHandles = []
    curl_multi_cleanup(multi)
  }

  // MARK: Progress

  /// Something happened at one of the sockets.
  func socketIsReady(_ socket: Int32, _ readiness: Int32) {
    var running: Int32 = 0
    curl_multi_socket_action(multi, socket, readiness, &running)
    collectFinished()
  }

  /// Does what is due.
  func attend() {
    if clock.now >= timer {
      timer = .max
      var running: Int32 = 0
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
      collectFinished()
    }
    if clock.now >= nextDeadline { attendDeadlines() }
  }

  private func collectFinished() {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else {
        continue
      }
      let result = ccurl_message_result(message)
      var context: UnsafeMutableRawPointer?
      ccurl_get_pointer(easy, CURLINFO_PRIVATE, &context)
      guard let finished = ActiveTransfer.from(context) else { continue }
      // The message and libcurl's connection go with the handle; its results stay readable.
      curl_multi_remove_handle(multi, easy)
      finished.complete(result)
      retire(finished)
    }
  }

  private func attendDeadlines() {
    nextDeadline = .max
    var overdue: [(ActiveTransfer, HTTPError)] = []
    var isAnyForgotten = false
    for transfer in active.values {
      if let error = transfer.overdue {
        overdue.append((transfer, error))
      } else {
        if transfer.nudgeIfSilent() { isAnyForgotten = true }
        nextDeadline = min(nextDeadline, transfer.nextDeadline)
      }
    }
    for (transfer, error) in overdue {
      // On HTTP/2 later calls would join the same connection, however dead its peer is, and
      // libcurl sends no PINGs (correctness rule 8). A slow answer among others proves nothing.
      if transfer.isMultiplexed, clock.lastSharedByte <= transfer.start { abandonConnections() }
      remove(transfer)
      transfer.transfer.ended(.failure(error))
    }
    if isAnyForgotten {
      ccurl_multi_run_all(multi)
      collectFinished()
    }
  }

  /// Calls in flight finish on the connections they have; later ones open others.
  private func abandonConnections() {
    settings.generation += 1
    idleHandles = []
    // One silence condemns the connections once, however many calls it ends.
    clock.lastSharedByte = clock.now
  }

  private func remove(_ transfer: ActiveTransfer) {
    curl_multi_remove_handle(multi, transfer.easy.pointer)
    retire(transfer)
  }

  /// After libcurl has let go: forgets the transfer and keeps its handle for the next one.
  private func retire(_ transfer: ActiveTransfer) {
    active[ObjectIdentifier(transfer.transfer)] = nil
    transfer.easy.release()
    let isCurrent = transfer.easy.isUsable(for: settings)
    if isCurrent, idleHandles.count < Self.maximumIdleHandles { idleHandles.append(transfer.easy) }
  }
}
