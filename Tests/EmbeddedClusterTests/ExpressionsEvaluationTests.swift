import JSON
import Testing

@testable import EmbeddedCluster

/// Expressions without variables, and what they must be.
@Suite struct ExpressionsEvaluationTests {
  static func value(_ source: String) throws -> CELValue {
    try CELExpression(source, variables: []).evaluate([])
  }

  static func failure(_ source: String) -> String {
    do {
      return "no failure: \(CELText.display(try value(source)))"
    } catch let error as CELError {
      return error.message
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    // Arithmetic and precedence
    "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "7 / 2 == 3", "-7 / 2 == -3", "-7 % 3 == -1",
    "2.5 * 2.0 == 5.0", "1u + 2u == 3u", "-(-1) == 1", "--1 == 1", "!!true",
    "-9223372036854775808 < 0", "0x1F == 31", "0xFFu == 255u", "1e3 == 1000.0", ".5 == 0.5",
    "10 - 2 - 3 == 5", "2 < 3 == true", "1 in [1, 2] && !(3 in [1, 2])",
    // Numbers of different types
    "1 == 1", "dyn(1) == 1.0", "dyn(1) == 1u", "1 < 1.5", "2u > 1", "dyn(1.5) != 1",
    "9007199254740993 > 9007199254740992.0",
    // Logic
    "true || 1 / 0 == 1", "1 / 0 == 1 || true", "!(false && 1 / 0 == 1)",
    "!(1 / 0 == 1 && false)", "true ? true : 1 / 0 == 1", "false ? false : true",
    "false || false || true && true",
    // Strings
    "'a' + \"b\" == 'ab'", "'\\x41\\u0042\\U00000043\\104' == 'ABCD'", "r'\\n' == '\\\\n'",
    "'''a\n'b'\n''' == \"a\\n'b'\\n\"", "\"\"\"x\"y\"\"\" == 'x\"y'", "b'abc' == b\"abc\"",
    "size('héé') == 3", "'héé'.size() == 3", "size(b'\\xff\\x00') == 2", "'abc' < 'abd'",
    "'hello'.contains('ell') && !'hello'.contains('elo')", "'hello'.startsWith('he')",
    "'hello'.endsWith('lo')", "'hello'.matches('^h.*o$')", "matches('xhellox', 'l+')",
    "'hello'.charAt(4) == 'o'", "'hello'.charAt(5) == ''", "'hello'.indexOf('l') == 2",
    "'hello'.indexOf('l', 3) == 3", "'hello'.lastIndexOf('l') == 3", "'hello'.indexOf('x') == -1",
    "'hello'.lastIndexOf('l', 2) == 2", "'TacoCat'.lowerAscii() == 'tacocat'",
    "'TacoCÆt'.upperAscii() == 'TACOCÆT'", "'hello hello'.replace('he', 'we') == 'wello wello'",
    "'hello hello'.replace('he', 'we', 1) == 'wello hello'", "'ab'.replace('', '_') == '_a_b_'",
    "'a,b,c'.split(',') == ['a', 'b', 'c']", "'a,b,c'.split(',', 2) == ['a', 'b,c']",
    "'abc'.split('') == ['a', 'b', 'c']", "'a'.split(',', 0).size() == 0",
    "['a', 'b'].join('-') == 'a-b'", "['a', 'b'].join() == 'ab'", "'tacocat'.substring(4) == 'cat'",
    "'tacocat'.substring(0, 4) == 'taco'", "'  \\ttrim\\n '.trim() == 'trim'",
    "'abc'.reverse() == 'cba'", "strings.quote('a\"b') == '\"a\\\\\"b\"'",
    "'abc 123'.find('[0-9]+') == '123'", "'abc'.find('[0-9]+') == ''",
    "'1 a 22 b 333'.findAll('[0-9]+') == ['1', '22', '333']",
    "'1 a 22 b 333'.findAll('[0-9]+', 2) == ['1', '22']",
    "'%s has %d of %.2f and %x'.format(['x', 3, 1.5, 255]) == 'x has 3 of 1.50 and ff'",
    "'%b %o %X %e %%'.format([5, 8, 'Az', 1.5]) == '101 10 417A 1.500000e+00 %'",
    "'%s'.format([[1, 'a', true]]) == '[1, a, true]'",
    // Conversions
    "int('-42') == -42", "int(3.9) == 3", "int(-3.9) == -3", "int(7u) == 7", "uint(3) == 3u",
    "double('1.5') == 1.5", "string(1.5) == '1.5'", "string(1e6) == '1e+06'",
    "string(123456.0) == '123456'", "string(0.0001) == '0.0001'", "string(0.00001) == '1e-05'",
    "string(true) == 'true'", "string(b'abc') == 'abc'", "bytes('abc') == b'abc'",
    "bool('true') && !bool('0')", "type(1) == int", "type('a') == string", "type([]) == list",
    "type(type(1)) == type", "type(null) == null_type",
    // Lists and maps
    "[1, 2] + [3] == [1, 2, 3]", "[1, 2, 3][1] == 2", "size([1, 2]) == 2", "{'a': 1}['a'] == 1",
    "{'a': 1}.a == 1", "'a' in {'a': 1}", "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}", "{}.size() == 0",
    "{1: 'x'}[1] == 'x'", "has({'a': 1}.a) && !has({'a': 1}.b)", "[[1], [2]][1][0] == 2",
    "[1, 2, 2, 3].isSorted()", "!['b', 'a'].isSorted()", "[1, 2, 3].sum() == 6",
    "[1.5, 2.0].sum() == 3.5", "[3, 1, 2].min() == 1", "['a', 'c', 'b'].max() == 'c'",
    "[1, 2, 1].indexOf(1) == 0", "[1, 2, 1].lastIndexOf(1) == 2", "[1, 2].indexOf(5) == -1",
    "[1, 2, 1].distinct() == [1, 2]", "[3, 1, 2].sort() == [1, 2, 3]", "[1, 2].reverse() == [2, 1]",
    "[1, 2, 3, 4].slice(1, 3) == [2, 3]", "[[1], [2, 3]].flatten() == [1, 2, 3]",
    "lists.range(3) == [0, 1, 2]", "sets.contains([1, 2, 3], [3, 1])",
    "sets.equivalent([1, 2], [2, 1, 1])", "sets.intersects([1], [2, 1])",
    "!sets.intersects([1], [2])", "[] == []", "[1] != [2]", "null == null",
    // Macros
    "[1, 2].all(x, x > 0)", "![1, -2].all(x, x > 0)", "[1, 2].exists(x, x == 2)",
    "[].all(x, false)", "![].exists(x, true)", "[1, 2, 2].exists_one(x, x == 1)",
    "![1, 2, 2].exists_one(x, x == 2)", "[1, 2].map(x, x * 2) == [2, 4]",
    "[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]", "[1, 2, 3].filter(x, x % 2 == 1) == [1, 3]",
    "{'a': 1, 'b': 2}.all(k, k in ['a', 'b'])", "{'a': 1}.map(k, k) == ['a']",
    "[1, 0].exists(x, 1 / x == 1)", "[0, 1].exists(x, 1 / x == 1)", "![0, 2].all(x, 1 / x == 1)",
    "[1, 2].all(x, [1, 2].exists(y, x == y))", "[1, 2].all(i, v, v == i + 1)",
    "{'a': 1}.exists(k, v, k == 'a' && v == 1)", "[5, 6].existsOne(i, v, i == 1)",
    "[1, 2].transformList(i, v, i * v) == [0, 2]",
    "{'a': 1, 'b': 2}.transformMap(k, v, v > 1, v * 10) == {'b': 20}",
    "cel.bind(x, 3, x * x) == 9", "[1, 2].map(x, x).map(x, x + 1) == [2, 3]",
    // Time
    "duration('90s') == duration('1m30s')", "duration('1.5h') == duration('90m')",
    "duration('1h') > duration('59m59s')", "duration('1h').getMinutes() == 60",
    "duration('1500ms').getMilliseconds() == 1500", "string(duration('1500ms')) == '1.5s'",
    "string(duration('-1m')) == '-60s'", "duration('0') == duration('0s')",
    "duration('1s') + duration('1s') == duration('2s')",
    "timestamp('2026-11-21T07:00:00Z') - timestamp('2026-11-21T06:00:00Z') == duration('1h')",
    "timestamp('2026-11-21T07:00:00Z') + duration('1h') == timestamp('2026-11-21T08:00:00Z')",
    "timestamp('2026-11-21T09:00:00+02:00') == timestamp('2026-11-21T07:00:00Z')",
    "timestamp('2026-11-21T07:08:09.25Z').getMilliseconds() == 250",
    "timestamp('2026-11-21T07:08:09Z').getFullYear() == 2026",
    "timestamp('2026-11-21T07:08:09Z').getMonth() == 10",
    "timestamp('2026-11-21T07:08:09Z').getDate() == 21",
    "timestamp('2026-11-21T07:08:09Z').getDayOfMonth() == 20",
    "timestamp('2026-11-21T07:08:09Z').getDayOfWeek() == 6",
    "timestamp('2026-02-01T07:08:09Z').getDayOfYear() == 31",
    "timestamp('2026-11-21T23:30:00Z').getHours('+01:00') == 0",
    "timestamp('1969-12-31T23:59:59.5Z').getSeconds() == 59",
    "string(timestamp('2026-11-21T07:08:09.250Z')) == '2026-11-21T07:08:09.25Z'",
    "int(timestamp('1970-01-01T00:01:00Z')) == 60", "timestamp(60) < timestamp(61)",
    // Optionals
    "optional.of(1).value() == 1", "optional.none().orValue(2) == 2", "!optional.none().hasValue()",
    "optional.ofNonZeroValue('').orValue('x') == 'x'",
    "optional.of(1).or(optional.of(2)).value() == 1",
    "{'a': 1}.?a.value() == 1", "!{'a': 1}.?b.hasValue()", "{'a': {'b': 1}}.?a.b.value() == 1",
    "[1][?0].value() == 1", "[1][?3].orValue(9) == 9",
    "optional.of(2).optMap(x, x * 2).value() == 4",
    "optional.of(2).optFlatMap(x, optional.none()) == optional.none()",
    "[?optional.none(), ?optional.of(1)] == [1]", "{?'a': optional.none()} == {}",
    // Libraries
    "quantity('1Gi').isGreaterThan(quantity('1G'))",
    "quantity('1000m').compareTo(quantity('1')) == 0",
    "quantity('50k').asInteger() == 50000", "quantity('1.5').asApproximateFloat() == 1.5",
    "quantity('1').add(quantity('1')).compareTo(quantity('2')) == 0",
    "quantity('5').sub(3).sign() == 1",
    "isQuantity('20Mi') && !isQuantity('20Mo')", "!quantity('50.5').isInteger()",
    "quantity('1') == quantity('1000m')",
    "url('https://u:p@ex.org:80/a?b=1&b=2').getHost() == 'ex.org:80'",
    "url('https://ex.org:80/a').getPort() == '80'",
    "url('https://[::1]:80/').getHostname() == '::1'",
    "url('https://ex.org/a b/').getEscapedPath() == '/a%20b/'",
    "url('https://ex.org/?k=a&k=b%20c').getQuery()['k'] == ['a', 'b c']", "isURL('/absolute/path')",
    "!isURL('relative')", "!isURL('../x')", "url('HTTP://x').getScheme() == 'http'",
    "isIP('127.0.0.1') && isIP('::1') && !isIP('127.0.0.256') && !isIP('01.2.3.4')",
    "!isIP('::ffff:1.2.3.4')", "ip('::1').isLoopback()", "ip('10.0.0.1').family() == 4",
    "ip('fe80::1').isLinkLocalUnicast()", "ip('8.8.8.8').isGlobalUnicast()",
    "ip.isCanonical('::1') && !ip.isCanonical('0:0:0:0:0:0:0:1')",
    "string(ip('1:0:0:0::2')) == '1::2'",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3')", "!cidr('10.0.0.0/8').containsIP(ip('11.1.2.3'))",
    "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')",
    "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
    "cidr('10.0.0.0/8').prefixLength() == 8", "!isCIDR('10.0.0.0/33')",
    "!format.dns1123Label().validate('my-label').hasValue()",
    "format.dns1123Label().validate('My_Label').hasValue()",
    "format.named('uuid').value().validate('nope').hasValue()",
    "!format.uuid().validate('123e4567-e89b-12d3-a456-426614174000').hasValue()",
    "!format.named('nothing').hasValue()", "semver('1.2.3').major() == 1",
    "semver('1.0.0-alpha').isLessThan(semver('1.0.0'))", "isSemver('1.2.3') && !isSemver('1.2')",
    "isSemver('v1.2', true)", "base64.encode(b'hello') == 'aGVsbG8='",
    "base64.decode('aGVsbG8=') == b'hello'",
    // Comments and white space
    "1 == 1 // a comment", "\n\t1 ==\n // x\n 1",
  ])
  func holds(_ source: String) throws {
    guard case .bool(true) = try Self.value(source) else {
      Issue.record("\(source) is \(CELText.display(try Self.value(source)))")
      return
    }
  }

