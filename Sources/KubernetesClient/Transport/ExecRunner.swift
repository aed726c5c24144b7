import Dispatch
import Glibc
import JSON
import Synchronization

/// Runs a credential plugin once and reads what it prints.
struct ExecRunner: Sendable {
  static let maximumOutputBytes = 1 << 20

  var plugin: ExecPlugin
  var environment: [String: String]
  /// Long enough for a person to log in with a browser.
  var timeout: Duration = .seconds(300)

  /// How long it takes at most until a plugin that ends, or is given up, is noticed.
  private static let attention: Int32 = 50

  /// When the calling task is cancelled, or the program ends, the plugin is killed.
  func run() async throws(ConfigurationError) -> ExecAnswer {
    let givenUp = Signal()
    let output = await withTaskCancellationHandler {
      // Why a dispatch queue: waiting for the plugin would block one of the few threads of tasks.
      await withCheckedContinuation {
        (waiting: CheckedContinuation<Result<[UInt8], ConfigurationError>, Never>) in
        DispatchQueue.global().async { waiting.resume(returning: runBlocking(until: givenUp)) }
      }
    } onCancel: {
      givenUp.set()
    }
    return try ExecAnswer(parsing: output.get(), plugin: plugin)
  }

  private final class Signal: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
  }

  /// The input of the plugin, in KUBERNETES_EXEC_INFO.
  func info(isInteractive: Bool) -> JSONValue {
    var spec: JSONValue = ["interactive": .bool(isInteractive)]
    if let cluster = plugin.cluster, let json = try? JSONValue(parsing: cluster.text) {
      spec["cluster"] = json
    }
    return ["kind": "ExecCredential", "apiVersion": .string(plugin.apiVersion), "spec": spec]
  }

  private func runBlocking(until givenUp: Signal) -> Result<[UInt8], ConfigurationError> {
    if givenUp.isSet { return .failure(error("was not started, as nobody waits for it any more")) }
    let hasTerminal = isatty(STDIN_FILENO) == 1
    if plugin.interactiveMode == .always, !hasTerminal {
      return .failure(error("needs a terminal (interactiveMode Always), and there is none"))
    }
    let isInteractive = hasTerminal && plugin.interactiveMode != .never
    var pipe: [Int32] = [-1, -1]
    guard Glibc.pipe(&pipe) == 0 else { return .failure(systemError("open a pipe to", errno)) }
    // The plugin gets a duplicate of the writing end, and nothing of the reading end.
    for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let spawned = spawn(output: pipe[1], isInteractive: isInteractive)
    close(pipe[1])
    defer { close(pipe[0]) }
    switch spawned {
    case .failure(let error): return .failure(error)
    case .success(let process): return collect(process, from: pipe[0], until: givenUp)
    }
  }

  private func spawn(output: Int32, isInteractive: Bool) -> Result<pid_t, ConfigurationError> {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if !isInteractive {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    Self.resetSignals(&attributes)
    var variables = environment
    for variable in plugin.environment { variables[variable.name] = variable.value.text }
    variables["KUBERNETES_EXEC_INFO"] = info(isInteractive: isInteractive).serialized()
    var process: pid_t = 0
    let arguments = [plugin.command] + plugin.args.map(\.text)
    let code = withCStrings(arguments) { argv in
      withCStrings(variables.map { "\($0.key)=\($0.value)" }) { envp in
        RunningPlugins.start(&process) {
          posix_spawnp(&$0, plugin.command, &actions, &attributes, argv, envp)
        }
      }
    }
    if code == 0 { return .success(process) }
    if code == ENOENT {
      return .failure(
        ConfigurationError(
          problem: "the credential plugin \(plugin.command) is not installed",
          fix: plugin.installHint ?? "install it or put it on the PATH"))
    }
    return .failure(systemError("start", code))
  }

  /// Why: the threads of dispatch queues block signals, and this program ignores some. A plugin would
  /// inherit both, and neither Ctrl-C nor a closed pipe would end it.
  private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGCHLD] { sigaddset(&defaults, signal) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))
  }

  private func collect(
    _ process: pid_t, from descriptor: Int32, until givenUp: Signal
  ) -> Result<[UInt8], ConfigurationError> {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    let deadline = ContinuousClock.now + timeout
    var failure: ConfigurationError?
    while failure == nil {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, Self.attention)
      failure = reasonToEnd(deadline, givenUp)
      if ready == 0 || failure != nil { continue }
      if ready < 0 {
        if errno != EINTR { failure = systemError("wait for", errno) }
      } else {
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { break }
        if count < 0 {
          if errno != EINTR { failure = systemError("read from", errno) }
        } else {
          bytes += chunk[..<count]
          if bytes.count > Self.maximumOutputBytes {
            failure = error("printed more than \(Self.maximumOutputBytes >> 20) MiB")
          }
        }
      }
    }
    // It may live on without its output.
    var pause: Int32 = 1
    while true {
      if let failure {
        RunningPlugins.kill(process)
        return .failure(failure)
      }
      if let end = RunningPlugins.collect(process) { return result(of: end, bytes) }
      failure = reasonToEnd(deadline, givenUp)
      _ = poll(nil, 0, pause)
      pause = min(2 * pause, Self.attention)
    }
  }

  private func result(
    of end: RunningPlugins.End, _ output: [UInt8]
  ) -> Result<[UInt8], ConfigurationError> {
    switch end {
    // WIFEXITED and WEXITSTATUS, which are macros.
    case .status(let status) where status & 0x7f != 0:
      return .failure(error("was ended by signal \(status & 0x7f)"))
    case .status(let status):
      let exitCode = status >> 8 & 0xff
      guard exitCode == 0 else {
        return .failure(error("failed with exit code \(exitCode); its own message is above"))
      }
      return .success(output)
    case .unknown(ECHILD):
      return .failure(
        ConfigurationError(
          problem: "nobody can tell how the credential plugin \(plugin.command) ended, as this "
            + "program was started with SIGCHLD ignored",
          fix: "start it with the default for SIGCHLD"))
    case .unknown(let code): return .failure(systemError("wait for", code))
    }
  }

  private func reasonToEnd(
    _ deadline: ContinuousClock.Instant, _ givenUp: Signal
  ) -> ConfigurationError? {
    if givenUp.isSet { return error("was ended, as nobody waits for it any more") }
    guard ContinuousClock.now >= deadline else { return nil }
    return error("did not end within \(timeout.components.seconds) s")
  }

  private func error(_ problem: String) -> ConfigurationError {
    ConfigurationError(problem: "the credential plugin \(plugin.command) \(problem)")
  }

  private func systemError(_ action: String, _ code: Int32) -> ConfigurationError {
    ConfigurationError(
      problem: "cannot \(action) the credential plugin \(plugin.command): "
        + String(cString: strerror(code)))
  }
}

/// Calls with a null-terminated array of C strings that live as long as the call.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
