import JSON
import KubernetesAPI

/// Ranges of cron fields in `scaling.schedule`. KEDA's trigger refuses one that runs backwards, and
/// scales nothing then (https://pkg.go.dev/github.com/robfig/cron/v3).
enum ScheduleChecks {
  /// The values of a field, within `bounds`; names stand for the same numbers, in order from the lowest.
  private struct CronField {
    var bounds: ClosedRange<Int>
    var names: [String] = []

    func value(_ text: Substring) -> Int? {
      Int(text) ?? names.firstIndex(of: String(text)).map { bounds.lowerBound + $0 }
    }
  }

  private static let fields = [
    CronField(bounds: 0...59), CronField(bounds: 0...23), CronField(bounds: 1...31),
    CronField(
      bounds: 1...12,
      names: [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
      ]),
    CronField(bounds: 0...6, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
  ]

  static func check(_ spec: JSONValue, _ report: (FieldError) -> Void) {
    for (i, window) in spec.section("scaling").items("schedule").enumerated() {
      for name in ["start", "end"] {
        guard let problem = problem(in: window.text(name) ?? "") else { continue }
        report(
          FieldError(
            ["spec", "scaling", "schedule", .index(i), .key(name)], .invalid, problem.message,
            fix: problem.fix))
      }
    }
  }

  /// - Parameter text: matches `Pattern.cron`.
  private static func problem(in text: String) -> (message: String, fix: String)? {
    for (field, parts) in zip(fields, text.split(separator: " ")) {
      for part in parts.split(separator: ",") {
        let steps = part.split(separator: "/")
        let ends = (steps.first ?? "").split(separator: "-")
        guard ends.count == 2, let first = field.value(ends[0]), let last = field.value(ends[1]),
          first > last
        else { continue }
        let step = steps.count > 1 ? "/\(steps[1])" : ""
        return (
          "the range \(part) runs backwards",
          "write \(first)-\(field.bounds.upperBound)\(step),\(field.bounds.lowerBound)-\(last)\(step)"
        )
      }
    }
    return nil
  }
}
