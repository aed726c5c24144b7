import ControllerRuntime
import CurlHTTP
import Foundation
import Logging
import Synchronization
import Testing

@testable import agent_operator

/// When `reload` calls, on a clock that is turned by hand.
@Suite struct ReloadLoopTests {
  /// Each pause does the next step of a scenario; after the last one the process is told to end.
  private final class Script: RuntimeClock {
    private let steps: Mutex<[@Sendable () throws -> Void]>
    private let time = Mutex(Duration.zero)
    private let taken = Mutex<[Duration]>([])

    init(_ steps: [@Sendable () throws -> Void]) { self.steps = Mutex(steps) }

    var now: Duration { time.withLock { $0 } }
    var wallTime: Int64 { 0 }
    var pauses: [Duration] { taken.withLock { $0 } }

    func sleep(until deadline: Duration) async throws {
      taken.withLock { $0.append(deadline - now) }
      time.withLock { $0 = deadline }
      let step = steps.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      guard let step else { throw CancellationError() }
      try step()
    }
  }

  /// The agent: answers in turn, then 204; nil is none.
  private final class Agent: Sendable {
    private let answers: Mutex<[Int?]>
    private let count = Mutex(0)

    init(_ answers: [Int?] = []) { self.answers = Mutex(answers) }

    var calls: Int { count.withLock { $0 } }

    func answer() throws -> Int {
      count.withLock { $0 += 1 }
      let answer = answers.withLock { $0.isEmpty ? 204 : $0.removeFirst() }
      guard let answer else { throw HTTPError(.connectionRefused, message: "refused") }
      return answer
    }
  }

  private func run(
    _ folders: [String], _ agent: Agent, record: ReloadRecord? = nil,
    _ steps: [@Sendable () throws -> Void]
  ) async throws -> [Duration] {
    let clock = Script(steps)
    let loop = ReloadLoop(
      volumes: MountedVolumes(folders), record: record, clock: clock, interval: .seconds(2),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      call: { try agent.answer() })
    await loop.run(from: try loop.start())
    return clock.pauses
  }

