import Testing

@testable import CurlHTTP

@Suite struct TransferStateMachineTests {
  private let reset = HTTPError(.reset, message: "reset")

  private func stream(limit: Int = 4) -> TransferStateMachine {
    var machine = TransferStateMachine(kind: .stream(unreadLimit: limit))
    _ = machine.start()
    _ = machine.headReceived()
    return machine
  }

  private func receive(_ text: String, _ machine: inout TransferStateMachine)
    -> TransferStateMachine.BytesAction
  {
    [UInt8](text.utf8).withUnsafeBytes { machine.received($0) }
  }

  @Test func unaryIsAnsweredOnce() {
    var machine = TransferStateMachine(kind: .unary)
    #expect(machine.start() == .submit)
    #expect(machine.headReceived() == .none)
    #expect(machine.ended(nil) == .answerCaller)
    #expect(machine.ended(reset) == .none)
    #expect(machine.cancel() == .none)
  }

  @Test func cancelBeforeStart() {
    var machine = TransferStateMachine(kind: .unary)
    #expect(machine.cancel() == .none)
    #expect(machine.start() == .failCancelled)
    #expect(machine.ended(nil) == .none)
  }

  @Test func cancelAsksOnceAndTheOwnerAnswers() {
    var machine = TransferStateMachine(kind: .unary)
    _ = machine.start()
    #expect(!machine.isAbortRequested)
    #expect(machine.cancel() == .askOwnerToAbort)
    #expect(machine.isAbortRequested)
    #expect(machine.cancel() == .none)
    #expect(machine.ended(reset) == .answerCaller)
  }

  @Test func refusedSubmissionIsNotAnsweredByTheOwner() {
    var machine = TransferStateMachine(kind: .unary)
    _ = machine.start()
    machine.submissionRefused()
    #expect(machine.cancel() == .none)
    #expect(machine.ended(nil) == .none)
  }

  @Test func streamFailsBeforeItsHead() {
    var machine = TransferStateMachine(kind: .stream(unreadLimit: 4))
    _ = machine.start()
    #expect(machine.ended(reset) == .answerCaller)
    #expect(machine.headReceived() == .none)
    #expect(machine.read() == .end)
  }

  @Test func waitingReaderIsAnsweredByBytes() {
    var machine = stream()
    #expect(machine.read() == .wait)
    #expect(receive("abcdefgh", &machine) == .answerReader([UInt8]("abcdefgh".utf8)))
    #expect(receive("ab", &machine) == .none)
    #expect(receive("cd", &machine) == .none)
    #expect(machine.read() == .take([UInt8]("abcd".utf8)))
    #expect(machine.read() == .wait)
  }

  @Test func unreadBytesAreBounded() {
    var machine = stream(limit: 4)
    #expect(receive("abc", &machine) == .none)
    #expect(receive("de", &machine) == .overflow)
    #expect(machine.ended(HTTPError(.bodyTooLarge, message: "slow")) == .none)
    #expect(machine.read() == .take([UInt8]("abc".utf8)))
    #expect(machine.read() == .fail(.bodyTooLarge, "slow"))
    #expect(machine.read() == .end)
  }

  @Test func endingIsReadAfterTheBytes() {
    var machine = stream()
    _ = receive("ab", &machine)
    #expect(machine.ended(nil) == .none)
    #expect(machine.read() == .take([UInt8]("ab".utf8)))
    #expect(machine.read() == .end)
  }

  @Test func waitingReaderIsAnsweredByTheEnd() {
    var machine = stream()
    #expect(machine.read() == .wait)
    #expect(machine.ended(reset) == .answerReader)
    #expect(machine.ended(reset) == .none)
    #expect(machine.read() == .end)
  }

  @Test func cancelledStreamDropsItsBytes() {
    var machine = stream()
    _ = receive("ab", &machine)
    #expect(machine.cancel() == .askOwnerToAbort)
    #expect(receive("cd", &machine) == .none)
    #expect(machine.read() == .wait)
    #expect(machine.ended(HTTPError(.cancelled, message: "cancelled")) == .answerReader)
  }

  @Test func secondReaderIsRefused() {
    var machine = stream()
    #expect(machine.read() == .wait)
    #expect(machine.read() == .failConcurrentRead)
    #expect(receive("a", &machine) == .answerReader([UInt8]("a".utf8)))
  }

  /// Whatever happens in whatever order: one answer for the caller, one for each waiting reader.
  @Test func everyOrderAnswersOnce() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var machine = TransferStateMachine(
        kind: Bool.random(using: &generator) ? .unary : .stream(unreadLimit: 3))
      var callerWaits = false
      var callerAnswers = 0
      var readerWaits = false
      var history: [Int] = []
      for _ in 0..<12 {
        let event = Int.random(in: 0..<6, using: &generator)
        history.append(event)
        switch event {
        case 0 where !history.dropLast().contains(0):
          callerWaits = machine.start() == .submit
        case 1: _ = machine.cancel()
        case 2 where callerWaits:
          if machine.headReceived() == .answerCaller { callerAnswers += 1 }
        case 3 where callerWaits:
          if case .answerReader = receive("xy", &machine) {
            #expect(readerWaits, "\(history)")
            readerWaits = false
          }
        case 4 where callerWaits:
          switch machine.ended(reset) {
          case .answerCaller: callerAnswers += 1
          case .answerReader:
            #expect(readerWaits, "\(history)")
            readerWaits = false
          case .none: break
          }
        case 5 where callerAnswers > 0:
          if machine.read() == .wait {
            #expect(!readerWaits, "\(history)")
            readerWaits = true
          }
        default: break
        }
      }
      switch machine.ended(reset) {
      case .answerCaller: callerAnswers += 1
      case .answerReader: readerWaits = false
      case .none: break
      }
      #expect(callerAnswers == (callerWaits ? 1 : 0), "\(history)")
      #expect(!readerWaits, "\(history)")
    }
  }
}
