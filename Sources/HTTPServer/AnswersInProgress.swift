import NIOCore
import NIOPosix
import Synchronization

/// Keeps the event loops alive for handlers that are still running: a handler may outlive its
/// connection for as long as it ignores its cancellation, and then answers into the void.
final class AnswersInProgress: Sendable {
  private struct State {
    var count = 0
    var group: MultiThreadedEventLoopGroup?
  }
  private let state = Mutex(State())

  func begin() { state.withLock { $0.count += 1 } }

  func end() {
    let group = state.withLock { state in
      state.count -= 1
      return state.count == 0 ? state.group.take() : nil
    }
    group?.shutdownGracefully { _ in }
  }

  /// Ends the threads now, or leaves it to the last handler that returns.
  func shutDownWhenDone(_ group: MultiThreadedEventLoopGroup) async {
    let isDone = state.withLock { state in
      if state.count > 0 { state.group = group }
      return state.count == 0
    }
    if isDone { try? await group.shutdownGracefully() }
  }
}
