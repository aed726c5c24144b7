import UnixSignals

/// Runs until it returns or the process is told to end (SIGTERM, SIGINT); then it is cancelled and
/// awaited. A second signal ends the process at once.
func untilTerminated(_ body: @escaping @Sendable () async -> Void) async {
  await withTaskGroup { group in
    group.addTask {
      await body()
      return false
    }
    group.addTask {
      let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
      for await _ in signals { return true }
      return true
    }
    let wasSignalled = await group.next() ?? false
    if wasSignalled {
      let impatient = Task {
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
          CommandLineEntry.exitNow(130)
        }
      }
      group.cancelAll()
      await group.waitForAll()
      impatient.cancel()
    } else {
      group.cancelAll()
    }
  }
}
