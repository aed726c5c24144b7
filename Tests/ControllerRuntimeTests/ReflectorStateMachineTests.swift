import ControllerRuntime
import Simulation
import Testing

@Suite struct ReflectorStateMachineTests {
  typealias Machine = ReflectorStateMachine

  private func watching(_ version: String = "10") -> Machine {
    var machine = Machine()
    _ = machine.start()
    _ = machine.listed(resourceVersion: version)
    return machine
  }

  @Test func listsThenWatchesFromThere() {
    var machine = Machine()
    #expect(machine.start() == .list)
    #expect(machine.listed(resourceVersion: "10") == .watch(resourceVersion: "10"))
  }

  @Test func eventsAndBookmarksMoveThePosition() {
    var machine = watching()
    machine.received(resourceVersion: "12")
    machine.received(resourceVersion: nil)
    machine.received(resourceVersion: "")
    #expect(machine.position == "12")
    #expect(machine.watchEnded(lasted: .seconds(300)) == .watch(resourceVersion: "12"))
  }

  /// Rule 7: overload and refused connections never relist, and keep the position.
  @Test(arguments: [nil, Duration.seconds(7)])
  func otherFailuresWatchAgainFromTheSamePosition(retryAfter: Duration?) {
    var machine = watching()
    machine.received(resourceVersion: "11")
    for failures in 1...20 {
      #expect(
        machine.watchFailed(.other(retryAfter: retryAfter))
          == .wait(failures: failures, retryAfter: retryAfter))
      #expect(machine.waited() == .watch(resourceVersion: "11"))
    }
  }

  /// Rule 2.
  @Test func anExpiredPositionIsListedAnewAtOnce() {
    var machine = watching()
    #expect(machine.watchFailed(.expired) == .list)
    #expect(machine.position == "")
    #expect(machine.listed(resourceVersion: "50") == .watch(resourceVersion: "50"))
  }

  /// https://github.com/kube-rs/kube/issues/1615: lists work, each watch says 410.
  @Test func positionsThatExpireAtOnceAreListedWithGrowingPauses() {
    var machine = watching()
    #expect(machine.watchFailed(.expired) == .list)
    for failures in 2...10 {
      #expect(
        machine.listed(resourceVersion: "\(failures)") == .watch(resourceVersion: "\(failures)"))
      #expect(machine.watchFailed(.expired) == .wait(failures: failures, retryAfter: nil))
      #expect(machine.waited() == .list)
    }
  }

  @Test func anEventBeforeEachExpiryDoesNotMakeAHotLoop() {
    var machine = watching()
    #expect(machine.watchFailed(.expired) == .list)
    for _ in 0..<5 {
      _ = machine.listed(resourceVersion: "20")
      machine.received(resourceVersion: "21")
      #expect(machine.watchFailed(.expired) == .wait(failures: 1, retryAfter: nil))
      #expect(machine.waited() == .list)
    }
  }

  @Test func afterAWatchThatWorkedAnExpiredPositionIsListedAtOnceAgain() {
    var machine = watching()
    #expect(machine.watchFailed(.expired) == .list)
    _ = machine.listed(resourceVersion: "20")
    #expect(machine.watchEnded(lasted: .seconds(300)) == .watch(resourceVersion: "20"))
    #expect(machine.watchFailed(.expired) == .list)
  }

  @Test func veryShortWatchesAreRepeatedWithPauses() {
    var machine = watching()
    for failures in 1...5 {
      #expect(
        machine.watchEnded(lasted: .milliseconds(999)) == .wait(failures: failures, retryAfter: nil)
      )
      #expect(machine.waited() == .watch(resourceVersion: "10"))
    }
    #expect(machine.watchEnded(lasted: .seconds(1)) == .watch(resourceVersion: "10"))
    #expect(machine.failureCount == 0)
  }

  @Test func shortWatchesWithOneEventEachPauseToo() {
    var machine = watching()
    for _ in 0..<5 {
      machine.received(resourceVersion: "11")
      #expect(machine.watchEnded(lasted: .zero) == .wait(failures: 1, retryAfter: nil))
      #expect(machine.waited() == .watch(resourceVersion: "11"))
    }
  }

  @Test func aWatchThatHeldBeginsTheCountAnew() {
    var machine = watching()
    for _ in 0..<6 {
      _ = machine.watchFailed(.other(retryAfter: nil))
      _ = machine.waited()
    }
    #expect(
      machine.watchFailed(.other(retryAfter: nil), lasted: .seconds(90))
        == .wait(failures: 1, retryAfter: nil))
  }

  @Test func failedListsAreListedAgain() {
    var machine = Machine()
    _ = machine.start()
    for (failures, failure) in [
      Machine.Failure.other(retryAfter: .seconds(3)), .expired, .notServed, .unreadable,
    ].enumerated() {
      let retryAfter: Duration? = failures == 0 ? .seconds(3) : nil
      #expect(
        machine.listFailed(failure) == .wait(failures: failures + 1, retryAfter: retryAfter))
      #expect(machine.waited() == .list)
    }
  }

  @Test func aResourceThatIsNotServedIsListedUntilItIs() {
    var machine = watching()
    #expect(machine.watchFailed(.notServed) == .wait(failures: 1, retryAfter: nil))
    #expect(machine.waited() == .list)
    #expect(machine.listFailed(.notServed) == .wait(failures: 2, retryAfter: nil))
    #expect(machine.waited() == .list)
  }

  /// Rule 10: the same event would come again at the same position.
  @Test func anUnreadableEventIsListedOver() {
    var machine = watching()
    #expect(machine.watchFailed(.unreadable) == .wait(failures: 1, retryAfter: nil))
    #expect(machine.waited() == .list)
  }

  @Test func anUnreadableEventAfterOthersIsFirstWatchedForAgain() {
    var machine = watching()
    machine.received(resourceVersion: "11")
    #expect(machine.watchFailed(.unreadable) == .wait(failures: 1, retryAfter: nil))
    #expect(machine.waited() == .watch(resourceVersion: "11"))
    #expect(machine.watchFailed(.unreadable) == .wait(failures: 2, retryAfter: nil))
    #expect(machine.waited() == .list)
  }

  /// A watch without a position would tell nothing of what was deleted.
  @Test func neverWatchesWithoutAPosition() {
    var machine = Machine()
    _ = machine.start()
    #expect(machine.listed(resourceVersion: "") == .wait(failures: 1, retryAfter: nil))
    #expect(machine.waited() == .list)
  }

  /// Whatever a server answers: no more than two requests without a pause or a second in between,
  /// and never a watch from a position that was not given or has expired.
  @Test(arguments: 0..<100) func neverLoopsWithoutPauses(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var machine = Machine(streamsLists: seed.isMultiple(of: 2))
    var action = machine.start()
    var now = 0  // milliseconds
    var requestTimes: [Int] = []
    var known: Set<String> = []
    for step in 0..<300 {
      switch action {
      case .wait(let failures, _):
        #expect(failures > 0)
        now += 400
        action = machine.waited()
      case .list:
        requestTimes.append(now)
        if Int.random(in: 0..<3, using: &random) == 0 {
          action = machine.listFailed(failure(&random))
        } else {
          known.insert("\(step)")
          action = machine.listed(resourceVersion: "\(step)") ?? .list
        }
      case .streamList:
        requestTimes.append(now)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: action = machine.streamedListRefused()
        case 1, 2: action = machine.streamedListBroke(failure(&random))
        case 3: action = machine.listFailed(failure(&random))
        default:
          known.insert("\(step)")
          #expect(machine.listed(resourceVersion: "\(step)") == nil)
          let lasted = [0, 500, 2000, 60_000][Int.random(in: 0..<4, using: &random)]
          now += lasted
          action = machine.watchEnded(lasted: .milliseconds(lasted))
        }
      case .watch(let version):
        requestTimes.append(now)
        #expect(known.contains(version), "seed \(seed) step \(step)")
        for i in 0..<Int.random(in: 0..<3, using: &random) {
          known.insert("\(step).\(i)")
          machine.received(resourceVersion: "\(step).\(i)")
        }
        let lasted = [0, 500, 2000, 60_000][Int.random(in: 0..<4, using: &random)]
        now += lasted
        if Bool.random(using: &random) {
          action = machine.watchEnded(lasted: .milliseconds(lasted))
        } else {
          let failure = failure(&random)
          if failure == .expired { known = [] }
          action = machine.watchFailed(failure, lasted: .milliseconds(lasted))
        }
      }
    }
    // A list and its watch come together, and once a list at once after an expired position; and
    // once in a lifetime a list at once after a streamed one was refused.
    let together = seed.isMultiple(of: 2) ? 5 : 4
    for (first, last) in zip(requestTimes, requestTimes.dropFirst(together)) {
      #expect(last - first >= 400, "seed \(seed)")
    }
  }

  @Test func aStreamedListGoesOnAsTheWatch() {
    var machine = Machine(streamsLists: true)
    #expect(machine.start() == .streamList)
    #expect(machine.position == "")
    #expect(machine.listed(resourceVersion: "10") == nil)
    machine.received(resourceVersion: "11")
    #expect(machine.watchEnded(lasted: .seconds(300)) == .watch(resourceVersion: "11"))
    #expect(machine.watchFailed(.expired) == .streamList)
  }

  @Test func aServerWithoutStreamedListsIsListedForGood() {
    var machine = Machine(streamsLists: true)
    _ = machine.start()
    #expect(machine.streamedListRefused() == .list)
    #expect(machine.listed(resourceVersion: "10") == .watch(resourceVersion: "10"))
    #expect(machine.watchFailed(.expired) == .list)
  }

  @Test(arguments: [Machine.Failure.other(retryAfter: nil), .expired, .unreadable])
  func aStreamedListThatBreaksIsFollowedByOneInPages(failure: Machine.Failure) {
    var machine = Machine(streamsLists: true)
    _ = machine.start()
    #expect(machine.streamedListBroke(failure) == .wait(failures: 1, retryAfter: nil))
    #expect(machine.waited() == .list)
    #expect(machine.listed(resourceVersion: "10") == .watch(resourceVersion: "10"))
    #expect(machine.watchFailed(.expired) == .streamList)
  }

  @Test func aStreamedListThatCannotBeOpenedIsOpenedAgain() {
    var machine = Machine(streamsLists: true)
    _ = machine.start()
    #expect(
      machine.listFailed(.other(retryAfter: .seconds(3)))
        == .wait(failures: 1, retryAfter: .seconds(3)))
    #expect(machine.waited() == .streamList)
  }

  @Test func aStreamedListWithoutAPositionIsNoStart() {
    var machine = Machine(streamsLists: true)
    _ = machine.start()
    #expect(machine.listed(resourceVersion: "") == .wait(failures: 1, retryAfter: nil))
    #expect(machine.waited() == .streamList)
  }

  private func failure(_ random: inout SeededGenerator) -> Machine.Failure {
    [.expired, .notServed, .unreadable, .other(retryAfter: nil)][
      Int.random(in: 0..<4, using: &random)]
  }
}
