import CCurl
import Glibc

/// What the owner thread runs: takes commands, drives libcurl, keeps time, and sleeps otherwise.
///
/// Between calls it uses no CPU: libcurl's poll returns only for a socket, a wake-up or the next
/// deadline, and beside silent calls twenty times a second. Handles are added and removed only between `curl_multi_perform` calls, never inside a
/// callback (correctness rule 11).
final class CurlEngine {
  private let loop: CurlLoop
  private let multi: UnsafeMutableRawPointer
  private let clock = LoopClock()
  private var settings: EasyHandle.Settings
  private let maximumConnections: Int?
  private var active: [ObjectIdentifier: ActiveTransfer] = [:]
  private var idleHandles: [EasyHandle] = []
  /// No deadline lies before this; deadlines only move later, so it may be too early but not late.
  private var nextDeadline = UInt64.max
  private var isShuttingDown = false

  private static let maximumIdleHandles = 16

  private init(_ loop: CurlLoop, _ settings: EasyHandle.Settings, maximumConnections: Int?) {
    self.loop = loop
    self.settings = settings
    self.maximumConnections = maximumConnections
    multi = loop.multi.pointer
  }

  /// Starts the owner thread.
  ///
  /// - Parameter maximumConnections: further transfers wait their turn; nil means no limit.
  static func start(
    _ settings: EasyHandle.Settings, maximumConnections: Int?
  ) throws(HTTPError) -> CurlLoop {
    guard globalInitialization == CURLE_OK, let multi = curl_multi_init() else {
      throw HTTPError(.other, message: "libcurl cannot be initialised")
    }
    let loop = CurlLoop(multi: MultiHandle(pointer: multi))
    let engine = CurlEngine(loop, settings, maximumConnections: maximumConnections)
    let context = Unmanaged.passRetained(engine)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<CurlEngine>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard result == 0 else {
      context.release()
      curl_multi_cleanup(multi)
      throw HTTPError(
        .other, message: "cannot start a thread: \(String(cString: strerror(result)))")
    }
    pthread_detach(thread)
    return loop
  }

  /// Thread-safe since libcurl 7.84, and once per process.
  private static let globalInitialization = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  private func run() {
    // All signals belong to other threads. SIGPIPE too: OpenSSL writes to sockets without
    // MSG_NOSIGNAL, and a blocked SIGPIPE leaves the process-wide disposition alone.
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    if let maximumConnections {
      ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maximumConnections)
      ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maximumConnections)
    }
    while !isShuttingDown {
      readClock()
      for command in loop.takeCommands() { execute(command) }
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      collectFinished()
      if clock.now >= nextDeadline { attendDeadlines() }
      if !isShuttingDown, loop.beginPolling() {
        curl_multi_poll(multi, nil, 0, pollTimeout(), nil)
        loop.endPolling()
      }
    }
    finish()
  }

  private func execute(_ command: CurlLoop.Command) {
    switch command {
    case .start(let transfer):
      start(transfer)
    case .abort(let transfer):
      if let found = active[ObjectIdentifier(transfer)] {
        remove(found)
        transfer.ended(.failure(transfer.error(.cancelled, "cancelled")))
      }
    case .replaceTLS(let tls):
      settings.tls = tls
      abandonConnections()
    case .shutdown:
      isShuttingDown = true
    }
  }

  private func start(_ transfer: Transfer) {
    guard !transfer.isAbortRequested else {
      transfer.ended(.failure(transfer.error(.cancelled, "cancelled")))
      return
    }
    guard let easy = idleHandles.popLast() ?? EasyHandle(settings) else {
      transfer.ended(.failure(transfer.error(.other, "libcurl is out of memory")))
      return
    }
    let started = ActiveTransfer(transfer, easy, clock: clock)
    guard easy.prepare(transfer.request, isStream: transfer.isStream, context: started.context)
    else {
      easy.release()
      transfer.ended(.failure(transfer.error(.invalidRequest, "the URL is not valid")))
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
    for transfer in active.values {
      if let error = transfer.overdue {
        overdue.append((transfer, error))
      } else {
        transfer.nudgeIfSilent()
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

  private func readClock() {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    clock.now = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Milliseconds, rounded up so that the deadline has passed when the poll returns.
  private func pollTimeout() -> Int32 {
    guard nextDeadline > clock.now else { return 0 }
    return Int32(clamping: (nextDeadline - clock.now) / 1_000_000 + 1)
  }

  private func finish() {
    let late = loop.close()
    for transfer in active.values {
      curl_multi_remove_handle(multi, transfer.easy.pointer)
      transfer.transfer.ended(.failure(shutdownError(transfer.transfer)))
    }
    for case .start(let transfer) in late { transfer.ended(.failure(shutdownError(transfer))) }
    active = [:]
    idleHandles = []
    curl_multi_cleanup(multi)
    loop.announceClosed()
  }

  private func shutdownError(_ transfer: Transfer) -> HTTPError {
    transfer.error(.shutdown, "the HTTP client was shut down")
  }
}
