import Foundation
import Glibc
import Testing

/// A process with nothing of ours. Foundation's children inherit other tests' pipes, which then never
/// end, and the signal mask of a thread pool, in which SIGTERM is blocked.
final class Child: Sendable {
  let identifier: pid_t

  private static let closingOthers = #"""
    for file in /proc/self/fd/*; do
      number=${file##*/}
      if [ "$number" -gt 2 ]; then eval "exec $number>&-"; fi
    done
    exec "$@"
    """#

  /// - Parameter output: the file that both output streams go to; nil for nowhere.
  init(
    _ words: [String], environment: [String: String], output: URL? = nil
  ) throws {

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, 1, output?.path ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let all = ["bash", "-c", Self.closingOthers, "bash"] + words
    var arguments = all.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var identifier: pid_t = 0
    let error = posix_spawn(
      &identifier, "/bin/bash", &actions, &attributes, &arguments, &variables)
    try #require(error == 0, "\(words.first ?? ""): \(String(cString: strerror(error)))")
    self.identifier = identifier
  }

  /// Without waiting for it.
  var isRunning: Bool {
    var information = siginfo_t()
    let flags = WEXITED | WNOHANG | WNOWAIT
    return waitid(P_PID, id_t(identifier), &information, flags) == 0
      && information.si_signo != SIGCHLD
  }

  /// Waits for its end, which may be asked for once.
  ///
  /// - Returns: the exit code; 128 and more for a signal.
  func end() -> Int32 {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
  }

  func terminate() { kill(identifier, SIGTERM) }
}
