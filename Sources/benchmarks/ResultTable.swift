/// The results as text in columns.
enum ResultTable {
  static func text(_ results: [Measurement]) -> String {
    let header = ["name", "what", "median", "best", "unit", "goal"]
    let rows = results.map { result in
      [
        result.name, result.what, number(result.median), number(result.best), result.unit,
        result.goal ?? "",
      ]
    }
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    let lines = ([header] + rows).map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 2 || column == 3 ? padding + row[column] : row[column] + padding
      }
      return trimmed(cells.joined(separator: "  "))
    }
    return lines.joined(separator: "\n")
  }

  /// Three digits that count.
  private static func number(_ value: Double) -> String {
    if value >= 100 || value == value.rounded() { return String(Int(value.rounded())) }
    let factor: Double = value >= 10 ? 10 : 100
    return String((value * factor).rounded() / factor)
  }

  private static func trimmed(_ text: String) -> String {
    String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
  }
}
