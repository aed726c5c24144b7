import ControllerRuntime
import Testing

@Suite struct HealthTests {
  private let mixed = [
    HealthCheck("ping"), HealthCheck("cache-secrets", problem: "not complete"),
  ]

  @Test func aProbeAnswersInTheAPIServersForm() {
    let well = [HealthCheck("ping"), HealthCheck("loops")]
    #expect(HealthReport(well, path: "/healthz").body == "ok\n")
    #expect(HealthReport(well, path: "/healthz").status == 200)
    #expect(
      HealthReport(well, path: "/healthz", query: [("verbose", "")]).body
        == "[+]ping ok\n[+]loops ok\nhealthz check passed\n")
    let ill = HealthReport(mixed, path: "/readyz")
    #expect(ill.status == 503)
    #expect(
      ill.body == "[+]ping ok\n[-]cache-secrets failed: not complete\nreadyz check failed\n")
  }

  @Test func checksCanBeLeftOutAndAskedForAlone() {
    let excluded = HealthReport(mixed, path: "/readyz", query: [("exclude", "cache-secrets")])
    #expect(excluded.status == 200)
    #expect(HealthReport(mixed, path: "/readyz/ping").status == 200)
    #expect(HealthReport(mixed, path: "/readyz/cache-secrets").status == 503)
    #expect(HealthReport(mixed, path: "/readyz/nonsense").status == 404)
  }

  @Test func aLoopWithoutABeatIsStuck() {
    let clock = ManualClock()
    let heartbeats = Heartbeats(clock: clock)
    let (a, b) = (
      heartbeats.start("a", bound: .seconds(60)), heartbeats.start("b", bound: .seconds(10))
    )
    clock.advance(by: .seconds(10))
    #expect(heartbeats.stuck.isEmpty)
    clock.advance(by: .seconds(1))
    #expect(heartbeats.stuck.map(\.name) == ["b"])
    b.beat()
    #expect(heartbeats.stuck.isEmpty)
    clock.advance(by: .seconds(50))
    #expect(heartbeats.stuck.map(\.name) == ["a", "b"])
    heartbeats.end(b)
    a.beat()
    #expect(heartbeats.stuck.isEmpty)
  }
}
