import PromQL
import Testing

@Suite struct PromQLParserTests {
  @Test(arguments: [
    "up", "up{job=\"x\"}", "{__name__=\"up\"}", "{\"http.requests\", code=~\"5..\"}", "1 + 2",
    "job:latency:p95", ":node_memory2:sum", "rate(x[5m])", "rate(x[1h30m] offset 5m)",
    "max_over_time(rate(x[5m])[1h:1m])", "max_over_time(x[1h:])", "x @ 1609746000", "x @ end()",
    "sum by (a, b) (x)", "sum(x) by (a)", "sum without (instance) (x)", "topk(5, x)",
    "count_values(\"version\", build)", "quantile(0.9, x)", "x and on (a) y or z unless w",
    "a / on (x, y) group_left (z) b", "a * ignoring (x) group_right b", "x > bool 5",
    "-x ^ 2", "2 ^ 3 ^ 2", "+1", "0x1f", "1e3", ".5", "1.", "Inf", "NaN", "x > Inf",
    "histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))", "x # the end", "time() - x",
    "label_replace(x, \"a\", \"$1\", \"b\", \"(.*)\")", "vector(1)", "round(x)", "hour()",
    "x offset -5m", "(x)", "sum(x) / sum(y)", "x{a='b',}", "x{a=`\\d+`}", "x == bool 1 == 2",
    "label_join(x, \"a\", \",\", \"b\", \"c\")", "x atan2 y", "by", "sum", "sum{a=\"b\"}",
    "increase(x[300])", "sum(rate(a[5m])) by (x) > 0.1 and sum(increase(a[5m])) by (x) >= 20",
  ]) func parses(_ text: String) throws { _ = try PromQLExpression(parsing: text) }

  @Test(arguments: [
    ("", 0, "empty"), ("rate(x)", 5, "add a range"), ("x[5m]x", 5, "unexpected"),
    ("sum(x", 5, "end"), ("x{a=b}", 4, "quotes"), ("nope(x)", 0, "no function"),
    ("1 > 2", 2, "bool"), ("1 and x", 2, "both sides"), ("x / group_left y", 4, "on ("),
    ("x[5q]", 2, "number"), ("\"open", 0, "no end"), ("x +", 3, "end"), ("{}", 0, "matcher"),
    ("x + bool y", 4, "comparisons"), ("(x+y)[5m]", 5, "subquery"), ("x ! y", 2, "character"),
    ("rate(x[5m], 2)", 0, "1 argument"), ("sum(1)", 4, "instant vector"), ("x[1m5h]", 2, "large"),
    ("x and on (a) group_left y", 13, "no grouping"), ("x[5m] + 1", 0, "range vector"),
    ("x{a=\"\\d\"}", 5, "\\\\"),
  ]) func refuses(_ text: String, _ offset: Int, _ words: String) {
    do {
      let expression = try PromQLExpression(parsing: text)
      Issue.record("\(text) gave \(expression)")
    } catch {
      #expect(error.offset == offset, "\(text): \(error)")
      #expect(error.message.contains(words), "\(text): \(error)")
    }
  }

  /// The shape of an expression with all its parentheses.
  private func shape(_ text: String) throws -> String {
    func show(_ expression: PromQLExpression) -> String {
      switch expression.kind {
      case .number(let value): "\(Int(value))"
      case .selector(let selector): selector.metric ?? "{}"
      case .negated(let inner): "-\(show(inner))"
      case .parenthesised(let inner): show(inner)
      case .binary(let operation):
        "(\(show(operation.left)) \(operation.operation) \(show(operation.right)))"
      default: "?"
      }
    }
    return show(try PromQLExpression(parsing: text))
  }

  @Test(arguments: [
    ("a + b * c", "(a + (b * c))"), ("a * b + c", "((a * b) + c)"), ("a - b - c", "((a - b) - c)"),
    ("2 ^ 3 ^ 2", "(2 ^ (3 ^ 2))"), ("-a ^ 2", "-(a ^ 2)"), ("-a * b", "(-a * b)"),
    ("a or b and c", "(a or (b and c))"), ("a and b unless c", "((a and b) unless c)"),
    ("a > b + c and d", "((a > (b + c)) and d)"), ("(a or b) and c", "((a or b) and c)"),
    ("a / b > 1", "((a / b) > 1)"), ("a == b > c", "((a == b) > c)"),
  ]) func bindsAsPrometheusDoes(_ text: String, _ expected: String) throws {
    #expect(try shape(text) == expected)
  }

  @Test func durationsAreMilliseconds() throws {
    let expression = try PromQLExpression(parsing: "x[1h30m5s1ms]")
    guard case .range(_, let milliseconds) = expression.kind else {
      Issue.record("no range")
      return
    }
    #expect(milliseconds == 5_405_001)
  }

  @Test func deepNestingIsRefused() {
    let text = String(repeating: "(", count: 5000) + "x" + String(repeating: ")", count: 5000)
    #expect(throws: PromQLError.self) { try PromQLExpression(parsing: text) }
    let signs = String(repeating: "-", count: 5000) + "x"
    #expect(throws: PromQLError.self) { try PromQLExpression(parsing: signs) }
  }

  @Test func placesAreThoseOfTheText() throws {
    let text = "sum(x) / sum by (a) (y{b=\"c\"})"
    let expression = try PromQLExpression(parsing: text)
    var parts: [String] = []
    expression.forEach {
      parts.append(String(decoding: Array(text.utf8)[$0.range], as: UTF8.self))
    }
    #expect(parts == [text, "sum(x)", "x", "sum by (a) (y{b=\"c\"})", "y{b=\"c\"}"])
  }
}
