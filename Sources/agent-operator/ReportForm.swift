import ArgumentParser
import JSON
import YAML

/// `-o` of commands that report: for people or for programs.
enum ReportForm: String, ExpressibleByArgument, CaseIterable {
  case table, json, yaml

  func text(table: @autoclosure () -> String, _ json: @autoclosure () -> JSONValue) -> String {
    switch self {
    case .table: table()
    case .json: json().serialized(.prettyPrinted) + "\n"
    case .yaml: YAML.emit(documents: [json()])
    }
  }
}

/// Rows in columns, as kubectl prints them.
enum TextTable {
  static func text(_ header: [String], _ rows: [[String]]) -> String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    return ([header] + rows).map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += column == row.count - 1 ? cell : cell.padded(to: widths[column] + 3)
      }
      return line + "\n"
    }.joined()
  }
}
