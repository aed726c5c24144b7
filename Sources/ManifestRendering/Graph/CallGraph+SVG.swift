extension CallGraph {
  /// A drawing by itself: callers left, what they call right of them. No script, no font of its own.
  public var svg: String { GraphDrawing(self).text }
}

/// Nodes in columns, by how many calls lead to them at most; edges as curves between.
private struct GraphDrawing {
  private struct Box {
    var x: Int
    var y: Int
  }

  private let graph: CallGraph
  private let columns: [[CallGraph.Node]]
  private var boxes: [CallGraph.Node: Box] = [:]

  private static let (width, height, gap, space, margin) = (236, 44, 22, 120, 24)
  private static let legendHeight = 40
  /// What fits into a box at this size.
  private static let longestName = 30

  init(_ graph: CallGraph) {
    self.graph = graph
    columns = Self.columns(of: graph)
    let tallest = columns.map(\.count).max() ?? 0
    for (i, column) in columns.enumerated() {
      let x = Self.margin + i * (Self.width + Self.space)
      let top = Self.margin + (tallest - column.count) * (Self.height + Self.gap) / 2
      for (j, node) in column.enumerated() {
        boxes[node] = Box(x: x, y: top + j * (Self.height + Self.gap))
      }
    }
  }

  /// Who only calls is left, what is only called right, and agents between them by the longest way of
  /// calls to each. Calls that close a circle do not count.
  private static func columns(of graph: CallGraph) -> [[CallGraph.Node]] {
    let agents = graph.nodes.filter { $0.kind == .agent }
    let calls = forwardCalls(graph, agents)
    var depth: [CallGraph.Node: Int] = [:]
    for _ in agents {
      for (from, to) in calls { depth[to] = max(depth[to] ?? 0, (depth[from] ?? 0) + 1) }
    }
    var columns = [graph.nodes.filter { [.gateway, .caller].contains($0.kind) }]
    for level in 0...(depth.values.max() ?? 0) {
      columns.append(agents.filter { (depth[$0] ?? 0) == level })
    }
    columns.append(graph.nodes.filter { [.model, .service, .state].contains($0.kind) })
    return columns.filter { !$0.isEmpty }
  }

  /// Those between agents, without the ones that lead back to where a walk came from.
  private static func forwardCalls(
    _ graph: CallGraph, _ agents: [CallGraph.Node]
  ) -> [(CallGraph.Node, CallGraph.Node)] {
    var next: [CallGraph.Node: [CallGraph.Node]] = [:]
    for edge in graph.edges where edge.from.kind == .agent && edge.to.kind == .agent {
      next[edge.from, default: []].append(edge.to)
    }
    let called = Set(next.values.joined())
    var calls: [(CallGraph.Node, CallGraph.Node)] = []
    var done: Set<CallGraph.Node> = []
    var walk: Set<CallGraph.Node> = []
    // Without recursion: a chain of agents may be as long as it likes.
    for start in agents.filter({ !called.contains($0) }) + agents where !done.contains(start) {
      var stack = [(start, next[start] ?? [])]
      walk.insert(start)
      while let (node, callees) = stack.popLast() {
        var rest = callees
        guard let callee = rest.popLast() else {
          walk.remove(node)
          done.insert(node)
          continue
        }
        stack.append((node, rest))
        guard !walk.contains(callee) else { continue }
        calls.append((node, callee))
        if !done.contains(callee) {
          walk.insert(callee)
          stack.append((callee, next[callee] ?? []))
        }
      }
    }
    return calls
  }

  private var size: (width: Int, height: Int) {
    let tallest = columns.map(\.count).max() ?? 0
    let count = max(1, columns.count)
    return (
      max(
        520, 2 * Self.margin + count * (Self.width + Self.space)),
      2 * Self.margin + max(1, tallest) * (Self.height + Self.gap) + Self.legendHeight
    )
  }

  var text: String {
    let (width, height) = size
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" "
        + "width=\"\(width)\" height=\"\(height)\" font-family=\"sans-serif\" font-size=\"13\">",
      "<title>Who may call whom</title>",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>", "<defs>",
    ]
    for kind in CallGraph.Edge.Kind.allCases {
      lines.append(
        "<marker id=\"\(kind.rawValue)\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" "
          + "markerWidth=\"8\" markerHeight=\"8\" orient=\"auto-start-reverse\">"
          + "<path d=\"M0 0L10 5L0 10z\" fill=\"\(Self.color(kind))\"/></marker>")
    }
    lines.append("</defs>")
    lines += graph.edges.compactMap(line)
    lines += graph.nodes.compactMap(box)
    lines += legend(at: height - Self.legendHeight / 2)
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func color(_ kind: CallGraph.Edge.Kind) -> String {
    switch kind {
    case .calls: "#2c5f8a"
    case .mayCall: "#8a8f98"
    case .denied: "#c0392b"
    }
  }

