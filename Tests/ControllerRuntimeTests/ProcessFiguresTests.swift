import Testing

@testable import ControllerRuntime

@Suite struct ProcessFiguresTests {
  @Test func namesWithBlanksAndParenthesesDoNotShiftTheFields() throws {
    let stat =
      "4242 (agent) op (x) S 1 4242 4242 0 -1 4194560 9000 0 3 0 150 50 0 0 20 0 9 0 777 "
      + "123456789 2048 18446744073709551615 1 1 0 0 0 0 0 4096 17663 0 0 0 17 1 0 0 0 0 0"
    let figures = try #require(ProcessFigures(stat: stat))
    #expect(figures.cpuTicks == 200)
    #expect(figures.threads == 9)
    #expect(figures.startTicks == 777)
    #expect(figures.virtualBytes == 123_456_789)
    #expect(figures.residentPages == 2048)
    #expect(ProcessFigures(stat: "") == nil)
    #expect(ProcessFigures.bootTime(stat: "cpu 1 2\nbtime 1700000000\nctxt 1") == 1_700_000_000)
  }

  @Test func thisProcessIsMeasured() {
    let metrics = RuntimeMetrics(controller: "agents")
    metrics.observeProcess()
    let text = metrics.registry.exposition()
    for name in ["cpu_seconds_total", "resident_memory_bytes", "open_fds", "max_fds", "threads"] {
      #expect(text.contains("\nprocess_\(name) "), "\(name)")
    }
  }
}
