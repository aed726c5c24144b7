import JSON
import KubernetesAPI
import Testing

@Suite struct KubernetesDurationTests {
  @Test(
    arguments: [
      ("0s", 0, "0s", "0s"), ("60s", 60_000, "1m", "60s"), ("1h30m", 5_400_000, "1h30m", "5400s"),
      ("1500ms", 1500, "1s500ms", "1.5s"), ("1m1ms", 60_001, "1m1ms", "60.001s"),
      ("10s1h", 3_610_000, "1h10s", "3610s"), ("1h1m1s1ms", 3_661_001, "1h1m1s1ms", "3661.001s"),
      ("99999h", 359_996_400_000, "99999h", "359996400s"), ("250ms", 250, "250ms", "0.25s"),
    ] as [(String, Int64, String, String)])
  func forms(text: String, milliseconds: Int64, canonical: String, protobuf: String) throws {
    let duration = try #require(KubernetesDuration(text))
    #expect(duration.milliseconds == milliseconds)
    #expect(duration.description == canonical)
    #expect(duration.protobufSeconds == protobuf)
    #expect(KubernetesDuration(canonical) == duration)
  }

  @Test(arguments: [
    "", "1", "s", "1.5s", "-1s", "100000s", "1d", "1h1m1s1ms1s", "1 s", "1us", "1S", "1m ", "5mss",
  ])
  func refusals(text: String) { #expect(KubernetesDuration(text) == nil) }

  @Test func secondsRoundUp() {
    #expect(KubernetesDuration(milliseconds: 1001).seconds == 2)
    #expect(KubernetesDuration(milliseconds: -5).milliseconds == 0)
  }
}

@Suite struct IntOrStringTests {
  @Test func scalesPercentages() {
    #expect(IntOrString.string("25%").scaled(of: 10, rounding: .up) == 3)
    #expect(IntOrString.string("25%").scaled(of: 10, rounding: .down) == 2)
    #expect(IntOrString.string("100%").scaled(of: 7, rounding: .up) == 7)
    #expect(IntOrString.int(4).scaled(of: 10, rounding: .up) == 4)
    #expect(IntOrString.string("http").scaled(of: 10, rounding: .up) == nil)
    #expect(IntOrString.string("-5%").scaled(of: 10, rounding: .up) == nil)
    #expect(IntOrString.string("%").scaled(of: 10, rounding: .up) == nil)
    #expect(IntOrString.string("999999999%").scaled(of: .max, rounding: .up) == nil)
  }

  @Test func keepsItsType() {
    #expect(IntOrString(JSONValue.int(8080)) == .int(8080))
    #expect(IntOrString(JSONValue.string("8080")) == .string("8080"))
    #expect(IntOrString(JSONValue.bool(true)) == nil)
    #expect(IntOrString.string("http").json == "http")
    #expect(IntOrString.int(1).json == 1)
  }
}

@Suite struct DecimalStringTests {
  @Test func comparesExactly() throws {
    #expect(DecimalString("1.50") == DecimalString("1.5"))
    #expect(try #require(DecimalString("0.1")) < #require(DecimalString("0.1001")))
    #expect(DecimalString("007.0400")?.description == "7.04")
    #expect(DecimalString("999999999.9999")?.tenThousandths == 9_999_999_999_999)
    #expect(DecimalString("10")?.description == "10")
  }

