import JSON
import KubernetesAPI
import Testing

/// Expectations from apimachinery `pkg/api/resource/quantity_test.go` and its documentation.
@Suite struct QuantityTests {
  @Test(
    arguments: [
      ("0", "0"), ("0n", "0"), ("0Ki", "0"), ("-0", "0"), ("+1", "1"), ("1", "1"),
      ("1000m", "1"), ("0.5", "500m"), (".5", "500m"), ("1.", "1"), ("-1.5", "-1500m"),
      ("100m", "100m"), ("1500m", "1500m"), ("1.5Gi", "1536Mi"), ("1024Mi", "1Gi"),
      ("1024", "1024"), ("1Ki", "1Ki"), ("0.5Ki", "512"), ("0.5Mi", "512Ki"), ("1000", "1k"),
      ("1.2", "1200m"), ("1.25k", "1250"), ("1100k", "1100k"), ("10e3", "10e3"), ("1e3", "1e3"),
      ("1E3", "1e3"), ("1E", "1E"), ("5e-3", "5e-3"), ("12e1", "120"), ("1000E", "1000E"),
      ("0.1n", "1n"), ("-0.1n", "-1n"), ("1.1n", "2n"), ("0.0000000001", "1n"),
      ("9Ei", "9223372036854775807"), ("-9Ei", "-9223372036854775807"), ("0.1Ki", "102400m"),
      ("1.1Ki", "1126400m"), ("00001", "1"),
      ("0.000000000000000000000000000000000000000000001", "1n"),
    ] as [(String, String)])
  func canonicalForm(text: String, canonical: String) throws {
    let quantity = try Quantity(parsing: text)
    #expect(quantity.description == canonical)
    #expect(Quantity(canonical) == quantity)
    #expect(Quantity(canonical)?.description == canonical)
  }

  @Test(
    arguments: [
      ("", "empty"), (" 1", "number"), ("1 ", "suffix"), ("1.1.1", "decimal point"),
      ("1i", "suffix"), ("0.1mi", "suffix"), ("aoeu", "number"), (".", "number"), ("-", "number"),
      ("Mi", "number"), ("1KiB", "suffix"), ("-3.01e-", "suffix"), ("1e999", "too large"),
      ("99999999999999999999999999999999999999999999", "too large"), ("1K", "suffix"),
      ("1e", "suffix"), ("1\u{301}", "suffix"),
    ] as [(String, String)])
  func refusals(text: String, expected: String) throws {
    let error = #expect(throws: QuantityError.self) { try Quantity(parsing: text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test func comparesValuesWhateverTheNotation() throws {
    let one = try #require(Quantity("1"))
    #expect(Quantity("1000m") == one)
    #expect(Quantity("1Gi") == Quantity("1024Mi"))
    #expect(Quantity("1Gi") == Quantity("1073741824"))
    #expect(Quantity("1e3") == Quantity("1k"))
    #expect(Set([one, try #require(Quantity("1000m"))]).count == 1)
    #expect(try #require(Quantity("1G")) < #require(Quantity("1Gi")))
    #expect(try #require(Quantity("-1")) < Quantity.zero)
  }

  @Test func addsInTheNotationOfTheLeftSide() throws {
    #expect(try (#require(Quantity("512Mi")) + #require(Quantity("512Mi"))).description == "1Gi")
    #expect(try (#require(Quantity("100m")) + #require(Quantity("0.9"))).description == "1")
    #expect(try (Quantity.zero + #require(Quantity("2Gi"))).description == "2Gi")
  }

  @Test func roundsWholeUnitsUp() throws {
    #expect(try #require(Quantity("1001m")).wholeUnits == 2)
    #expect(try #require(Quantity("-1001m")).wholeUnits == -2)
    #expect(try #require(Quantity("1u")).milliUnits == 1)
    #expect(Quantity(nanos: .max).wholeUnits == .max)
  }

  @Test func readsUnquotedNumbers() throws {
    #expect(try Quantity(JSONValue.int(2)).description == "2")
    #expect(try Quantity(JSONValue.double(0.25)).description == "250m")
    #expect(throws: QuantityError.self) { try Quantity(JSONValue.bool(true)) }
  }
}
