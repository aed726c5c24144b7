import JSON

extension CallGraph {
  /// A Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html), for Markdown. Names are quoted,
  /// so nothing in one can end it.
  public var mermaid: String {
    var lines = ["flowchart LR"]
    var names: [Node: String] = [:]
    for (i, node) in nodes.enumerated() {
      names[node] = "n\(i)"
      let (open, close) = Self.brackets(node.kind)
      lines.append("  n\(i)\(open)\"\(Self.escaped(node.name))\"\(close)")
    }
    var denied: [String] = []
    for (i, edge) in edges.enumerated() {
      guard let from = names[edge.from], let to = names[edge.to] else { continue }
      let label =
        edge.tools.isEmpty ? "" : "|\"\(Self.escaped(edge.tools.joined(separator: ", ")))\"|"
      let arrow =
        switch edge.kind {
        case .calls: "-->"
        case .mayCall: "-.->"
        case .denied: "--x"
        }
      lines.append("  \(from) \(arrow)\(label) \(to)")
      if edge.kind == .denied { denied.append(String(i)) }
    }
    if !denied.isEmpty {
      lines.append("  linkStyle \(denied.joined(separator: ",")) stroke:#c0392b")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func brackets(_ kind: Node.Kind) -> (String, String) {
    switch kind {
    case .agent: ("[", "]")
    case .gateway, .caller: ("([", "])")
    case .model: ("{{", "}}")
    case .service: ("(", ")")
    case .state: ("[(", ")]")
    }
  }

  /// Entities, as Mermaid writes them.
  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "\"": result += "#quot;"
      case "#": result += "#35;"
      case "<": result += "#lt;"
      case ">": result += "#gt;"
      default: result.append(character)
      }
    }
  }
}