  @Test func itCallsOnceForEachChangeAndNotBefore() async throws {
    let (folder, agent) = (try MountedFolder("a"), Agent())
    _ = try await run([folder.path], agent, [{}, {}])
    #expect(agent.calls == 0)
    let pauses = try await run(
      [folder.path], agent,
      [
        {}, { try folder.swap(to: "b") }, { #expect(agent.calls == 1) }, {},
        { try folder.swap(to: "c") }, { #expect(agent.calls == 2) }, {},
      ])
    #expect(agent.calls == 2)
    // Nothing but looking.
    #expect(Set(pauses) == [.seconds(2)])
  }

  @Test func severalFoldersThatChangeTogetherAreOneCall() async throws {
    let (one, two, agent) = (try MountedFolder("a"), try MountedFolder("a"), Agent())
    _ = try await run(
      [one.path, two.path], agent,
      [
        {
          try one.swap(to: "b")
          try two.swap(to: "b")
        }, {}, { try two.swap(to: "c") }, {},
      ])
    #expect(agent.calls == 2)
  }

  @Test(arguments: [[500, 503], [404, 404], [302, 301], [nil, nil], [nil, 500]] as [[Int?]])
  func itCallsAgainUntilItSucceeds(_ answers: [Int?]) async throws {
    let (folder, agent) = (try MountedFolder("a"), Agent(answers))
    let pauses = try await run(
      [folder.path], agent, [{ try folder.swap(to: "b") }, {}, {}, {}, {}])
    #expect(agent.calls == 3)
    #expect(pauses.count == 6)
    // The second pause follows the first failure; each may be longer than the one before.
    #expect((.milliseconds(500)...(.seconds(1))).contains(pauses[1]), "\(pauses)")
    #expect((.milliseconds(500)...(.seconds(2))).contains(pauses[2]), "\(pauses)")
    #expect(pauses[3...].allSatisfy { $0 == .seconds(2) })
  }

  @Test func itWaitsAtMostAMinute() async throws {
    let folder = try MountedFolder("a")
    let agent = Agent(Array(repeating: 500, count: 40))
    let steps: [@Sendable () throws -> Void] = (0..<40).map { step in
      { if step == 0 { try folder.swap(to: "b") } }
    }
    let pauses = try await run([folder.path], agent, steps)
    #expect(agent.calls == 40)
    #expect(try #require(pauses.max()) <= .seconds(60))
  }

  /// The next call tells of all of them.
  @Test func changesWhileItFailsAreOneCall() async throws {
    let (folder, agent) = (try MountedFolder("a"), Agent([500]))
    _ = try await run(
      [folder.path], agent, [{ try folder.swap(to: "b") }, { try folder.swap(to: "c") }, {}, {}])
    #expect(agent.calls == 2)
  }

  /// What changes between the look and the answer may have come too late for the agent.
  @Test func aChangeDuringACallIsToldAgain() async throws {
    let folder = try MountedFolder("a")
    let calls = Mutex(0)
    let clock = Script([{ try folder.swap(to: "b") }, {}, {}, {}])
    let loop = ReloadLoop(
      volumes: MountedVolumes([folder.path]), record: nil, clock: clock, interval: .seconds(2),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      call: {
        let isFirst = calls.withLock { count in
          count += 1
          return count == 1
        }
        if isFirst { try folder.swap(to: "c") }
        return 200
      })
    await loop.run(from: try loop.start())
    #expect(calls.withLock { $0 } == 2)
  }

  /// The container may restart at any time, and the volume changes meanwhile or while a call fails.
  @Test func aChangeDuringARestartIsNotMissed() async throws {
    let (folder, agent) = (try MountedFolder("a"), Agent([500]))
    let file = try TemporaryFile(suffix: ".json")
    let record = ReloadRecord(file.url.path)
    _ = try await run([folder.path], agent, record: record, [{}])
    try folder.swap(to: "b")
    _ = try await run([folder.path], agent, record: record, [])
    #expect(agent.calls == 1)
    // That call failed: the next process tells it again, and then it is told.
    _ = try await run([folder.path], agent, record: record, [{}])
    #expect(agent.calls == 2)
    _ = try await run([folder.path], agent, record: record, [{}])
    #expect(agent.calls == 2)
    // Without a record what is there counts as known.
    try folder.swap(to: "c")
    _ = try await run([folder.path], agent, [{}])
    #expect(agent.calls == 2)
  }

  @Test func aFolderThatIsNewSinceIsTakenAsItIs() async throws {
    let (old, new, agent) = (try MountedFolder("a"), try MountedFolder("a"), Agent())
    let file = try TemporaryFile(suffix: ".json")
    let record = ReloadRecord(file.url.path)
    _ = try await run([old.path], agent, record: record, [{}])
    _ = try await run(
      [old.path, new.path], agent, record: record, [{}, { try new.swap(to: "b") }])
    #expect(agent.calls == 1)
  }

  @Test func aRecordThatMakesNoSenseIsReplaced() async throws {
    let (folder, agent) = (try MountedFolder("a"), Agent())
    let file = try TemporaryFile("{", suffix: ".json")
    let record = ReloadRecord(file.url.path)
    _ = try await run([folder.path], agent, record: record, [{}])
    #expect(agent.calls == 0)
    #expect(try record.read()?.keys.sorted() == [folder.path])
  }

  /// A link that is away for a moment is no change, one that appears is.
  @Test func aLinkThatAppearsIsAChange() async throws {
    let folder = try MountedFolder("a")
    let link = folder.path + "/..data"
    let hidden = folder.path + "/hidden"
    let agent = Agent()
    _ = try await run(
      [folder.path], agent,
      [{ #expect(rename(link, hidden) == 0) }, {}, { #expect(rename(hidden, link) == 0) }, {}])
    #expect(agent.calls == 0)
    #expect(rename(link, hidden) == 0)
    _ = try await run([folder.path], agent, [{ #expect(rename(hidden, link) == 0) }, {}])
    #expect(agent.calls == 1)
  }
}
