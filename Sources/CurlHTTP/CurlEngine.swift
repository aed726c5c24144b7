import CCurl
import Glibc

/// What the owner thread runs: takes commands, drives libcurl, keeps time, runs the jobs of tasks
/// that prefer this thread, and sleeps otherwise.
///
/// Between calls it uses no CPU: it sleeps until a socket, a wake-up or the next deadline.
final class CurlEngine {
  private let loop: CurlLoop
  private let poll: SocketPoll
  private let clock: LoopClock
  private let calls: CurlLane
  private let longLived: CurlLane
  private var isShuttingDown = false

  /// A sleep of this length ends a wait without any deadline, in milliseconds.
  private static let longestSleep: UInt64 = 3_600_000
  /// So many rounds of jobs at most before the sockets are looked at again.
  private static let longestTurn = 8

  private init(
    _ loop: CurlLoop, _ poll: SocketPoll, _ clock: LoopClock, calls: CurlLane, longLived: CurlLane
  ) {
    self.loop = loop
    self.poll = poll
    self.clock = clock
    self.calls = calls
    self.longLived = longLived
  }

  /// Starts the owner thread.
  ///
  /// - Parameter maximumConnections: for calls that share them; further ones wait their turn.
  static func start(
    _ settings: EasyHandle.Settings, maximumConnections: Int
  ) throws(HTTPError) -> CurlLoop {
    guard globalInitialization == CURLE_OK, let poll = SocketPoll(),
      let calls = curl_multi_init()
    else { throw HTTPError(.other, message: "libcurl cannot be initialised") }
    guard let longLived = curl_multi_init() else {
      curl_multi_cleanup(calls)
      throw HTTPError(.other, message: "libcurl cannot be initialised")
    }
    let clock = LoopClock()
    let loop = CurlLoop(alarm: poll.alarmDescriptor)
    let engine = CurlEngine(
      loop, poll, clock,
      calls: CurlLane(
        number: 0, multi: calls, poll: poll, clock: clock, settings: settings,
        maximumConnections: maximumConnections),
      longLived: CurlLane(
        number: 1, multi: longLived, poll: poll, clock: clock, settings: settings,
        maximumConnections: nil))
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
      engine.calls.finish()
      engine.longLived.finish()
      context.release()
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
    clock.read()
    while true {
      if let jobs = work() { return finish(jobs) }
      calls.attend()
      longLived.attend()
      sleep()
    }
  }

  /// Commands and jobs, and the commands that the jobs gave: their requests leave together.
  ///
  /// - Returns: the jobs that were left when the client was shut down, nil while it was not.
  private func work() -> [UnownedJob]? {
    for _ in 0..<Self.longestTurn {
      let work = loop.takeWork()
      for command in work.commands { execute(command) }
      if isShuttingDown { return work.jobs }
      if work.jobs.isEmpty { return nil }
      loop.run(work.jobs)
    }
    return nil
  }

  private func execute(_ command: CurlLoop.Command) {
    switch command {
    case .start(let transfer): lane(of: transfer).start(transfer)
    case .abort(let transfer): lane(of: transfer).abort(transfer)
    case .replaceTLS(let tls):
      calls.replaceTLS(tls)
      longLived.replaceTLS(tls)
    case .shutdown: isShuttingDown = true
    }
  }

  private func lane(of transfer: Transfer) -> CurlLane {
    transfer.request.isLongLived ? longLived : calls
  }

  /// Until something happens. The sockets are looked at in any case, so that jobs which go on and on
  /// do not keep answers waiting.
  private func sleep() {
    let end = loop.beginSleeping()
    poll.wait(milliseconds: end.map { timeout(before: $0) } ?? 0)
    if end != nil { loop.endSleeping() }
    clock.read()
    loop.wakeSleepers(now: clock.now)
    poll.forEachEvent { event in
      let lane = event.lane == calls.number ? calls : longLived
      lane.socketIsReady(event.socket, event.readiness)
    }
  }

  /// Milliseconds, rounded up so that the deadline has passed when the wait ends.
  private func timeout(before end: UInt64) -> Int32 {
    let next = min(calls.nextTime, longLived.nextTime, end)
    guard next > clock.now else { return 0 }
    return Int32(clamping: min((next - clock.now) / 1_000_000 + 1, Self.longestSleep))
  }

  private func finish(_ jobs: [UnownedJob]) {
    let late = loop.close()
    calls.finish()
    longLived.finish()
    for case .start(let transfer) in late.commands {
      transfer.ended(.failure(transfer.shutdownError))
    }
    loop.announceClosed()
    for job in jobs + late.jobs { globalConcurrentExecutor.enqueue(job) }
  }
}

extension Transfer {
  var shutdownError: HTTPError { error(.shutdown, "the HTTP client was shut down") }
}
