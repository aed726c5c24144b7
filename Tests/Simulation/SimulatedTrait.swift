public import Testing

/// Runs each test of a suite, or a single test, in a `SimulationLoop`.
public struct SimulatedTrait: SuiteTrait, TestTrait, TestScoping {
  public var isRecursive: Bool { true }

  public func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
    testCase == nil ? nil : self
  }

  @concurrent public func provideScope(
    for test: Test, testCase: Test.Case?,
    performing function: @Sendable @concurrent () async throws -> Void
  ) async throws {
    try await withoutActuallyEscaping(function) { function in
      try await SimulationLoop.run(function)
    }
  }
}

extension Trait where Self == SimulatedTrait {
  /// All of it on one thread, with virtual time only: nothing depends on the machine's load.
  public static var simulated: Self { Self() }
}
