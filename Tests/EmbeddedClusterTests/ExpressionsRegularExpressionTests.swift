import Testing

@testable import EmbeddedCluster

@Suite struct ExpressionsRegularExpressionTests {
  @Test(arguments: [
    ("^[a-z]([-a-z0-9]*[a-z0-9])?$", "my-name", true),
    ("^[a-z]([-a-z0-9]*[a-z0-9])?$", "my-", false),
    ("^([0-9]{1,5}(h|m|s|ms)){1,4}$", "1h30m", true),
    ("^([0-9]{1,5}(h|m|s|ms)){1,4}$", "1d", false),
    ("a.c", "abc", true), ("a.c", "a\nc", false), ("(?s)a.c", "a\nc", true),
    ("(?i)HeLLo", "hEllO", true),
    ("^(?i)[a-z]+$", "ABC", true), ("^b", "a\nb", false), ("(?m)^b", "a\nb", true),
    ("a$", "a\n", false),
    ("\\Aa\\z", "a", true), ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoo", false),
    ("[^\\d]", "5", false), ("[\\w.]+", "a.b", true), ("\\D", "1", false),
    ("[[:alpha:]]", "1", false),
    ("[]a]", "]", true), ("[a-]", "-", true), ("x{2,3}", "xx", true), ("^x{2,3}$", "xxxx", false),
    ("x{,3}", "x{,3}", true), ("\\x41\\x{42}", "AB", true), ("\\pL+", "é", true),
    ("\\p{Lu}", "a", false), ("^\\101\\0$", "A\0", true), ("[\\12]", "\n", true),
    ("^\\p{Any}$", "\n", true),
    ("\\Qa.b\\E", "a.b", true), ("\\Qa.b\\E", "axb", false), ("(?P<n>a)(?<m>b)", "ab", true),
    ("a|b|", "zzz", true), ("(a*)*", "b", true), ("(a*)*$", "aaab", true),
    ("^(a|aa)+$", "aaaaa", true),
    ("^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|[%][0-9a-fA-F]{2})+$", "/a%20b", true),
    ("é+", "éé", true), ("[α-ω]", "β", true), ("", "", true), ("^$", "", true),
    ("(?i:a)b", "Ab", true),
    ("(?i:a)b", "AB", false), ("a{0}b", "b", true), ("\\.", "x", false), ("[.]", "x", false),
  ])
  func matching(_ pattern: String, _ text: String, _ expected: Bool) throws {
    #expect(try RegularExpression(pattern).matches(text) == expected)
  }

  @Test(arguments: [
    ("a+?", "aaa", 0..<1), ("a+", "baaa", 1..<4), ("a|ab", "ab", 0..<1), ("ab|a", "ab", 0..<2),
    ("(?U)a+", "aaa", 0..<1), ("[0-9]+$", "12 34", 3..<5), ("x*", "aax", 0..<0),
  ])
  func leftmostMatch(_ pattern: String, _ text: String, _ expected: Range<Int>) throws {
    let found = try RegularExpression(pattern).firstMatch(in: Array(text.unicodeScalars), from: 0)
    #expect(found == expected)
  }

  @Test(arguments: [
    "(", ")", "[a", "a**", "*a", "(?=a)", "(?<!a)", "\\1", "[z-a]", "x{1001}", "x{2,1}", "\\",
    "(?z)", "[[:nope:]]", "\\pX", "((((a{100}){100}){100}){100})", "(?P<n",
  ])
  func refused(_ pattern: String) {
    #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
  }

  @Test func hostilePatternsStayLinear() throws {
    let text = String(repeating: "a", count: 2000)
    #expect(try !RegularExpression("(a+)+(a+)+(a|aa)*b").matches(text))
    #expect(try !RegularExpression("^(a?){100}a{100}b$").matches(text))
  }
}
