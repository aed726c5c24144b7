import CCurl
import Glibc
import Synchronization

/// The mailbox of an owner thread: the only thread that touches its libcurl handles
/// (correctness rule 11). Everyone else leaves commands and jobs here and wakes it.
final class CurlLoop: Sendable {
  enum Command {
    case start(Transfer)
    case abort(Transfer)
    case replaceTLS(PreparedTLS)
    case shutdown
  }

  private struct Inbox {
    var commands: [Command] = []
    /// Of tasks that prefer this thread.
    var jobs: [UnownedJob] = []
    var timers = LoopTimers()
    var lastNumber: UInt64 = 0
    /// Only a sleeping owner needs the system call that wakes it.
    var ownerIsSleeping = false
    /// Refuses commands and jobs.
    var isClosed = false
    /// libcurl's memory is freed and its connections are closed.
    var isFreed = false
    var closeWaiters: [UnsafeContinuation<Void, Never>] = []

    mutating func wake(_ alarm: Int32) {
      guard ownerIsSleeping else { return }
      ownerIsSleeping = false
      SocketPoll.wake(alarm)
    }
  }

  private let inbox = Mutex(Inbox())
  private let alarm: Int32

  /// - Parameter alarm: what wakes the owner; open until `close` is called.
  init(alarm: Int32) { self.alarm = alarm }

  /// False when the owner is gone; the command is dropped then.
  func submit(_ command: Command) -> Bool {
    inbox.withLock { inbox in
      if inbox.isClosed { return false }
      inbox.commands.append(command)
      // Under the lock, so that the alarm cannot be closed meanwhile.
      inbox.wake(alarm)
      return true
    }
  }

  /// Returns when the owner has closed every connection and freed libcurl's memory.
  func waitUntilClosed() async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      let isFreed = inbox.withLock { inbox in
        if !inbox.isFreed { inbox.closeWaiters.append(continuation) }
        return inbox.isFreed
      }
      if isFreed { continuation.resume() }
    }
  }

  // MARK: Sleeping tasks

  func newNumber() -> UInt64 {
    inbox.withLock { inbox in
      inbox.lastNumber += 1
      return inbox.lastNumber
    }
  }

  /// False, and nothing is done, when the current task is cancelled or the owner is gone.
  func add(_ sleeper: LoopTimers.Sleeper) -> Bool {
    inbox.withLock { inbox in
      // A cancellation that comes from now on finds the sleeper.
      if inbox.isClosed || Task.isCancelled { return false }
      if sleeper.deadline < inbox.timers.next { inbox.wake(alarm) }
      inbox.timers.insert(sleeper)
      return true
    }
  }

  func removeSleeper(_ number: UInt64) -> LoopTimers.Sleeper? {
    inbox.withLock { $0.timers.remove(number) }
  }

  // MARK: Called by the owner thread

  struct Work {
    var commands: [Command]
    var jobs: [UnownedJob]
  }

  /// Wakes up who slept until now, or before.
  func wakeSleepers(now: UInt64) {
    let due = inbox.withLock { $0.timers.takeDue(now) }
    for sleeper in due { sleeper.continuation.resume(returning: true) }
  }

  func takeWork() -> Work {
    inbox.withLock { inbox in
      defer {
        inbox.commands = []
        inbox.jobs = []
      }
      return Work(commands: inbox.commands, jobs: inbox.jobs)
    }
  }

  /// Until when it may sleep; nil when work has come in, so that sleeping would only delay it.
  func beginSleeping() -> UInt64? {
    inbox.withLock { inbox in
      guard inbox.commands.isEmpty, inbox.jobs.isEmpty else { return nil }
      inbox.ownerIsSleeping = true
      return inbox.timers.next
    }
  }

  func endSleeping() { inbox.withLock { $0.ownerIsSleeping = false } }

  /// From now on `submit` refuses, and jobs run elsewhere; returns what came in before.
  func close() -> Work {
    let (work, sleepers) = inbox.withLock { inbox in
      inbox.isClosed = true
      defer {
        inbox.commands = []
        inbox.jobs = []
      }
      return (Work(commands: inbox.commands, jobs: inbox.jobs), inbox.timers.takeAll())
    }
    for sleeper in sleepers { sleeper.continuation.resume(returning: false) }
    return work
  }

  func announceClosed() {
    let waiters = inbox.withLock { inbox in
      inbox.isFreed = true
      defer { inbox.closeWaiters = [] }
      return inbox.closeWaiters
    }
    for waiter in waiters { waiter.resume() }
  }
}

/// Tasks that prefer this executor run on the owner thread, between its looks at the sockets: an
/// answer needs no other thread to be read, nor another one's wake-up to be followed by a request.
extension CurlLoop: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isTaken = inbox.withLock { inbox in
      if inbox.isClosed { return false }
      inbox.jobs.append(job)
      inbox.wake(alarm)
      return true
    }
    if !isTaken { globalConcurrentExecutor.enqueue(job) }
  }

  /// By the owner thread.
  func run(_ jobs: [UnownedJob]) {
    guard !jobs.isEmpty else { return }
    let executor = asUnownedTaskExecutor()
    for job in jobs { job.runSynchronously(on: executor) }
  }
}
