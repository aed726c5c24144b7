import ControllerRuntime
import CurlHTTP
import Logging

/// Looks at mounted volumes and calls once for each change of them, repeated until that succeeds.
/// Changes that come meanwhile are told by the next call.
struct ReloadLoop: Sendable {
  /// - Returns: the status of the answer.
  typealias Call = @Sendable () async throws -> Int

  let volumes: MountedVolumes
  /// Nil: a new process takes what it finds for known.
  let record: ReloadRecord?
  let clock: any RuntimeClock
  let interval: Duration
  let backoff = Backoff(base: .seconds(1), maximum: .seconds(60))
  let logger: Logger
  let call: Call

  /// What the agent knows: what it was told last, and of other volumes what is there now, because
  /// this starts before the agent does.
  ///
  /// - Throws: when there is nothing to look at, or nowhere to record it.
  func start() throws -> MountedVolumes.Versions {
    try volumes.check()
    let present = volumes.versions
    for folder in volumes.folders where present[folder] == nil {
      logger.warning(
        "there is no link ..data yet: is it a mounted Secret or ConfigMap?",
        metadata: ["folder": .string(folder)])
    }
    let told = try record?.read() ?? [:]
    let known = present.merging(told.filter { present[$0.key] != nil }) { $1 }
    try record?.write(known)
    return known
  }

  /// Until the task is cancelled.
  func run(from known: MountedVolumes.Versions) async {
    var known = known
    var failures = 0
    while !Task.isCancelled {
      let present = volumes.versions
      let changed = present.filter { known[$0.key] != $0.value }.keys.sorted()
      var pause = interval
      if !changed.isEmpty {
        if await tell(of: changed, attempt: failures + 1) {
          failures = 0
          known.merge(present) { $1 }
          keep(known)
        } else {
          failures += 1
          pause = backoff.delay(failures: failures, jitter: .random(in: 0...1))
        }
      }
      guard (try? await clock.sleep(for: pause)) != nil else { return }
    }
  }

  private func tell(of folders: [String], attempt: Int) async -> Bool {
    var metadata: Logger.Metadata = [
      "folders": .string(folders.joined(separator: ",")), "attempt": "\(attempt)",
    ]
    do {
      let status = try await call()
      metadata["status"] = "\(status)"
      if (200..<300).contains(status) {
        logger.info("reloaded", metadata: metadata)
        return true
      }
      logger.error("the agent did not reload", metadata: metadata)
    } catch {
      if Task.isCancelled { return false }
      metadata["error"] = "\(error)"
      logger.error("the agent was not reached", metadata: metadata)
    }
    return false
  }

  /// What cannot be recorded is told again after a restart.
  private func keep(_ known: MountedVolumes.Versions) {
    do throws(CommandFailure) {
      try record?.write(known)
    } catch {
      logger.error(
        "what was told is not recorded",
        metadata: ["error": .string(error.lines.joined(separator: "; "))])
    }
  }
}