  @Test(arguments: [
    "", ".", "1.", ".5", "-1", "+1", "1.00000", "1234567890", "1e3", "1,5", "1.2.3",
  ])
  func refusals(text: String) { #expect(DecimalString(text) == nil) }
}

@Suite struct FieldPathTests {
  @Test func description() {
    #expect((["spec", "env", 2, "name"] as FieldPath).description == "spec.env[2].name")
    #expect(
      FieldPath().appending("metadata").appending("labels").appending("app.kubernetes.io/name")
        .description == "metadata.labels[app.kubernetes.io/name]")
    #expect(([0, "kind"] as FieldPath).description == "[0].kind")
    #expect(FieldPath().description == "")
  }
}

@Suite struct KubernetesTimeTests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-21T07:08:32Z", 1_795_244_912),
      ("2000-02-29T23:59:59Z", 951_868_799), ("1969-12-31T23:59:59Z", -1),
      ("9999-12-31T23:59:59Z", 253_402_300_799),
    ] as [(String, Int64)])
  func seconds(text: String, unix: Int64) throws {
    #expect(KubernetesTime(text)?.unixSeconds == unix)
    #expect(KubernetesTime(unixSeconds: unix).secondsText == text)
  }

  @Test func fractionsAndOffsets() throws {
    #expect(KubernetesTime("1970-01-01T01:30:00+01:30")?.unixSeconds == 0)
    #expect(KubernetesTime("1970-01-01T00:00:00.5Z")?.unixMicroseconds == 500_000)
    #expect(KubernetesTime("1970-01-01T00:00:00.1234567Z")?.unixMicroseconds == 123_456)
    #expect(
      KubernetesTime(unixMicroseconds: 1_000_123).microsecondsText == "1970-01-01T00:00:01.000123Z")
    #expect(KubernetesTime(unixMicroseconds: -1).microsecondsText == "1969-12-31T23:59:59.999999Z")
    #expect(
      KubernetesTime(unixSeconds: 1).advanced(by: .milliseconds(1500)).unixMicroseconds == 2_500_000
    )
  }

  @Test func everyDayOfFourCenturies() {
    for day in stride(from: Int64(-40_000), through: 110_000, by: 1) {
      let time = KubernetesTime(unixSeconds: day * 86_400)
      #expect(KubernetesTime(time.secondsText) == time)
    }
  }

  @Test(arguments: [
    "", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01",
    "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "26-01-01T00:00:00Z",
    "2026-01-01T00:00:00+1:00",
  ])
  func refusals(text: String) { #expect(KubernetesTime(text) == nil) }
}

@Suite struct NameFormatTests {
  @Test(
    arguments: [
      (.dns1123Label, "a", true), (.dns1123Label, "1a-b", true), (.dns1123Label, "", false),
      (.dns1123Label, "A", false), (.dns1123Label, "-a", false), (.dns1123Label, "a-", false),
      (.dns1123Label, "a.b", false), (.dns1123Label, "é", false),
      (.dns1035Label, "1a", false), (.dns1035Label, "a1", true),
      (.dns1123Subdomain, "a.b-c.1", true), (.dns1123Subdomain, "a..b", false),
      (.dns1123Subdomain, "a.-b", false), (.dns1123Subdomain, ".", false),
      (.labelKey, "app.kubernetes.io/name", true), (.labelKey, "Name_x.y", true),
      (.labelKey, "/name", false), (.labelKey, "a/b/c", false), (.labelKey, "a/", false),
      (.labelValue, "", true), (.labelValue, "v1.2_3-x", true), (.labelValue, "-v", false),
      (.labelValue, "a b", false),
      (.environmentVariable, "MY_VAR", true), (.environmentVariable, "my.var-1", true),
      (.environmentVariable, "1X", false), (.environmentVariable, "A=B", false),
      (.environmentVariable, "..x", false), (.environmentVariable, "", false),
      (.configMapKey, "app.properties", true), (.configMapKey, "..", false),
      (.configMapKey, "a/b", false), (.configMapKey, "..a", false),
      (.portName, "http-a2a", true), (.portName, "80", false), (.portName, "a--b", false),
      (.portName, "sixteen-letters1", false), (.portName, "-a", false),
    ] as [(NameFormat, String, Bool)])
  func accepts(format: NameFormat, text: String, valid: Bool) {
    #expect(format.accepts(text) == valid, "\(format.problem(in: text) ?? "accepted")")
  }

  @Test func lengths() {
    #expect(NameFormat.dns1123Label.accepts(String(repeating: "a", count: 63)))
    #expect(!NameFormat.dns1123Label.accepts(String(repeating: "a", count: 64)))
    // The parts of a subdomain are not bounded by themselves.
    #expect(NameFormat.dns1123Subdomain.accepts(String(repeating: "a", count: 62) + "-" + "bbb.c"))
    #expect(NameFormat.dns1123Subdomain.accepts(String(repeating: "a", count: 253)))
    #expect(!NameFormat.dns1123Subdomain.accepts(String(repeating: "a", count: 254)))
    #expect(!NameFormat.labelValue.accepts(String(repeating: "a", count: 64)))
  }
}
