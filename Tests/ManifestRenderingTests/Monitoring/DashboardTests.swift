import JSON
import Testing

@testable import ManifestRendering

@Suite struct DashboardTests {
  private func dashboard(_ agent: MonitoredAgent) throws -> JSONValue {
    Dashboard(monitoring: try agent.monitoring()).json
  }

  private func panels(_ agent: MonitoredAgent) throws -> [JSONValue] {
    try dashboard(agent)["panels"]?.array ?? []
  }

  @Test(arguments: MonitoredAgent.allCases) func panelsHaveTheirOwnPlaces(_ agent: MonitoredAgent)
    throws
  {
    let panels = try panels(agent)
    #expect(Set(panels.compactMap { $0["id"]?.int }).count == panels.count)
    var taken: Set<[Int]> = []
    for panel in panels {
      let grid = try #require(panel["gridPos"])
      let (x, y) = (try #require(grid["x"]?.int), try #require(grid["y"]?.int))
      let (w, h) = (try #require(grid["w"]?.int), try #require(grid["h"]?.int))
      #expect(x >= 0 && w > 0 && x + w <= 24 && h > 0)
      for column in x..<x + w {
        for row in y..<y + h { #expect(taken.insert([column, row]).inserted, "\(panel)") }
      }
    }
  }

  @Test(arguments: MonitoredAgent.allCases) func panelsAreComplete(_ agent: MonitoredAgent) throws {
    let dashboard = try dashboard(agent)
    let variable = dashboard["templating"]?["list"]?[0]
    #expect(variable?["type"] == "datasource" && variable?["query"] == "prometheus")
    for panel in try panels(agent) where panel["type"] != "row" {
      #expect(["gauge", "stat", "timeseries"].contains(panel["type"]?.string))
      #expect(panel["datasource"]?["uid"] == "${datasource}")
      let targets = panel["targets"]?.array ?? []
      #expect(!targets.isEmpty && Set(targets.map { $0["refId"] }).count == targets.count)
      #expect(targets.allSatisfy { $0["datasource"]?["uid"] == "${datasource}" })
      let steps = panel["fieldConfig"]?["defaults"]?["thresholds"]?["steps"]?.array ?? []
      #expect(
        steps.first?["value"] == .null && steps.dropFirst().allSatisfy { $0["value"] != .null })
    }
  }

  @Test("document 004: five widgets, their thresholds, every 30 seconds") func widgets() throws {
    #expect(try dashboard(.meshed)["refresh"] == "30s")
    #expect(try dashboard(.meshed)["time"]?["from"] == "now-1h")
    let panels = try panels(.meshed)
    func panel(_ title: String) -> JSONValue? { panels.first { $0["title"] == .string(title) } }
    func steps(_ title: String) -> [JSONValue] {
      (panel(title)?["fieldConfig"]?["defaults"]?["thresholds"]?["steps"]?.array ?? [])
        .dropFirst().map { $0["value"] ?? .null }
    }
    #expect(panel("CPU Usage")?["type"] == "gauge" && steps("CPU Usage") == [0.7, 0.9])
    #expect(panel("Memory Usage")?["type"] == "gauge" && steps("Memory Usage") == [0.8, 0.9])
    #expect(panel("Response Time")?["type"] == "timeseries" && steps("Response Time") == [5])
    #expect(panel("Error Rate")?["type"] == "timeseries" && steps("Error Rate") == [0.05, 0.1])
    let completion = panel("Task Completion Rate")
    #expect(completion?["timeFrom"] == "24h")
    #expect(completion?["fieldConfig"]?["defaults"]?["custom"]?["drawStyle"] == "bars")
  }

  @Test func objectivesHaveTheirPanels() throws {
    let titles = try panels(.meshed).compactMap { $0["title"]?.string }
    for name in ["availability", "latency"] {
      #expect(titles.contains("\(name): budget left") && titles.contains("\(name): burn rate"))
    }
  }

  @Test func identifiersAreStableAndUnique() throws {
    let uid = try #require(try dashboard(.meshed)["uid"]?.string)
    #expect(uid == (try dashboard(.alone)["uid"]?.string))
    #expect(uid.count <= 40 && uid.wholeMatch(of: /[a-zA-Z0-9_-]+/) != nil)
  }

  /// The queries are PromQL: as recording rules, promtool reads them all.
  @Test(.enabled(if: Promtool.path != nil, Promtool.missing), arguments: MonitoredAgent.allCases)
  func queriesAreValid(_ agent: MonitoredAgent) throws {
    var rules: [JSONValue] = []
    for panel in try panels(agent) {
      for target in panel["targets"]?.array ?? [] {
        let name = JSONValue.string(
          "panel:\(panel["id"]?.int ?? 0):\(target["refId"]?.string ?? "")")
        rules.append(["record": name, "expr": target["expr"] ?? .null])
      }
    }
    let file: JSONValue = ["groups": [["name": "panels", "rules": .array(rules)]]]
    let problem = try Promtool.failure(["check", "rules", "rules.yaml"], ["rules.yaml": file])
    #expect(problem == nil, "\(problem ?? "")")
  }
}
