import Foundation
import Synchronization

/// Runs a body on a thread with as little stack as the threads of a pool may have.
func onSmallStack<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) throws -> Value {
  let result = Mutex<Result<Value, any Error>?>(nil)
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    let outcome = Result { try body() }
    result.withLock { $0 = outcome }
    done.signal()
  }
  #if DEBUG
    // Frames that are not optimised are several times as large.
    thread.stackSize = 4 << 20
  #else
    thread.stackSize = 512 << 10
  #endif
  thread.start()
  done.wait()
  guard let outcome = result.withLock({ $0 }) else { throw CocoaError(.featureUnsupported) }
  return try outcome.get()
}
