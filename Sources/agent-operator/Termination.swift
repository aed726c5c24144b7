import ControllerRuntime
import UnixSignals

/// Runs until it returns or the process is told to end (SIGTERM, SIGINT); then it is cancelled and
/// awaited. A second signal ends the process at once, with exit code 130, and so does taking longer
/// than `limit`, with exit code 1.
///
/// - Parameter executor: where the body's tasks run; nil is the global executor.
func untilTerminated(
  within limit: Duration = .seconds(30), on executor: (any TaskExecutor)? = nil,
  _ body: @escaping @Sendable () async -> Void
) async {
  // One sequence for all signals: between two, a signal would be lost or kill the process.
  let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
  let work = Task(executorPreference: executor) { await body() }
  let watching = Task {
    var timer: Task<Void, Never>?
    for await _ in signals {
      if timer != nil { CommandLineEntry.exitNow(130) }
      work.cancel()
      timer = Task {
        guard (try? await SystemClock().sleep(for: limit)) != nil else { return }
        Terminal.writeError("error: did not stop within \(limit.components.seconds) s")
        CommandLineEntry.exitNow(1)
      }
    }
    timer?.cancel()
  }
  await work.value
  watching.cancel()
  await watching.value
}
