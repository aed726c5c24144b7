import Foundation
import JSON
import KubernetesAPI
import Testing

@testable import AgentDeploymentAPI

/// Four times as much takes about four times as long; sixteen times would be the sign of a search within
/// a search.
@Suite struct LinearTimeTests {
  /// Of this thread's processor time: others run beside it.
  private func time(_ work: () -> Void) -> Int {
    (0..<3).map { _ in
      var (start, end) = (timespec(), timespec())
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start)
      work()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
      return (end.tv_sec - start.tv_sec) * 1_000_000 + (end.tv_nsec - start.tv_nsec) / 1000
    }.min() ?? 0
  }

  @Test func mergingOfVariables() {
    func container(_ count: Int, _ value: JSONValue) -> JSONValue {
      [
        "env": .array(
          (0..<count).map { ["name": .string("VARIABLE_\($0)"), "value": value] })
      ]
    }
    func time(_ count: Int) -> Int {
      let (base, patch) = (container(count, "a"), container(count, "b"))
      return self.time { _ = PodSpecMerge.merge(base, with: patch) }
    }
    let (few, many) = (time(500), time(2000))
    #expect(many < few * 9, "500: \(few) µs, 2000: \(many) µs")
    #expect(
      PodSpecMerge.merge(container(9, "a"), with: container(12, "b")) == container(12, "b"))
  }

  @Test func findingWhereProblemsComeFrom() {
    func problems(_ count: Int) -> [PodProblem] {
      (0..<count).map { PodProblem(path: ["spec", .key("field\($0)")], message: "is wrong") }
    }
    func time(_ count: Int) -> Int {
      let found = problems(count)
      let stages = [PodStage(template: [:]), PodStage(template: ["spec": [:]])]
      return self.time { _ = stages.problems { $0.has("spec") ? found : [] } }
    }
    let (few, many) = (time(500), time(2000))
    #expect(many < few * 9, "500: \(few) µs, 2000: \(many) µs")
  }
}