  @Test(arguments: [
    ("1 / 0", "division by zero"), ("1 % 0", "modulus by zero"),
    ("9223372036854775807 + 1", "integer overflow"), ("0u - 1u", "unsigned integer overflow"),
    ("-9223372036854775807 - 2", "integer overflow"), ("{'a': 1}['b']", "no such key: b"),
    ("{'a': 1}.b", "no such key: b"), ("[1][1]", "index out of bounds: 1"),
    ("[1][-1]", "index out of bounds: -1"),
    ("int('x')", "type conversion error from 'string' to 'int'"),
    ("'abc'.substring(5)", "index out of range: 5"),
    ("'a'.matches('' + '(')", "error parsing regexp: missing closing ): `(`"),
    ("[].min()", "min called on empty list"), ("dyn('a') + 1", "no such overload"),
    ("dyn(1) < 'a'", "no such overload"),
    ("optional.none().value()", "optional.none() dereference"),
    ("duration('1' + 'x')", "type conversion error from 'string' to 'google.protobuf.Duration'"),
    ("[0, 2].exists(x, 1 / x == 1)", "division by zero"),
    ("1 / 0 == 1 || false", "division by zero"),
    ("[0].exists_one(x, 1 / x == 1)", "division by zero"),
    ("duration('2562047h') + duration('2562047h')", "duration overflow"),
  ])
  func fails(_ source: String, _ message: String) {
    #expect(Self.failure(source) == message)
  }

