import Glibc

/// Runs a program to its end and tells what it cost.
enum ChildProcess {
  struct Usage: Sendable {
    var wallMilliseconds: Double
    var cpuMilliseconds: Double
    var peakMiB: Double
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  /// Standard input and output are /dev/null. Throws when the program cannot be started or fails.
  static func run(_ program: String, _ arguments: [String]) throws -> Usage {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var argv = ([program] + arguments).map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }

    let start = ContinuousClock.now
    var pid: pid_t = 0
    let problem = posix_spawn(&pid, program, &actions, nil, argv, environ)
    guard problem == 0 else {
      throw Failure(
        description: "\(program) cannot be started: \(String(cString: strerror(problem)))")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(pid, &status, 0, &usage) < 0 {
      guard errno == EINTR else {
        throw Failure(description: "\(program): \(String(cString: strerror(errno)))")
      }
    }
    let wall = start.duration(to: .now) / .milliseconds(1)
    guard status == 0 else {
      throw Failure(
        description: "\(program) \(arguments.joined(separator: " ")) ended with status \(status)")
    }
    return Usage(
      wallMilliseconds: wall,
      cpuMilliseconds: milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime),
      peakMiB: Double(usage.ru_maxrss) / 1024)
  }

  private static func milliseconds(_ time: timeval) -> Double {
    Double(time.tv_sec) * 1e3 + Double(time.tv_usec) / 1e3
  }
}