  private static func style(_ kind: CallGraph.Edge.Kind) -> String {
    let dashes =
      switch kind {
      case .calls: ""
      case .mayCall: " stroke-dasharray=\"6 4\""
      case .denied: " stroke-dasharray=\"2 3\""
      }
    return "fill=\"none\" stroke=\"\(color(kind))\" stroke-width=\"1.6\"\(dashes) "
      + "marker-end=\"url(#\(kind.rawValue))\""
  }

  private func line(_ edge: CallGraph.Edge) -> String? {
    guard let from = boxes[edge.from], let to = boxes[edge.to] else { return nil }
    let (y1, y2) = (from.y + Self.height / 2, to.y + Self.height / 2)
    let (bend, shift) = (Self.space / 2, Self.height / 4)
    let right = from.x + Self.width
    let path: String
    if edge.from == edge.to {
      path =
        "M\(right) \(y1 - 8)C\(right + 40) \(y1 - 30) \(right + 40) \(y1 + 30) \(right) \(y1 + 8)"
    } else if to.x > from.x {
      path = "M\(right) \(y1)C\(right + bend) \(y1) \(to.x - bend) \(y2) \(to.x) \(y2)"
    } else if to.x < from.x {
      // Back, beside a call in the other direction.
      let end = to.x + Self.width
      path =
        "M\(from.x) \(y1 + shift)C\(from.x - bend) \(y1 + shift) "
        + "\(end + bend) \(y2 + shift) \(end) \(y2 + shift)"
    } else {
      path = "M\(right) \(y1)C\(right + bend) \(y1) \(right + bend) \(y2) \(right) \(y2)"
    }
    let title =
      "\(edge.from.name) \(Self.words(edge.kind)) \(edge.to.name)"
      + (edge.tools.isEmpty ? "" : ": \(edge.tools.joined(separator: ", "))")
    return
      "<path d=\"\(path)\" \(Self.style(edge.kind))><title>\(Self.escaped(title))</title></path>"
  }

  private static func words(_ kind: CallGraph.Edge.Kind) -> String {
    switch kind {
    case .calls: "calls"
    case .mayCall: "may call"
    case .denied: "calls and is not let in by"
    }
  }

  private func box(_ node: CallGraph.Node) -> String? {
    guard let place = boxes[node] else { return nil }
    let (fill, radius): (String, Int) =
      switch node.kind {
      case .agent: ("#e8f1fa", 6)
      case .gateway, .caller: ("#f3f4f6", 22)
      case .model: ("#f4ecfa", 6)
      case .service: ("#fdf3e4", 6)
      case .state: ("#e9f6ec", 6)
      }
    let name =
      node.name.count > Self.longestName
      ? "…" + node.name.suffix(Self.longestName - 1) : node.name
    let middle = place.x + Self.width / 2
    return "<g><title>\(Self.escaped("\(node.kind.rawValue) \(node.name)"))</title>"
      + "<rect x=\"\(place.x)\" y=\"\(place.y)\" width=\"\(Self.width)\" height=\"\(Self.height)\" "
      + "rx=\"\(radius)\" fill=\"\(fill)\" stroke=\"#5b6470\"/>"
      + "<text x=\"\(middle)\" y=\"\(place.y + 18)\" text-anchor=\"middle\" font-size=\"10\" "
      + "fill=\"#5b6470\">\(node.kind.rawValue)</text>"
      + "<text x=\"\(middle)\" y=\"\(place.y + 34)\" text-anchor=\"middle\">"
      + "\(Self.escaped(name))</text></g>"
  }

  private func legend(at y: Int) -> [String] {
    CallGraph.Edge.Kind.allCases.enumerated().map { i, kind in
      let x = Self.margin + i * 160
      let words = ["calls", "may call", "calls, not let in"][i]
      return "<path d=\"M\(x) \(y)H\(x + 36)\" \(Self.style(kind))/>"
        + "<text x=\"\(x + 44)\" y=\"\(y + 4)\" font-size=\"11\" fill=\"#5b6470\">\(words)</text>"
    }
  }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }
}