  @Test func everyExpressionEnds() {
    let list = "[" + Array(repeating: "1", count: 200).joined(separator: ",") + "]"
    let hostile = [
      "\(list).all(a, \(list).all(b, \(list).all(c, \(list).all(d, a + b + c + d > 0))))",
      "lists.range(1000000000).size() > 0",
      "cel.bind(a, lists.range(50000).map(x, 'aaaaaaaaaa').join(), a.replace('a', a)).size() > 0",
      "lists.range(30000).map(x, x).distinct().size() > 0",
      "["
        + Array(repeating: "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", count: 100)
        .joined(separator: ",")
        + "].exists(x, lists.range(5000).exists(y, x.matches('(a*)*(a*)*b')))",
    ]
    for source in hostile {
      #expect(Self.failure(source) == "operation cancelled: actual cost limit exceeded")
    }
  }

  @Test func exhaustionIsNotHiddenByLogic() {
    let source = "lists.range(1000000000).size() > 0 || true"
    #expect(Self.failure(source) == "operation cancelled: actual cost limit exceeded")
  }

  @Test func deepExpressionsAreRefused() {
    let brackets = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
    let sum = Array(repeating: "1", count: 5000).joined(separator: "+")
    for source in [brackets, sum, String(repeating: "[", count: 5000)] {
      #expect(throws: CELCompileError.self) { try CELExpression(source, variables: []) }
    }
    // Chains of logic stay shallow.
    let chain = Array(repeating: "true", count: 5000).joined(separator: "&&")
    #expect(throws: Never.self) { try Self.value(chain) }
  }
}
