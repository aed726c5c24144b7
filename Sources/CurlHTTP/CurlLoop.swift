import CCurl
import Glibc
import Synchronization

/// The mailbox of an owner thread: the only thread that touches its libcurl handles
/// (correctness rule 11). Everyone else leaves commands here and wakes it.
final class CurlLoop: Sendable {
  enum Command {
    case start(Transfer)
    case abort(Transfer)
    case replaceTLS(PreparedTLS)
    case shutdown
  }

  private struct Inbox {
    var commands: [Command] = []
    /// Only a polling owner needs the system call that wakes it.
    var ownerIsPolling = false
    /// Refuses commands.
    var isClosed = false
    /// libcurl's memory is freed and its connections are closed.
    var isFreed = false
    var closeWaiters: [UnsafeContinuation<Void, Never>] = []
  }

  private let inbox = Mutex(Inbox())
  let multi: MultiHandle

  init(multi: MultiHandle) { self.multi = multi }

  /// False when the owner is gone; the command is dropped then.
  func submit(_ command: Command) -> Bool {
    inbox.withLock { inbox in
      if inbox.isClosed { return false }
      inbox.commands.append(command)
      // Under the lock, so that the multi handle cannot be freed meanwhile.
      if inbox.ownerIsPolling {
        inbox.ownerIsPolling = false
        curl_multi_wakeup(multi.pointer)
      }
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

  // MARK: Called by the owner thread

  func takeCommands() -> [Command] {
    inbox.withLock { inbox in
      defer { inbox.commands = [] }
      return inbox.commands
    }
  }

  /// False when commands have come in, so that polling would only delay them.
  func beginPolling() -> Bool {
    inbox.withLock { inbox in
      guard inbox.commands.isEmpty else { return false }
      inbox.ownerIsPolling = true
      return true
    }
  }

  func endPolling() { inbox.withLock { $0.ownerIsPolling = false } }

  /// From now on `submit` refuses; returns the commands that came in before.
  func close() -> [Command] {
    inbox.withLock { inbox in
      inbox.isClosed = true
      defer { inbox.commands = [] }
      return inbox.commands
    }
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

/// libcurl's multi handle. Not freed by deinit: only the owner thread may do that.
struct MultiHandle: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
}
