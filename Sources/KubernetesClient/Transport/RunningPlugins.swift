import Glibc
import Synchronization

/// The credential plugins that run now. They end with the program, however it comes to its end: nobody
/// would ever read what they print.
enum RunningPlugins {
  /// Nil once the program ends.
  private static let processes = Mutex<Set<pid_t>?>([])
  private static let endsWithProgram: Bool =
    atexit {
      let left = RunningPlugins.processes.withLock { processes in
        defer { processes = nil }
        return processes ?? []
      }
      for process in left { Glibc.kill(process, SIGKILL) }
    } == 0

  /// - Parameter spawn: `posix_spawn` or the like.
  /// - Returns: the error's number; 0 is none.
  static func start(_ process: inout pid_t, _ spawn: (inout pid_t) -> Int32) -> Int32 {
    guard endsWithProgram else { return ENOMEM }
    // Why inside: a program that ends between the two would leave it behind.
    return processes.withLock { processes in
      guard processes != nil else { return ECANCELED }
      let code = spawn(&process)
      if code == 0 { processes?.insert(process) }
      return code
    }
  }

  enum End {
    /// As `waitpid` tells it.
    case status(Int32)
    /// The number of the error.
    case unknown(Int32)
  }

  /// - Returns: nil while it runs.
  static func collect(_ process: pid_t) -> End? {
    // Why inside: once it is collected, its number may become another's.
    processes.withLock { processes in
      var status: Int32 = 0
      let result = waitpid(process, &status, WNOHANG)
      if result == 0 || (result < 0 && errno == EINTR) { return nil }
      let end: End = result > 0 ? .status(status) : .unknown(errno)
      processes?.remove(process)
      return end
    }
  }

  /// Ends it and collects it.
  static func kill(_ process: pid_t) {
    processes.withLock { processes in
      processes?.remove(process)
      Glibc.kill(process, SIGKILL)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }
}
